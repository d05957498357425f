"""When the daily run starts by itself."""

from __future__ import annotations

import dagster as dg

from orchestration.dagster.jobs import DAILY

CRON = "0 2 * * *"
TIME_ZONE = "America/Sao_Paulo"


def nightly() -> dg.ScheduleDefinition:
    """Every night at two in São Paulo; on unless somebody turns it off."""
    return dg.ScheduleDefinition(
        name="nightly",
        job_name=DAILY,
        cron_schedule=CRON,
        execution_timezone=TIME_ZONE,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="The daily run at 02:00 in São Paulo.",
    )
