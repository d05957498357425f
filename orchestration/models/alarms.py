"""The alarms of the published version that are still open, for ``olist watch``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from orchestration.errors import PipelineError
from orchestration.warehouse.store import open_reader

# An episode is over once the next day that stands out would begin another one: GAP in
# ``anomalies``, which is not imported, as numpy takes longer than all else of a look.
OPEN_DAYS = 4
# What a metric is called, and how its figures are written.
_WORDS = {
    "num_orders": ("Orders", "{:,.0f}"),
    "revenue_amount": ("Revenue", "R$ {:,.0f}"),
    "review_score": ("The review score", "{:.2f} stars"),
    "late_rate": ("The share of late deliveries", "{:.1%}"),
}


@dataclass(frozen=True, slots=True)
class Alarm:
    """An episode of days that stand out and that nothing known explains.

    Attributes:
        metric_name: As in mart_metric_anomalies.
        episode_first_date: The day it began; with the metric it names the episode.
        day: The day that raised the alarm.
        anomaly_kind: point or level.
        value: The figure of that day.
        expected: What the weeks before it made likely.
    """

    metric_name: str
    episode_first_date: date
    day: date
    anomaly_kind: str
    value: float
    expected: float

    @property
    def title(self) -> str:
        """One line for people."""
        name, form = _WORDS[self.metric_name]
        against = f"{form.format(self.value)} where {form.format(self.expected)} were likely"
        return f"{name} of {self.day}: {against}"


def open_alarms(published_path: Path) -> tuple[Alarm, ...]:
    """The alarms of episodes that were under way on the as-of date.

    Args:
        published_path: What readers open. None are known where there is nothing to read yet, or
            a version that has no such mart.
    """
    if not published_path.exists():
        return ()
    try:
        with open_reader(published_path) as connection:
            rows = connection.execute(
                "with episodes as (select *, max(case when is_anomaly then metric_date end) "
                "over (partition by metric_name, episode_first_date) as last_date "
                "from marts.mart_metric_anomalies) "
                "select metric_name, episode_first_date, metric_date, anomaly_kind, "
                "metric_value, expected_value from episodes "
                "where is_alarm and scored_as_of_date - last_date < ? "
                "order by metric_date, metric_name",
                [OPEN_DAYS],
            ).fetchall()
    except (PipelineError, duckdb.CatalogException):
        return ()
    return tuple(Alarm(*row) for row in rows)
