"""The models of customers, sellers, reviews and comments reach their bars out of time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from orchestration.models.backtest import POOLED, run_backtest
from orchestration.models.folds import TooFewDataError
from orchestration.models.model import load_model
from orchestration.models.scoring import read_as_of_date
from orchestration.warehouse.store import open_reader

MODELS = ("predictive_customer", "seller_risk", "review_drivers", "review_themes")
# Folds, and the least mean of a metric over them; what it must be ahead of the naive answer.
BARS: Mapping[str, tuple[int, Mapping[str, float], float]] = {
    "predictive_customer": (5, {"auc": 0.57, "lift_top_tenth": 1.7}, 0.0),
    "seller_risk": (8, {"auc": 0.82}, 0.03),
    "review_drivers": (10, {"auc": 0.77}, 0.0),
    "review_themes": (7, {"auc": 0.95}, 0.0),
}


@pytest.mark.benchmark
@pytest.mark.real_data
@pytest.mark.parametrize("name", MODELS)
def test_a_model_reaches_its_bars(name: str, real_warehouse: Path, tmp_path: Path) -> None:
    num_folds, least, ahead = BARS[name]
    with open_reader(real_warehouse) as con:
        figures = run_backtest(name, con, tmp_path).figures
    folds = figures[figures["fold"] != POOLED]
    assert folds["fold"].nunique() == num_folds
    mean = folds.groupby("metric_name")["metric_value"].mean()
    naive = folds.groupby("metric_name")["naive_value"].mean()
    for metric, bar in least.items():
        assert mean[metric] >= bar
        assert mean[metric] > naive[metric] + ahead
    if name == "predictive_customer":
        pooled = figures[figures["fold"] == POOLED].set_index("metric_name")
        assert pooled.loc["revenue_ratio", "metric_value"] == pytest.approx(1, abs=0.2)


@pytest.mark.parametrize("name", MODELS)
def test_too_few_data_are_not_tested_and_get_the_naive_answer(
    name: str, built_warehouse: Path
) -> None:
    model = load_model(name)
    with open_reader(built_warehouse) as con:
        as_of = read_as_of_date(con)
        assert as_of is not None
        assert model.fit(con, as_of) is None
        rows = _rows(model.score(con, None, as_of))
        assert list(rows) == list(model.columns)
        assert len(rows["method"].unique()) == 1
        with pytest.raises(TooFewDataError, match="no fold"):
            model.backtest(con, as_of)


@pytest.mark.real_data
@pytest.mark.parametrize("name", MODELS)
def test_the_same_input_has_the_same_scores(name: str, real_warehouse: Path) -> None:
    model = load_model(name)
    with open_reader(real_warehouse) as con:
        as_of = read_as_of_date(con)
        assert as_of is not None
        content = model.fit(con, as_of)
        first, again = (_rows(model.score(con, content, as_of)) for _ in range(2))
        assert model.fit(con, as_of) == content
    pd.testing.assert_frame_equal(first, again, check_exact=True)


def _rows(found: object) -> pd.DataFrame:
    assert isinstance(found, pd.DataFrame)
    return found


@pytest.mark.real_data
def test_customers_of_the_same_history_have_the_same_score(real_warehouse: Path) -> None:
    with open_reader(real_warehouse) as con:
        assert _alike(con) == []


def _alike(con: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return con.execute(
        """
        select sale_date, count(distinct repeat_rate)
        from predictive.features_customers
        inner join predictive.scores_predictive_customer using (customer_unique_id)
        where customer_unique_id in (
            select customer_unique_id from predictive.features_customers
            group by customer_unique_id having count(*) = 1
        )
        group by
            sale_date, state, main_payment_type, max_installments, num_orders, num_items,
            freight_amount, revenue_amount
        having count(distinct repeat_rate) > 1
        """
    ).fetchall()
