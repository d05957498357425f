"""The gates by hand: ``python -m orchestration.quality raw|marts`` on the published version.

Nothing is changed and nothing is published. How a run asks them is in ``stages``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.table import Table
from rich.text import Text

from orchestration.entry import guarded, print_error, start
from orchestration.errors import EXIT_DONE, EXIT_FAILED, EXIT_WRONG_USE
from orchestration.quality.bounds import GATES, checks_in_markdown
from orchestration.quality.gates import GateRequest, summarize
from orchestration.quality.report import write_report
from orchestration.run_summary import CheckResult
from orchestration.setting_paths import from_here
from orchestration.settings import Settings, load_settings
from orchestration.terminal import Terminal
from orchestration.versions import Version, read_info
from orchestration.warehouse import Warehouse

_EPILOG = """\
exit codes: 0 nothing critical, 1 a critical check did not pass, 2 wrong use or no warehouse

examples:
  python -m orchestration.quality raw
  python -m orchestration.quality marts --all
  python -m orchestration.quality marts --report /tmp/marts.html
  python -m orchestration.quality checks
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask a gate and print what it found.

    Returns:
        0 if no critical check failed, 1 if one did, 2 for wrong use.
    """
    options = _parser().parse_args(arguments)
    if options.gate == "checks":
        sys.stdout.write(checks_in_markdown())
        return EXIT_DONE
    return guarded(lambda: _validate(load_settings(warehouse_dir=options.warehouse), options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m orchestration.quality",
        description="Validate the published version as a run would: raw (what has arrived) or "
        "marts (what is published). Nothing is changed. checks lists all of them, as a table "
        "in Markdown.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("gate", choices=(*GATES, "checks"), help="the gate to ask")
    parser.add_argument(
        "--warehouse", help="directory of the warehouse (default: the settings')"
    )
    parser.add_argument("--all", action="store_true", help="also list the checks that passed")
    parser.add_argument("--report", metavar="FILE", help="also write the report to this file")
    return parser


def _validate(settings: Settings, options: argparse.Namespace) -> int:
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
        gate=options.gate,
        database=version.path,
        previous=_before(warehouse, version),
        memory_limit=settings.memory_limit,
        threads=settings.threads,
    )
    results = run_gate(request)
    if options.report is not None:
        write_report(
            from_here(options.report, "--report"),
            options.gate,
            results,
            run_id=version.run_id,
            source=info.source_label,
            checked_at=datetime.now(UTC).replace(tzinfo=None),
        )
    counts = summarize(options.gate, results, 0.0, None)
    console = Terminal(soft_wrap=not sys.stdout.isatty())
    _show(console, [one for one in results if options.all or one.status != "passed"])
    console.print(
        f"{options.gate} gate on version {version.run_id}: {counts.passed} passed, "
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


if __name__ == "__main__":
    start(main)
