"""The page of risks: its sums are those of the lists, and it says how far to trust them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dashboards.lib import format as fmt
from dashboards.lib.parts import risks
from dashboards.lib.parts.risks import Risks
from dashboards.lib.tiles import Tile
from orchestration.warehouse.store import open_reader


@pytest.fixture(scope="module")
def page(built_warehouse: Path) -> Risks:
    return risks.load(built_warehouse.resolve())


@pytest.fixture
def tested(page: Risks) -> Risks:
    """The page of a warehouse on which backtests have been run."""
    day = page.info.as_of_date
    figures: dict[str, object] = {
        "num_folds": 5,
        "lowest_value": 0.5,
        "highest_value": 0.9,
        "data_from_date": day,
        "data_until_date": day,
    }
    quality = tuple(
        {
            "model_name": model,
            "metric_name": metric,
            "metric_value": value,
            "naive_value": naive,
        }
        | figures
        for model, metric, value, naive in (
            ("late_order_risk", "auc", 0.74, 0.68),
            ("late_order_risk", "captured_in_top_tenth", 0.31, 0.25),
            ("seller_risk", "auc", 0.83, 0.79),
            ("predictive_customer", "auc", 0.58, 0.55),
            ("predictive_customer", "lift_top_tenth", 1.9, 1.6),
        )
    )
    return replace(page, quality=quality)


def _tile(page: Risks, key: str) -> Tile:
    return next(one for one in risks.tiles(page) if one.key == key)


@pytest.mark.parametrize(
    ("key", "scores"),
    [
        ("num_late", "late_rate from marts.mart_late_order_risk where is_open"),
        ("num_leaving", "churn_rate from marts.mart_seller_risk"),
        ("num_returning", "repeat_rate from marts.mart_predictive_customer"),
    ],
)
def test_what_is_expected_is_the_sum_of_the_scores(
    page: Risks, built_warehouse: Path, key: str, scores: str
) -> None:
    with open_reader(built_warehouse) as con:
        rows = con.execute(f"select {scores}").fetchall()
    chances = [chance for (chance,) in rows]
    tile = _tile(page, key)
    assert tile.value == fmt.number(sum(chances))
    assert tile.unit.startswith(f"of {fmt.count(len(chances))} ")
    half = 1.959963984540054 * sum(p * (1 - p) for p in chances) ** 0.5
    low, high = max(sum(chances) - half, 0), sum(chances) + half
    assert tile.unit.endswith(f"{fmt.number(low)} to {fmt.number(high)}")


def test_the_gmv_at_stake_is_that_of_the_list(page: Risks, built_warehouse: Path) -> None:
    with open_reader(built_warehouse) as con:
        row = con.execute(
            "select sum(gmv_at_stake_amount) from marts.mart_seller_risk"
        ).fetchone()
    assert row is not None
    assert _tile(page, "stake_amount").value == fmt.brl(row[0])


def test_without_a_backtest_the_page_says_that_nobody_knows(page: Risks) -> None:
    untested = replace(page, quality=())
    assert "no backtest has been run" in str(_tile(untested, "num_leaving").note)
    assert risks.quality_chart(untested) is None
    assert "No backtest has been run" in risks.backtests(untested).text


def test_figures_of_backtests_stand_beside_the_naive_ones(tested: Risks) -> None:
    assert _tile(tested, "num_leaving").note == (
        "In 5 tests of the past: AUC 0.830, the naive answer 0.790."
    )
    chart = risks.quality_chart(tested)
    assert chart is not None
    assert chart.finding.startswith("Late orders gain most on the naive answer, 0.06")
    assert "31% of the late ones" in risks.lead(tested)


def test_a_model_that_is_no_better_than_the_naive_answer_is_named(tested: Risks) -> None:
    worse = [
        {**row, "naive_value": 0.9} if row["model_name"] == "seller_risk" else row
        for row in tested.quality
    ]
    chart = risks.quality_chart(replace(tested, quality=tuple(worse)))
    assert chart is not None
    assert chart.finding == "Sellers who leave: the model is no better than the naive answer"


def test_lists_are_ranked_with_reason_step_and_worth(page: Risks) -> None:
    sellers, customers = page.lists[1], page.lists[2]
    for table, worth in ((sellers, "GMV at stake (R$)"), (customers, "Expected revenue")):
        names = [column.name for column in table.columns]
        assert "First reason" in names
        assert "What to do" in names
        place = next(n for n, name in enumerate(names) if name.startswith(worth))
        values = [float(str(row[place])) for row in table.rows]
        assert values == sorted(values, reverse=True)
        assert values


def test_a_small_warehouse_gives_the_naive_answer_and_says_so(page: Risks) -> None:
    assert page.methods["sellers at risk of leaving"] == "days since the last sale"
    assert page.methods["customers worth a message"] == "share of the customers so far"
