"""The stages of a run, in order, as plain functions: THE definition of a run.

``run`` is prepare, extract, check_raw, transform, check_marts, publish. Each stage takes the
run's context and what the stages before it gave, so a scheduler can call them one by one inside
:func:`open_run`. Nothing here prints: a run emits events. What a stage does in detail is in
``extract``, ``orchestration.dbt.runner``, ``orchestration.quality`` and
``orchestration.warehouse.store``.
"""

from __future__ import annotations

import functools
import logging
import tomllib

import duckdb

from extract.load import LoadReport, TableLoad, check_contract, load
from extract.profiling import update_profile
from extract.raw.changes import read_position
from extract.sources import SourceFiles, open_source
from extract.tables import TABLES
from orchestration.dbt.results import TransformResult, explain
from orchestration.dbt.state import BuildPlan, plan_build, write_models_state
from orchestration.errors import (
    DamagedVersionError,
    NotAWarehouseError,
    PipelineError,
    TransformError,
    WarehouseError,
)
from orchestration.models.scoring import take_failures
from orchestration.pipeline.context import (
    Prepared,
    RunContext,
    RunOptions,
    connect_build,
    open_run,
)
from orchestration.pipeline.default_source import choose_source
from orchestration.pipeline.gates import start_gates, validate
from orchestration.runs.accounts import (
    check_accounts,
    check_rejected_lines,
    count_rows,
    find_as_of_date,
    take_accounts,
)
from orchestration.runs.events import Listener, SourceOpened, TableLoaded
from orchestration.runs.records import CheckCounts, CheckResult, NodeTime, RunSummary
from orchestration.settings import PROJECT_ROOT, Settings
from orchestration.warehouse.export import export as export_tables
from orchestration.warehouse.store import Version, WarehouseInfo, read_info, write_info

logger = logging.getLogger(__name__)

# The identity of all real sources: however the nine files arrive, they are the same data.
REAL_DATA = "real"

# What one thread loads alone into empty tables. A second would leave row groups that are not
# full, which DuckDB packs again when it closes the file: on the real data (126 MB) a third more
# processor time and 22 MB more of file, and no time gained, since dbt and the gates want the
# other processor.
BYTES_FOR_ONE_THREAD = 512 * 1024**2


def run(settings: Settings, options: RunOptions, listener: Listener) -> RunSummary:
    """Take the source to a published version.

    Raises:
        WarehouseBusyError: Another run holds the warehouse.
        ExtractError: The source cannot be found or breaks its contract.
        GateError: What arrived, or what would be published, cannot be right as a whole.
        SelectionError: What was selected does not exist.
        TransformError: A model or a test failed.
        WarehouseError: The warehouse cannot be written.
    """
    with open_run(settings, options, listener) as context:
        prepared = prepare(context)
        extract(context, prepared)
        check_raw(context, prepared)
        transform(context, prepared)
        check_marts(context, prepared)
        publish(context, prepared)
    return context.summary("done")


def prepare(context: RunContext) -> Prepared:
    """Find the source, check its contract, and make the build file.

    Nothing is written to the warehouse before the contract holds.
    """
    with context.stage("prepare"):
        base = context.warehouse.current_version()
        if base is None or context.options.full_refresh:  # there will be something to validate
            start_gates(context)
        settings = context.settings
        spec = choose_source(settings, context.warehouse)

        @functools.cache
        def start_of(identity: str) -> Version | None:
            return None if base is None else _same_data(context, base, identity)

        def position_of(origin: str, is_synthetic: bool) -> str | None:
            start = start_of(_shop_identity(origin, is_synthetic=is_synthetic))
            if start is None or context.options.full_refresh:
                return None
            return read_position(start.path, origin)

        source = context.resources.enter_context(
            open_source(
                spec,
                scale=settings.scale,
                seed=settings.seed,
                temp_dir=context.warehouse.fresh_temp_dir(),
                position_of=position_of,
            )
        )
        context.source = source
        notices = check_contract(source)
        context.emit(SourceOpened(source.label, source.is_synthetic))
        for text in notices:
            context.notice(text)
        identity = source_identity(source, settings)
        context.build = context.warehouse.begin_build(
            context.run_id, start_of(identity), memory_limit=settings.memory_limit
        )
        if context.build.is_converted:
            context.notice(
                "The version before was in a storage that only DuckDB 2.0 opens. It was "
                "copied, this once, into one that clients of DuckDB 1.5 open, too."
            )
        return Prepared(source, identity, context.build)


