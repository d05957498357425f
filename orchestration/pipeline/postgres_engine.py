"""The transform stage with PostgreSQL as the engine: models are built there and come back.

What is loaded, validated and published stays as it is: the build file receives what
PostgreSQL built, so that gates, pages and the next run find the layout they know. Predictions
are scored in the build file, of what came back.
"""

from __future__ import annotations

import dataclasses
import importlib.util

from orchestration.dbt.results import TransformResult
from orchestration.dbt.runner import Dbt, TransformRequest
from orchestration.dbt.state import BuildPlan
from orchestration.errors import PostgresError, SettingsError
from orchestration.pipeline.context import Prepared, RunContext, connect_build
from orchestration.postgres.workspace import Workspace, open_workspace
from orchestration.settings import Settings

_PREDICTIONS = "path:models/predictive+"


def build_in_postgres(
    context: RunContext, prepared: Prepared, request: TransformRequest, plan: BuildPlan
) -> TransformResult:
    """Build and test every model in PostgreSQL, then bring the tables into the build file.

    Args:
        context: The run.
        prepared: Its build file, with raw as loaded.
        request: What dbt is asked to do on the build file.
        plan: What has to be built.

    Returns:
        The outcome of every node; where one failed, the build file has nothing of it.

    Raises:
        PostgresBusyError: Another run builds there.
        PostgresError: The server cannot be used.
        SettingsError: Some models alone were asked for.
    """
    if context.options.select is not None:
        message = (
            "--select builds some models in the build file, and PostgreSQL would not have "
            "them. Leave it out, or build with --engine duckdb."
        )
        raise SettingsError(message)
    if importlib.util.find_spec("dbt.adapters.postgres") is None:
        message = (
            "To build in PostgreSQL, dbt needs its adapter: "
            "pip install -c constraints.txt '.[postgres]'"
        )
        raise PostgresError(message)
    base = prepared.build.based_on
    context.dbt.close()  # dbt knows one target at a time
    with open_workspace(postgres_url(context.settings)) as workspace:
        is_continued = (
            base is not None and not plan.from_nothing and workspace.belongs_to() == base.run_id
        )
        workspace.begin(context.run_id)
        with connect_build(context, prepared) as connection:
            (workspace.update if is_continued else workspace.fill)(connection)
        there = dataclasses.replace(
            request,
            target="postgres",
            environment=workspace.environment(),
            cache_dir=request.cache_dir.with_name("dbt_postgres"),
            exclude=_PREDICTIONS,
        )
        built = Dbt(there).build(
            context.emit,
            full_refresh=not is_continued,
            tests_from=plan.tests_from if is_continued else None,
        )
        if built.failed:
            return built
        _receive(context, prepared, request, workspace)
    scored = Dbt(dataclasses.replace(request, select=_PREDICTIONS)).build(
        context.emit, full_refresh=plan.from_nothing
    )
    return TransformResult((*built.nodes, *scored.nodes), built.seconds + scored.seconds)


def finish_in_postgres(context: RunContext, prepared: Prepared) -> None:
    """Say in PostgreSQL that the workspace goes with the version that was published."""
    base = prepared.build.based_on
    try:
        with open_workspace(postgres_url(context.settings)) as workspace:
            is_ours = workspace.finish(context.run_id, base.run_id if base else None)
    except PostgresError as error:
        context.notice(f"The next run will send everything to PostgreSQL again: {error}")
        return
    if not is_ours and not context.is_unchanged:
        context.notice("Another run has taken over the workspace in PostgreSQL since.")


def postgres_url(settings: Settings) -> str:
    """The database to build in.

    Raises:
        SettingsError: None is set.
    """
    if settings.postgres_url is None:
        message = (
            "--engine postgres builds in the database of OLIST_POSTGRES_URL, which is not set. "
            "`make postgres` starts a server of your own and says its address."
        )
        raise SettingsError(message)
    return settings.postgres_url.get_secret_value()


def _receive(
    context: RunContext, prepared: Prepared, request: TransformRequest, workspace: Workspace
) -> None:
    with connect_build(context, prepared) as connection:
        is_short = bool(workspace.missing(connection))
    if is_short:
        # dbt makes them as it would with DuckDB as the engine: types, constraints, comments.
        made = Dbt(dataclasses.replace(request, exclude=_PREDICTIONS)).build(
            full_refresh=True, empty=True
        )
        if made.failed:
            message = (
                f"The tables could not be made in the build file: {made.failed[0].message}"
            )
            raise PostgresError(message)
    with connect_build(context, prepared) as connection:
        workspace.fetch(connection)
