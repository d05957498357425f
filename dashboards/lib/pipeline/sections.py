"""The parts of the pipeline page as marimo shows them: header, alarm, answer, why, rows."""

from __future__ import annotations

from html import escape

import marimo as mo

from dashboards.lib import format as fmt
from dashboards.lib import page
from dashboards.lib.cards import chart_cards, table_tabs
from dashboards.lib.pipeline.charts import charts
from dashboards.lib.pipeline.data import PipelineData
from dashboards.lib.pipeline.findings import plural
from dashboards.lib.pipeline.tables import tables
from dashboards.lib.pipeline.tiles import lead, tiles
from dashboards.lib.tiles import heading, message, tile_grid
from orchestration.run_summary import CheckResult, RunSummary

TITLE = "Pipeline health"
QUESTION = "Was last night good: did the run publish, in time, of good data?"

_MOST_ALARMS = 6


def header(data: PipelineData) -> mo.Html:
    """The title; with what is published, where there is something."""
    if data.info is not None:
        return page.header(TITLE, data.info, QUESTION)
    # Before the first run the answer says what to do.
    words = "" if data.is_empty else message("Nothing can be read", data.problem or "", "warn")
    return mo.Html(
        '<header class="dw-header">'
        f"<h1>{escape(TITLE)}</h1><p>{escape(QUESTION)}</p></header>{words}"
    )


def alarm(data: PipelineData) -> mo.Html | None:
    """What went wrong in the last run, before anything else; nothing where it was done."""
    last = data.last
    if last is None or last.status != "failed":
        return None
    stage = fmt.name(last.stages[-1].name).lower() if last.stages else "its start"
    critical = [one for one in last.problems if one.severity == "critical"]
    error = (last.error or "").strip()
    if critical:  # they say it, one by one
        error = error.splitlines()[0] if error else ""
    seen = (
        f"Readers see version {data.info.run_id}."
        if data.info is not None
        else "Readers see nothing: no version is published."
    )
    return mo.Html(
        '<div class="dw-message dw-warn" role="alert" data-alarm="failed">'
        f"<h2>The last run failed at {escape(stage)}</h2>"
        f"<p>{escape(last.error_type or 'Unknown error')}, run {escape(last.run_id)}. "
        f"{escape(seen)}</p>"
        + (f'<pre class="dw-sample">{escape(error)}</pre>' if error else "")
        + "".join(_problem(one) for one in critical[:_MOST_ALARMS])
        + _more(critical)
        + f"<p>Its log: runs/{escape(last.run_id)}/run.log of the warehouse directory."
        f"{_reports(last)} What to do: docs/runbook.md, <i>The run failed</i>.</p></div>"
    )


def _problem(one: CheckResult) -> str:
    rows = "" if one.num_unexpected is None else f" ({plural(one.num_unexpected, 'row')})"
    sample = f'<pre class="dw-sample">{escape(chr(10).join(one.sample))}</pre>'
    return (
        f"<p><b>{escape(one.name)}</b> on {escape(one.table or 'several tables')}{rows}. "
        f"Expected: {escape(one.expected)}. Found: {escape(one.observed)}. "
        f"{escape(one.advice)}</p>{sample if one.sample else ''}"
    )


def _more(problems: list[CheckResult]) -> str:
    more = len(problems) - _MOST_ALARMS
    return f"<p>And {more} more; the table of checks below has all.</p>" if more > 0 else ""


def _reports(run: RunSummary) -> str:
    names = [gate.report.name for gate in run.gates if gate.report]
    return f" Beside it: {escape(', '.join(names))}." if names else ""


def answer(data: PipelineData) -> mo.Html:
    """The tiles, under the answer in words; a calm word where no run was made yet."""
    if data.is_empty and data.history.running is None:
        return mo.Html(
            message(
                "There is no run yet",
                "Run `make pipeline`, then reload this page: it shows how runs end, how long "
                "they take, and how good their data are.",
            )
        )
    damaged = ""
    if data.history.damaged:
        names = ", ".join(data.history.damaged)
        damaged = (
            f'<p class="dw-note">Left out, their summaries are damaged: {escape(names)}.</p>'
        )
    return mo.Html(
        f'<p class="dw-lead">{escape(lead(data))}</p>'
        + heading(
            "Summary",
            f"{plural(len(data.shown), 'run')} of {plural(len(data.history.runs), 'run')} on "
            "record. Runs that somebody ended by Ctrl-C count neither as good nor as failed.",
        )
        + tile_grid(tiles(data))
        + damaged
    )


def why(data: PipelineData) -> mo.Html | None:
    """The charts, or nothing where there is no run."""
    if data.is_empty:
        return None
    return mo.Html(
        heading(
            "Trends and breakdowns", "Runs from left to right, by the UTC time they started."
        )
        + chart_cards(charts(data))
    )


def rows(data: PipelineData) -> mo.Html | None:
    """The tables in tabs, each with its download, or nothing where there is no run."""
    if data.is_empty:
        return None
    found = tables(data)
    explanation = (
        "Of the shown runs; unusable rows of the published version. Click a heading to sort."
    )
    if empty := [table.title.lower() for table in found if not table.rows]:
        explanation += f" Nothing to show: {', '.join(empty)}."
    full = [table for table in found if table.rows]
    return mo.vstack(
        [
            mo.Html(heading("Data", explanation)),
            table_tabs(full, "pipeline", data.period),
        ]
    )


def footer(data: PipelineData) -> mo.Html | None:
    """The note at the end, where something is published."""
    return None if data.info is None else page.footer(data.info)