def extract(context: RunContext, prepared: Prepared) -> LoadReport:
    """Load the nine files into ``raw`` and profile it; meanwhile dbt reads its project.

    A night that brings nothing has nothing to build, and so never imports dbt.
    """
    if prepared.build.based_on is None or context.options.full_refresh:
        context.dbt.start()
    threads = threads_to_load(prepared)
    with (
        context.stage("extract"),
        connect_build(context, prepared, threads=threads) as connection,
    ):
        loaded = 0

        def on_table(table: TableLoad) -> None:
            nonlocal loaded
            loaded += 1
            if not table.is_skipped:
                context.dbt.start()
                start_gates(context)
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
        update_profile(connection, report, everything=context.options.full_refresh)
    for text in report.notices:
        if text not in context.notices:  # the contract may have said so already
            context.notice(text)
    context.load_report = report
    return report


def check_raw(context: RunContext, prepared: Prepared) -> list[CheckResult]:
    """Accept or reject what has arrived, before any model reads it; nothing new, no question.

    Raises:
        TooManyUnusableError: Names each file that lost too many lines, and why.
        GateError: Names each critical check that did not pass; dbt is not run.
    """
    with context.stage("check_raw"):
        report = context.load_report
        if report is not None:
            if all(table.is_skipped for table in report.tables):
                return []
            with connect_build(context, prepared) as connection:
                max_share = context.settings.max_quarantined_share
                check_rejected_lines(connection, report, max_share=max_share)
        return validate(context, prepared, "raw")


