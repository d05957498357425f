"""What is known of a run when it ends: its summary, as data.

Where summaries are kept is in ``orchestration.runs.records``; what many of them say together is
in ``orchestration.runs.history``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Literal

RunStatus = Literal["done", "failed"]
RunKind = Literal["pipeline", "validation"]
GateName = Literal["raw", "dbt", "marts", "postgres"]


@dataclass(frozen=True, slots=True)
class StageTime:
    """How long a stage took."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class TableRows:
    """The rows of one table after the run."""

    schema: str
    name: str
    rows: int


@dataclass(frozen=True, slots=True)
class TableAccount:
    """One table of one run.

    The file: ``records = inserted + updated + unchanged + exact_duplicates + rejected``.
    The warehouse: ``rows = staged + quarantined``.

    Attributes:
        name: Table in schema ``raw``.
        records: Records in the file.
        inserted: Of these, rows of new keys.
        updated: Rows that replaced others of their key.
        unchanged: Rows that raw held already.
        exact_duplicates: Rows that repeat another one of the file and were left out.
        rejected: Lines that could not be read; in ``ops.rejected_lines``.
        rows: Rows in raw after the run.
        staged: Of these, rows the models use.
        quarantined: Rows that cannot be used; in ``ops.quarantined_rows``.
    """

    name: str
    records: int
    inserted: int
    updated: int
    unchanged: int
    exact_duplicates: int
    rejected: int
    rows: int
    staged: int
    quarantined: int

    @property
    def unusable(self) -> int:
        """Quarantined rows and rejected lines."""
        return self.quarantined + self.rejected

    @property
    def unusable_share(self) -> float:
        """Unusable rows and lines per row and line; 0 for a table without any."""
        total = self.rows + self.rejected
        return self.unusable / total if total else 0.0


@dataclass(frozen=True, slots=True)
class CheckCounts:
    """How many tests passed, warned, failed and were skipped."""

    passed: int = 0
    warned: int = 0
    failed: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check of a quality gate, or one dbt test, and what it found.

    Attributes:
        gate: raw (after the load), dbt (its tests), marts (before publish) or postgres (whether
            the version could be served there).
        table: What was checked, as ``schema.table``.
        name: The check, as its bounds name it.
        severity: critical stops a run before it publishes; warning is published with.
        status: passed, failed, or error where the check itself could not be made.
        expected: What should hold, in words.
        observed: What was found, in words.
        num_unexpected: Rows that break the check; None where it is not about rows.
        sample: Up to five of these rows or values, as text.
        advice: What to do, in words; empty where nothing is wrong.
    """

    gate: GateName
    table: str
    name: str
    severity: Literal["critical", "warning"]
    status: Literal["passed", "failed", "error"]
    expected: str
    observed: str
    num_unexpected: int | None = None
    sample: tuple[str, ...] = ()
    advice: str = ""


@dataclass(frozen=True, slots=True)
class GateSummary:
    """What a quality gate said.

    Attributes:
        gate: raw or marts.
        passed: Checks that passed.
        warned: Checks of severity warning that did not.
        failed: Critical checks that did not.
        seconds: How long it took.
        report: The HTML report.
    """

    gate: GateName
    passed: int
    warned: int
    failed: int
    seconds: float
    report: Path | None = None


@dataclass(frozen=True, slots=True)
class NodeTime:
    """How one model, seed, snapshot or dbt test ended, and how long it took."""

    name: str
    kind: str
    status: str
    seconds: float
    failures: int | None = None


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A finished or failed run, as written to its ``summary.json``.

    Attributes:
        run_id: The run.
        status: done or failed.
        started_at: UTC.
        finished_at: UTC.
        source: The source in words, once it was opened.
        is_synthetic: Whether its rows are generated, once it was opened.
        as_of_date: The day the figures look back from.
        stages: The stages that ran, in order; the last one is the one that failed.
        tables: Rows per table of the published file; empty when the run failed.
        checks: The outcomes of dbt's tests.
        gates: What the quality gates said.
        problems: Every check and dbt test that did not pass.
        nodes: Every model and test of dbt, in the order they ended.
        accounts: Where the records of each file have gone, once the models were built.
        is_unchanged: Neither rows nor models differ from those of the version before, so that
            nothing was built or tested again.
        notices: What the user should know, such as extra columns in a file.
        published: The path that readers open, if the run came so far.
        version: The version it points to since then.
        kind: pipeline, or validation for a run that only validated what is published.
        error: Why it failed, in words.
        error_type: The name of the error.
        elapsed: How long it took, seconds; the clock may be set while a run is at work.
    """

    run_id: str
    status: RunStatus
    started_at: datetime
    finished_at: datetime
    source: str | None = None
    is_synthetic: bool | None = None
    as_of_date: date | None = None
    stages: tuple[StageTime, ...] = ()
    tables: tuple[TableRows, ...] = ()
    checks: CheckCounts = field(default_factory=CheckCounts)
    gates: tuple[GateSummary, ...] = ()
    problems: tuple[CheckResult, ...] = ()
    nodes: tuple[NodeTime, ...] = ()
    accounts: tuple[TableAccount, ...] = ()
    is_unchanged: bool = False
    notices: tuple[str, ...] = ()
    published: Path | None = None
    version: Path | None = None
    kind: RunKind = "pipeline"
    error: str | None = None
    error_type: str | None = None
    elapsed: float | None = None

    @property
    def seconds(self) -> float:
        """How long the run took."""
        if self.elapsed is not None:
            return self.elapsed
        return max((self.finished_at - self.started_at).total_seconds(), 0.0)

    def rows_by_schema(self) -> dict[str, int]:
        """Rows per layer, in the order the tables are listed."""
        totals: dict[str, int] = {}
        for table in self.tables:
            totals[table.schema] = totals.get(table.schema, 0) + table.rows
        return totals
