"""What a page is, as data: its filters, tiles, charts and tables, in names of metrics.

A page says what it shows; ``view`` fetches it, ``render`` draws it, ``words`` says it. What is
truly special to a page is a function that is given the view. Texts are templates: ``{num_due}``
stands for the figure of a metric, ``{revenue_amount.short}`` for the same in thousands and
millions, ``{revenue_amount.moved}`` for its changes, ``{late_rate.highest}`` for its highest
month, ``{period}``, ``{when}`` and ``{as_of}`` for days. ``words.said`` fills them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from dashboards.lib.cards import Chart
    from dashboards.lib.periods import Period
    from dashboards.lib.tables import Table
    from dashboards.lib.tiles import Tile as ShownTile
    from dashboards.lib.view import View

Template = str
Text = Template | Callable[["View"], str]


@dataclass(frozen=True)
class Filter:
    """Values of a column that a reader may restrict the page to; none chosen means all.

    Attributes:
        name: In the address; pages that share a filter share its name.
        label: Above the choice.
        mart: Where its values are read.
        columns: What marts call the column; a mart without any of them is not filtered by it.
        through: A key by which marts without the column are filtered, through ``mart``.
        is_as_of: Whether it is what a row is on the as-of date: with a value chosen nothing is
            compared, for nobody knows what it was in an earlier period.
        words: Before its values in a sentence, where they are not the page's own place:
            ``from sellers in``.
    """

    name: str
    label: str
    mart: str
    columns: tuple[str, ...]
    through: str | None = None
    is_as_of: bool = False
    words: str = ""


@dataclass(frozen=True)
class Option:
    """One of some named choices that a page has besides its filters.

    Attributes:
        name: In the address.
        label: Above the choice.
        values: By their words, the first to begin with. With a ``mart`` each is a condition on
            its rows, empty for none.
        mart: The mart whose rows are restricted.
        through: As in :class:`Filter`.
        is_named: Whether it is said with the filters though it restricts no mart.
    """

    name: str
    label: str
    values: Mapping[str, Any]
    mart: str | None = None
    through: str | None = None
    is_named: bool = False


@dataclass(frozen=True)
class Tile:
    """A metric as a tile, with its changes; of a mart without a time, as of the as-of date.

    Attributes:
        key: Stable name, for links and tests.
        metric: Its name.
        of: What the figure is of, before the period; without words, the metric's volume.
        label: In place of the metric's own.
        note: A limit that a reader must know, below the changes.
        mart: In place of the page's.
        of_latest_month: Of the latest complete month of the period instead of all of it.
    """

    key: str
    metric: str
    of: Template = ""
    label: str | None = None
    note: Template | None = None
    mart: str | None = None
    of_latest_month: bool = False


@dataclass(frozen=True)
class SpecialTile:
    """A tile that only this page has."""

    build: Callable[[View], ShownTile | None]


@dataclass(frozen=True)
class Line:
    """One metric of a panel; without a label it goes by the metric's."""

    metric: str
    label: str | None = None
    colour: str | None = None
    dash: str = "solid"


@dataclass(frozen=True)
class Panel:
    """One figure by month.

    Attributes:
        lines: The metrics; of one unit.
        kind: Stacked bars, lines, bars of the growth on one or twelve months before, or one bar
            of the parts of a whole, over the chosen period.
        caption: Above it; without one it goes by the labels of its metrics.
        height: Pixels.
        mart: In place of the page's.
    """

    lines: tuple[Line, ...]
    kind: Literal["bars", "lines", "month_growth", "year_growth", "parts"] = "bars"
    caption: str | None = None
    height: int = 180
    mart: str | None = None


@dataclass(frozen=True)
class Months:
    """A card of metrics by month of purchase.

    Attributes:
        key: Stable name, for links and tests.
        panels: Figures below each other.
        finding: Its title; without one it speaks of the first metric.
        subtitle: What is drawn.
    """

    key: str
    panels: tuple[Panel, ...]
    finding: Text | None = None
    subtitle: Template = "By month of purchase"


@dataclass(frozen=True)
class Ranking:
    """A card that ranks the values of a dimension by a metric, those with enough behind them.

    A rate is drawn with the 95 % interval that chance leaves it, and its title names no leader
    that cannot be distinguished from the next.

    Attributes:
        key: Stable name.
        metric: What is ranked.
        by: The columns; more than one are joined by an arrow.
        finding: Its title; without one it speaks of the first.
        subtitle: More words below the finding.
        most: How many are shown; 13 of one end, 7 of both, where nothing is said.
        order: Which end is on top.
        is_both_ends: Whether the other end is shown, too, in a second panel.
        is_columns: Upright bars, for short names.
        beside: More metrics of the same values in the same order, each in a panel below.
        least: The volume it takes to be ranked, in place of the metric's; a number, or the name
            of an option of the page.
        mart: In place of the page's.
    """

    key: str
    metric: str
    by: tuple[str, ...]
    finding: Text | None = None
    subtitle: Template = ""
    most: int | None = None
    order: Literal["highest", "lowest"] = "highest"
    is_both_ends: bool = False
    is_columns: bool = False
    beside: tuple[str, ...] = ()
    least: int | str | None = None
    mart: str | None = None


@dataclass(frozen=True)
class Group:
    """A panel of bars: a metric by a column, or several metrics side by side.

    Attributes:
        metrics: One, or where ``by`` is empty those that are compared.
        by: The column.
        caption: Above it; without one it goes by the label of its metric.
        colour: Of the bars without one of their own.
        labels: Of the metrics, where they do not go by their own.
        mart: In place of the page's.
    """

    metrics: tuple[str, ...]
    by: str = ""
    caption: Template | None = None
    colour: str | None = None
    labels: tuple[str, ...] = ()
    mart: str | None = None


