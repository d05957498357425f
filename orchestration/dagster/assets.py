"""The assets: files, raw tables, dbt's models, the published warehouse, dashboards.

The bodies call the stages of ``orchestration.pipeline.stages`` in the run that ``steps`` holds
open, and report what these did. Nothing is loaded, built or published here in another way than
by the command.

No ``from __future__ import annotations`` here: Dagster reads the types of its functions.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from graphlib import TopologicalSorter
from typing import Any

import dagster as dg
from dagster_dbt import dbt_assets

from extract.results import TableLoad
from extract.tables import TABLES, SourceTable
from orchestration.dagster.manifest import Manifest
from orchestration.dagster.steps import RESOURCE, PipelineRun, stage
from orchestration.dagster.translator import ENGINEERING, FRESH, OlistTranslator
from orchestration.errors import SelectionError
from orchestration.pipeline import stages as pipeline
from orchestration.pipeline.context import RunContext, connect_build
from orchestration.pipeline.validation import run_tests
from orchestration.runs.accounts import count_rows
from orchestration.runs.records import LOG_NAME, NodeTime

PUBLISHED = dg.AssetKey(["published", "olist_warehouse"])

# However a run was put together: nothing is published that was not built, tested and validated.
_BEFORE_PUBLISH = ("extract", "raw_gate", "transform", "marts_gate")

_SEVERITY = {True: dg.AssetCheckSeverity.WARN, False: dg.AssetCheckSeverity.ERROR}

Results = Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]


def raw_key(table_name: str) -> dg.AssetKey:
    """The key of a raw table."""
    return dg.AssetKey(["raw", table_name])


def _file_key(table: SourceTable) -> dg.AssetKey:
    return dg.AssetKey(["files", table.file_name.removesuffix(".csv")])


def source_files() -> list[dg.AssetSpec]:
    """The nine CSV files, which somebody else delivers."""
    return [
        dg.AssetSpec(
            _file_key(table),
            description=f"{table.file_name} as delivered, or the same file out of the zip.",
            group_name="files",
            kinds={"csv", "file"},
            owners=[ENGINEERING],
        )
        for table in TABLES
    ]


def raw_tables(manifest: Manifest, models: Iterable[dg.AssetKey]) -> dg.AssetsDefinition:
    """The nine raw tables, loaded together: prepare and extract.

    Args:
        manifest: For their descriptions.
        models: What a whole run builds, too.
    """
    words = {source["name"]: source["description"] for source in manifest["sources"].values()}
    everything = {*models, PUBLISHED, *(raw_key(table.name) for table in TABLES)}

    @dg.multi_asset(
        name="load_files",
        description="Find the nine files, check their headers, load what changed into raw.",
        required_resource_keys={RESOURCE},
        specs=[
            dg.AssetSpec(
                raw_key(table.name),
                deps=[_file_key(table)],
                description=words[table.name].strip(),
                group_name="raw",
                kinds={"duckdb", "table"},
                owners=[ENGINEERING],
                freshness_policy=FRESH,
            )
            for table in TABLES
        ],
    )
    def load_files(context: dg.AssetExecutionContext) -> Results:
        run: PipelineRun = getattr(context.resources, RESOURCE)
        with stage(run, "extract", context.retry_number):
            refuse_parts(context.run.asset_selection, everything)
            opened = run.held.open(run.options)
            run.held.prepared = pipeline.prepare(opened)
            report = pipeline.extract(opened, run.held.prepared)
        for load in report.tables:
            yield dg.MaterializeResult(
                asset_key=raw_key(load.table_name), metadata=_of_load(opened, load)
            )

    return load_files


def models_and_tests(manifest: Manifest) -> dg.AssetsDefinition:
    """Every model, seed and snapshot as an asset, every dbt test as a check: transform."""
    order = _in_order(manifest)

    @dbt_assets(
        manifest=manifest,
        name="build_models",
        dagster_dbt_translator=OlistTranslator(),
        required_resource_keys={RESOURCE},
    )
    def build_models(context: dg.AssetExecutionContext) -> Results:
        run: PipelineRun = getattr(context.resources, RESOURCE)
        only_tests = not context.selected_asset_keys
        failure: dg.Failure | None = None
        rows: Mapping[dg.AssetKey, int] = {}
        try:
            with stage(run, "transform", context.retry_number):
                if only_tests:
                    run_tests(run.open_validation())
                else:
                    opened, prepared = run.held.require("extract", "raw_gate")
                    pipeline.transform(opened, prepared)
                    with connect_build(opened, prepared) as connection:
                        rows = {
                            dg.AssetKey([table.schema, table.name]): table.rows
                            for table in count_rows(connection)
                        }
        except dg.Failure as error:
            failure = error
        if run.held.context is not None:
            yield from _check_results(context, run.held.context)
        if failure is not None:  # after the tests, which say why
            raise failure
        if run.held.context is not None and not only_tests:
            chosen = [key for key in order if key in context.selected_asset_keys]
            yield from _model_results(chosen, run.held.context, rows)

    return build_models


def published_warehouse(
    manifest: Manifest, models: Iterable[dg.AssetKey]
) -> dg.AssetsDefinition:
    """The version that readers see: publish, after everything that nothing else builds on.

    Args:
        manifest: Says what builds on what.
        models: The assets of the dbt project.
    """
    used = {
        parent
        for unique_id, parents in manifest["parent_map"].items()
        if unique_id.split(".")[0] in ("model", "snapshot")
        for parent in parents
    }
    keys = OlistTranslator()
    last = {
        keys.get_asset_key(node)
        for unique_id, node in manifest["nodes"].items()
        if unique_id not in used
    }
    marts = {key for key in models if key.path[0] == "marts"}

    @dg.asset(
        key=PUBLISHED,
        deps=sorted((last & set(models)) | marts),
        group_name="published",
        kinds={"duckdb", "file"},
        owners=[ENGINEERING],
        description="The one file that dashboards and analysts read: the finished build, "
        "signed and switched to by one atomic step.",
        freshness_policy=FRESH,
        required_resource_keys={RESOURCE},
    )
    def publish(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        run: PipelineRun = getattr(context.resources, RESOURCE)
        with stage(run, "publish"):
            opened, prepared = run.held.require(*_BEFORE_PUBLISH)
            version = pipeline.publish(opened, prepared)
        run.held.close()
        summary = opened.summary("done")
        return dg.MaterializeResult(
            metadata={
                "version": dg.MetadataValue.path(str(version.path)),
                "run_id": opened.run_id,
                "source": summary.source or "",
                "is_synthetic": bool(summary.is_synthetic),
                "as_of_date": str(summary.as_of_date or ""),
                "unchanged": summary.is_unchanged,
                "dagster/row_count": sum(table.rows for table in summary.tables),
                "rows_by_schema": dg.MetadataValue.json(summary.rows_by_schema()),
                "seconds": round(summary.seconds, 3),
                "seconds_by_stage": dg.MetadataValue.json(
                    {part.name: part.seconds for part in summary.stages}
                ),
                "run_log": dg.MetadataValue.path(str(opened.directory / LOG_NAME)),
            }
        )

    return publish


def dashboards(manifest: Manifest) -> list[dg.AssetSpec]:
    """The dashboards, which dbt knows as exposures: the end of the lineage."""
    keys = OlistTranslator()
    nodes = manifest["nodes"]
    return [
        dg.AssetSpec(
            dg.AssetKey(["dashboards", exposure["name"]]),
            deps=[
                PUBLISHED,
                *(
                    keys.get_asset_key(nodes[parent])
                    for parent in exposure["depends_on"]["nodes"]
                ),
            ],
            description=exposure["description"].strip(),
            group_name="dashboards",
            kinds={"dashboard", "marimo"},
            owners=[exposure["owner"]["email"]],
            metadata={"url": dg.MetadataValue.url(exposure["url"])},
        )
        for exposure in manifest["exposures"].values()
    ]


def _in_order(manifest: Manifest) -> list[dg.AssetKey]:
    """Every model, seed and snapshot after those it reads, as Dagster wants them reported."""
    keys, nodes = OlistTranslator(), manifest["nodes"]
    parents = {
        name: [parent for parent in manifest["parent_map"][name] if parent in nodes]
        for name, node in nodes.items()
        if node["resource_type"] in ("model", "seed", "snapshot")
    }
    ordered = TopologicalSorter(parents).static_order()
    return [keys.get_asset_key(nodes[name]) for name in ordered]


def refuse_parts(
    chosen: AbstractSet[dg.AssetKey] | None, everything: AbstractSet[dg.AssetKey]
) -> None:
    """See that nobody chose only some of the assets: the steps would come in another order.

    Args:
        chosen: The assets of the run; None or nothing for all of the job's.
        everything: The assets of a whole run.

    Raises:
        SelectionError: Says how to build only some models.
    """
    if chosen and (missing := everything - chosen):
        example = min(missing).to_user_string()
        message = (
            "A run loads the files, builds the models and publishes them as one, but "
            f"{len(missing)} of its assets were not chosen, such as {example}. Materialise all "
            "of them, or start the job daily_pipeline; to build only some models, name them in "
            f"its configuration, as resources: {RESOURCE}: config: select."
        )
        raise SelectionError(message)


def _of_load(context: RunContext, load: TableLoad) -> Mapping[str, Any]:
    return {
        "dagster/row_count": load.num_rows_after,
        "records": load.num_records,
        "inserted": load.num_inserted,
        "updated": load.num_updated,
        "unchanged": load.num_unchanged,
        "rejected_lines": load.num_rejected_lines,
        "seconds": round(load.duration_seconds, 3),
        "file": load.source_file,
        "file_sha256": load.file_sha256,
        "run_id": context.run_id,
        **({"notices": "\n".join(load.notices)} if load.notices else {}),
    }


def _check_results(
    context: dg.AssetExecutionContext, opened: RunContext
) -> Iterator[dg.AssetCheckResult]:
    """What dbt's tests said, as far as they ran and are asked for."""
    ran = {node.name for node in opened.nodes}
    if opened.is_unchanged or ran:
        yield from _passed_before(context, but=ran)
    keys = {key.name: key for key in context.selected_asset_check_keys}
    problems = {problem.name: problem for problem in opened.problems if problem.gate == "dbt"}
    for node in opened.nodes:
        key = keys.get(node.name)
        if key is None or node.status == "skipped":
            continue
        problem = problems.get(node.name)
        yield dg.AssetCheckResult(
            passed=node.status == "ok",
            asset_key=key.asset_key,
            check_name=key.name,
            severity=_SEVERITY[node.status == "warned"],
            description=problem.observed if problem else None,
            metadata={
                "seconds": node.seconds,
                "failing_rows": node.failures or 0,
                **({"sample": "\n".join(problem.sample)} if problem and problem.sample else {}),
            },
        )


