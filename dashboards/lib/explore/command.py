"""``python -m dashboards.explore``: ask for metrics in a terminal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dashboards.lib import format as fmt
from dashboards.lib.definitions import UnknownNameError
from dashboards.lib.explore.docs import write_metrics_page
from dashboards.lib.explore.words import WordsError, parse
from dashboards.lib.figures import figure
from dashboards.lib.queries.warehouse import DashboardDataError
from dashboards.lib.query import Asker, Query, Result, asker
from dashboards.lib.semantics import GRAINS, Semantics
from dashboards.lib.tables import exact_csv
from orchestration.entry import guarded, print_error
from orchestration.errors import EXIT_DONE, EXIT_FAILED, EXIT_WRONG_USE
from orchestration.printable import printable
from orchestration.settings import PROJECT_ROOT, load_settings
from orchestration.terminal import Terminal

_PAGE = PROJECT_ROOT / "docs" / "metrics.md"
# A pipe has no width of its own.
_WIDTH_OF_A_PIPE = 160
_MOST_ROWS = 100


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say; returns the exit code."""
    options = _parser().parse_args(arguments)
    return guarded(lambda: _ask(options))


def _ask(options: argparse.Namespace) -> int:
    try:
        query = parse(" ".join(options.question)) if options.question else None
        with asker(load_settings()) as source:
            return _answer(options, query, source)
    except (WordsError, UnknownNameError) as error:
        print_error(str(error))
        return EXIT_WRONG_USE
    except DashboardDataError as error:
        print_error(str(error).replace("reload this page", "ask again"))
        return EXIT_FAILED


def _answer(options: argparse.Namespace, query: Query | None, source: Asker) -> int:
    if options.write_docs is not None:
        write_metrics_page(options.write_docs, source)
        sys.stdout.write(f"Written: {options.write_docs}\n")
        return EXIT_DONE
    if query is None:
        _list(_console(), source.semantics)
        return EXIT_DONE
    if options.sql:
        sys.stdout.write(f"{source.semantics.sql(query.shape)}\n")
        return EXIT_DONE
    result = source.ask(query)
    if options.csv:
        # Exact for a program; on a terminal nothing in it may be a command.
        text = exact_csv([*query.by, *query.metrics], result.rows)
        sys.stdout.write(printable(text) if sys.stdout.isatty() else text)
    else:
        _show(_console(), source.semantics, result)
    return EXIT_DONE


def _console() -> Console:
    return Terminal(width=None if sys.stdout.isatty() else _WIDTH_OF_A_PIPE, highlight=False)


def _show(console: Console, semantics: Semantics, result: Result) -> None:
    query = result.query
    labels = {one.name: one.label for one in semantics.dimensions(query.metrics)}
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for name in query.by:
        table.add_column(labels[name])
    for name in query.metrics:
        table.add_column(semantics.metric(name).label, justify="right")
    size = len(query.by)
    for row in result.rows[:_MOST_ROWS]:
        table.add_row(
            *(escape(fmt.value_name(value)) for value in row[:size]),
            *(
                figure(semantics.metric(name), value)
                for name, value in zip(query.metrics, row[size:], strict=True)
            ),
        )
    console.print(table)
    if not result.rows:
        console.print(f"No rows match {_where_words(query)}.")
    left_out = len(result.rows) - _MOST_ROWS
    if left_out > 0:
        console.print(f"[dim]... and {left_out} rows more; --csv gives all of them.[/]")


def _where_words(query: Query) -> str:
    filters = [f"{name} = {', '.join(values)}" for name, values in query.where.items()]
    if query.period is not None:
        filters.append(query.period.label)
    return escape(" and ".join(filters) or "this question")


def _list(console: Console, semantics: Semantics) -> None:
    """All metrics, with what each can be asked by."""
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for heading in ("Metric", "What it is", "By"):
        table.add_column(heading)
    for one in semantics.metrics.values():
        names = ", ".join(
            dimension.name
            for dimension in semantics.dimensions((one.name,))
            if not dimension.is_time
        )
        table.add_row(one.name, escape(one.description), f"[dim]{names}[/]")
    console.print(table)
    console.print(
        f"[dim]Each by {', '.join(GRAINS)}, too. "
        "Ask: make metric ARGS='\"revenue_amount by order_month, region\"'[/]"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m dashboards.explore",
        description="Ask for metrics of the published warehouse (OLIST_WAREHOUSE_DIR), by any "
        "of their dimensions. Without a question: list them.",
        epilog='Example: python -m dashboards.explore "revenue_amount, num_sales by '
        'order_month where region = South from 2018-01-01 to 2018-06-30" --csv',
    )
    parser.add_argument(
        "question",
        nargs="*",
        help="METRIC[, ...] [by DIMENSION[, ...]] [where DIMENSION = VALUE[, ...] [and ...]] "
        "[from DAY to DAY]",
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--csv", action="store_true", help="write all rows as CSV, and only them")
    how.add_argument("--sql", action="store_true", help="write the query instead of asking it")
    parser.add_argument(
        "--write-docs",
        nargs="?",
        type=Path,
        const=_PAGE,
        metavar="FILE",
        help="write the page of all metrics (default: docs/metrics.md)",
    )
    return parser
