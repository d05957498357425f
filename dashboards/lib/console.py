"""A result on a terminal: as a table for people, as exact CSV for programs."""

from __future__ import annotations

import sys
from collections.abc import Callable

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dashboards.lib.queries.warehouse import DashboardDataError
from dashboards.lib.results import ResultSet
from dashboards.lib.tables import exact_csv
from orchestration.errors import EXIT_DONE, EXIT_FAILED, EXIT_WRONG_USE
from orchestration.terminal.entry import guarded, print_error
from orchestration.terminal.printable import printable
from orchestration.terminal.rich_console import Terminal

_WIDTH_OF_A_PIPE = 160  # it has none of its own, and a table of ten columns needs room
_SHORT_ID = 8  # characters that identify an id


def answering(work: Callable[[], None], *refusals: type[Exception]) -> int:
    """The exit code of a command: ``refusals`` say that what was asked does not exist."""

    def answer() -> int:
        try:
            work()
        except refusals as error:
            print_error(str(error))
            return EXIT_WRONG_USE
        except DashboardDataError as error:
            print_error(str(error).replace("reload this page", "ask again"))
            return EXIT_FAILED
        return EXIT_DONE

    return guarded(answer)


def console() -> Console:
    """The console of a command's own words."""
    return Terminal(width=None if sys.stdout.isatty() else _WIDTH_OF_A_PIPE, highlight=False)


def write(text: str) -> None:
    """Text for a program, as it is; on a terminal nothing in it is a command."""
    sys.stdout.write(printable(text) if sys.stdout.isatty() else text)


def write_csv(result: ResultSet) -> None:
    """The rows, exact and unformatted, with the names that programs know."""
    write(exact_csv(result.columns, result.rows))


def show(out: Console, result: ResultSet, most: int) -> None:
    """The first rows as a table; what is the same on each of them stands below it, once."""
    several = len(result.rows) > 1
    same = [name for name in result.columns if several and len(set(result.column(name))) == 1]
    names = [name for name in result.columns if name not in same]
    table = grid()
    for name in names:
        field = result.meaning(name)
        table.add_column(field.heading, justify="right" if field.is_number else "left")
    cells = [
        [
            text[:_SHORT_ID] if result.meaning(name).unit == "id" else text
            for text in texts[:most]
        ]
        for name, texts in ((name, result.texts(name)) for name in names)
    ]
    for row in zip(*cells, strict=True):
        table.add_row(*map(escape, row))
    out.print(table)
    if (left_out := len(result.rows) - most) > 0:
        out.print(f"[dim]... and {left_out} rows more; --csv gives all of them.[/]")
    if same:
        words = (f"{result.meaning(name).heading}: {result.texts(name)[0]}" for name in same)
        out.print(f"[dim]The same on each row: {escape('; '.join(words))}[/]")


def grid(*headings: str) -> Table:
    """A table without lines."""
    return Table(*headings, box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
