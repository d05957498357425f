"""Charts and tables as parts of a page: cards under their finding, tables with a download."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import marimo as mo
import plotly.graph_objects as go

from dashboards.lib import theme
from dashboards.lib.periods import Period
from dashboards.lib.tables import Table
from dashboards.lib.tiles import Key, card, card_grid

_TABLE_HEIGHT = 470  # pixels; longer tables scroll
# A browser styles each cell anew after each choice, some fifty elements a row. So longer tables
# are turned over in pages that fit the height; the 27 states are not.
_LONGEST_WHOLE = 30
_PAGE_SIZE = 12


@dataclass(frozen=True)
class Panel:
    """A figure, under a caption of its own where a card holds several."""

    figure: go.Figure
    caption: str | None = None


@dataclass(frozen=True)
class Chart:
    """A card of the page: the finding, what is plotted, its legend and its panels.

    A wide one takes the whole row of the page.
    """

    key: str
    finding: str
    subtitle: str
    panels: tuple[Panel, ...]
    keys: tuple[Key, ...] = ()
    is_wide: bool = False


def chart_cards(charts: Sequence[Chart]) -> str:
    """The charts as cards in their grid, as HTML."""
    return card_grid([chart_card(chart) for chart in charts])


def chart_card(chart: Chart) -> str:
    """One chart as a card, as HTML."""
    bodies = []
    for panel in chart.panels:
        if panel.caption:
            bodies.append(f'<p class="dw-panel">{escape(panel.caption)}</p>')
        plot = mo.as_html(mo.ui.plotly(panel.figure, config=theme.CHART_CONFIG)).text
        # Plotly lets go of its height when a narrow screen is turned or resized: without a
        # height around it the chart would fold up.
        bodies.append(f'<div style="height: {panel.figure.layout.height}px">{plot}</div>')
    return card(
        chart.key,
        chart.finding,
        chart.subtitle,
        "".join(bodies),
        chart.keys,
        is_wide=chart.is_wide,
    )


def table_tabs(tables: Sequence[Table], page: str, period: Period) -> mo.Html:
    """The tables in tabs, each with its download; ``page`` and period name the files."""
    return mo.ui.tabs({table.title: _table(table, page, period) for table in tables})


def _table(table: Table, page: str, period: Period) -> mo.Html:
    is_long = len(table.rows) > _LONGEST_WHOLE
    return mo.vstack(
        [
            mo.ui.table(
                table.records(),
                format_mapping=table.words(),
                selection=None,
                pagination=is_long,
                page_size=_PAGE_SIZE if is_long else None,
                max_height=_TABLE_HEIGHT,
                text_justify_columns=dict.fromkeys(table.words(), "right"),
                show_column_summaries=False,
                show_data_types=False,
                show_download=False,
                show_search=False,
            ),
            mo.download(
                data=table.csv(),
                filename=table.file_name(page, period),
                mimetype="text/csv",
                label=f"Download CSV, {table.title.lower()}",
            ),
        ]
    )
