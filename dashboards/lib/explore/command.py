"""``python -m dashboards.explore``: ask for metrics in a terminal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

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


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say; returns the exit code."""
    parser, _ = console.parser(
        "python -m dashboards.explore",
        "Ask for metrics by any of their dimensions. Without a question: list them. Example: "
        '"revenue_amount, num_sales by order_month where region = South from 2018-01-01 to '
        '2018-06-30" --csv.',
        "METRIC[, ...] [by DIMENSION[, ...]] [where DIMENSION = VALUE[, ...] [and ...]] "
        "[from DAY to DAY]",
        PROJECT_ROOT / "docs" / "metrics.md",
    )
    options = parser.parse_args(arguments)
    return console.answering(lambda: _ask(options), WordsError, UnknownNameError)


def _ask(options: argparse.Namespace) -> None:
    query = parse(" ".join(options.question)) if options.question else None
    with asker(load_settings()) as source:
        if options.write_docs is not None:
            write_metrics_page(options.write_docs, source)
            sys.stdout.write(f"Written: {options.write_docs}\n")
        elif query is None:
            _list(source.semantics)
        elif options.sql:
            sys.stdout.write(f"{source.semantics.sql(query.shape)}\n")
        else:
            _answer(options, query, source)


def _answer(options: argparse.Namespace, query: Query, source: Asker) -> None:
    semantics, rows = source.semantics, source.ask(query).rows
    fields = {name: metric_column(semantics.metric(name)) for name in query.metrics}
    for one in semantics.dimensions(query.metrics):
        fields[one.name] = dimension_column(one.name, one.label)
    result = ResultSet((*query.by, *query.metrics), rows, fields)
    if options.csv:
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
