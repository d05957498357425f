"""The rows: the tables of the pipeline page."""

from __future__ import annotations

from dashboards.lib import format as fmt
from dashboards.lib.pipeline.data import PipelineData
from dashboards.lib.tables import Column, Table, one_decimal, two_decimals
from orchestration.run_history import ended_words, quality


def tables(data: PipelineData) -> tuple[Table, ...]:
    """Runs, what did not pass, what cannot be used, models and tests."""
    return (_runs(data), _problems(data), _unusable(data), _tables(data), _nodes(data))


def _runs(data: PipelineData) -> Table:
    rows = []
    for run in data.shown:
        found = quality(run)
        score = found.score
        rows.append(
            (
                run.run_id,
                f"{run.started_at:%Y-%m-%d %H:%M:%S}",
                run.kind,
                ended_words(run),
                round(run.seconds, 1),
                run.stages[-1].name if run.stages else None,
                run.source,
                sum(table.rows for table in run.tables) or None,
                found.passed,
                found.made,
                None if score is None else round(score * 100, 3),
                sum(account.unusable for account in run.accounts),
                (run.error or "").strip() or None,
            )
        )
    return Table(
        "runs",
        "Runs",
        (
            Column("Run"),
            Column("Started (UTC)"),
            Column("Kind"),
            Column("How it ended"),
            Column("Seconds", one_decimal),
            Column("Last stage"),
            Column("Source"),
            Column("Rows", fmt.count),
            Column("Checks passed", fmt.count),
            Column("Checks made", fmt.count),
            Column("Quality (%)", two_decimals),
            Column("Rows unusable", fmt.count),
            Column("Error"),
        ),
        tuple(rows),
    )


def _problems(data: PipelineData) -> Table:
    return Table(
        "checks_not_passed",
        "Checks that did not pass",
        (
            Column("Run"),
            Column("Gate"),
            Column("Table"),
            Column("Check"),
            Column("Severity"),
            Column("Expected"),
            Column("Found"),
            Column("Rows", fmt.count),
            Column("Some of them"),
            Column("What to do"),
        ),
        tuple(
            (
                run.run_id,
                one.gate,
                one.table,
                one.name,
                one.severity,
                one.expected,
                one.observed,
                one.num_unexpected,
                "\n".join(one.sample),
                one.advice,
            )
            for run in data.shown
            for one in run.problems
        ),
    )


def _unusable(data: PipelineData) -> Table:
    return Table(
        "unusable_rows",
        "Rows that cannot be used",
        (
            Column("Table"),
            Column("Kind"),
            Column("Reason"),
            Column("Rows", fmt.count),
            Column("One of them"),
        ),
        tuple(
            (one.table, one.kind, one.reason, one.num_rows, one.example)
            for one in data.unusable
        ),
    )


def _tables(data: PipelineData) -> Table:
    runs = [run for run in data.published_runs if run.tables][-2:]
    newest = runs[-1].tables if runs else ()
    before = {(t.schema, t.name): t.rows for t in runs[0].tables} if len(runs) > 1 else {}
    rows = []
    for table in newest:
        earlier = before.get((table.schema, table.name))
        change = None if earlier is None else table.rows - earlier
        rows.append((table.schema, table.name, table.rows, earlier, change))
    return Table(
        "tables",
        "Tables of the version",
        (
            Column("Schema"),
            Column("Table"),
            Column("Rows", fmt.count),
            Column("Rows before", fmt.count),
            Column("Change", fmt.count),
        ),
        tuple(rows),
    )


def _nodes(data: PipelineData) -> Table:
    return Table(
        "models_and_tests",
        "Models and tests",
        (
            Column("Name"),
            Column("Kind"),
            Column("Status"),
            Column("Seconds", two_decimals),
            Column("Rows found", fmt.count),
        ),
        tuple(
            (node.name, node.kind, node.status, node.seconds, node.failures)
            for node in (*data.slowest(tests=False), *data.slowest(tests=True))
        ),
    )
