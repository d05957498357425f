"""One run as it goes: what it was asked, what it holds, what is known of it yet.

The stages that a context is handed to are in ``orchestration.pipeline.stages``.
:func:`open_run` holds the warehouse's lock, keeps the run's log, and writes its summary however
the run ends.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

import duckdb

from extract.errors import ExtractError
from extract.load import LoadReport
from extract.sources import SourceFiles
from orchestration.alerts import notify as alerts
from orchestration.dbt.runner import Dbt, TransformRequest
from orchestration.errors import PipelineError, WarehouseBusyError
from orchestration.quality.gates import GateProcess
from orchestration.runs.events import (
    Event,
    Listener,
    Notice,
    RunFinished,
    RunStarted,
    Stage,
    StageFinished,
    StageStarted,
    log,
)
from orchestration.runs.history import settle_abandoned
from orchestration.runs.records import (
    CheckCounts,
    CheckResult,
    GateSummary,
    NodeTime,
    RunStatus,
    RunSummary,
    StageTime,
    TableAccount,
    TableRows,
    create_run_directory,
    new_run_id,
    run_log,
    write_summary,
)
from orchestration.setting_names import is_open_to_others
from orchestration.settings import ENV_FILE, Settings
from orchestration.terminal.signals import as_asked, finish, stop_if_asked
from orchestration.warehouse.store import Build, Version, Warehouse

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What one run shall do differently.

    Attributes:
        full_refresh: Read every file again and rebuild every model from nothing.
        mode: Whether the source holds everything (snapshot) or only what changed (delta).
        select: dbt's selection syntax, or None for all models.
        validate_only: Validate the published version; load, build and publish nothing.
    """

    full_refresh: bool = False
    mode: Literal["snapshot", "delta"] = "snapshot"
    select: str | None = None
    validate_only: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """A source that keeps its contract and a build file to load it into."""

    source: SourceFiles
    source_identity: str
    build: Build


@dataclass
class RunContext:
    """One run: what it was asked, what it holds, and what is known of it yet.

    Attributes:
        run_id: Name of the run.
        settings: Settings of the machine.
        options: What this run shall do differently.
        warehouse: The warehouse; its lock is held.
        directory: For the run's log and summary.
        listener: Receives every event.
        resources: Closed when the run ends; holds the source's temporary files.
        dbt: dbt on the build file; reads its project while the data is loaded.
        started_at: UTC.
        began: The same moment on a clock that nobody sets.
        gate_process: Validates for the quality gates, once it was started.
    """

    run_id: str
    settings: Settings
    options: RunOptions
    warehouse: Warehouse
    directory: Path
    listener: Listener
    resources: contextlib.ExitStack
    dbt: Dbt
    started_at: datetime
    began: float = field(default_factory=time.monotonic)
    source: SourceFiles | None = None
    build: Build | None = None
    as_of_date: date | None = None
    published: Version | None = None
    stages: list[StageTime] = field(default_factory=list)
    tables: list[TableRows] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    checks: CheckCounts = field(default_factory=CheckCounts)
    gates: list[GateSummary] = field(default_factory=list)
    problems: list[CheckResult] = field(default_factory=list)
    nodes: list[NodeTime] = field(default_factory=list)
    load_report: LoadReport | None = None
    accounts: tuple[TableAccount, ...] = ()
    is_unchanged: bool = False
    gate_process: GateProcess | None = None

    def emit(self, event: Event) -> None:
        """Log an event and pass it to the listener."""
        log(event)
        self.listener(event)

    def notice(self, text: str) -> None:
        """Something the user should know; it also stands in the summary."""
        self.notices.append(text)
        self.emit(Notice(text))

    @contextlib.contextmanager
    def stage(self, name: Stage) -> Iterator[None]:
        """Announce and time a stage."""
        stop_if_asked()
        self.emit(StageStarted(name))
        started = time.monotonic()
        try:
            yield
        finally:
            seconds = time.monotonic() - started
            self.stages.append(StageTime(name, round(seconds, 3)))
        self.emit(StageFinished(name, seconds))

    def summary(self, status: RunStatus, error: BaseException | None = None) -> RunSummary:
        """The run as it stands."""
        return RunSummary(
            run_id=self.run_id,
            status=status,
            started_at=self.started_at,
            finished_at=datetime.now(UTC),
            source=self.source.label if self.source else None,
            is_synthetic=self.source.is_synthetic if self.source else None,
            as_of_date=self.as_of_date,
            stages=tuple(self.stages),
            tables=tuple(self.tables),
            checks=self.checks,
            gates=tuple(self.gates),
            problems=tuple(self.problems),
            nodes=tuple(self.nodes),
            accounts=self.accounts,
            is_unchanged=self.is_unchanged,
            notices=tuple(self.notices),
            published=self.warehouse.published_path if self.published else None,
            version=self.published.path if self.published else None,
            kind="validation" if self.options.validate_only else "pipeline",
            error=None if error is None else str(error) or type(error).__name__,
            error_type=None if error is None else type(error).__name__,
            elapsed=round(time.monotonic() - self.began, 3),
        )


