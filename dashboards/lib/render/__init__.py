"""From a specification and a view to tiles, cards and tables, in the one look of all pages.

What belongs here draws any metric of any page; what one page alone has is in ``parts``.
"""

from dashboards.lib.render.metric_tables import listed, table, tables
from dashboards.lib.render.metric_tiles import deltas, deltas_of, tile, tiles
from dashboards.lib.render.page_cards import charts
from dashboards.lib.render.ranking_cards import group_rows, groups, least, ranked, ranking
from dashboards.lib.render.units import axis, writer
from dashboards.lib.words import name_of

__all__ = [
    "axis",
    "charts",
    "deltas",
    "deltas_of",
    "group_rows",
    "groups",
    "least",
    "listed",
    "name_of",
    "ranked",
    "ranking",
    "table",
    "tables",
    "tile",
    "tiles",
    "writer",
]