def transform(context: RunContext, prepared: Prepared) -> TransformResult:
    """Build and test every model; a failed test of severity error stops the run.

    Nothing is built where neither rows nor models have changed since the version that the build
    started from; everything is, from nothing, where that one was built with other models. A
    night tests the rows that changed, and once a week all of them.

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
            start_gates(context)  # only the models may have changed
            result = _build(context, prepared, plan)
        context.is_unchanged = not plan.is_needed
        note_nodes(context, result)
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
        for model, reason in sorted(take_failures().items()):
            _note_failed_model(context, model, reason)
        return result


def _build(context: RunContext, prepared: Prepared, plan: BuildPlan) -> TransformResult:
    if context.settings.engine == "postgres":
        from orchestration.pipeline.postgres_engine import (  # noqa: PLC0415 - an extra
            build_in_postgres,
        )

        return build_in_postgres(context, prepared, context.dbt.request, plan)
    return context.dbt.build(
        context.emit, full_refresh=plan.from_nothing, tests_from=plan.tests_from
    )


def _note_failed_model(context: RunContext, model: str, reason: str) -> None:
    """Say that a model could not score; all else is published."""
    table = f"predictive.scores_{model}"
    context.notice(f"The model {model} failed, and its scores are as they were. {reason}")
    context.problems.append(
        CheckResult(
            gate="dbt",
            table=table,
            name=f"{model} can be scored",
            severity="warning",
            status="error",
            expected="scores of the as-of date",
            observed=reason,
            advice=f"Read the run's log, then: olist models fit {model}",
        )
    )


def note_nodes(context: RunContext, result: TransformResult) -> None:
    """Keep what became of each node, and each test that did not pass, for the summary."""
    context.checks = CheckCounts(
        passed=len(result.with_status("ok", tests=True)),
        warned=len(result.with_status("warned", tests=True)),
        failed=len(result.with_status("failed", tests=True)),
        skipped=len(result.with_status("skipped", tests=True)),
    )
    for node in result.nodes:
        context.nodes.append(
            NodeTime(node.name, node.kind, node.status, round(node.seconds, 3), node.failures)
        )
        if node.is_test and node.status in ("failed", "warned"):
            context.problems.append(
                CheckResult(
                    gate="dbt",
                    table=node.model or "",
                    name=node.name,
                    severity="critical" if node.status == "failed" else "warning",
                    status="failed",
                    expected="no row",
                    observed=node.message or f"{node.failures or 0:,} rows",
                    num_unexpected=node.failures,
                    sample=node.sample,
                    advice=f"Read the rows: dbt show --select {node.name}",
                )
            )


def _settle_accounts(context: RunContext, connection: duckdb.DuckDBPyConnection) -> None:
    """Say where the records went, and stop if too many of them would be left out."""
    if (report := context.load_report) is None:
        return
    context.accounts = take_accounts(connection, report)
    max_share = context.settings.max_quarantined_share
    check_accounts(connection, context.accounts, max_share=max_share, batch_id=report.batch_id)


def check_marts(context: RunContext, prepared: Prepared) -> list[CheckResult]:
    """Accept or reject what would be published; nothing built, no question.

    Raises:
        GateError: Names each critical check that did not pass; nothing is published.
    """
    with context.stage("check_marts"):
        return [] if context.is_unchanged else validate(context, prepared, "marts")


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
                    engine="PostgreSQL" if context.settings.engine == "postgres" else "DuckDB",
                ),
            )
            context.tables = count_rows(connection)
        context.published = context.warehouse.publish(
            prepared.build, is_unchanged=context.is_unchanged
        )
        if context.settings.engine == "postgres":
            from orchestration.pipeline.postgres_engine import (  # noqa: PLC0415 - an extra
                finish_in_postgres,
            )

            finish_in_postgres(context, prepared)
        if context.settings.export_on_publish:
            _export(context, context.published)
        if context.settings.postgres_url is not None:
            _serve(context, context.published)
        return context.published


def _export(context: RunContext, version: Version) -> None:
    """Export what is published; that it is published holds, whatever becomes of the export."""
    settings = context.settings
    try:
        export_tables(version, settings.exports_dir, memory_limit=settings.memory_limit)
    except WarehouseError as error:
        context.notice(f"Published, but not exported: {error}")


def _serve(context: RunContext, version: Version) -> None:
    """Publish to PostgreSQL, too; if that fails, the run stays published, with a warning."""
    try:
        from orchestration.postgres.command import serve  # noqa: PLC0415 - an extra

        outcome = serve(context.settings, version)
    except (PipelineError, duckdb.Error, OSError) as error:
        context.notice(f"Published, but not to PostgreSQL: {error}")
        context.problems.append(
            CheckResult(
                gate="postgres",
                table="core, marts, ops",
                name="the version is served",
                severity="warning",
                status="error",
                expected=f"version {version.run_id}",
                observed=str(error),
                advice="Correct the cause, then: olist publish",
            )
        )
    else:
        logger.info("Served by PostgreSQL: %s", outcome)


def threads_to_load(prepared: Prepared) -> int | None:
    """How many threads load: one where that does, else (None) as DuckDB sees fit.

    Into a version that has rows little is inserted, but all of them are searched for the keys
    that arrive.
    """
    size = sum(path.stat().st_size for path in prepared.source.paths.values())
    is_first = prepared.build.based_on is None
    return 1 if is_first and size <= BYTES_FOR_ONE_THREAD else None


def source_identity(source: SourceFiles, settings: Settings) -> str:
    """Equal for sources whose rows may stand in one warehouse."""
    if source.changes is not None:
        return _shop_identity(source.changes.origin, is_synthetic=source.is_synthetic)
    if not source.is_synthetic:
        return REAL_DATA
    return f"synthetic, scale {settings.scale:g}, seed {settings.seed}"


def _shop_identity(origin: str, *, is_synthetic: bool) -> str:
    return f"synthetic, shop {origin}" if is_synthetic else REAL_DATA


def project_version() -> str:
    """The version of this program, as pyproject.toml says."""
    text = (PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8")
    version: str = tomllib.loads(text)["project"]["version"]
    return version


def _same_data(context: RunContext, base: Version, identity: str) -> Version | None:
    """The version to start from: the published one, or the newest of the same data, or None.

    Rows of other data must not be merged with. But anyone who has published something else in
    between, to try it, goes on where these data were left, with their history.
    """
    try:
        found = read_info(base).source_identity
    except NotAWarehouseError as error:
        message = f"The published file {context.warehouse.published_path} is no base: {error}"
        try:
            context.warehouse.check(base)
        except DamagedVersionError as damage:
            message = f"{message} {damage}"
        raise NotAWarehouseError(message) from error
    if found == identity:
        return base
    earlier = next((v for v in context.warehouse.versions() if _is_of(v, identity)), None)
    start = "an empty warehouse"
    if earlier is not None:
        start = f"version {earlier.run_id}, the newest of the same data"
    context.notice(
        f"The published version was built from other data ({found}) than this run's "
        f"({identity}), so this run starts from {start}."
    )
    return earlier


def _is_of(version: Version, identity: str) -> bool:
    try:
        return read_info(version).source_identity == identity
    except NotAWarehouseError:
        return False
