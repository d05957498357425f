"""The jobs: the daily run, everything from nothing, and validating what is published.

What they run is in ``assets`` and ``checks``; a replayed range of days is in ``backfill``.
"""

from __future__ import annotations

import dagster as dg

from orchestration.dagster.steps import RESOURCE
from orchestration.settings import Settings

DAILY = "daily_pipeline"

# Dagster ends a run that takes so many times its limit: it hangs, and would keep the next ones
# waiting for ever. The alert of a slow run comes earlier, at the limit.
_HANGS_AFTER_LIMITS = 4


def run_tags(settings: Settings) -> dict[str, str]:
    """The tags of every run."""
    seconds = round(settings.max_run_minutes * 60 * _HANGS_AFTER_LIMITS)
    return {"dagster/max_runtime": str(seconds)}


def build_jobs(settings: Settings) -> list[dg.UnresolvedAssetJobDefinition]:
    """The jobs over the assets."""
    tags = run_tags(settings)
    everything = dg.AssetSelection.all()
    return [
        dg.define_asset_job(
            DAILY,
            selection=everything,
            run_tags=tags,
            description="Load the files, build and test all models, pass both gates, publish: "
            "the same as `make pipeline`.",
        ),
        dg.define_asset_job(
            "full_refresh",
            selection=everything,
            run_tags=tags,
            config={"resources": {RESOURCE: {"config": {"full_refresh": True}}}},
            description="The same, but every file is read again and every model is built from "
            "nothing.",
        ),
        dg.define_asset_job(
            "validation_only",
            selection=dg.AssetSelection.all_asset_checks(),
            run_tags=tags,
            description="Both gates and all of dbt's tests on the published version. Nothing "
            "is loaded, built or published.",
        ),
    ]
