"""The geography dashboard's figures against its marts, read by another route."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from dashboards.geography import PAGE
from dashboards.lib import render, shell
from dashboards.lib.growth import grown
from dashboards.lib.parts import geography as parts
from dashboards.lib.parts import geography_distance, geography_maps
from dashboards.lib.parts.geography import CITIES, REGIONS, ROUTES, STATES
from dashboards.lib.periods import Period
from dashboards.lib.view import View
from orchestration.dbt import variables as rules
from orchestration.warehouse.store import open_reader
from tests.support.pages import chart, table, tile, view_of

# A part of a month at either end: the days act on orders, shipments go by whole months.
PERIOD = Period(date(2018, 3, 10), date(2018, 8, 20))
EVERY_CITY = {"cities": "All cities with an order"}


@pytest.fixture(params=["generated", pytest.param("real", marks=pytest.mark.real_data)])
def warehouse(request: pytest.FixtureRequest) -> Path:
    name = "built_warehouse" if request.param == "generated" else "real_warehouse"
    path: Path = request.getfixturevalue(name)
    return path


def _rows(warehouse: Path, query: str) -> list[tuple[object, ...]]:
    with open_reader(warehouse) as connection:
        return connection.execute(query).fetchall()


def test_each_state_has_its_sums_of_the_days_and_its_inhabitants(warehouse: Path) -> None:
    areas = {
        row["customer_state"]: row for row in parts.areas(view_of(PAGE, warehouse, PERIOD))
    }
    expected = _rows(
        warehouse,
        """
        select
            customer_state,
            sum(revenue_amount),
            sum(num_orders),
            (
                select max(state_population) from marts.mart_geographic_analysis
                where state = customer_state
            )
        from marts.mart_executive_dashboard
        where order_date >= '2018-03-10' and order_date <= '2018-08-20'
        group by customer_state
        """,
    )
    assert expected
    for state, revenue, orders, population in expected:
        area = areas[str(state)]
        assert (area["revenue_amount"], area["num_orders"]) == (revenue, orders)
        assert area["state_population"] == population
        assert area[parts.PER_HEAD] == pytest.approx(
            float(str(revenue)) * 1000 / float(str(population)) * 365 / PERIOD.num_days
        )


def test_the_gaps_to_the_average_add_up_to_nothing(warehouse: Path) -> None:
    view = view_of(PAGE, warehouse)
    rows = parts.areas(view)
    if len(rows) == len(parts.people(view)):
        assert sum(row["gap_amount"] for row in rows) == pytest.approx(0, abs=1)
    average = sum(row["revenue_amount"] for row in rows) / sum(
        one["state_population"] for one in parts.people(view)
    )
    for row in rows:
        lacks = float(average * row["state_population"] - row["revenue_amount"])
        assert row["gap_amount"] == pytest.approx(lacks)


def test_distance_and_stars_of_a_state_are_those_of_its_shipments_by_month(
    warehouse: Path,
) -> None:
    view = view_of(PAGE, warehouse, PERIOD)
    names = (parts.DISTANCE, "shipment_review_score", "not_late_shipment_review_score")
    found = {
        row["customer_state"]: tuple(row[name] for name in names)
        for row in view.of(ROUTES).ask(names, ("customer_state",), mart=ROUTES)
    }
    expected = _rows(
        warehouse,
        """
        select
            customer_state,
            sum(sum_distance_km) / nullif(sum(num_with_distance), 0),
            sum(sum_review_score) / nullif(sum(num_reviews), 0),
            (sum(sum_review_score) - sum(sum_late_review_score))
                / nullif(sum(num_reviews) - sum(num_late_reviews), 0)
        from marts.mart_delivery_metrics
        where order_month >= '2018-03-01' and order_month <= '2018-08-01'
        group by customer_state
        """,
    )
    assert expected
    for state, *figures in expected:
        assert found[state] == pytest.approx(tuple(figures))


def test_bands_hold_every_shipment_whose_route_has_a_distance(warehouse: Path) -> None:
    bands = geography_distance.bands(view_of(PAGE, warehouse, PERIOD))
    ((known,),) = _rows(
        warehouse,
        """
        select sum(shipments) from (
            select sum(num_shipments) as shipments
            from marts.mart_delivery_metrics
            where order_month >= '2018-03-01' and order_month <= '2018-08-01'
            group by seller_state, customer_state
            having sum(num_with_distance) > 0
        )
        """,
    )
    assert sum(band["num_shipments"] for band in bands) == known
    places = [band["band"] for band in bands]
    assert places == sorted(set(places))


def test_capitals_and_the_rest_are_all_cities_over_all_days(warehouse: Path) -> None:
    view = view_of(PAGE, warehouse, PERIOD)
    ((all_revenue, of_capitals),) = _rows(
        warehouse,
        """
        select sum(revenue_amount), sum(revenue_amount) filter (is_capital)
        from marts.mart_geographic_analysis
        """,
    )
    total = view.total(CITIES)
    assert total["city_revenue_amount"] == all_revenue
    assert total["capital_revenue_rate"] == pytest.approx(
        float(str(of_capitals)) / float(str(all_revenue))
    )


def test_regions_are_the_sums_of_their_states(warehouse: Path) -> None:
    view = view_of(PAGE, warehouse, PERIOD)
    states = parts.areas(view)
    for region in parts.areas(view, REGIONS):
        own = [row for row in states if row["region"] == region["region"]]
        assert region["revenue_amount"] == sum(row["revenue_amount"] for row in own)
        inhabitants = [
            one["state_population"]
            for one in parts.people(view)
            if one["region"] == region["region"]
        ]
        assert region["state_population"] == sum(inhabitants)


def test_growth_is_against_the_year_before_and_needs_sales_in_both(warehouse: Path) -> None:
    view = view_of(PAGE, warehouse)
    assert view.growth_base.period == view.period.year_earlier()
    least = rules.var("min_sales_for_growth")
    now, then = (
        {
            str(row[0]): row[1:]
            for row in _rows(
                warehouse,
                "select customer_state, sum(num_sales), sum(revenue_amount) "
                "from marts.mart_executive_dashboard "
                f"where order_date between '{period.start}' and '{period.end}' group by 1",
            )
        }
        for period in (view.period, view.growth_base.period)
    )
    enough = {
        state
        for state, (sales, _) in then.items()
        if min(int(str(sales)), int(str(now.get(state, (0, 0))[0]))) >= least
    }
    found = {
        row.before["customer_state"]: row.growth for row in grown(view, parts.GROWTH, STATES)
    }
    assert set(found) == enough
    for state, growth in found.items():
        was, is_now = (float(str(values[state][1])) for values in (then, now))
        assert growth == pytest.approx(is_now / was - 1)


def test_an_incomplete_period_has_no_growth_and_says_why(warehouse: Path) -> None:
    view = view_of(PAGE, warehouse)
    view = replace(view, period=view.calendar.whole_months)
    assert all(row["growth_rate"] is None for row in parts.areas(view))
    growth = chart(view, "growth")
    assert growth.panels == ()
    assert "incomplete" in growth.finding or "no data before" in growth.finding


def test_the_minimum_decides_which_cities_are_shown(warehouse: Path) -> None:
    view = view_of(PAGE, warehouse, PERIOD)
    ((ranked, reached),) = _rows(
        warehouse,
        """
        select count(*) filter (num_orders >= 20), count(*) filter (num_orders > 0)
        from marts.mart_geographic_analysis
        """,
    )
    assert len(table(view, "by_city").rows) == ranked
    assert tile(view, "cities").value == f"{reached:,}"
    assert f"{ranked:,} of them" in str(tile(view, "cities").note)


def test_a_minimum_no_city_has_leaves_the_cities_out_and_the_rest_in(warehouse: Path) -> None:
    all_months = view_of(PAGE, warehouse).calendar.whole_months
    none = {"cities": "500 orders or more"}
    view = view_of(PAGE, warehouse, all_months, {"state": ("AC",)}, none)
    assert [one.key for one in render.tables(view)] == ["by_state", "by_region"]
    assert "city_map" not in {one.key for one in render.charts(view)}


def test_a_scope_holds_only_its_places(warehouse: Path) -> None:
    view = view_of(PAGE, warehouse, PERIOD, {"region": ("South",)}, EVERY_CITY)
    south = {"PR", "RS", "SC"}
    assert {row["customer_state"] for row in parts.areas(view)} == south
    assert {one["state"] for one in parts.people(view)} == south
    assert {row[1] for row in table(view, "by_city").rows} <= south
    routes = view.ask(("num_shipments",), ("customer_state",), mart=ROUTES)
    assert {row["customer_state"] for row in routes} <= south


def test_filters_that_leave_nothing_say_so(warehouse: Path) -> None:
    ((first, state),) = _rows(
        warehouse,
        """
        with days as (select min(order_date) as first from marts.mart_executive_dashboard)
        select any_value(days.first), min(customer_state)
        from marts.mart_executive_dashboard, days
        where customer_state not in (
            select customer_state from marts.mart_executive_dashboard, days
            where order_date = days.first
        )
        """,
    )
    assert isinstance(first, date)
    view = view_of(PAGE, warehouse, Period(first, first), {"state": (str(state),)})
    assert view.is_empty
    assert "No orders match" in shell.summary(view).text
    assert shell.charts(view) is None
    assert shell.rows(view) is None


@pytest.mark.parametrize("label", geography_maps.MAP_MEASURES)
def test_every_measure_of_the_map_ranks_only_states_with_enough_behind_them(
    built_warehouse: Path, label: str
) -> None:
    view = view_of(PAGE, built_warehouse, PERIOD, chosen={"map": label})
    name, _ = geography_maps.MAP_MEASURES[label]
    card = chart(view, "state_map")
    assert card.finding.startswith(label)
    coloured = {
        trace.name
        for trace in card.panels[0].figure.data
        if trace.text and trace.fillcolor != "#F0F1F3"
    }
    known = view.source.definitions.metrics
    volume = known[name].volume if name in known else None
    if volume is not None:
        few = {row["customer_state"] for row in parts.areas(view) if row[volume] < 20}
        assert not coloured & few


def test_a_region_alone_is_told_as_such(warehouse: Path) -> None:
    view = view_of(PAGE, warehouse, where={"region": ("North",)})
    assert "All revenue" not in parts.where(view)
    assert len(render.charts(view)) >= 7
    assert len(render.tiles(view)) == 10


def test_the_table_of_cities_is_the_mart_to_the_centavo(built_warehouse: Path) -> None:
    view = view_of(PAGE, built_warehouse, PERIOD, chosen=EVERY_CITY)
    cities = table(view, "by_city")
    revenue = [column.name for column in cities.columns].index("Revenue (R$)")
    total = sum((Decimal(str(row[revenue])) for row in cities.rows), Decimal(0))
    ((expected,),) = _rows(
        built_warehouse,
        "select sum(revenue_amount) from marts.mart_geographic_analysis where num_orders > 0",
    )
    assert total == expected
    assert cities.file_name("geography", view.period).startswith("geography_by_city_2016-")


def test_every_card_names_its_unit_or_period(built_warehouse: Path) -> None:
    view: View = view_of(PAGE, built_warehouse, PERIOD)
    for card in render.charts(view):
        assert "201" in card.subtitle, card.key
    for one in render.tiles(view):
        assert "201" in one.unit or "20" in one.unit, one.key
