"""The parts of the page /ask as marimo shows them: the catalogue, an answer, free SQL."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import marimo as mo

from dashboards.lib import format as fmt
from dashboards.lib.ask import cells
from dashboards.lib.ask.catalogue import MARK_WORDS, TIER_WORDS
from dashboards.lib.ask.charts import draw
from dashboards.lib.ask.findings import finding
from dashboards.lib.ask.free_sql import (
    MAX_ROWS,
    MAX_SECONDS,
    MOST_MB,
    FreeResult,
    FreeSqlCancelled,
    FreeSqlError,
    run_free_sql,
)
from dashboards.lib.cards import Chart, chart_cards, data_table
from dashboards.lib.queries.questions import (
    MARKS,
    Question,
    Result,
    areas,
    load_questions,
    run_list,
    run_question,
)
from dashboards.lib.queries.warehouse import (
    DashboardDataError,
    PublishedInfo,
    published,
    read_info,
)
from dashboards.lib.tables import spreadsheet_csv
from dashboards.lib.tiles import Tile, heading, message, tile_grid
from orchestration.settings import Settings

TITLE = "Ask"
QUESTION = "The hundred questions of the business, each with its answer and how far it holds."
VIEWS = ("Questions", "Free SQL")
_TILES: dict[str, tuple[str, str]] = {
    "answerable": ("Answered", "from the data"),
    "proxy": ("By a proxy", "which names its limit"),
    "not in data": ("Not in the data", "with the nearest answer"),
    "waits for a model": ("Waiting for a model", "with its history"),
}
# dim_customer has a row for each address of a customer, and one for those nobody knows.
_FIRST_SQL = """select region, count(distinct customer_unique_id) as num_customers
from core.dim_customer
where is_current and not is_unknown
group by region
order by num_customers desc
"""


@dataclass(frozen=True)
class Outline:
    """What the page needs before anything is asked."""

    info: PublishedInfo
    questions: tuple[Question, ...]


def load_outline(settings: Settings, path: Path) -> Outline:
    """The version behind a path and all questions.

    Raises:
        DashboardDataError: Nothing is published, or dbt cannot compile the questions.
    """
    with published(path) as connection:
        info = read_info(connection)
    return Outline(info, load_questions(settings))


def overview(outline: Outline) -> mo.Html:
    """How many questions are answered, and how far."""
    counts = Counter(one.mark for one in outline.questions)
    tiles = [
        Tile(f"mark_{mark.replace(' ', '_')}", name, str(counts[mark]), words)
        for mark, (name, words) in ((mark, _TILES[mark]) for mark in MARKS)
    ]
    return mo.Html(tile_grid(tiles))


def area_options(outline: Outline) -> list[str]:
    """The areas to choose from."""
    return list(areas(outline.questions))


def tier_options() -> dict[str, int]:
    """The tiers to choose from."""
    return {words: tier for tier, words in TIER_WORDS.items()}


def catalogue(found: Sequence[Question], number: int | None) -> mo.ui.table:
    """The questions that were found, at least one; one of them chosen."""
    chosen = next((n for n, one in enumerate(found) if one.number == number), 0)
    return mo.ui.table(
        [
            {
                "No.": one.number,
                "Question": one.text,
                "Area": one.area,
                "Tier": one.tier,
                "Answer": one.mark,
            }
            for one in found
        ],
        selection="single",
        initial_selection=[chosen],
        pagination=False,
        wrapped_columns=["Question", "Area"],
        max_height=330,
        show_column_summaries=False,
        show_data_types=False,
        show_download=False,
        show_search=False,
        label="Choose a question",
    )


def chosen(asked: Sequence[Question], rows: Sequence[dict[str, Any]]) -> Question | None:
    """The question of the row that was chosen."""
    number = rows[0]["No."] if rows else None
    return next((one for one in asked if one.number == number), None)


def nothing_chosen() -> mo.Html:
    """A calm word where nothing is chosen."""
    return mo.Html(message("No question is chosen", "Choose a question in the list."))


def nothing_found(search: str) -> mo.Html:
    """A calm word where the search and the filters leave no question."""
    words = (
        f"for \N{LEFT DOUBLE QUOTATION MARK}{search.strip()}\N{RIGHT DOUBLE QUOTATION MARK} "
    )
    text = (
        f"Nothing was found {words if search.strip() else ''}in the areas and tiers that are "
        "chosen. Take words or filters away; English and Portuguese words are understood."
    )
    return mo.Html(message("No question matches", text))


def unknown_number(outline: Outline, asked: str | None) -> mo.Html | None:
    """A word where the address asks for a question that does not exist."""
    if asked is None or number_in(outline, asked) is not None:
        return None
    text = (
        f"The address asks for question {asked[:40]!r}. They are numbered 1 to "
        f"{len(outline.questions)}; the first is shown."
    )
    return mo.Html(message("There is no such question", text, "warn"))


def number_in(outline: Outline, asked: str | None) -> int | None:
    """The number that the address asks for, if there is such a question."""
    numbers = {str(one.number): one.number for one in outline.questions}
    return numbers.get(asked or "")


def load_answer(published_path: Path, question: Question) -> Result:
    """The result of a question.

    Raises:
        DashboardDataError: The published warehouse lacks what the question reads.
    """
    with published(published_path) as connection:
        return run_question(connection, question)


def answer(question: Question, result: Result, info: PublishedInfo) -> mo.Html:
    """The finding, the chart, and how to read them."""
    limit = (
        f'<p class="dw-note"><b>Its limit.</b> {escape(result.limit)}</p>'
        if result.limit
        else ""
    )
    parts = [
        f'<section class="dw-answer" data-question="{question.number}">',
        heading(
            f"{question.number}. {question.text}",
            f"{question.area}, {TIER_WORDS[question.tier]}. {MARK_WORDS[question.mark]}.",
        ),
        f'<p class="dw-lead" data-finding>{escape(finding(question, result))}</p>',
        f'<p class="dw-note"><b>How to read it.</b> {escape(question.how_to_read)}</p>{limit}',
        "</section>",
    ]
    drawing = draw(question, result.shown)
    if drawing is not None:
        chart = Chart(
            f"question_{question.number}",
            drawing.subtitle,
            f"{question.description} Data as of {fmt.day(info.as_of_date)}.",
            drawing.panels,
            drawing.keys,
            is_wide=True,
        )
        parts.append(chart_cards([chart]))
    return mo.Html("".join(parts))


def rows(published_path: Path, question: Question, result: Result) -> mo.Html:
    """The rows to sort and to take away, the query, and where it all comes from."""
    shown = result.shown
    headings = _headings(shown)
    table = data_table(
        [
            {
                headings[name]: _sortable(value)
                for name, value in zip(shown.columns, row, strict=True)
            }
            for row in shown.rows
        ],
        {headings[name]: cells.writer(shown, name) for name in shown.columns},
        header_tooltip={
            headings[name]: question.columns[name].description for name in shown.columns
        },
        text_justify_columns={
            headings[name]: "right" for name in shown.columns if cells.is_number(shown, name)
        },
        selection=None,
        pagination=False,
        show_search=False,
    )
    downloads = [_download(lambda: result, question.name, "Download CSV")]
    if question.list_sql:
        downloads.append(
            _download(
                lambda: _full_list(published_path, question),
                f"{question.name}_full",
                "Download the full list (CSV)",
            )
        )
    return mo.ui.tabs(
        {
            "Rows": mo.vstack([table, mo.hstack(downloads, justify="start")]),
            # An editor that takes no key: it has a button that copies all of it.
            "SQL": mo.ui.code_editor(
                value=question.sql.strip(), language="sql", disabled=True, max_height=520
            ),
            "Columns": _columns(question),
            "Lineage": _lineage(question),
        }
    )


def _full_list(published_path: Path, question: Question) -> Result:
    with published(published_path) as connection:
        return run_list(connection, question)


def _download(load: Callable[[], Result], name: str, label: str) -> mo.Html:
    """A button; what it gives is made when it is pressed."""

    def data() -> bytes:
        taken = load().taken
        return spreadsheet_csv(taken.columns, taken.rows)

    return mo.download(data=data, filename=f"{name}.csv", mimetype="text/csv", label=label)


def _headings(result: Result) -> dict[str, str]:
    """Headings of a table, which marimo takes for keys: where two are alike, with the name."""
    found = {name: cells.heading(result, name) for name in result.columns}
    counts = Counter(found.values())
    return {
        name: words if counts[words] == 1 else f"{words} [{name}]"
        for name, words in found.items()
    }


def _sortable(value: Any) -> Any:
    """A value the table sorts by size: plotly's and marimo's tables take Decimal for text."""
    if isinstance(value, (bool, int, str)) or value is None:
        return value
    return float(value) if hasattr(value, "as_integer_ratio") else value


def _columns(question: Question) -> mo.Html:
    lines = "".join(
        f"<tr><th>{escape(one.label)}</th><td>{escape(name)}</td>"
        f"<td>{escape(one.description)}</td></tr>"
        for name, one in question.columns.items()
    )
    return mo.Html(f'<table class="dw-words">{lines}</table>')


def _lineage(question: Question) -> mo.Html:
    """From the files to the question, a line a step."""
    steps = (
        ("Source tables", question.sources),
        ("By way of", question.through),
        ("Read by the query", question.reads),
        ("Metrics", question.metrics),
    )
    lines = "".join(
        f"<tr><th>{name}</th><td>{', '.join(escape(one) for one in found)}</td></tr>"
        for name, found in steps
        if found
    )
    return mo.Html(
        f'<table class="dw-words" data-lineage>{lines}</table><p class="dw-note">Every one of '
        'them is described in the <a href="/catalog/">data catalogue</a>.</p>'
    )


def sql_editor() -> mo.ui.code_editor:
    """The editor of free SQL, with a query to begin with."""
    return mo.ui.code_editor(value=_FIRST_SQL, language="sql", min_height=160)


def run_button() -> mo.ui.run_button:
    """What runs the query, again too: a form would not send the same text twice."""
    return mo.ui.run_button(label="Run")


def sql_words() -> mo.Html:
    """What free SQL may do."""
    return mo.Html(
        heading(
            "Free SQL",
            f"One query that reads, up to {MAX_ROWS:,} rows, {MOST_MB} MB and {MAX_SECONDS:g} "
            "seconds. "
            "Start from the marts (marts.mart_...), then the facts and dimensions of core; "
            "describe marts.mart_executive_dashboard shows columns, and the data catalogue "
            "says what they mean.",
        )
    )


def tables_words(path: Path) -> mo.Html:
    """The tables there are to read."""
    with published(path) as connection:
        found = connection.execute(
            "select schema_name, table_name, estimated_size from duckdb_tables() "
            "where schema_name in ('marts', 'core', 'history', 'ops') "
            "order by schema_name, table_name"
        ).fetchall()
    lines = "".join(
        f"<tr><th>{escape(schema)}.{escape(table)}</th><td>{fmt.count(count)} rows</td></tr>"
        for schema, table, count in found
    )
    return mo.accordion({"Tables to read": mo.Html(f'<table class="dw-words">{lines}</table>')})


@dataclass(frozen=True)
class Running:
    """A query at work, and the button that stops it."""

    stop: mo.ui.button


FreeOutcome = FreeResult | FreeSqlError | DashboardDataError | Running | None


class FreeRuns:
    """The queries of one page: one at a time, each beside the page's kernel.

    Beside it, so that the page can stop a query. The next query takes the place of one that
    still runs: no page holds more than one of the places there are for all.
    """

    def __init__(self, path: Path, show: Callable[[FreeOutcome], None]) -> None:
        """Queries on the version ``path``; ``show`` is called with what comes of them."""
        self._path, self._show = path, show
        self._stop = threading.Event()

    def start(self, sql: str) -> None:
        """Run a query in place of the one before."""
        self._stop.set()
        self._stop = stop = threading.Event()
        button = mo.ui.button(label="Stop the query", on_click=lambda _: stop.set())
        self._show(Running(button))
        mo.Thread(target=self._run, args=(sql, stop), daemon=True).start()

    def _run(self, sql: str, stop: threading.Event) -> None:
        try:
            outcome: FreeOutcome = run_free_sql(self._path, sql, is_unwanted=stop.is_set)
        except (FreeSqlError, DashboardDataError) as error:
            outcome = error
        if self._stop is stop:
            self._show(outcome)


def free_answer(outcome: FreeOutcome) -> mo.Html | None:
    """The rows of a query, or in words why there are none."""
    match outcome:
        case None:
            return None
        case Running():
            words = (
                '<p class="dw-note" role="status" data-sql-running>The query is running.</p>'
            )
            return mo.hstack([mo.Html(words), outcome.stop], justify="start", align="center")
        case FreeSqlCancelled():
            return mo.Html(message("Stopped", "The query was stopped before it had ended."))
        case FreeSqlError() | DashboardDataError():
            return mo.Html(
                '<div class="dw-message dw-warn" role="status" data-sql-error><h2>The query '
                f"was not run to its end</h2><pre>{escape(str(outcome))}</pre></div>"
            )
    if not outcome.rows:
        return mo.Html(message("No rows", "The query ran, and found nothing."))
    return mo.vstack([_cut_words(outcome), _free_table(outcome), _free_download(outcome)])


def _cut_words(result: FreeResult) -> mo.Html:
    count = len(result.rows)
    words = f"{fmt.count(count)} row{'' if count == 1 else 's'}"
    if result.cut == "rows":
        words = f"The first {words}; there are more, which were left out"
    elif result.cut == "size":
        words = (
            f"The first {words}; there are more, which were left out, for an answer has at "
            f"most {MOST_MB} MB: choose fewer columns, or shorten long text"
        )
    return mo.Html(f'<p class="dw-note" data-sql-rows>{words}.</p>')


def _free_table(result: FreeResult) -> mo.Html:
    return data_table(result.records(), {}, selection=None, pagination=True, page_size=50)


def _free_download(result: FreeResult) -> mo.Html:
    return mo.download(
        data=result.csv(), filename="query.csv", mimetype="text/csv", label="Download CSV"
    )
