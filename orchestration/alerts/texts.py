"""What an alert says: of a run that ended, and how it is written for mail, Slack and Teams.

Who is notified when is in ``orchestration.alerts.notify``; how a message travels is in
``orchestration.alerts.channels``. Everything that comes from the data is shown as plain text:
a value that looks like a link or a mention must not become one.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from orchestration.runs.records import LOG_NAME
from orchestration.runs.summary import CheckResult, RunSummary
from orchestration.settings import Settings
from orchestration.warehouse.versions import Version

AlertKind = Literal["failure", "recovery", "warning", "missed", "slow", "test"]

RUNBOOK = "docs/runbook.md"
# What a reader takes in, and what Teams takes at all (28 KB).
_MAX_FINDINGS = 8
_MAX_ROWS = 5
_MAX_LINE = 200
_MAX_ERROR = 1500
_MAX_ADVICE = 3
_MAX_SUBJECT = 140
_HIDDEN = "(hidden)"


@dataclass(frozen=True, slots=True)
class Finding:
    """A check that did not pass: what it is, and rows that break it."""

    text: str
    rows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alert:
    """A message to people.

    Attributes:
        kind: What it is about.
        title: One line.
        lead: What happened, in a paragraph.
        facts: Names and values, such as the run and the stage.
        findings: The checks that did not pass, with rows.
        advice: What to do, one line each.
    """

    kind: AlertKind
    title: str
    lead: str
    facts: tuple[tuple[str, str], ...] = ()
    findings: tuple[Finding, ...] = ()
    advice: tuple[str, ...] = ()

    def without(self, secrets: Sequence[str]) -> Alert:
        """The same, with every secret taken out of every text."""

        def clean(text: str) -> str:
            for secret in secrets:
                if secret:
                    text = text.replace(secret, _HIDDEN)
            return text

        return replace(
            self,
            title=clean(self.title),
            lead=clean(self.lead),
            facts=tuple((name, clean(value)) for name, value in self.facts),
            findings=tuple(
                Finding(clean(one.text), tuple(clean(row) for row in one.rows))
                for one in self.findings
            ),
            advice=tuple(clean(line) for line in self.advice),
        )


def of_failure(
    settings: Settings, summary: RunSummary, directory: Path | None, before: RunSummary | None
) -> Alert:
    """A run failed."""
    stage = summary.stages[-1].name if summary.stages else "its start"
    what = "validation" if summary.kind == "validation" else "run"
    error = summary.error or "unknown error"
    critical = [one for one in summary.problems if one.severity == "critical"]
    if critical:  # the findings below say the rest
        error = f"{error.splitlines()[0].rstrip(' :.')}."
    again = ""
    if before is not None and before.status == "failed":
        again = f" The one before it, {before.run_id}, failed as well ({before.error_type})."
    return Alert(
        "failure",
        f"The {what} failed at {stage}",
        f"{_clip(error, _MAX_ERROR)}\n\nNothing was published; {_still_seen(settings)}.{again}",
        (
            *_facts(settings, summary),
            ("Failed at", stage),
            ("Error", summary.error_type or "unknown"),
            *_places(summary, directory),
        ),
        _findings(critical or summary.problems),
        _advice(critical or summary.problems, f"'The run failed' in {RUNBOOK}"),
    )


def of_recovery(
    settings: Settings, summary: RunSummary, directory: Path | None, before: RunSummary
) -> Alert:
    """A run did what the one before it did not."""
    warnings = with_warning(summary)
    done = "passed" if summary.kind == "validation" else "published"
    text = (
        f"Run {summary.run_id} {done}. The one before it, {before.run_id}, had failed: "
        f"{_clip(_first_line(before.error or 'unknown error'), _MAX_LINE)}"
    )
    if warnings:
        text += f"\n\n{len(warnings)} {_plural(len(warnings), 'warning')} remain."
    return Alert(
        "recovery",
        "The run works again",
        text,
        (*_facts(settings, summary), *_places(summary, directory)),
        _findings(warnings),
        _advice(warnings, f"'Published with warnings' in {RUNBOOK}") if warnings else (),
    )


def of_warning(settings: Settings, summary: RunSummary, directory: Path | None) -> Alert:
    """A run published, but something is not as it should be."""
    warnings = with_warning(summary)
    many = f"{len(warnings)} {_plural(len(warnings), 'warning')}"
    done = "passed" if summary.kind == "validation" else "published"
    return Alert(
        "warning",
        f"The run {done} with {many}",
        f"Run {summary.run_id} {done}; readers see its data. {many} should be looked at.",
        (*_facts(settings, summary), *_places(summary, directory)),
        _findings(warnings),
        _advice(warnings, f"'Published with warnings' in {RUNBOOK}"),
    )


def of_slow_run(settings: Settings, summary: RunSummary, directory: Path | None) -> Alert:
    """A run ended well, but took longer than it may."""
    slowest = max(summary.stages, key=lambda stage: stage.seconds, default=None)
    where = f" Most of it went into {slowest.name}." if slowest else ""
    return Alert(
        "slow",
        f"The run took {minutes(summary.seconds)}",
        f"Run {summary.run_id} is done, but took {minutes(summary.seconds)}; "
        f"{settings.max_run_minutes:g} are allowed.{where}",
        (*_facts(settings, summary), *_places(summary, directory)),
        (),
        (f"Look at the durations on the dashboard /pipeline, and at 'Too slow' in {RUNBOOK}.",),
    )


def of_test(settings: Settings) -> Alert:
    """A message that shows that messages arrive."""
    return Alert(
        "test",
        "This is a test",
        "Alerts of this warehouse arrive here. Nothing has happened, nothing is to be done.",
        place_facts(settings),
    )


def with_warning(summary: RunSummary) -> Sequence[CheckResult]:
    """The checks that a run published in spite of."""
    return [one for one in summary.problems if one.severity == "warning"]


def place_facts(settings: Settings) -> tuple[tuple[str, str], ...]:
    """Where this comes from: several machines may write to the same people."""
    return (
        ("Machine", socket.gethostname()),
        ("Warehouse", str(settings.warehouse_dir)),
    )


def minutes(seconds: float) -> str:
    """A duration in words: ``41 minutes``."""
    whole = int(seconds // 60)
    return f"{whole} {_plural(whole, 'minute')}" if whole else f"{seconds:.0f} seconds"


def _facts(settings: Settings, summary: RunSummary) -> tuple[tuple[str, str], ...]:
    facts = [
        ("Run", summary.run_id),
        ("Started", f"{summary.started_at:%Y-%m-%d %H:%M} UTC"),
        ("Took", f"{summary.seconds:,.0f} seconds"),
    ]
    if summary.source:
        facts.append(("Source", summary.source))
    if summary.as_of_date:
        facts.append(("Data as of", summary.as_of_date.isoformat()))
    return (*facts, *place_facts(settings))


def _places(summary: RunSummary, directory: Path | None) -> tuple[tuple[str, str], ...]:
    reports = [
        (f"Report of {gate.gate}", str(gate.report)) for gate in summary.gates if gate.report
    ]
    return (*reports, *([("Log", str(directory / LOG_NAME))] if directory else []))


def _still_seen(settings: Settings) -> str:
    link = settings.published_path
    if not link.is_symlink():
        return "there is no published version yet"
    return f"readers still see version {Version(link.resolve()).run_id}"


def _findings(problems: Sequence[CheckResult]) -> tuple[Finding, ...]:
    found = []
    for one in problems[:_MAX_FINDINGS]:
        rows = ""
        if one.num_unexpected is not None:
            rows = f" ({one.num_unexpected:,} {_plural(one.num_unexpected, 'row')})"
        text = (
            f"{one.gate}: {one.name} on {one.table or 'several tables'}{rows}. "
            f"Expected: {_first_line(one.expected)}. Found: {_first_line(one.observed)}."
        )
        found.append(
            Finding(
                _clip(text, 2 * _MAX_LINE),
                tuple(_clip(_first_line(row), _MAX_LINE) for row in one.sample[:_MAX_ROWS]),
            )
        )
    if len(problems) > _MAX_FINDINGS:
        found.append(Finding(f"... and {len(problems) - _MAX_FINDINGS} more; the log has all."))
    return tuple(found)


def _advice(problems: Sequence[CheckResult], page: str) -> tuple[str, ...]:
    own = list(dict.fromkeys(_clip(p.advice, _MAX_LINE) for p in problems if p.advice))
    return (*own[:_MAX_ADVICE], f"See {page}.")


def _first_line(text: str) -> str:
    return next((line.strip().rstrip(".") for line in text.splitlines() if line.strip()), "")


def _clip(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 3].rstrip()}..."


def _plural(count: int, noun: str) -> str:
    return noun if count == 1 else f"{noun}s"


# How it is written.

_MARKS: Mapping[AlertKind, str] = {
    "failure": "FAILED",
    "recovery": "RECOVERED",
    "warning": "WARNING",
    "missed": "MISSED",
    "slow": "TOO SLOW",
    "test": "TEST",
}


def subject(alert: Alert) -> str:
    """One line without control characters."""
    line = " ".join(f"[Olist DW] {_MARKS[alert.kind]}: {alert.title}".split())
    return _clip(line, _MAX_SUBJECT)


def as_text(alert: Alert) -> str:
    """The whole of it as plain text."""
    parts = [alert.lead]
    if alert.findings:
        lines = []
        for finding in alert.findings:
            lines.append(f"- {finding.text}")
            lines += [f"    {row}" for row in finding.rows]
        parts.append("What was found:\n" + "\n".join(lines))
    if alert.advice:
        parts.append("What to do:\n" + "\n".join(f"- {line}" for line in alert.advice))
    parts.append("\n".join(f"{name}: {value}" for name, value in alert.facts))
    return "\n\n".join(parts) + "\n"


# Slack refuses longer headers and sections.
_SLACK_HEADER = 150
_SLACK_SECTION = 2900


def as_slack(alert: Alert) -> dict[str, Any]:
    """The body of Slack's incoming webhook; ``text`` is what a notification shows."""
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": _slack_text(subject(alert), _SLACK_HEADER)},
        {"type": "section", "text": _slack_text(alert.lead)},
    ]
    if alert.findings:
        text = "\n".join(
            "\n".join((f"- {one.text}", *(f"    {row}" for row in one.rows)))
            for one in alert.findings
        )
        blocks.append({"type": "section", "text": _slack_text(text)})
    if alert.advice:
        text = "What to do:\n" + "\n".join(f"- {line}" for line in alert.advice)
        blocks.append({"type": "section", "text": _slack_text(text)})
    facts = "\n".join(f"{name}: {value}" for name, value in alert.facts)
    blocks.append({"type": "context", "elements": [_slack_text(facts)]})
    fallback = f"{subject(alert)}\n{_first_line(alert.lead)}"
    for sign, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        fallback = fallback.replace(sign, name)
    return {"text": fallback, "blocks": blocks}


