"""Charts and tables as parts of a page: cards under their finding, tables with a download."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import marimo as mo
import plotly.graph_objects as go

from dashboards.lib import theme
from dashboards.lib.files import downloads
from dashboards.lib.periods import Period
from dashboards.lib.results import ResultSet
from dashboards.lib.tables import Table
from dashboards.lib.tiles import Key, card, card_grid, message

_TABLE_HEIGHT = 470  # pixels; longer tables scroll
# A browser styles all cells again after a choice, some fifty elements a row. So longer tables
# are turned over in pages that fit the height; the 27 states are not.
_LONGEST_WHOLE = 30
_PAGE_SIZE = 12
# Plotly makes links of <a> in any text, names of the data too; this is how marimo writes it.
_LINK = re.compile(r"(&#92;u003c|&lt;)(?=/?a\b)", re.IGNORECASE)
_LONGEST_CELL = 500  # characters on the page; a download has all of them
_LONGEST_LINE = 28  # characters of a cell in one line; longer texts wrap


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
        drawn = mo.as_html(mo.ui.plotly(panel.figure, config=theme.CHART_CONFIG)).text
        plot = _LINK.sub(r"\1 ", drawn)
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


def data_table(
    records: list[dict[str, Any]],
    words: Mapping[str, Callable[[Any], str]],
    **options: Any,
) -> mo.Html:
    """Rows of the data to sort and to look at; a calm word where there is none.

    Text stays text: left alone, marimo makes links, images and trees of it, and a browser
    would fetch what a category or a city names.

    Args:
        records: One dict a row.
        words: How columns are written; the others are shown as they are.
        **options: Of ``mo.ui.table``.
    """
    if not records:
        return mo.Html(message("No rows", "There is nothing to list here."))
    written: dict[str, str | Callable[..., Any]] = dict(words)
    sentences = []
    for name in records[0]:
        texts = [text for record in records if isinstance(text := record[name], str)]
        if texts:
            written[name] = _as_text(words.get(name))
        if any(len(text) > _LONGEST_LINE and " " in text for text in texts):
            sentences.append(name)
    options.setdefault("wrapped_columns", sentences)
    return mo.ui.table(
        records,
        format_mapping=written,
        max_height=_TABLE_HEIGHT,
        show_column_summaries=False,
        show_data_types=False,
        show_download=False,
        **options,
    )


def _as_text(write: Callable[[Any], str] | None) -> Callable[[Any], Any]:
    def written(value: Any) -> Any:
        if not isinstance(value, str):
            return value if write is None else write(value)
        text = value if write is None else write(value)
        if len(text) > _LONGEST_CELL:
            text = f"{text[:_LONGEST_CELL]}\N{HORIZONTAL ELLIPSIS} ({len(text):,} characters)"
        return mo.Html(f"<span>{escape(text)}</span>")

    return written


def _table(table: Table, page: str, period: Period) -> mo.Html:
    is_long = len(table.rows) > _LONGEST_WHOLE
    cut = (
        f"The first {len(table.rows):,} rows; the download has all." if table.everything else ""
    )
    return mo.vstack(
        [
            mo.Html(f'<p class="dw-note">{cut}</p>' if cut else ""),
            data_table(
                table.records(),
                table.words(),
                selection=None,
                pagination=is_long,
                page_size=_PAGE_SIZE if is_long else None,
                text_justify_columns=dict.fromkeys(table.words(), "right"),
                show_search=False,
            ),
            downloads(
                table.file_name(page, period),
                lambda: ResultSet(tuple(one.name for one in table.columns), table.all_rows()),
                table.title.lower(),
            ),
        ]
    )
