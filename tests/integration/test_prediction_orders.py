"""Orders at purchase: features without the future, the same scores twice, the models' bars.

What becomes of a model that fails is here, too.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from orchestration.dbt.runner import Dbt, TransformRequest, parse
from orchestration.models import late, metrics, promise, scoring
from orchestration.models.backtest import POOLED, run_backtest
from orchestration.models.model import MODULES, load_model
from orchestration.models.orders import NOT_FEATURES, RECENT_TABLE, Scale, read_orders
from orchestration.models.scoring import take_failures
from orchestration.models.store import Store
from orchestration.warehouse.versions import open_reader
from tests.conventions.project import DBT_PROJECT
from tests.support.brute_orders import Events

_FEATURES = "predictive.features_orders"
# What came of an order is no feature of it.
_OUTCOMES = ("delivered_day", "delivery_days", "is_sale")
_NUM_ORDERS = 300


@pytest.fixture(params=["built", pytest.param("real", marks=pytest.mark.real_data)])
def warehouse(request: pytest.FixtureRequest) -> Path:
    """A published warehouse, of generated data or of the real ones."""
    found: Path = request.getfixturevalue(f"{request.param}_warehouse")
    return found


@pytest.fixture
def copy(built_warehouse: Path, tmp_path: Path) -> Path:
    """A copy of the generated warehouse to build on, in a room as a run has it."""
    database = tmp_path / "dw" / "build" / "olist.duckdb"
    database.parent.mkdir(parents=True)
    shutil.copyfile(built_warehouse.resolve(), database)
    database.chmod(0o600)
    return database


def _build(database: Path, select: str) -> None:
    cache = database.parents[2] / "cache" / "dbt"
    result = Dbt(TransformRequest(DBT_PROJECT, database, cache, select=select)).build()
    assert not result.failed, [node.message for node in result.failed]


def _rows(database: Path, table: str, condition: str = "true") -> pd.DataFrame:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(f"from {table} where {condition} order by order_key").df()


def test_features_are_those_of_a_brute_force_from_events(warehouse: Path) -> None:
    with open_reader(warehouse) as connection:
        table = connection.execute(f"from {_FEATURES} order by order_key").df()
        events = Events(connection)
    chosen = table.sample(min(_NUM_ORDERS, len(table)), random_state=18)
    expected = pd.DataFrame([events.features(key) for key in chosen["order_key"]])
    names = [
        name for name in table if name not in NOT_FEATURES - {"route_days", "route_days_120"}
    ]
    assert set(names) == set(expected)
    for name in names:
        found = chosen[name].to_numpy(float, na_value=np.nan)
        np.testing.assert_allclose(
            found, expected[name].to_numpy(float), atol=1e-6, err_msg=name
        )


def test_recent_orders_have_the_features_that_the_whole_history_gives_them(
    warehouse: Path,
) -> None:
    with open_reader(warehouse) as connection:
        of_all = connection.execute(
            f"from {_FEATURES} where order_date between "
            "(select as_of_date - 60 from intermediate.int_as_of_date) and "
            "(select as_of_date from intermediate.int_as_of_date) order by order_key"
        ).df()
        recent = connection.execute(f"from {RECENT_TABLE} order by order_key").df()
        (repeated,) = connection.execute(
            f"select count(*) - count(distinct order_key) from {_FEATURES}"
        ).fetchall()
    assert len(recent) > 100
    assert repeated == (0,)
    pd.testing.assert_frame_equal(recent, of_all)


def test_scores_need_no_scikit_learn() -> None:
    code = f"import sys, {', '.join(MODULES.values())}; print('sklearn' in sys.modules)"
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, capture_output=True, check=True).stdout == b"False\n"


def test_what_happens_later_changes_no_feature_of_before(copy: Path) -> None:
    with duckdb.connect(str(copy)) as connection:
        day = connection.execute(f"select quantile_disc(order_date, 0.7) from {_FEATURES}")
        pivot = day.fetchall()[0][0]
        before = f"order_date <= date '{pivot}'"
        known = _rows_of(connection, before)
        # From that day on all parcels come later, are handed over later, and nobody buys.
        for column in ("delivered_at", "handed_to_carrier_at"):
            connection.execute(
                f"update core.fact_orders set {column} = {column} + interval 20 day "
                f"where {column} >= date '{pivot}'"
            )
        connection.execute(f"delete from core.fact_orders where order_date > date '{pivot}'")
        changed = connection.execute(
            f"select order_key from core.fact_orders "
            f"where delivered_at >= date '{pivot}' and {before}"
        ).fetchall()
    assert changed
    _build(copy, "features_orders")
    with duckdb.connect(str(copy), read_only=True) as connection:
        pd.testing.assert_frame_equal(_rows_of(connection, before), known)


def _rows_of(connection: duckdb.DuckDBPyConnection, condition: str) -> pd.DataFrame:
    rows = connection.execute(f"from {_FEATURES} where {condition} order by order_key").df()
    return rows.drop(columns=list(_OUTCOMES))


def test_the_same_input_gives_the_same_scores(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.models.orders.MIN_ROWS_TO_FIT", 500)
    _build(copy, "scores_late_order_risk scores_delivery_promise")
    tables = [f"predictive.scores_{name}" for name in ("late_order_risk", "delivery_promise")]
    first = [_rows(copy, table) for table in tables]
    assert {late.METHOD, promise.METHOD} == set(pd.concat(first)["method"])
    shutil.rmtree(copy.parents[1] / "models")  # fitted again, from nothing
    _build(copy, "features_recent_orders scores_late_order_risk scores_delivery_promise")
    for table, before in zip(tables, first, strict=True):
        pd.testing.assert_frame_equal(_rows(copy, table), before)


def test_what_came_of_scored_orders_is_what_the_events_say(warehouse: Path) -> None:
    with open_reader(warehouse) as connection:
        mart = connection.execute("from marts.mart_late_order_risk order by order_key").df()
        orders = connection.execute(
            "select o.*, a.as_of_date from core.fact_orders as o "
            "cross join intermediate.int_as_of_date as a where is_sale and has_items "
            "and order_date between as_of_date - 60 and as_of_date order by order_key"
        ).df()
    assert list(mart["order_key"]) == list(orders["order_key"])
    came, due = orders["delivered_at"].dt.normalize(), orders["estimated_delivery_date"]
    is_open = ~(came <= orders["as_of_date"]) & (due >= orders["as_of_date"])
    expected = np.where(is_open, "OPEN", np.where(came <= due, "ON_TIME", "LATE"))
    assert list(mart["outcome"]) == list(expected)
    assert set(expected) == {"OPEN", "ON_TIME", "LATE"}
    ranks = mart.sort_values(["is_open", "risk_rank"]).groupby("is_open")["late_rate"]
    assert all(group.is_monotonic_decreasing for _, group in ranks)


def test_too_few_orders_get_the_naive_answer_which_says_so(built_warehouse: Path) -> None:
    with open_reader(built_warehouse) as connection:
        methods = connection.execute(
            "select distinct method from marts.mart_late_order_risk "
            "union all select distinct method from marts.mart_delivery_promise order by 1"
        ).fetchall()
    assert methods == [("route quantiles",), ("route rate",)]


def test_a_model_that_fails_leaves_its_table_as_it_was(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = "marts.mart_late_order_risk"
    before = _rows(copy, table)
    assert len(before) > 100

    def fail(*_: object) -> None:
        message = "no luck today"
        raise ValueError(message)

    monkeypatch.setattr(late.LateOrderRisk, "score", fail)
    with duckdb.connect(str(copy)) as connection:  # the others must be made again
        connection.execute("delete from predictive.scores_delivery_promise")
    take_failures()
    _build(copy, "scores_late_order_risk+ scores_delivery_promise+")
    assert take_failures() == {"late_order_risk": "ValueError: no luck today"}
    pd.testing.assert_frame_equal(_rows(copy, table), before)
    assert len(_rows(copy, "marts.mart_delivery_promise")) > 100


@pytest.mark.parametrize("name", MODULES)
def test_a_model_needs_no_table_that_its_scores_do_not_come_after(
    name: str, copy: Path
) -> None:
    cache = copy.parents[2] / "cache" / "dbt"
    manifest = parse(TransformRequest(DBT_PROJECT, copy, cache))
    (scores,) = (key for key in manifest.nodes if key.endswith(f".scores_{name}"))
    before: set[str] = set()
    found = [scores]
    while found:
        parents = [key for key in manifest.parent_map[found.pop()] if key in manifest.nodes]
        found += set(parents) - before
        before.update(parents)
    relations = {f"{manifest.nodes[key].schema}.{manifest.nodes[key].name}" for key in before}
    with duckdb.connect(str(copy)) as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() "
            "where schema_name in ('core', 'intermediate', 'marts', 'predictive')"
        ).fetchall()
        for (table,) in tables:
            if table not in relations:
                connection.execute(f"drop table {table}")
        model, as_of = load_model(name), scoring.read_as_of_date(connection)
        assert as_of is not None
        fit = scoring.fit_if_needed(model, connection, as_of)
        assert model.score(connection, fit.content if fit else None, as_of) is not None


def test_a_selection_without_the_models_leaves_them_out(copy: Path) -> None:
    with duckdb.connect(str(copy)) as connection:
        connection.execute("delete from predictive.scores_late_order_risk")
    _build(copy, "mart_order_funnel")
    assert _rows(copy, "predictive.scores_late_order_risk").empty


def test_a_model_that_fails_the_first_time_gives_an_empty_table(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(late.LateOrderRisk, "score", lambda *_: {"order_key": [1, 2]})
    with duckdb.connect(str(copy)) as connection:
        connection.execute("drop table predictive.scores_late_order_risk")
    _build(copy, "scores_late_order_risk+")
    assert "late_order_risk" in take_failures()
    assert _rows(copy, "marts.mart_late_order_risk").empty


def test_a_fit_serves_a_week_of_the_same_data_and_code(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fits: list[object] = []

    def fit(_self: object, _con: object, as_of: Any) -> dict[str, Any]:  # noqa: ANN401
        fits.append(as_of)
        return {"a": 1}

    monkeypatch.setattr(late.LateOrderRisk, "fit", fit)
    with duckdb.connect(str(copy)) as connection:
        as_of = scoring.read_as_of_date(connection)
        assert as_of is not None
        for days in (0, 6, 7, 1):  # the fourth is older than the fit
            day = as_of + pd.Timedelta(days=days).to_pytimedelta()
            scoring.fit_if_needed(late.MODEL, connection, day)
        assert len(fits) == 3
        first = "(select min_by(order_id, purchased_at) from core.fact_orders)"
        connection.execute(f"delete from core.fact_orders where order_id = {first}")
        scoring.fit_if_needed(late.MODEL, connection, fits[-1])  # type: ignore[arg-type]
        assert len(fits) == 4
        monkeypatch.setattr("orchestration.models.store.fingerprint", lambda _: "other code")
        scoring.fit_if_needed(late.MODEL, connection, fits[-1])  # type: ignore[arg-type]
    assert len(fits) == 5


def test_a_fit_that_cannot_be_read_is_no_fit(tmp_path: Path) -> None:
    path = tmp_path / "late_order_risk" / "fit.json"
    path.parent.mkdir()
    for text in ("{", "[]", '{"format": 0}', '{"format": 1, "as_of": "soon"}'):
        path.write_text(text, encoding="utf-8")
        assert Store(tmp_path).read("late_order_risk") is None


def test_every_feature_has_a_reason(built_warehouse: Path) -> None:
    with open_reader(built_warehouse) as connection:
        names = read_orders(connection).names
    grouped = [name for group in late.REASONS.values() for name in group]
    assert sorted(grouped) == sorted(names)


def test_features_are_clipped_and_an_unknown_one_is_the_mean() -> None:
    training = np.array([[0.0], [2.0], [4.0], [np.nan]])
    scaled = Scale.of(training)(np.array([[2.0], [1e9], [np.nan]]))
    assert scaled.ravel().tolist() == [0.0, 3.0, 0.0]


def test_measures_are_those_of_small_examples() -> None:
    y, p = np.array([0, 1, 0, 1]), np.array([0.1, 0.9, 0.6, 0.4])
    assert metrics.auc(y, p) == 0.75
    assert metrics.captured(y, p, 0.5) == 0.5
    assert metrics.lift(y, p, 0.25) == 2.0
    assert metrics.calibration_error(y, p) == pytest.approx((0.1 + 0.1 + 0.6 + 0.6) / 4)
    assert metrics.coverage(np.array([1.0, 2.0]), 0, np.array([1.0, 1.0])) == 0.5
    assert metrics.mase(np.array([4.0]), np.array([2.0]), np.array([1.0, 2.0, 3.0])) == 2.0


# On the real data, minutes: the bars of the models, mean over the folds and the worst one.
@pytest.mark.benchmark
@pytest.mark.real_data
@pytest.mark.parametrize("name", ["late_order_risk", "delivery_promise"])
@pytest.mark.timeout(1200)
def test_backtests_reach_their_bars(name: str, real_warehouse: Path, tmp_path: Path) -> None:
    with open_reader(real_warehouse) as connection:
        figures = run_backtest(name, connection, tmp_path, tmp_path / "docs").figures
    assert (tmp_path / "docs" / f"{name}.md").exists()
    folds = figures[figures["fold"] != POOLED]
    assert folds["fold"].nunique() == 14
    by_metric = folds.groupby("metric_name")
    mean, low = by_metric["metric_value"].mean(), by_metric["metric_value"].min()
    naive = by_metric["naive_value"].mean()
    pooled = figures[figures["fold"] == POOLED].set_index("metric_name")
    _BARS[name](mean, low, naive, pooled)


def _late_bars(mean: Any, low: Any, naive: Any, pooled: Any) -> None:  # noqa: ANN401
    assert mean["auc"] >= 0.73
    assert low["auc"] >= 0.65
    assert mean["auc"] > max(naive["auc"], naive["auc_beside_route_rate"])
    assert mean["average_precision"] >= 2.2 * mean["base_rate"]
    assert pooled.loc["calibration_error", "metric_value"] <= 0.02
    assert mean["captured_in_top_tenth"] >= 0.29


def _promise_bars(mean: Any, low: Any, naive: Any, pooled: Any) -> None:  # noqa: ANN401, ARG001
    assert mean["absolute_error_p50"] <= 4.7 < naive["absolute_error_p50"]
    assert mean["absolute_error_p50"] < mean["absolute_error_of_olists_promise"]
    assert 0.75 <= mean["covered_by_p80"] <= 0.90
    assert 0.92 <= mean["covered_by_p95"] <= 0.98
    late_rate = pooled.loc["late_rate_at_equal_length"]
    assert late_rate["metric_value"] <= 0.85 * late_rate["naive_value"]


_BARS: dict[str, Any] = {"late_order_risk": _late_bars, "delivery_promise": _promise_bars}
