"""The gates by hand: ``olist quality raw|marts`` on the published version.

Nothing is changed, nothing published. A run asks them in ``orchestration.pipeline.gates``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.table import Table
from rich.text import Text

from orchestration.errors import EXIT_DONE, EXIT_FAILED, EXIT_WRONG_USE
from orchestration.quality.gates import GateRequest, summarize
from orchestration.quality.report import write_report
from orchestration.runs.summary import CheckResult, GateName
from orchestration.setting_paths import from_here
from orchestration.settings import Settings
from orchestration.terminal.entry import print_error
from orchestration.terminal.rich_console import Terminal
from orchestration.warehouse.store import Warehouse
from orchestration.warehouse.versions import Version, read_info


def validate(
    settings: Settings, gate: GateName, *, everything: bool = False, report: str | None = None
) -> int:
    """Ask a gate about the published version, and print what it found.

    Args:
        settings: Say where the warehouse is.
        gate: ``raw`` (what has arrived) or ``marts`` (what is published).
        everything: List the checks that passed, too.
        report: A file for the report.

    Returns:
        The exit code: 0 if no critical check failed, 1 if one did, 2 without a warehouse.
    """
    warehouse = Warehouse(settings.warehouse_dir)
    version = warehouse.current_version()
    if version is None:
        message = (
            f"There is no published warehouse at {settings.published_path}. Run "
            "`make pipeline` first, or name its directory by --warehouse."
        )
        print_error(message)
        return EXIT_WRONG_USE
    info = read_info(version)
    # Imported here: --help and wrong use must not wait three seconds.
    from orchestration.quality.runner import run_gate  # noqa: PLC0415

    request = GateRequest(
        gate=gate,
        database=version.path,
        previous=_before(warehouse, version),
        memory_limit=settings.memory_limit,
        threads=settings.threads,
    )
    results = run_gate(request)
    if report is not None:
        write_report(
            from_here(report, "--report"),
            gate,
            results,
            run_id=version.run_id,
            source=info.source_label,
            checked_at=datetime.now(UTC).replace(tzinfo=None),
        )
    counts = summarize(gate, results, 0.0, None)
    console = Terminal(soft_wrap=not sys.stdout.isatty())
    _show(console, [one for one in results if everything or one.status != "passed"])
    console.print(
        f"{gate} gate on version {version.run_id}: {counts.passed} passed, "
        f"{counts.warned} warned, {counts.failed} failed",
        highlight=False,
    )
    return EXIT_FAILED if counts.failed else EXIT_DONE


def _before(warehouse: Warehouse, version: Version) -> Path | None:
    """The version before, if it is kept and holds the same data."""
    older = [one for one in warehouse.versions() if one.run_id < version.run_id]
    if not older:
        return None
    same = read_info(older[0]).source_identity == read_info(version).source_identity
    return older[0].path if same else None


def _show(console: Terminal, results: Sequence[CheckResult]) -> None:
    table = Table("result", "table", "check", "expected", "found", box=None, pad_edge=False)
    for column in table.columns:
        column.overflow = "fold"
    for one in results:
        word = "passed" if one.status == "passed" else one.severity
        rows = "" if one.num_unexpected is None else f" ({one.num_unexpected:,} rows)"
        cells = (word, one.table, one.name, one.expected, one.observed + rows)
        table.add_row(*(Text(cell) for cell in cells))
    if results:
        console.print(table)
    for one in results:
        if one.advice:
            console.print(Text(f"{one.name}: {one.advice}"))
