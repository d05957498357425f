"""The delivery page shows what the marts hold: its sums, its ratios, its words and its rows.

The marts are read whole into pandas and added up there. All of it runs on generated data, and
again on the real data where there is some.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from dashboards.lib import format as fmt
from dashboards.lib.delivery import charts, data, findings, tables, tiles
from dashboards.lib.delivery.data import DeliveryData, Outline
from dashboards.lib.delivery.measures import DELIVERY_SUMS, DeliveryMeasures
from dashboards.lib.periods import Period
from dashboards.lib.queries import delivery as queries
from dashboards.lib.queries.delivery import DeliveryScope
from dashboards.lib.queries.warehouse import published

MINIMUM = 20


@dataclass(frozen=True)
class Page:
    """One warehouse: its outline, its default view, and its marts as they are."""

    path: Path
    outline: Outline
    view: DeliveryData
    deliveries: pd.DataFrame
    funnel: pd.DataFrame

    def chosen(self, scope: DeliveryScope) -> pd.DataFrame:
        """The rows of mart_delivery_metrics that a scope means."""
        rows = self.deliveries
        months = [pd.Timestamp(month) for month in scope.period.months]
        keep = rows["order_month"].isin(months)
        for column, wanted in (
            ("customer_state", scope.states),
            ("customer_region", scope.regions),
            ("seller_state", scope.seller_states),
        ):
            if wanted:
                keep &= rows[column].isin(wanted)
        return rows[keep]


@pytest.fixture(
    scope="module", params=["generated", pytest.param("real", marks=pytest.mark.real_data)]
)
def page(request: pytest.FixtureRequest) -> Iterator[Page]:
    name = {"generated": "built_warehouse", "real": "real_warehouse"}[request.param]
    path: Path = request.getfixturevalue(name)
    outline = data.load_outline(path)
    scope = DeliveryScope(outline.calendar.default_period())
    with published(path) as connection:
        yield Page(
            path,
            outline,
            data.load(path, scope, MINIMUM),
            connection.execute("select * from marts.mart_delivery_metrics").df(),
            connection.execute("select * from marts.mart_order_funnel").df(),
        )


def assert_adds_up(measures: DeliveryMeasures, rows: pd.DataFrame) -> None:
    assert not rows.empty
    for name in DELIVERY_SUMS:
        found, expected = float(getattr(measures, name)), float(rows[name].sum())
        assert found == pytest.approx(expected, rel=1e-9), name


@pytest.mark.parametrize(
    "places",
    [
        {},
        {"states": ("SP", "RJ")},
        {"regions": ("Southeast",)},
        {"seller_states": ("SP",)},
        {"regions": ("South",), "states": ("PR", "SP"), "seller_states": ("SP", "MG")},
    ],
    ids=["everything", "states", "a region", "sellers", "all together"],
)
def test_a_total_holds_the_rows_of_its_scope_and_no_others(
    page: Page, places: dict[str, Any]
) -> None:
    scope = replace(page.view.scope, **places)
    with published(page.path) as connection:
        assert_adds_up(queries.read_total(connection, scope), page.chosen(scope))


def test_months_states_and_routes_each_add_up_to_their_own_rows(page: Page) -> None:
    rows = page.chosen(page.view.scope)
    for point in page.view.months:
        month = page.deliveries["order_month"] == pd.Timestamp(point.month)
        if not point.measures.is_empty:
            assert_adds_up(point.measures, page.deliveries[month])
    for state in page.view.states:
        assert_adds_up(state.measures, rows[rows["customer_state"] == state.state])
    for route in page.view.routes[:20]:
        own = (rows["seller_state"] == route.seller_state) & (
            rows["customer_state"] == route.customer_state
        )
        assert_adds_up(route.measures, rows[own])
    shipments = sum(route.measures.num_shipments for route in page.view.routes)
    assert shipments == page.view.current.num_shipments


def test_the_tiles_show_the_ratios_of_the_sums(page: Page) -> None:
    rows = page.chosen(page.view.scope).sum(numeric_only=True)
    shown = {tile.key: tile.value for tile in tiles.tiles(page.view)}
    late, staged = rows["num_late"], rows["num_with_stages"]
    assert shown["on_time_rate"] == fmt.percent(rows["num_on_time"] / rows["num_deliveries"])
    assert shown["promise_kept_rate"] == fmt.percent(rows["num_promise_kept"] / rows["num_due"])
    assert shown["delivery_days"] == fmt.days(
        rows["sum_delivery_days"] / rows["num_deliveries"]
    )
    assert shown["carrier_share"] == fmt.percent(rows["num_late_by_carrier"] / late)
    assert shown["late_days"] == fmt.days(rows["sum_late_days"] / late)
    assert shown["transit_days"] == fmt.days(rows["sum_transit_days"] / staged)
    assert shown["stuck"] == fmt.count(int(page.funnel["num_stuck"].sum()))


def test_changes_are_against_the_sums_of_the_period_before(page: Page) -> None:
    before = page.view.previous
    assert before.measures is not None
    rows = page.chosen(page.view.scope.during(before.period))
    assert_adds_up(before.measures, rows)
    shown = next(tile for tile in tiles.tiles(page.view) if tile.key == "on_time_rate")
    then = rows["num_on_time"].sum() / rows["num_deliveries"].sum()
    change = (page.view.current.on_time_rate or 0) - then
    assert fmt.change_percentage_points(change) in shown.html()


def test_every_tile_names_its_period_or_its_day(page: Page) -> None:
    day = fmt.day(page.view.info.as_of_date)
    for tile in tiles.tiles(page.view):
        wanted = day if tile.key == "stuck" else page.view.period.label
        assert wanted in tile.unit, tile.key


def test_an_incomplete_period_is_not_compared_and_says_why(page: Page) -> None:
    whole = page.outline.calendar.whole_months
    view = data.load(page.path, DeliveryScope(whole), MINIMUM)
    assert view.previous.measures is None
    html = tiles.tiles(view)[0].html()
    assert "n/a" in html
    assert (view.previous.reason or "nothing") in html


def test_only_states_and_routes_with_enough_deliveries_are_ranked(page: Page) -> None:
    rows = page.chosen(page.view.scope)
    for ranked, column in (
        (page.view.ranked_states, ["customer_state"]),
        (page.view.ranked_routes, ["seller_state", "customer_state"]),
    ):
        volumes = rows.groupby(column)["num_deliveries"].sum()
        assert len(ranked) == (volumes >= MINIMUM).sum() > 0
        rates = [row.measures.late_rate or 0 for row in ranked]
        assert rates == sorted(rates, reverse=True)
    shown = {chart.key: chart.subtitle for chart in charts.charts(page.view)}
    assert f"with {MINIMUM} deliveries or more" in shown["states"]
    assert f"with {MINIMUM} deliveries or more" in shown["worst_routes"]


def test_the_funnel_is_of_the_period_and_stuck_orders_are_of_all_months(page: Page) -> None:
    months = [pd.Timestamp(month) for month in page.view.period.months]
    rows = page.funnel[page.funnel["order_month"].isin(months)]
    assert page.view.funnel.num_orders == rows["num_orders"].sum()
    assert page.view.funnel.num_reached_delivered == rows["num_reached_delivered"].sum()
    stuck = page.funnel[page.funnel["num_stuck"] > 0].groupby("order_status")
    found = {row.status: row.measures for row in page.view.stuck}
    assert set(found) == set(stuck.groups)
    for status, expected in stuck["sum_standing_days"].sum().items():
        assert found[str(status)].sum_standing_days == expected
    for status, longest in stuck["max_standing_days"].max().items():
        assert found[str(status)].max_standing_days == longest


def test_the_stages_are_parts_of_the_whole(page: Page) -> None:
    now = page.view.current
    shares = (now.approval_share, now.handling_share, now.transit_share)
    assert sum(share or 0 for share in shares) == pytest.approx(1)
    days = (now.approval_days or 0) + (now.handling_days or 0) + (now.transit_days or 0)
    assert days == pytest.approx(now.sum_stage_days / now.num_with_stages)


def test_rates_of_incomplete_months_are_in_no_chart(page: Page) -> None:
    shown = {chart.key: chart for chart in charts.charts(page.view)}
    for key, panel in (("lateness", 0), ("stages", 1), ("promise", 0)):
        for trace in shown[key].panels[panel].figure.data:
            for point, value in zip(page.view.months, trace.y, strict=True):
                assert point.is_complete or value is None, key


def test_titles_say_findings_with_figures_of_the_data(page: Page) -> None:
    assert (fmt.percent(page.view.current.late_rate)) in findings.lateness(page.view)
    worst = page.view.ranked_states[0]
    assert findings.states(page.view).startswith(
        f"{fmt.percent(worst.measures.late_rate)} of deliveries to {worst.state} came late"
    )


def test_the_csv_of_routes_adds_up_to_the_page(page: Page) -> None:
    table = tables.tables(page.view)[0]
    read = list(csv.DictReader(io.StringIO(table.csv().decode("utf-8"))))
    assert sum(int(row["Deliveries"]) for row in read) == page.view.current.num_deliveries
    assert sum(int(row["Late"]) for row in read) == page.view.current.num_late


def test_a_value_of_a_filter_is_bound_and_never_part_of_the_query(page: Page) -> None:
    evil = "SP') or ('1'='1"
    with published(page.path) as connection:
        scope = replace(page.view.scope, seller_states=(evil,))
        assert queries.read_total(connection, scope).is_empty


def test_filters_that_leave_nothing_leave_an_empty_view_and_no_error(page: Page) -> None:
    first = page.outline.calendar.months[0].start
    nowhere = DeliveryScope(Period.of_months(first, 1), states=("RR",), seller_states=("AC",))
    view = data.load(page.path, nowhere, MINIMUM)
    assert view.is_empty
    assert view.ranked_routes == ()


def test_a_scope_without_enough_deliveries_still_draws_its_page(page: Page) -> None:
    view = data.load(page.path, page.view.scope, 10**9)
    shown = {chart.key: chart for chart in charts.charts(view)}
    assert shown["worst_routes"].panels == ()
    assert shown["worst_routes"].finding == "No route carried 1000000000 deliveries"
