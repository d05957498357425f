"""What people see of a run: live progress on a terminal, plain lines elsewhere, the summary.

A console is a listener of a run's events and decides nothing. The run's own log is written by
``orchestration.pipeline.stages``, whatever is shown here.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Column, Table
from rich.text import Text

from orchestration.dbt.results import NodeProgress
from orchestration.runs.events import (
    Event,
    Notice,
    RunFinished,
    RunStarted,
    SourceOpened,
    StageFinished,
    StageStarted,
    TableLoaded,
)
from orchestration.runs.records import LOG_NAME, RunSummary
from orchestration.terminal.rich_console import Terminal

# The layers people know, in the order data flows; other schemas follow.
_LAYERS = ("raw", "staging", "intermediate", "core", "marts", "history", "ops")

# What a stage does before it has anything to count.
_WHILE_WAITING = {
    "prepare": "opening the source",
    "extract": "reading the files",
    "check_raw": "validating what has arrived",
    "transform": "reading the models",
    "check_marts": "validating what would be published",
    "publish": "switching to the new version",
}

SYNTHETIC_BANNER = "SYNTHETIC DATA: these rows are generated. They are not Olist's figures."


def make_console(*, quiet: bool = False, verbose: bool = False) -> QuietConsole:
    """The console that suits the place: silent, live on a terminal, or plain lines."""
    if quiet:
        return QuietConsole()
    console: Console = Terminal(soft_wrap=not sys.stdout.isatty())
    if console.is_terminal and not verbose:
        return LiveConsole(console)
    return PlainConsole(console, verbose=verbose)


class QuietConsole:
    """Shows nothing: errors are the command's own. The others override what they show."""

    def __enter__(self) -> Self:
        """Start to show."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the terminal as it was."""

    def __call__(self, event: Event) -> None:
        """Show one event."""
        match event:
            case RunStarted():
                self.run_started(event)
            case SourceOpened():
                self.source_opened(event)
            case StageStarted():
                self.stage_started(event)
            case StageFinished():
                self.stage_finished(event)
            case TableLoaded():
                self.table_loaded(event)
            case NodeProgress():
                self.node_finished(event)
            case Notice():
                self.noticed(event)
            case RunFinished():
                self.run_finished(event)

    def run_started(self, event: RunStarted) -> None:
        """A run has its log."""

    def source_opened(self, event: SourceOpened) -> None:
        """The source keeps its contract."""

    def stage_started(self, event: StageStarted) -> None:
        """A stage begins."""

    def stage_finished(self, event: StageFinished) -> None:
        """A stage is done."""

    def table_loaded(self, event: TableLoaded) -> None:
        """A raw table is loaded."""

    def node_finished(self, event: NodeProgress) -> None:
        """A model or a test is done."""

    def noticed(self, event: Notice) -> None:
        """Something the user should know."""

    def run_finished(self, event: RunFinished) -> None:
        """The run is over."""


class PlainConsole(QuietConsole):
    """One plain line an event, for logs and pipes."""

    def __init__(self, console: Console, *, verbose: bool = False) -> None:
        """Write to ``console``; verbose names every model and test, not only failed ones."""
        self._console = console
        self._verbose = verbose
        self._tenths_shown = 0

    def run_started(self, event: RunStarted) -> None:
        """Name the run."""
        self._line(f"Run {event.run_id}")

    def source_opened(self, event: SourceOpened) -> None:
        """Name the source, and warn if it is generated."""
        self._line(f"  source: {event.label}")
        if event.is_synthetic:
            self._line(SYNTHETIC_BANNER)

    def stage_started(self, event: StageStarted) -> None:
        """Name the stage."""
        self._tenths_shown = 0
        self._line(f"{event.stage} ...")

    def stage_finished(self, event: StageFinished) -> None:
        """Say how long it took."""
        self._line(f"{event.stage} done in {event.seconds:.1f} s")

    def table_loaded(self, event: TableLoaded) -> None:
        """Count the table's rows."""
        self._line(f"  {event.index} of {event.total}: raw.{event.name}, {event.rows:,} rows")

    def node_finished(self, event: NodeProgress) -> None:
        """Name the node if that was asked for or it failed; else count in tenths."""
        tenths = event.index * 10 // event.total
        if self._verbose or event.status == "failed":
            outcome = f"{event.status} in {event.seconds:.2f} s"
            self._line(f"  {event.index} of {event.total}: {event.kind} {event.name} {outcome}")
        elif tenths > self._tenths_shown:
            self._line(f"  {event.index} of {event.total} models and tests")
        self._tenths_shown = tenths

    def noticed(self, event: Notice) -> None:
        """Write the note."""
        self._line(f"  note: {event.text}")

    def run_finished(self, event: RunFinished) -> None:
        """Sum up what was published."""
        if event.summary.status == "done":
            print_summary(self._console, event.summary)

    def _line(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False)


