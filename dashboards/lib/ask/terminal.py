"""A question and its answer on a terminal: finding, rows, how to read them.

Texts and tables only; what is asked and how it ends is handled by ``command``.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from dashboards.lib import format as fmt
from dashboards.lib.ask import cells
from dashboards.lib.ask.catalogue import MARK_WORDS, TIER_WORDS
from dashboards.lib.ask.findings import finding
from dashboards.lib.queries.questions import Question, Result
from dashboards.lib.queries.warehouse import PublishedInfo, source_words

MOST_ROWS = 30
_SHORT_ID = 8


def show_answer(
    console: Console, question: Question, result: Result, info: PublishedInfo
) -> None:
    """The whole answer."""
    console.print(
        f"[bold]{question.number}. {escape(question.text)}[/]  "
        f"[dim]{escape(question.area)}, {TIER_WORDS[question.tier]}[/]"
    )
    if info.is_synthetic:
        console.print("[bold red]Synthetic data:[/] these figures describe no real sale.")
    if question.mark != "answerable":
        console.print(f"[yellow]{MARK_WORDS[question.mark]}.[/]")
    console.print()
    console.print(f"[bold green]{escape(finding(question, result))}[/]")
    console.print()
    _show_rows(console, result.shown)
    console.print()
    _note(console, "How to read it", question.how_to_read)
    if result.limit:
        _note(console, "Its limit", result.limit)
    _note(console, "Rows", question.description)
    _note(
        console,
        "Source",
        f"{', '.join(question.reads)}; data as of {fmt.day(info.as_of_date)}, "
        f"{source_words(info)}, version {info.run_id}",
    )


def show_list(console: Console, asked: Sequence[Question]) -> None:
    """The catalogue, one line a question."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("No.", justify="right")
    table.add_column("Question")
    table.add_column("Area", style="dim")
    table.add_column("Tier", justify="right")
    table.add_column("Answer", style="dim")
    for one in asked:
        table.add_row(str(one.number), escape(one.text), one.area, str(one.tier), one.mark)
    console.print(table)


def _show_rows(console: Console, result: Result) -> None:
    """The rows as a table; what is the same on each of them stands below it, once."""
    constant, varying = _parted(result)
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    writers = []
    for name in varying:
        is_right = cells.is_number(result, name)
        table.add_column(cells.heading(result, name), justify="right" if is_right else "left")
        write = cells.writer(result, name)
        writers.append((result.columns.index(name), write, _width(result, name)))
    for row in result.rows[:MOST_ROWS]:
        table.add_row(*(escape(write(row[n])[:width]) for n, write, width in writers))
    console.print(table)
    left_out = len(result.rows) - MOST_ROWS
    if left_out > 0:
        console.print(f"[dim]... and {left_out} rows more; --csv gives all of them.[/]")
    if constant:
        words = "; ".join(
            f"{cells.heading(result, name)}: {cells.text(result, name, value)}"
            for name, value in constant
        )
        console.print(f"[dim]The same on each row: {escape(words)}[/]")


def _width(result: Result, name: str) -> int | None:
    """Characters of an id that tell it from others; all of other values."""
    return _SHORT_ID if cells.unit(result, name) == "id" else None


def _parted(result: Result) -> tuple[list[tuple[str, object]], list[str]]:
    """Columns with one value on all rows, and the others."""
    constant: list[tuple[str, object]] = []
    varying: list[str] = []
    for name in result.columns:
        values = set(result.column(name))
        if len(values) == 1 and len(result.rows) > 1:
            constant.append((name, next(iter(values))))
        else:
            varying.append(name)
    return constant, varying


def _note(console: Console, name: str, text: str) -> None:
    console.print(Padding(f"[bold]{name}:[/] {escape(text)}", (0, 0, 0, 2)))
