"""How good forecasts and alarms have to be, on the real data, out of time."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from orchestration.models.anomalies import MODEL as ANOMALIES
from orchestration.models.demand import MODEL as DEMAND
from orchestration.models.model import Model
from orchestration.models.scoring import read_as_of_date
from orchestration.warehouse.store import open_reader

pytestmark = pytest.mark.real_data

Figures = dict[str, tuple[float, float]]


def _pooled(model: Model, warehouse: Path) -> tuple[Figures, pd.DataFrame]:
    with open_reader(warehouse) as connection:
        as_of = read_as_of_date(connection)
        assert as_of is not None
        figures = model.backtest(connection, as_of).figures
    rows = figures[figures["fold"] == "pooled"]
    pairs = zip(rows["metric_value"], rows["naive_value"], strict=True)
    return dict(zip(rows["metric_name"], pairs, strict=True)), figures


@pytest.mark.parametrize("metric", ["num_orders", "revenue_amount"])
def test_demand_is_met_better_than_by_repeating_the_last_week(
    real_warehouse: Path, metric: str
) -> None:
    found, figures = _pooled(DEMAND, real_warehouse)
    for horizon in (4, 8, 13):
        name = f"{metric}_weeks_1_to_{horizon}_mase"
        folds = figures[(figures["metric_name"] == name) & (figures["fold"] != "pooled")]
        assert len(folds) >= 24
        ours, naive = found[name]
        assert ours <= 0.85 * naive
        ours, naive = found[f"{metric}_days_1_to_{horizon}_mase"]
        assert ours <= 0.80 * naive
    for grain in ("weeks", "days"):
        assert 0.75 <= found[f"{metric}_{grain}_in_80_interval"][0] <= 0.88
        assert found[f"{metric}_{grain}_in_95_interval"][0] >= 0.92


def test_days_and_levels_that_change_are_found_at_few_false_alarms(
    real_warehouse: Path,
) -> None:
    found, _ = _pooled(ANOMALIES, real_warehouse)
    assert found["num_orders_x2_found"][0] >= 0.85
    assert found["num_orders_x0.5_found"][0] >= 0.80
    assert found["num_orders_x0.3_found"][0] >= 0.95
    for metric in ("num_orders", "revenue_amount"):
        assert found[f"{metric}_level_x0.5_found_in_7_days"][0] >= 0.80
    for metric in ("num_orders", "revenue_amount", "review_score", "late_rate"):
        assert found[f"{metric}_false_alarms_in_30_days"][0] <= 1.5
        assert found[f"{metric}_level_episodes_in_30_days"][0] <= 1.5
    for change in ("x2", "x0.5"):
        ours, naive = found[f"num_orders_{change}_found"]
        assert ours > naive
