"""The parts of the page /ask for free SQL: its editor, its run, its rows."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path

import marimo as mo

from dashboards.lib import address, files, result_parts
from dashboards.lib import format as fmt
from dashboards.lib.ask.free_sql import (
    MAX_ROWS,
    MAX_SECONDS,
    MOST_MB,
    FreeResult,
    FreeSqlCancelled,
    FreeSqlError,
    run_free_sql,
)
from dashboards.lib.queries.warehouse import DashboardDataError, published
from dashboards.lib.tiles import heading, message

# dim_customer has a row for each address of a customer, and one for those nobody knows.
_FIRST_SQL = """select region, count(distinct customer_unique_id) as num_customers
from core.dim_customer
where is_current and not is_unknown
group by region
order by num_customers desc
"""
_LONGEST_IN_A_LINK = 2_000  # characters of a query; browsers and proxies cut longer ones


def introduction(path: Path) -> mo.Html:
    """What free SQL may do, and the tables there are to read."""
    words = heading(
        "Free SQL",
        f"One query that reads, up to {MAX_ROWS:,} rows, {MOST_MB} MB and {MAX_SECONDS:g} "
        "seconds. Start from the marts (marts.mart_...), then the facts and dimensions of "
        "core; describe marts.mart_executive_dashboard shows columns, and the data catalogue "
        "says what they mean.",
    )
    with published(path) as connection:
        found = connection.execute(
            "select schema_name || '.' || table_name, estimated_size from duckdb_tables() "
            "where schema_name in ('marts', 'core', 'history', 'ops') order by 1"
        ).fetchall()
    lines = "".join(
        f"<tr><th>{escape(table)}</th><td>{fmt.count(count)} rows</td></tr>"
        for table, count in found
    )
    tables = {"Tables to read": mo.Html(f'<table class="dw-words">{lines}</table>')}
    return mo.vstack([mo.Html(words), mo.accordion(tables)])


def editor() -> mo.ui.code_editor:
    """The editor, with the query of the address or one to begin with; none runs by itself."""
    return mo.ui.code_editor(
        value=address.read().get("sql") or _FIRST_SQL, language="sql", min_height=160
    )


def run_button() -> mo.ui.run_button:
    """What runs the query, again too: a form would not send the same text twice."""
    return mo.ui.run_button(label="Run")


@dataclass(frozen=True)
class Running:
    """A query at work, and the button that stops it."""

    stop: mo.ui.button


Outcome = FreeResult | FreeSqlError | DashboardDataError | Running | None


class Runs:
    """The queries of one page: one at a time, each beside the page's kernel.

    Beside it, so that the page can stop a query. The next query takes the place of one that
    still runs: no page holds more than one of the places there are for all.
    """

    def __init__(self, path: Path, show: Callable[[Outcome], None]) -> None:
        """Queries on the version ``path``; ``show`` is called with what comes of them."""
        self._path, self._show = path, show
        self._stop = threading.Event()

    def start(self, sql: str) -> None:
        """Run a query in place of the one before; the address keeps it."""
        address.keep(sql=sql if sql != _FIRST_SQL and len(sql) <= _LONGEST_IN_A_LINK else "")
        self._stop.set()
        self._stop = stop = threading.Event()
        button = mo.ui.button(label="Stop the query", on_click=lambda _: stop.set())
        self._show(Running(button))
        mo.Thread(target=self._run, args=(sql, stop), daemon=True).start()

    def _run(self, sql: str, stop: threading.Event) -> None:
        try:
            outcome: Outcome = run_free_sql(self._path, sql, is_unwanted=stop.is_set)
        except (FreeSqlError, DashboardDataError) as error:
            outcome = error
        if self._stop is stop:
            self._show(outcome)


def outcome_of(outcome: Outcome) -> mo.Html | None:
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
    return mo.vstack(
        [
            mo.Html(f'<p class="dw-note" data-sql-rows>{_size_words(outcome)}.</p>'),
            result_parts.table(outcome, page_size=50),
            files.downloads("query", lambda: outcome),
        ]
    )


def _size_words(result: FreeResult) -> str:
    words = f"{fmt.count(len(result.rows))} row{'' if len(result.rows) == 1 else 's'}"
    if result.cut is None:
        return words
    words = f"The first {words}; there are more, which were left out"
    if result.cut == "rows":
        return words
    return (
        f"{words}, for an answer has at most {MOST_MB} MB: choose fewer columns, or shorten "
        "long text"
    )
