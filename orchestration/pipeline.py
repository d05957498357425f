"""The stages of a run, in order, as plain functions: THE definition of a run.

``run`` is prepare, extract, transform, publish. Each stage takes the run's context and what the
stages before it gave, so a scheduler can call them one by one inside :func:`open_run`. Nothing
here prints: a run emits events. What a stage does in detail is in ``extract``,
``orchestration.transform`` and ``orchestration.warehouse``.
"""

from __future__ import annotations

import contextlib
import logging
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

import duckdb

from extract.errors import ExtractError
from extract.load import LoadReport, TableLoad, check_contract, load
from extract.sources import SourceFiles, open_source
from extract.tables import TABLES
from orchestration.accounting import (
    check_accounts,
    count_rows,
    find_as_of_date,
    take_accounts,
)
from orchestration.errors import NotAWarehouseError, PipelineError, TransformError
from orchestration.events import (
    Event,
    Listener,
    Notice,
    RunFinished,
    RunStarted,
    SourceOpened,
    Stage,
    StageFinished,
    StageStarted,
    TableLoaded,
    log,
)
from orchestration.models_state import plan_build, write_models_state
from orchestration.runs import (
    CheckCounts,
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
from orchestration.settings import PROJECT_ROOT, Settings
from orchestration.transform import (
    Dbt,
    TransformRequest,
    TransformResult,
    explain,
)
from orchestration.warehouse import (
    Build,
    Version,
    Warehouse,
    WarehouseInfo,
    read_info,
    write_info,
)

logger = logging.getLogger(__name__)

# The identity of all real sources: however the nine files arrive, they are the same data.
REAL_DATA = "real"


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What one run shall do differently.

    Attributes:
        full_refresh: Read every file again and rebuild every model from nothing.
        mode: Whether the source holds everything (snapshot) or only what changed (delta).
        select: dbt's selection syntax, or None for all models.
    """

    full_refresh: bool = False
    mode: Literal["snapshot", "delta"] = "snapshot"
    select: str | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A source that keeps its contract and a build file to load it into."""

    source: SourceFiles
    source_identity: str
    build: Build


@dataclass
class RunContext:
    """One run: what it was asked, what it holds, and what is known of it so far.

    Attributes:
        run_id: Name of the run.
        settings: Settings of the machine.
        options: What this run shall do differently.
        warehouse: The warehouse; its lock is held.
        directory: For the run's log and summary.
        listener: Is told every event.
        resources: Closed when the run ends; holds the source's temporary files.
        dbt: dbt on the build file; reads its project while the data is loaded.
        started_at: UTC.
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
    source: SourceFiles | None = None
    build: Build | None = None
    as_of_date: date | None = None
    published: Version | None = None
    stages: list[StageTime] = field(default_factory=list)
    tables: list[TableRows] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    checks: CheckCounts = field(default_factory=CheckCounts)
    load_report: LoadReport | None = None
    accounts: tuple[TableAccount, ...] = ()
    is_unchanged: bool = False

    def emit(self, event: Event) -> None:
        """Log an event and tell the listener."""
        log(event)
        self.listener(event)

    def notice(self, text: str) -> None:
        """Something the user should know; it also stands in the summary."""
        self.notices.append(text)
        self.emit(Notice(text))

    @contextlib.contextmanager
    def stage(self, name: Stage) -> Iterator[None]:
        """Announce and time a stage."""
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
            accounts=self.accounts,
            is_unchanged=self.is_unchanged,
            notices=tuple(self.notices),
            published=self.warehouse.published_path if self.published else None,
            version=self.published.path if self.published else None,
            error=None if error is None else str(error) or type(error).__name__,
            error_type=None if error is None else type(error).__name__,
        )


def run(settings: Settings, options: RunOptions, listener: Listener) -> RunSummary:
    """Take the source to a published version.

    Raises:
        WarehouseBusyError: Another run holds the warehouse.
        ExtractError: The source cannot be found or breaks its contract.
        SelectionError: What was selected does not exist.
        TransformError: A model or a test failed.
        WarehouseError: The warehouse cannot be written.
    """
    with open_run(settings, options, listener) as context:
        prepared = prepare(context)
        extract(context, prepared)
        transform(context, prepared)
        publish(context, prepared)
    return context.summary("done")


@contextlib.contextmanager
def open_run(
    settings: Settings, options: RunOptions, listener: Listener
) -> Iterator[RunContext]:
    """Hold the warehouse for one run; log it and write its summary, however it ends."""
    run_id, started_at = new_run_id(), datetime.now(UTC)
    warehouse = Warehouse(settings.warehouse_dir, keep_versions=settings.keep_versions)
    with warehouse.lock(run_id), contextlib.ExitStack() as resources:
        directory = create_run_directory(settings.runs_dir, run_id, keep=settings.keep_runs)
        resources.enter_context(run_log(directory, settings.log_level))
        request = TransformRequest(
            project_dir=settings.dbt_project_dir,
            database=warehouse.build_path,
            cache_dir=settings.cache_dir / "dbt",
            threads=settings.threads,
            memory_limit=settings.memory_limit,
            full_refresh=options.full_refresh,
            select=options.select,
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
        try:
            yield context
        except BaseException as error:
            expected = isinstance(error, (PipelineError, ExtractError, KeyboardInterrupt))
            text = str(error) or type(error).__name__
            logger.error("The run failed: %s", text, exc_info=None if expected else error)
            if context.build is not None:
                warehouse.discard(context.build)
            _finish(context, context.summary("failed", error))
            raise
        _finish(context, context.summary("done"))


def _finish(context: RunContext, summary: RunSummary) -> None:
    try:
        write_summary(context.directory, summary)
    except OSError as error:  # a full disk must not hide why the run failed
        logger.error("The summary could not be written: %s", error)
    context.emit(RunFinished(summary, context.directory))


def prepare(context: RunContext) -> Prepared:
    """Find the source, check its contract, and make the build file.

    Nothing is written to the warehouse before the contract holds.
    """
    with context.stage("prepare"):
        base = context.warehouse.current_version()
        settings = context.settings
        spec = settings.source or default_source(settings.raw_dir)
        source = context.resources.enter_context(
            open_source(
                spec,
                scale=settings.scale,
                seed=settings.seed,
                temp_dir=context.warehouse.fresh_temp_dir(),
            )
        )
        context.source = source
        notices = check_contract(source)
        context.emit(SourceOpened(source.label, source.is_synthetic))
        for text in notices:
            context.notice(text)
        identity = source_identity(source, settings)
        if base is not None:
            base = _same_data(context, base, identity)
        context.build = context.warehouse.begin_build(context.run_id, base)
        return Prepared(source, identity, context.build)


def extract(context: RunContext, prepared: Prepared) -> LoadReport:
    """Load the nine files into ``raw``; meanwhile dbt reads its project."""
    context.dbt.start()
    with context.stage("extract"), connect_build(context, prepared) as connection:
        loaded = 0

        def on_table(table: TableLoad) -> None:
            nonlocal loaded
            loaded += 1
            context.emit(
                TableLoaded(loaded, len(TABLES), table.table_name, table.num_rows_after)
            )

        report = load(
            connection,
            prepared.source,
            batch_id=context.run_id,
            loaded_at=context.started_at.replace(tzinfo=None),
            mode=context.options.mode,
            force=context.options.full_refresh,
            on_table=on_table,
        )
    for text in report.notices:
        if text not in context.notices:  # the contract may have said so already
            context.notice(text)
    context.load_report = report
    return report


def transform(context: RunContext, prepared: Prepared) -> TransformResult:
    """Build and test every model; a failed test of severity error stops the run.

    Nothing is built where neither rows nor models have changed since the version that the build
    started from; everything is, from nothing, where that one was built with other models.

    Raises:
        SelectionError: What was selected does not exist.
        TooManyUnusableError: Names each table that would lose too many rows, and why.
        TransformError: Names each failed model and test, with offending rows.
    """
    with context.stage("transform"):
        with connect_build(context, prepared) as connection:
            plan = plan_build(
                connection,
                context.settings.dbt_project_dir,
                context.load_report,
                is_partial=context.options.select is not None,
                full_refresh=context.options.full_refresh,
            )
        result = TransformResult((), 0.0)
        if plan.is_needed:
            result = context.dbt.build(context.emit, full_refresh=plan.from_nothing)
        context.is_unchanged = not plan.is_needed
        context.checks = CheckCounts(
            passed=len(result.with_status("ok", tests=True)),
            warned=len(result.with_status("warned", tests=True)),
            failed=len(result.with_status("failed", tests=True)),
            skipped=len(result.with_status("skipped", tests=True)),
        )
        with connect_build(context, prepared) as connection:
            _settle_accounts(context, connection)
            if plan.result is not None:
                write_models_state(connection, plan.result)
        if result.failed:
            logger.error(explain(result, all_of_them=True))
            raise TransformError(explain(result))
        if context.options.select and prepared.build.based_on is not None:
            base = prepared.build.based_on.run_id
            context.notice(
                f"Only {context.options.select} was built. All else is as run {base} left it, "
                "even where raw is newer."
            )
        for node in result.with_status("warned", tests=True):
            context.notice(f"The test {node.name} warns: {node.failures or 0:,} rows.")
        return result


def _settle_accounts(context: RunContext, connection: duckdb.DuckDBPyConnection) -> None:
    """Say where the records went, and stop if too many of them would be left out."""
    if (report := context.load_report) is None:
        return
    context.accounts = take_accounts(connection, report)
    max_share = context.settings.max_quarantined_share
    check_accounts(connection, context.accounts, max_share=max_share, batch_id=report.batch_id)


def publish(context: RunContext, prepared: Prepared) -> Version:
    """Sign the build and make it the version that readers see."""
    with context.stage("publish"):
        with connect_build(context, prepared) as connection:
            context.as_of_date = find_as_of_date(connection)
            write_info(
                connection,
                WarehouseInfo(
                    run_id=context.run_id,
                    source_kind=prepared.source.kind,
                    source_label=prepared.source.label,
                    source_identity=prepared.source_identity,
                    is_synthetic=prepared.source.is_synthetic,
                    as_of_date=context.as_of_date,
                    built_at=context.started_at.replace(tzinfo=None),
                    version=project_version(),
                ),
            )
            context.tables = count_rows(connection)
        context.published = context.warehouse.publish(prepared.build)
        return context.published


@contextlib.contextmanager
def connect_build(
    context: RunContext, prepared: Prepared
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The build file, open for writing, with the memory that the settings allow."""
    limit = context.settings.memory_limit
    config: dict[str, str | bool | int | float | list[str]] = (
        {} if limit is None else {"memory_limit": limit}
    )
    with duckdb.connect(str(prepared.build.path), config=config) as connection:
        yield connection


def default_source(raw_dir: Path) -> str:
    """What is loaded when nobody says: the files or the zip in ``raw_dir``, or generated data.

    One of the nine files is enough to choose the directory: if others are missing, the contract
    says so, which is better than to load generated rows instead.
    """
    has_files = any((raw_dir / table.file_name).is_file() for table in TABLES)
    return str(raw_dir) if has_files or any(raw_dir.glob("*.zip")) else "synthetic"


def source_identity(source: SourceFiles, settings: Settings) -> str:
    """Equal for sources whose rows may stand in one warehouse."""
    if not source.is_synthetic:
        return REAL_DATA
    return f"synthetic, scale {settings.scale:g}, seed {settings.seed}"


def project_version() -> str:
    """The version of this program, as pyproject.toml says."""
    text = (PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8")
    version: str = tomllib.loads(text)["project"]["version"]
    return version


def _same_data(context: RunContext, base: Version, identity: str) -> Version | None:
    """The version to start from, or None if its rows are of other data."""
    try:
        info = read_info(base)
    except NotAWarehouseError as error:
        message = f"The published file {context.warehouse.published_path} is no base: {error}"
        raise NotAWarehouseError(message) from error
    if info.source_identity == identity:
        return base
    context.notice(
        f"The published version was built from other data ({info.source_identity}) than this "
        f"run's ({identity}), so this run starts from an empty warehouse."
    )
    return None