def _slack_text(text: str, most: int = _SLACK_SECTION) -> dict[str, Any]:
    return {"type": "plain_text", "text": _clip(text, most), "emoji": False}


_TEAMS_COLOURS: Mapping[AlertKind, str] = {
    "failure": "Attention",
    "recovery": "Good",
    "warning": "Warning",
    "missed": "Attention",
    "slow": "Warning",
    "test": "Accent",
}


def as_teams(alert: Alert) -> dict[str, Any]:
    """The body that a workflow of Teams takes: a message with one adaptive card."""
    body = [
        _run(
            subject(alert),
            weight="Bolder",
            size="Medium",
            color=_TEAMS_COLOURS[alert.kind],
        ),
        *(_run(paragraph) for paragraph in alert.lead.split("\n\n")),
    ]
    for finding in alert.findings:
        body.append(_run(finding.text))
        body += [_run(row, fontType="Monospace", isSubtle=True) for row in finding.rows]
    if alert.advice:
        body.append(_run("What to do", weight="Bolder"))
        body += [_run(line) for line in alert.advice]
    body += [
        _run(f"{name}: {value}", isSubtle=True, size="Small") for name, value in alert.facts
    ]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": body,
    }
    return {
        "type": "message",
        "attachments": [
            {
                "contentType": "application/vnd.microsoft.card.adaptive",
                "contentUrl": None,
                "content": card,
            }
        ],
    }


def _run(text: str, **look: str | bool) -> dict[str, Any]:
    """A line of rich text: unlike a TextBlock it reads no markdown."""
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **look}]}