@dataclass(frozen=True)
class Groups:
    """A card of groups with their amounts and their shares of all.

    Attributes:
        key: Stable name.
        groups: Panels; those by one column are in one order, the first one's.
        finding: Its title; without one the largest group of the first panel.
        subtitle: What is drawn.
        order: The groups in theirs, where it is not that of their size; none other is shown.
        colours: Of single groups.
    """

    key: str
    groups: tuple[Group, ...]
    finding: Text | None = None
    subtitle: Template = ""
    order: tuple[str, ...] = ()
    colours: Mapping[str, str] = field(default_factory=dict)
    mart: str | None = None


@dataclass(frozen=True)
class Growth:
    """A card that ranks the values of a dimension by their growth on a year before.

    Where that cannot be compared, it is on the period before. A few sales more are a large
    growth of a small place, so each value needs a volume.

    Attributes:
        key: Stable name.
        metric: What grows.
        by: The columns; where there are too many values, both ends are shown.
        volume: The metric that says how much is behind a value.
        least: So much of it must be there in the period before.
        is_of_both: Whether in the chosen one, too.
        then_by: Other columns, whose values follow as upright bars; the first names them.
        most: How many are shown at each end.
        mart: In place of the page's.
    """

    key: str
    metric: str
    by: tuple[str, ...]
    volume: str
    least: int
    is_of_both: bool = False
    then_by: tuple[str, ...] = ()
    most: int = 7
    mart: str | None = None


@dataclass(frozen=True)
class Special:
    """A card that only this page has."""

    build: Callable[[View], Chart | None]


@dataclass(frozen=True)
class Rows:
    """A table: the values of some columns with metrics, to sort and to download.

    Attributes:
        key: Stable name, also of the file.
        title: Of its tab.
        by: Columns; ``order_month`` makes a table of the months of the period.
        metrics: In order; rows come by the first, the highest on top.
        share: The metrics, or the one, whose share of the whole is a column.
        change: The metric whose change is a column.
        least: How much of which metric a row must have to be shown; a number, or the name of an
            option of the page. The tab is left out where no row has.
        mart: In place of the page's.
    """

    key: str
    title: str
    by: tuple[str, ...]
    metrics: tuple[str, ...]
    share: str | tuple[str, ...] = ()
    change: str | None = None
    least: tuple[str, int | str] | None = None
    mart: str | None = None


@dataclass(frozen=True)
class Listing:
    """A table of the rows of a mart as they are; labels and units are those of ``columns.yml``.

    Attributes:
        key: Stable name, also of the file.
        title: Of its tab.
        mart: Whose rows.
        columns: In order; an SQL expression is written ``expression as name``.
        order: By what, in SQL.
        where: A condition in SQL.
        most: Rows on the page; a download has all.
    """

    key: str
    title: str
    mart: str
    columns: tuple[str, ...]
    order: str
    where: str = "true"
    most: int = 5_000


@dataclass(frozen=True)
class SpecialRows:
    """A table that only this page has; ``columns`` are those of ``columns.yml`` in it."""

    build: Callable[[View], Table | None]
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """A page.

    Attributes:
        slug: Its address, and the first part of its files' names; the catalogue of dashboards
            has its title.
        mart: What its metrics are read from.
        filters: In order, besides the period.
        lead: Sentences above the tiles; one that misses a figure is left out.
        tiles: In reading order.
        charts: In reading order.
        tables: Tabs, in order.
        options: Other choices.
        is_monthly: Whether its marts know months alone.
        is_of_delivery: Whether it is about what has arrived, so that young months are not
            compared at all.
        about_charts: Below their heading.
        nothing: What is missing where the filters leave nothing: ``orders``.
        volume: The metric that says whether they do.
        shown: The days of rankings and tables, where those are not the chosen ones.
        also: Other marts whose rows filters may leave out alone: their metric that says so, and
            what is missing then.
    """

    slug: str
    mart: str
    filters: tuple[Filter, ...]
    lead: tuple[Text, ...]
    tiles: tuple[Tile | SpecialTile, ...]
    charts: tuple[Months | Ranking | Groups | Growth | Special, ...]
    tables: tuple[Rows | Listing | SpecialRows, ...]
    options: tuple[Option, ...] = ()
    is_monthly: bool = False
    is_of_delivery: bool = False
    about_charts: str = (
        "Charts by month show every month of the data, for the chosen filters. Months without "
        "complete data are grey and never compared."
    )
    nothing: str = "orders"
    volume: str = "num_orders"
    shown: Callable[[View], Period] | None = None
    also: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def texts(self) -> Iterator[tuple[str, Template]]:
        """Each template of figures of the whole period, with the mart they are read from."""
        for text in self.lead:
            if isinstance(text, str):
                yield self.mart, text
        for tile in self.tiles:
            if isinstance(tile, Tile):
                yield tile.mart or self.mart, tile.of
                yield tile.mart or self.mart, tile.note or ""
        for chart in self.charts:
            if isinstance(chart, Months | Ranking):
                own = chart.mart if isinstance(chart, Ranking) else None
                yield own or self.mart, chart.subtitle
                if isinstance(chart.finding, str):
                    yield own or self.mart, chart.finding


# The places of customers, which most pages filter by.
REGION = Filter("region", "Regions", "mart_executive_dashboard", ("region", "customer_region"))
STATE = Filter("state", "States", "mart_executive_dashboard", ("customer_state",))
