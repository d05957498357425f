"""What ``olist metric`` does: ask for metrics in a terminal."""

from __future__ import annotations

import sys

from rich.markup import escape

from dashboards.lib import console
from dashboards.lib.definitions import UnknownNameError
from dashboards.lib.explore.columns import dimension_column, metric_column
from dashboards.lib.explore.docs import write_metrics_page
from dashboards.lib.explore.words import WordsError, parse
from dashboards.lib.query import Asker, Query, asker
from dashboards.lib.results import ResultSet
from dashboards.lib.semantics import GRAINS, Semantics
from orchestration.settings import PROJECT_ROOT, load_settings

_MOST_ROWS = 100
_PAGE = PROJECT_ROOT / "docs" / "metrics.md"


def ask(words: str, *, csv: bool = False, sql: bool = False, write_docs: bool = False) -> int:
    """Answer a question in words, or list all metrics; returns the exit code.

    Args:
        words: As ``dashboards.lib.explore.words`` reads them; none lists the metrics.
        csv: Write all rows, and only them.
        sql: Write the query.
        write_docs: Write docs/metrics.md.
    """

    def work() -> None:
        query = parse(words) if words else None
        with asker(load_settings()) as source:
            if write_docs:
                write_metrics_page(_PAGE, source)
                sys.stdout.write(f"Written: {_PAGE}\n")
            elif query is None:
                _list(source.semantics)
            elif sql:
                sys.stdout.write(f"{source.semantics.sql(query.shape)}\n")
            else:
                _answer(query, source, csv=csv)

    return console.answering(work, WordsError, UnknownNameError)


def _answer(query: Query, source: Asker, *, csv: bool) -> None:
    semantics, rows = source.semantics, source.ask(query).rows
    fields = {name: metric_column(semantics.metric(name)) for name in query.metrics}
    for one in semantics.dimensions(query.metrics):
        fields[one.name] = dimension_column(one.name, one.label)
    result = ResultSet((*query.by, *query.metrics), rows, fields)
    if csv:
        console.write_csv(result)
        return
    console.show(out := console.console(), result, _MOST_ROWS)
    if not rows:
        out.print(f"No rows match {_where_words(query)}.")


def _where_words(query: Query) -> str:
    filters = [f"{name} = {', '.join(values)}" for name, values in query.where.items()]
    if query.period is not None:
        filters.append(query.period.label)
    return escape(" and ".join(filters) or "this question")


def _list(semantics: Semantics) -> None:
    """All metrics, with what each can be asked by."""
    table = console.grid("Metric", "What it is", "By")
    for one in semantics.metrics.values():
        found = (by.name for by in semantics.dimensions((one.name,)) if not by.is_time)
        table.add_row(one.name, escape(one.description), f"[dim]{', '.join(found)}[/]")
    out = console.console()
    out.print(table)
    out.print(
        f"[dim]Each by {', '.join(GRAINS)}, too. "
        "Ask: make metric ARGS='\"revenue_amount by order_month, region\"'[/]"
    )