class LiveConsole(QuietConsole):
    """A progress line that moves, with what is done above it."""

    def __init__(self, console: Console) -> None:
        """Draw on ``console``, which must be a terminal."""
        self._console = console
        self._progress = Progress(
            SpinnerColumn(),
            # On a narrow terminal the detail is what gives way.
            TextColumn("[bold]{task.description:<11}", table_column=Column(min_width=11)),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[count]:>9}", table_column=Column(min_width=9)),
            TimeElapsedColumn(),
            TextColumn("{task.fields[detail]}"),
            console=console,
            transient=True,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        """Start the live display."""
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it, whatever happened."""
        self._progress.stop()

    def run_started(self, event: RunStarted) -> None:
        """Name the run."""
        self._write(f"Run [bold]{event.run_id}[/]")

    def source_opened(self, event: SourceOpened) -> None:
        """Name the source, and warn if it is generated."""
        self._write(f"  source: {escape(event.label)}")
        if event.is_synthetic:
            self._console.print(Panel.fit(SYNTHETIC_BANNER, style="bold yellow"))

    def stage_started(self, event: StageStarted) -> None:
        """Begin a new line."""
        detail = _WHILE_WAITING.get(event.stage, "")
        self._task = self._progress.add_task(event.stage, total=None, count="", detail=detail)

    def stage_finished(self, event: StageFinished) -> None:
        """Put the line to rest."""
        self._clear()
        self._write(f"  [green]done[/] {event.stage:<11} {event.seconds:6.1f} s")

    def table_loaded(self, event: TableLoaded) -> None:
        """Move on by a table."""
        self._advance(event.index, event.total, f"raw.{event.name}: {event.rows:,} rows")

    def node_finished(self, event: NodeProgress) -> None:
        """Move on by a model or a test; a failed one stays on the screen."""
        if event.status == "failed":
            self._write(f"  [red]failed[/] {event.kind} {escape(event.name)}")
        self._advance(event.index, event.total, f"{event.kind} {event.name}")

    def noticed(self, event: Notice) -> None:
        """Write the note above the line."""
        self._write(f"  [yellow]note[/] {escape(event.text)}")

    def run_finished(self, event: RunFinished) -> None:
        """Sum up what was published."""
        self._clear()
        self._progress.stop()
        if event.summary.status == "done":
            print_summary(self._console, event.summary)

    def _write(self, markup: str) -> None:
        self._console.print(markup, highlight=False)

    def _advance(self, index: int, total: int, detail: str) -> None:
        if self._task is not None:
            self._progress.update(
                self._task,
                completed=index,
                total=total,
                count=f"{index}/{total}",
                detail=escape(detail),
            )

    def _clear(self) -> None:
        if self._task is not None:
            self._progress.remove_task(self._task)
            self._task = None


def print_summary(console: Console, summary: RunSummary) -> None:
    """The closing words: what was published, from what, and how it went."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for label, text in summary_lines(summary):
        table.add_row(label, Text(text))
    console.print()
    if console.is_terminal:
        console.print(table, highlight=False)
    else:
        for label, text in summary_lines(summary):
            console.print(f"{label:<10} {text}", markup=False, highlight=False)
    if summary.is_synthetic:
        console.print(SYNTHETIC_BANNER, style="bold yellow", highlight=False)


def summary_lines(summary: RunSummary) -> Sequence[tuple[str, str]]:
    """The summary as labels and texts."""
    checks = summary.checks
    tested = f"{checks.passed} passed, {checks.warned} warned, {checks.failed} failed"
    if summary.is_unchanged:
        tested = "not run again: no row and no model has changed since the version before"
    stages = ", ".join(f"{stage.name} {stage.seconds:.1f} s" for stage in summary.stages)
    lines = [
        ("published", f"{summary.published} -> version {summary.run_id}"),
        ("source", summary.source or "unknown"),
        ("as of", str(summary.as_of_date or "not known")),
        ("rows", ", ".join(f"{layer} {rows:,}" for layer, rows in _layers(summary))),
        *_account_lines(summary),
        ("tests", tested),
        ("gates", _gates(summary)),
        ("time", f"{summary.seconds:.1f} s: {stages}"),
    ]
    if summary.notices:
        lines.append(("notes", f"{len(summary.notices)}, in the run's {LOG_NAME}"))
    return lines


def _gates(summary: RunSummary) -> str:
    """What each gate said, in a word; one that had nothing new to validate was not asked."""
    said = {gate.gate: gate for gate in summary.gates}
    if not said:
        return "not asked: nothing is new" if summary.is_unchanged else "not asked"
    words = []
    for name in ("raw", "marts"):
        gate = said.get(name)
        if gate is None:
            words.append(f"{name} not asked")
            continue
        counts = [("warned", gate.warned), ("failed", gate.failed)]
        tail = "".join(f", {count:,} {word}" for word, count in counts if count)
        words.append(f"{name} {gate.passed:,} passed{tail}")
    return "; ".join(words)


def _account_lines(summary: RunSummary) -> Sequence[tuple[str, str]]:
    """What was left out: nothing in a word, else table by table."""
    if not summary.accounts:
        return []
    delivered = sum(account.records for account in summary.accounts)
    left_out = [
        f"{account.name}: {account.quarantined:,} of {account.rows:,} rows quarantined, "
        f"{account.rejected:,} lines rejected ({account.unusable_share:.2%})"
        for account in summary.accounts
        if account.unusable
    ]
    duplicates = sum(account.exact_duplicates for account in summary.accounts)
    lines = [f"{delivered:,} delivered, {duplicates:,} exact duplicates, "]
    lines[0] += "; ".join(left_out) if left_out else "0 quarantined, 0 rejected"
    return [("records", lines[0])]


def _layers(summary: RunSummary) -> Sequence[tuple[str, int]]:
    rows = summary.rows_by_schema()
    known = [(layer, rows[layer]) for layer in _LAYERS if layer in rows]
    return known + [(schema, n) for schema, n in rows.items() if schema not in _LAYERS]
