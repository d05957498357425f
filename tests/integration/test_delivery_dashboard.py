"""The delivery page shows what the marts hold: its sums, its ratios, its words and its rows.

The marts are read whole into pandas and added up there. All of it runs on generated data, and
again on the real data where there is some.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from dashboards.delivery import MEASURES, PAGE
from dashboards.lib import format as fmt
from dashboards.lib import render, words
from dashboards.lib.periods import Period
from dashboards.lib.queries.warehouse import published
from dashboards.lib.tables import Table
from dashboards.lib.view import Values, View
from tests.support.pages import chart, table, tile, view_of

LEAST = {"least": "20 deliveries"}
# The metrics that are sums, and their columns in mart_delivery_metrics.
SUMS = {
    "num_shipments": "num_shipments",
    "num_shipments_dispatched": "num_dispatched",
    "num_shipments_dispatched_late": "num_dispatch_late",
    "num_shipments_delivered": "num_deliveries",
    "num_shipments_on_time": "num_on_time",
    "num_shipments_late": "num_late",
    "num_shipments_due": "num_due",
    "num_shipments_promise_kept": "num_promise_kept",
    "num_shipments_late_by_seller": "num_late_by_seller",
    "num_shipments_late_by_carrier": "num_late_by_carrier",
    "num_shipments_late_by_promise": "num_late_by_promise",
    "num_shipments_with_stages": "num_with_stages",
    "num_shipments_with_distance": "num_with_distance",
    "num_late_shipment_reviews": "num_late_reviews",
    "num_on_time_shipment_reviews": "num_on_time_reviews",
    "num_late_shipment_reviews_after_delivery": "num_late_after_delivery_reviews",
    "num_on_time_shipment_reviews_after_delivery": "num_on_time_after_delivery_reviews",
    "shipment_freight_amount": "freight_amount",
}
# Those that are a sum divided by another.
RATIOS = {
    "shipment_promise_kept_rate": ("num_promise_kept", "num_due"),
    "shipment_on_time_rate": ("num_on_time", "num_deliveries"),
    "shipment_late_rate": ("num_late", "num_deliveries"),
    "late_by_seller_rate": ("num_late_by_seller", "num_deliveries"),
    "late_by_carrier_rate": ("num_late_by_carrier", "num_deliveries"),
    "late_by_promise_rate": ("num_late_by_promise", "num_deliveries"),
    "carrier_share_of_late": ("num_late_by_carrier", "num_late"),
    "shipment_dispatch_late_rate": ("num_dispatch_late", "num_dispatched"),
    "average_shipment_delivery_days": ("sum_delivery_days", "num_deliveries"),
    "average_shipment_promised_days": ("sum_promised_days", "num_deliveries"),
    "average_shipment_late_days": ("sum_late_days", "num_late"),
    "average_shipment_approval_days": ("sum_approval_days", "num_with_stages"),
    "average_shipment_handling_days": ("sum_handling_days", "num_with_stages"),
    "average_shipment_transit_days": ("sum_transit_days", "num_with_stages"),
    "late_shipment_review_score": ("sum_late_review_score", "num_late_reviews"),
    "on_time_shipment_review_score": ("sum_on_time_review_score", "num_on_time_reviews"),
    "late_shipment_review_score_after_delivery": (
        "sum_late_after_delivery_review_score",
        "num_late_after_delivery_reviews",
    ),
    "on_time_shipment_review_score_after_delivery": (
        "sum_on_time_after_delivery_review_score",
        "num_on_time_after_delivery_reviews",
    ),
    "average_shipment_distance_km": ("sum_distance_km", "num_with_distance"),
    "freight_per_shipment": ("freight_amount", "num_shipments"),
}


@dataclass(frozen=True)
class Shown:
    """One warehouse: its default view, and its marts as they are."""

    view: View
    deliveries: pd.DataFrame
    funnel: pd.DataFrame

    def with_filters(self, **where: tuple[str, ...]) -> View:
        """The default months of some places."""
        return replace(self.view, where=where)

    def chosen(self, view: View, period: Period | None = None) -> pd.DataFrame:
        """The rows of mart_delivery_metrics that a view means."""
        rows = self.deliveries
        keep = rows["order_month"].isin(
            [pd.Timestamp(month) for month in (period or view.period).months]
        )
        for name, column in (
            ("state", "customer_state"),
            ("region", "customer_region"),
            ("seller_state", "seller_state"),
        ):
            if wanted := view.where.get(name):
                keep &= rows[column].isin(wanted)
        return rows[keep]


@pytest.fixture(
    scope="module", params=["generated", pytest.param("real", marks=pytest.mark.real_data)]
)
def page(request: pytest.FixtureRequest) -> Iterator[Shown]:
    name = {"generated": "built_warehouse", "real": "real_warehouse"}[request.param]
    path: Path = request.getfixturevalue(name)
    with published(path) as connection:
        yield Shown(
            view_of(PAGE, path, chosen=LEAST),
            connection.execute("select * from marts.mart_delivery_metrics").df(),
            connection.execute("select * from marts.mart_order_funnel").df(),
        )


def assert_adds_up(found: Values, rows: pd.DataFrame) -> None:
    assert not rows.empty
    for name, column in SUMS.items():
        expected = float(rows[column].sum())
        assert float(found[name]) == pytest.approx(expected, rel=1e-9), name
    for name, (above, below) in RATIOS.items():
        if rows[below].sum():
            expected = float(rows[above].sum()) / float(rows[below].sum())
            assert found[name] == pytest.approx(expected, rel=1e-9), name
        else:
            assert found[name] is None, name


@pytest.mark.parametrize(
    "where",
    [
        {},
        {"state": ("SP", "RJ")},
        {"region": ("Southeast",)},
        {"seller_state": ("SP",)},
        {"region": ("South",), "state": ("PR", "SP"), "seller_state": ("SP", "MG")},
    ],
    ids=["everything", "states", "a region", "sellers", "all together"],
)
def test_a_total_holds_the_rows_of_its_scope_and_no_others(
    page: Shown, where: Mapping[str, tuple[str, ...]]
) -> None:
    view = page.with_filters(**where)
    assert_adds_up(view.ask((*SUMS, *RATIOS))[0], page.chosen(view))


@pytest.mark.parametrize(
    "by", [("order_month",), ("customer_state",), ("seller_state", "customer_state")]
)
def test_months_states_and_routes_each_add_up_to_their_own_rows(
    page: Shown, by: Sequence[str]
) -> None:
    rows, found = page.chosen(page.view), page.view.ask((*SUMS, *RATIOS), by)
    for one in found[:20]:
        own = rows
        for column in by:
            value: Any = one[column]
            own = own[own[column] == (pd.Timestamp(value) if "month" in column else value)]
        assert_adds_up(one, own)
    shipments = sum(one["num_shipments"] for one in found)
    assert shipments == page.view.total()["num_shipments"]


def test_the_tiles_show_the_ratios_of_the_sums(page: Shown) -> None:
    rows = page.chosen(page.view).sum(numeric_only=True)
    shown = {one.key: one.value for one in render.tiles(page.view)}
    late, staged = rows["num_late"], rows["num_with_stages"]
    assert len(shown) == 11
    assert shown["on_time_rate"] == fmt.percent(rows["num_on_time"] / rows["num_deliveries"])
    assert shown["promise_kept_rate"] == fmt.percent(rows["num_promise_kept"] / rows["num_due"])
    assert shown["delivery_days"] == fmt.days(
        rows["sum_delivery_days"] / rows["num_deliveries"]
    )
    assert shown["days_early"] == fmt.days(
        (rows["sum_promised_days"] - rows["sum_delivery_days"]) / rows["num_deliveries"]
    )
    assert shown["carrier_share"] == fmt.percent(rows["num_late_by_carrier"] / late)
    assert shown["late_days"] == fmt.days(rows["sum_late_days"] / late)
    assert shown["transit_days"] == fmt.days(rows["sum_transit_days"] / staged)
    assert shown["stars_lost"] == fmt.score(
        rows["sum_on_time_review_score"] / rows["num_on_time_reviews"]
        - rows["sum_late_review_score"] / rows["num_late_reviews"]
    )
    assert shown["stuck"] == fmt.count(int(page.funnel["num_stuck"].sum()))


def test_changes_are_against_the_sums_of_the_period_before(page: Shown) -> None:
    before = page.view.previous
    assert before.reason is None
    rows = page.chosen(page.view, before.period)
    assert_adds_up(page.view.ask((*SUMS, *RATIOS), period=before.period)[0], rows)
    then = rows["num_on_time"].sum() / rows["num_deliveries"].sum()
    change = page.view.total()["shipment_on_time_rate"] - then
    assert f"{abs(change):.1%}".replace("%", " pp") in tile(page.view, "on_time_rate").html()


def test_every_tile_names_its_period_or_its_day(page: Shown) -> None:
    day = fmt.day(page.view.source.info.as_of_date)
    for one in render.tiles(page.view):
        wanted = day if one.key == "stuck" else page.view.period.label
        assert wanted in one.unit, one.key


def test_an_incomplete_period_is_not_compared_and_says_why(page: Shown) -> None:
    view = replace(page.view, period=page.view.calendar.whole_months)
    html = tile(view, "promise_kept_rate").html()
    assert "n/a" in html
    assert view.previous.reason is not None
    assert view.previous.reason in html


@pytest.mark.parametrize(
    ("key", "by"),
    [("states", ["customer_state"]), ("worst_routes", ["seller_state", "customer_state"])],
)
def test_only_states_and_routes_with_enough_deliveries_are_ranked(
    page: Shown, key: str, by: list[str]
) -> None:
    spec = next(one for one in PAGE.charts if getattr(one, "key", "") == key)
    ranked = render.ranked(page.view, spec)  # type: ignore[arg-type]
    volumes = page.chosen(page.view).groupby(by)["num_deliveries"].sum()
    assert len(ranked) == (volumes >= 20).sum() > 0
    rates = [row["shipment_late_rate"] for row in ranked]
    assert rates == sorted(rates, reverse=True)
    assert f"with 20 deliveries or more ({len(ranked)})" in chart(page.view, key).subtitle


def test_the_grid_has_the_rate_of_each_route_with_enough_deliveries(page: Shown) -> None:
    sums = (
        page.chosen(page.view)
        .groupby(["seller_state", "customer_state"])[["num_late", "num_deliveries"]]
        .sum()
    )
    [drawn] = chart(page.view, "routes").panels[0].figure.data
    for seller, line in zip(drawn.y, drawn.z, strict=True):
        for customer, value in zip(drawn.x, line, strict=True):
            late, deliveries = (
                sums.loc[(seller, customer)] if (seller, customer) in sums.index else (0, 0)
            )
            assert (value is None) == (deliveries < 20), (seller, customer)
            assert value is None or value == pytest.approx(late / deliveries)


def test_the_funnel_is_of_the_period_and_stuck_orders_are_of_all_months(page: Shown) -> None:
    months = [pd.Timestamp(month) for month in page.view.period.months]
    rows = page.funnel[page.funnel["order_month"].isin(months)].sum(numeric_only=True)
    [bars, _] = chart(page.view, "funnel").panels[0].figure.data
    came = [
        rows["num_orders"],
        *(rows[f"num_reached_{step}"] for step in ("approved", "shipped", "delivered")),
    ]
    assert list(bars.x) == [before - after for before, after in pairwise(came)]
    assert chart(page.view, "funnel").finding.startswith(fmt.percent(came[3] / came[0], 2))

    stuck = page.funnel[page.funnel["num_stuck"] > 0]
    shown = {str(row[0]).lower(): row[1:] for row in table(page.view, "stuck_orders").rows}
    assert set(shown) == set(stuck["order_status"])
    for status, (number, overdue, average, longest) in shown.items():
        own = stuck[stuck["order_status"] == status]
        assert (number, overdue) == (own["num_stuck"].sum(), own["num_overdue"].sum())
        assert average == round(own["sum_standing_days"].sum() / own["num_stuck"].sum(), 2)
        assert longest == own["max_standing_days"].max()


def test_the_stages_are_parts_of_the_whole(page: Shown) -> None:
    rows = page.chosen(page.view).sum(numeric_only=True)
    parts = chart(page.view, "stages").panels[0].figure.data
    days = [rows[f"sum_{stage}_days"] for stage in ("transit", "handling", "approval")]
    assert [part.x[0] for part in parts] == pytest.approx([one / sum(days) for one in days])


def test_rates_of_incomplete_months_are_in_no_chart(page: Shown) -> None:
    shown = {one.key: one for one in render.charts(page.view)}
    for key, panel in (("lateness", 0), ("stages", 1), ("promise", 0)):
        for trace in shown[key].panels[panel].figure.data:
            for month, value in zip(page.view.calendar.months, trace.y, strict=True):
                assert page.view.calendar.is_complete(month.start) or value is None, key


def test_titles_say_findings_with_figures_of_the_data(page: Shown) -> None:
    rows = page.chosen(page.view).sum(numeric_only=True)
    late = fmt.percent(rows["num_late"] / rows["num_deliveries"])
    assert chart(page.view, "lateness").finding.startswith(f"{late} of delivered shipments")
    by_state = page.chosen(page.view).groupby("customer_state")[["num_late", "num_deliveries"]]
    sums = by_state.sum().query("num_deliveries >= 20")
    worst = (sums["num_late"] / sums["num_deliveries"]).sort_values().index[-1]
    finding = chart(page.view, "states").finding
    assert finding.startswith((f"{worst} has the highest", "Share delivered late: chance"))


def test_the_lead_names_the_causes_and_what_is_stuck(page: Shown) -> None:
    said = words.lead(page.view)
    assert "late by the carrier" in said
    assert f"{fmt.count(int(page.funnel['num_stuck'].sum()))} orders are stuck" in said


def read_csv(shown: Table) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(shown.csv().decode("utf-8"))))


def test_the_csv_of_routes_adds_up_to_the_page(page: Shown) -> None:
    shown = table(page.view, "by_route")
    assert len(shown.columns) == 2 + len(MEASURES)
    read = read_csv(shown)
    rows = page.chosen(page.view)
    assert sum(int(row["Deliveries"]) for row in read) == rows["num_deliveries"].sum()
    assert sum(int(row["Late deliveries"]) for row in read) == rows["num_late"].sum()


def test_a_value_of_a_filter_is_bound_and_never_part_of_the_query(page: Shown) -> None:
    assert page.with_filters(seller_state=("SP') or ('1'='1",)).is_empty


def test_filters_that_leave_nothing_leave_an_empty_view_and_no_error(page: Shown) -> None:
    first = page.view.calendar.months[0].start
    nowhere = page.with_filters(state=("RR",), seller_state=("AC",))
    view = replace(nowhere, period=Period.of_months(first, 1))
    assert view.is_empty
    assert view.places == "RR, from AC"


def test_a_scope_without_enough_deliveries_still_draws_its_page(page: Shown) -> None:
    view = replace(page.with_filters(state=("AC",)), chosen={"least": "500 deliveries"})
    shown = {one.key: one for one in render.charts(view)}
    assert shown["worst_routes"].panels == ()
    assert shown["worst_routes"].finding == (
        "No group has enough behind it to be ranked by share delivered late"
    )
    assert shown["routes"].finding == "No route carried 500 deliveries"
