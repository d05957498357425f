"""The report of a gate as one HTML page that needs nothing else: no script, no network.

What stands in it comes from files that others deliver: all of it is escaped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from itertools import groupby
from pathlib import Path

from orchestration.quality.gates import summarize
from orchestration.runs.summary import CheckResult, GateName

_TITLES: Mapping[GateName, str] = {
    "raw": "Raw gate: what has arrived",
    "marts": "Marts gate: what would be published",
}

_STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; color: #1f2933; background: #f7f8fa; margin: 0; }
main { max-width: 72rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
.about { color: #52606d; margin: 0 0 1.25rem; }
.verdict { border-left: .4rem solid; border-radius: .25rem; background: #fff; margin: 0 0 1rem;
  padding: .75rem 1rem; font-weight: 600; }
.verdict.passed { border-color: #2f7d4f; } .verdict.warning { border-color: #b7791f; }
.verdict.critical { border-color: #b3261e; }
.scroll { overflow-x: auto; background: #fff; border: 1px solid #e1e5ea;
  border-radius: .25rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .45rem .75rem; }
th { color: #52606d; font-weight: 600; font-size: .85rem; }
tr + tr td, thead + tbody td { border-top: 1px solid #eceff2; }
td.status { white-space: nowrap; font-weight: 600; }
.passed td.status { color: #2f7d4f; } .warning td.status { color: #8a5a0b; }
.critical td.status { color: #b3261e; }
.critical td { background: #fdf3f2; } .warning td { background: #fdf8ee; }
ul { margin: .4rem 0 0; padding-left: 1.1rem; font: .82rem/1.45 ui-monospace, monospace; }
li { overflow-wrap: anywhere; }
.advice { margin: .4rem 0 0; }
"""


def write_report(  # noqa: PLR0913 - what the page says of itself, by keyword
    path: Path,
    gate: GateName,
    results: Sequence[CheckResult],
    *,
    run_id: str,
    source: str,
    checked_at: datetime,
) -> Path:
    """Write the page of a gate.

    Args:
        path: The file.
        gate: raw or marts.
        results: All of its results.
        run_id: The run that asked.
        source: The source of the data in words.
        checked_at: UTC.
    """
    text = render(gate, results, run_id=run_id, source=source, checked_at=checked_at)
    path.write_text(text, encoding="utf-8")
    return path


def render(
    gate: GateName,
    results: Sequence[CheckResult],
    *,
    run_id: str,
    source: str,
    checked_at: datetime,
) -> str:
    """The page: the verdict, what did not pass, then every check, table by table."""
    bad = [result for result in results if result.status != "passed"]
    bad.sort(key=lambda result: result.severity != "critical")
    title = _TITLES.get(gate, gate)
    about = f"Run {run_id}, {checked_at:%Y-%m-%d %H:%M:%S} UTC. Source: {source}"
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>",
        f"<h1>{escape(title)}</h1>",
        f'<p class="about">{escape(about)}</p>',
        _verdict(gate, results),
    ]
    if bad:
        parts += ["<h2>What did not pass</h2>", _table(bad, with_table=True)]
    for table, own in groupby(results, key=lambda result: result.table):
        parts += [f"<h2>{escape(table)}</h2>", _table(list(own), with_table=False)]
    parts.append("</main></body></html>\n")
    return "\n".join(parts)


def _verdict(gate: GateName, results: Sequence[CheckResult]) -> str:
    counts = summarize(gate, results, 0.0, None)
    kind = "critical" if counts.failed else "warning" if counts.warned else "passed"
    words = {
        "critical": "Stopped: critical checks did not pass. Nothing was published.",
        "warning": "Passed with warnings.",
        "passed": "Passed.",
    }[kind]
    tally = f"{counts.passed} passed, {counts.warned} warned, {counts.failed} failed"
    return f'<p class="verdict {kind}">{words} {tally}.</p>'


def _table(results: Sequence[CheckResult], *, with_table: bool) -> str:
    head = ["Result", *(["Table"] if with_table else []), "Check", "Expected", "Found"]
    rows = "".join(_row(result, with_table=with_table) for result in results)
    heads = "".join(f'<th scope="col">{name}</th>' for name in head)
    return (
        f'<div class="scroll"><table><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _row(result: CheckResult, *, with_table: bool) -> str:
    kind = "passed" if result.status == "passed" else result.severity
    # The word says what the colour says.
    word = {"passed": "passed", "warning": "warning", "critical": "failed"}[kind]
    if result.status == "error":
        word = "not made"
    table = f"<td>{escape(result.table)}</td>" if with_table else ""
    name = escape(result.name.replace("_", " "))
    return (
        f'<tr class="{kind}"><td class="status">{word}</td>{table}<td>{name}</td>'
        f"<td>{escape(result.expected)}</td><td>{_found(result)}</td></tr>"
    )


def _found(result: CheckResult) -> str:
    text = escape(result.observed)
    if result.num_unexpected is not None:
        text += f" ({result.num_unexpected:,} rows)"
    if result.sample:
        rows = "".join(f"<li>{escape(row)}</li>" for row in result.sample)
        text += f"<ul>{rows}</ul>"
    if result.advice:
        text += f'<p class="advice">{escape(result.advice)}</p>'
    return text