def _passed_before(
    context: dg.AssetExecutionContext, but: Collection[str]
) -> Iterator[dg.AssetCheckResult]:
    """The tests without which nothing is published, but were not due: they have passed."""
    for spec in context.assets_def.check_specs:
        is_chosen = spec.blocking and spec.key in context.selected_asset_check_keys
        if is_chosen and spec.name not in but:
            yield dg.AssetCheckResult(
                passed=True,
                asset_key=spec.asset_key,
                check_name=spec.name,
                description="Not run again since it passed: neither rows nor models have "
                "changed, or it is a test of all rows, which are tested once a week.",
            )


def _model_results(
    keys: Iterable[dg.AssetKey], opened: RunContext, rows: Mapping[dg.AssetKey, int]
) -> Iterator[dg.MaterializeResult[None]]:
    nodes = {node.name: node for node in opened.nodes if node.kind != "test"}
    for key in keys:
        node: NodeTime | None = nodes.get(key.path[-1])
        yield dg.MaterializeResult(
            asset_key=key,
            metadata={
                **({"dagster/row_count": rows[key]} if key in rows else {}),
                **({"seconds": node.seconds} if node else {}),
                # Neither rows nor models changed: the tables are those of the version before.
                "rebuilt": node is not None,
                "run_id": opened.run_id,
            },
        )
