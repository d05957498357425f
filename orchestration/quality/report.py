"""The report of a gate as one HTML page that needs nothing else: no script, no network.

What stands in it comes from files that others deliver: all of it is escaped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import jinja2

from orchestration.quality.gates import summarize
from orchestration.runs.summary import CheckResult, GateName

_PAGE = Path(__file__).with_name("report.html")
_TITLES: Mapping[GateName, str] = {
    "raw": "Raw gate: what has arrived",
    "marts": "Marts gate: what would be published",
}


def write_report(  # noqa: PLR0913 - what the page says of itself, by keyword
    path: Path,
    gate: GateName,
    results: Sequence[CheckResult],
    *,
    run_id: str,
    source: str,
    checked_at: datetime,
) -> Path:
    """Write the page: the outcome, what did not pass, then every check, table by table.

    Args:
        path: The file.
        gate: raw or marts.
        results: All of its results.
        run_id: The run that asked.
        source: The source of the data in words.
        checked_at: UTC.
    """
    bad = [result for result in results if result.status != "passed"]
    bad.sort(key=lambda result: result.severity != "critical")
    page = jinja2.Template(_PAGE.read_text(encoding="utf-8"), autoescape=True)
    text = page.render(
        title=_TITLES[gate],
        about=f"Run {run_id}, {checked_at:%Y-%m-%d %H:%M:%S} UTC. Source: {source}",
        counts=summarize(gate, results, 0.0, None),
        bad=bad,
        results=results,
    )
    path.write_text(text, encoding="utf-8")
    return path
