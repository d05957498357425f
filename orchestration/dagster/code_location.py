"""All definitions, put together for one set of settings; tests bring their own settings."""

from __future__ import annotations

import dagster as dg

from orchestration.dagster.assets import (
    dashboards,
    models_and_tests,
    published_warehouse,
    raw_tables,
    source_files,
)
from orchestration.dagster.backfill import backfill_job
from orchestration.dagster.checks import marts_gate, raw_gate
from orchestration.dagster.jobs import build_jobs
from orchestration.dagster.manifest import load_manifest
from orchestration.dagster.schedules import nightly
from orchestration.dagster.sensors import incidents, new_files
from orchestration.dagster.steps import RESOURCE, pipeline_resource
from orchestration.settings import Settings


def build_definitions(settings: Settings) -> dg.Definitions:
    """Everything that Dagster knows of this project.

    Args:
        settings: Of the machine that the runs work on.

    Raises:
        TransformError: dbt could not read the project.
    """
    manifest = load_manifest(settings)
    models = models_and_tests(manifest)
    return dg.Definitions(
        assets=[
            *source_files(),
            raw_tables(manifest, models.keys),
            models,
            published_warehouse(manifest, models.keys),
            *dashboards(manifest),
        ],
        asset_checks=[raw_gate(), marts_gate(models.keys)],
        jobs=[*build_jobs(settings), backfill_job(settings)],
        schedules=[nightly()],
        sensors=[new_files(settings), incidents(settings)],
        resources={RESOURCE: pipeline_resource(settings)},
        # One process for all steps: they share the run, its lock and dbt; and a process a
        # step would cost four seconds each.
        executor=dg.in_process_executor,
    )