@contextlib.contextmanager
def open_run(
    settings: Settings, options: RunOptions, listener: Listener
) -> Iterator[RunContext]:
    """Hold the warehouse for one run; log it and write its summary, however it ends."""
    run_id, started_at = new_run_id(), datetime.now(UTC)
    warehouse = Warehouse(settings.warehouse_dir, keep_versions=settings.keep_versions)
    with contextlib.ExitStack() as resources:
        try:
            resources.enter_context(warehouse.lock(run_id))
            # The lock is ours: a run without a summary is not at work any more.
            killed = settle_abandoned(settings.runs_dir)
            directory = create_run_directory(settings.runs_dir, run_id, keep=settings.keep_runs)
            resources.enter_context(run_log(directory, settings.log_level))
        except WarehouseBusyError:  # another run is at work, which is no failure
            raise
        except Exception as refusal:
            alerts.notify_of_run(settings, _refused(run_id, started_at, options, refusal), None)
            raise
        request = TransformRequest(
            project_dir=settings.dbt_project_dir,
            database=warehouse.build_path,
            cache_dir=settings.cache_dir / "dbt",
            threads=settings.threads,
            memory_limit=settings.memory_limit,
            full_refresh=options.full_refresh,
            select=options.select,
            tests_only=options.validate_only,
        )
        context = RunContext(
            run_id=run_id,
            settings=settings,
            options=options,
            warehouse=warehouse,
            directory=directory,
            listener=listener,
            resources=resources,
            dbt=Dbt(request),
            started_at=started_at,
        )
        resources.callback(context.dbt.close)
        context.emit(RunStarted(run_id, directory))
        if is_open_to_others(ENV_FILE):
            context.notice(
                f"Other accounts of this machine can read {ENV_FILE}, which may hold "
                f"passwords. Close it: chmod o= {ENV_FILE}"
            )
        for other in killed:
            logger.warning("Run %s: %s", other.run_id, other.error)
        try:
            yield context
        except BaseException as caught:
            finish()  # whatever else is pressed: the record of the run must be whole
            error = as_asked(caught)
            expected = isinstance(error, (PipelineError, ExtractError, KeyboardInterrupt))
            text = str(error) or type(error).__name__
            logger.error("The run failed: %s", text, exc_info=None if expected else error)
            if context.build is not None:
                warehouse.discard(context.build)
            _finish(context, context.summary("failed", error))
            if error is caught:
                raise
            raise error from caught
        _finish(context, context.summary("done"))


def _refused(
    run_id: str, started_at: datetime, options: RunOptions, error: Exception
) -> RunSummary:
    """What is known of a run that could not even begin."""
    return RunSummary(
        run_id=run_id,
        status="failed",
        started_at=started_at,
        finished_at=datetime.now(UTC),
        kind="validation" if options.validate_only else "pipeline",
        error=str(error) or type(error).__name__,
        error_type=type(error).__name__,
    )


def _finish(context: RunContext, summary: RunSummary) -> None:
    try:
        write_summary(context.directory, summary)
    except OSError as error:  # a full disk must not hide why the run failed
        logger.error("The summary could not be written: %s", error)
    try:
        context.emit(RunFinished(summary, context.directory))
    finally:
        alerts.notify_of_run(context.settings, summary, context.directory)


@contextlib.contextmanager
def connect_build(
    context: RunContext, prepared: Prepared, *, threads: int | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The build file, open for writing, with the memory that the settings allow.

    Nothing is synchronized with the disk before publish does: until then a crash of the machine
    loses a file that the next run would discard.

    Args:
        context: The run.
        prepared: What holds the build.
        threads: Threads DuckDB may work with; None for all of the machine.
    """
    limit = context.settings.memory_limit
    config: dict[str, str | bool | int | float | list[str]] = {"fsync_mode": "NONE"}
    if limit is not None:
        config["memory_limit"] = limit
    if threads is not None:
        config["threads"] = threads
    with duckdb.connect(str(prepared.build.path), config=config) as connection:
        yield connection
