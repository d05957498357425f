"""Sentences say what their rows prove: who leads, what chance explains, what a figure is."""

from __future__ import annotations

import pytest
from scipy.stats import binomtest

from dashboards.lib.definitions import definitions
from dashboards.lib.templates import filled, names_in
from dashboards.lib.words import differ, interval, ranking

ON_TIME = definitions().metric("on_time_rate")
STARS = definitions().metric("average_review_score")
REVENUE = definitions().metric("revenue_amount")
DAYS = definitions().metric("average_delivery_days")


def on_time(rate: float, count: int) -> dict[str, object]:
    return {"on_time_rate": rate, "num_delivered": count}


def stars(score: float, count: int) -> dict[str, object]:
    return {"average_review_score": score, "num_reviews": count}


@pytest.mark.parametrize(("kept", "count"), [(0, 30), (29, 30), (45, 50), (934, 1000)])
def test_the_interval_of_a_rate_is_wilsons(kept: int, count: int) -> None:
    expected = binomtest(kept, count).proportion_ci(method="wilson")
    found = interval(ON_TIME, on_time(kept / count, count))
    assert found == pytest.approx((expected.low, expected.high), abs=1e-3)


def test_stars_have_an_interval_that_is_never_too_narrow() -> None:
    # As far apart as a mean of 4 allows: 75 % gave 5, 25 % gave 1.
    widest = binomtest(300, 400).proportion_ci(method="wilson")
    found = interval(STARS, stars(4.0, 400))
    assert found == pytest.approx((1 + 4 * widest.low, 1 + 4 * widest.high), abs=1e-3)
    assert interval(STARS, stars(4.0, 0)) is None
    assert interval(REVENUE, {"revenue_amount": 5}) is None


def test_figures_that_chance_explains_do_not_differ() -> None:
    assert not differ(ON_TIME, on_time(0.97, 60), on_time(0.93, 60))
    assert differ(ON_TIME, on_time(0.97, 6000), on_time(0.93, 6000))
    # AP 4.19 of 67 and SP 4.17 of 41,472
    assert not differ(STARS, stars(4.19, 67), stars(4.17, 41_472))
    assert differ(STARS, stars(4.17, 41_472), stars(3.9, 12_000))
    assert differ(REVENUE, {"revenue_amount": 2}, {"revenue_amount": 1})


def test_a_ranking_of_rates_names_its_leader_only_above_chance() -> None:
    clear = [on_time(0.99, 5000), on_time(0.90, 5000), on_time(0.80, 5000)]
    assert ranking(ON_TIME, ["SP", "RJ", "BA"], clear, None, "highest") == (
        "SP has the highest on time, of the delivered: 99.0%"
    )
    one_alike = [on_time(0.99, 5000), on_time(0.989, 5000), on_time(0.80, 5000)]
    assert "one other cannot be distinguished from it" in ranking(
        ON_TIME, ["SP", "RJ", "BA"], one_alike, None, "highest"
    )
    all_alike = [on_time(0.95, 60), on_time(0.94, 60), on_time(0.93, 60)]
    found = ranking(ON_TIME, ["SP", "RJ", "BA"], all_alike, None, "highest")
    assert found.endswith("no difference shown is larger than chance explains")


def test_a_ranking_of_sums_says_what_the_first_bring() -> None:
    rows = [{"revenue_amount": value} for value in (50, 20, 10, 10, 5, 5)]
    names = ["SP", "RJ", "MG", "RS", "PR", "BA"]
    assert (
        ranking(REVENUE, names, rows, 100, "highest") == "SP, RJ and MG bring 80.0% of revenue"
    )
    assert ranking(REVENUE, ["the South", "the North"], rows[:2], 70, "highest") == (
        "The South brings 71.4% of revenue"
    )
    assert (
        ranking(REVENUE, ["RS"], rows[:1], 50, "highest") == "All revenue shown comes from RS"
    )
    assert ranking(REVENUE, [], [], 0, "highest").startswith("No group has enough")


def test_a_mean_without_an_interval_is_placed_and_not_called_best() -> None:
    rows = [{"average_delivery_days": 9.0, "num_delivered": 50}] * 2
    found = ranking(DAYS, ["SP", "RJ"], rows, None, "lowest")
    assert found == "SP stands lowest in delivery time: 9.0 days"


def test_a_template_with_a_missing_figure_is_no_sentence() -> None:
    text = "Revenue was {revenue_amount.short} {when}."
    assert list(names_in(text)) == ["revenue_amount", "when"]
    assert filled(text, lambda name, form: f"<{name}|{form}>") == (
        "Revenue was <revenue_amount|short> <when|>."
    )
    assert filled(text, lambda name, _: None if name == "when" else "x") is None
