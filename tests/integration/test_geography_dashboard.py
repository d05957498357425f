"""The geography dashboard's figures against its marts, read by another route."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from dashboards.lib.executive.data import load_outline
from dashboards.lib.geography import charts, sections, tables, tiles
from dashboards.lib.geography.data import STATE_MINIMUM, Area, GeographyData, load
from dashboards.lib.geography.measures import MAP_MEASURES, MapMeasure
from dashboards.lib.periods import Period
from dashboards.lib.queries.executive import Scope
from orchestration.warehouse import open_reader

# A part of a month at either end: the days act on orders, shipments go by whole months.
PERIOD = Period(date(2018, 3, 10), date(2018, 8, 20))


@pytest.fixture(params=["generated", pytest.param("real", marks=pytest.mark.real_data)])
def warehouse(request: pytest.FixtureRequest) -> Path:
    name = "built_warehouse" if request.param == "generated" else "real_warehouse"
    path: Path = request.getfixturevalue(name)
    return path


def _rows(warehouse: Path, query: str) -> list[tuple[object, ...]]:
    with open_reader(warehouse) as connection:
        return connection.execute(query).fetchall()


def _by_code(areas: tuple[Area, ...]) -> dict[str, Area]:
    return {area.code: area for area in areas}


def test_each_state_has_its_sums_of_the_days_and_its_inhabitants(warehouse: Path) -> None:
    areas = _by_code(load(warehouse, Scope(PERIOD)).states)
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
        assert (area.measures.revenue_amount, area.measures.num_orders) == (revenue, orders)
        assert area.population == population
        assert area.revenue_per_thousand == pytest.approx(
            float(str(revenue)) * 1000 / float(str(population)) * 365 / PERIOD.num_days
        )


def test_distance_and_stars_of_a_state_are_those_of_its_shipments_by_month(
    warehouse: Path,
) -> None:
    areas = _by_code(load(warehouse, Scope(PERIOD)).states)
    expected = _rows(
        warehouse,
        """
        select
            customer_state,
            sum(sum_distance_km) / nullif(sum(num_with_distance), 0),
            sum(sum_review_score) / nullif(sum(num_reviews), 0)
        from marts.mart_delivery_metrics
        where order_month >= '2018-03-01' and order_month <= '2018-08-01'
        group by customer_state
        """,
    )
    for state, distance, score in expected:
        routes = areas[str(state)].routes
        assert routes.average_distance_km == pytest.approx(distance)
        assert routes.average_review_score == pytest.approx(score)


def test_bands_hold_every_shipment_whose_route_has_a_distance(warehouse: Path) -> None:
    data = load(warehouse, Scope(PERIOD))
    in_bands = sum(band.measures.num_shipments for band in data.bands)
    known = [r.measures for r in data.routes if r.measures.average_distance_km is not None]
    assert in_bands == sum(one.num_shipments for one in known) > 0
    distances = [band.measures.average_distance_km or 0 for band in data.bands]
    assert distances == sorted(distances)


def test_capitals_and_the_rest_are_all_cities_over_all_days(warehouse: Path) -> None:
    capitals, others = load(warehouse, Scope(PERIOD)).split()
    ((all_revenue, of_capitals),) = _rows(
        warehouse,
        """
        select sum(revenue_amount), sum(revenue_amount) filter (is_capital)
        from marts.mart_geographic_analysis
        """,
    )
    assert capitals.revenue_amount == of_capitals
    assert capitals.revenue_amount + others.revenue_amount == all_revenue


def test_regions_are_the_sums_of_their_states(warehouse: Path) -> None:
    data = load(warehouse, Scope(PERIOD))
    for region in data.regions:
        own = [area for area in data.states if area.region == region.code]
        assert region.measures.revenue_amount == sum(a.measures.revenue_amount for a in own)
        assert region.population == sum(area.population for area in own)


def test_growth_is_against_the_year_before_and_needs_orders_in_both(warehouse: Path) -> None:
    period = load_outline(warehouse).calendar.default_period()
    data = load(warehouse, Scope(period))
    assert data.growth_base.period == period.year_earlier()
    for area in data.states:
        assert area.before is not None
        enough = min(area.before.num_orders, area.measures.num_orders) >= STATE_MINIMUM
        assert (area.growth is not None) == enough
        if area.growth is not None:
            now, then = area.measures.revenue_amount, area.before.revenue_amount
            assert area.growth == pytest.approx(float(now) / float(then) - 1)


def test_an_incomplete_period_has_no_growth_and_says_why(warehouse: Path) -> None:
    outline = load_outline(warehouse)
    data = load(warehouse, Scope(outline.calendar.whole_months))
    assert data.growth_base.measures is None
    assert all(area.growth is None for area in data.states)
    (growth,) = [one for one in charts.charts(data, MAP_MEASURES[0]) if one.key == "growth"]
    assert growth.panels == ()
    assert "incomplete" in growth.finding or "no data before" in growth.finding


def test_the_minimum_decides_which_cities_are_ranked(warehouse: Path) -> None:
    data = load(warehouse, Scope(PERIOD), 20)
    ((ranked, reached),) = _rows(
        warehouse,
        """
        select count(*) filter (num_orders >= 20), count(*) filter (num_orders > 0)
        from marts.mart_geographic_analysis
        """,
    )
    assert len(data.ranked_cities) == ranked
    tile = {tile.key: tile for tile in tiles.tiles(data)}["cities"]
    assert tile.value == f"{reached:,}"


def test_a_minimum_no_city_has_leaves_the_cities_out_and_the_rest_in(warehouse: Path) -> None:
    data = load(warehouse, Scope(PERIOD, states=("AC",)), 500)
    assert data.ranked_cities == ()
    assert [table.key for table in tables.tables(data)] == ["by_state", "by_region"]


def test_a_scope_holds_only_its_places(warehouse: Path) -> None:
    data = load(warehouse, Scope(PERIOD, regions=("South",)))
    assert {area.code for area in data.states} == {"PR", "RS", "SC"}
    assert {city.region for city in data.cities} == {"South"}
    assert {route.customer_state for route in data.routes} <= {"PR", "RS", "SC"}


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
    data = load(warehouse, Scope(Period(first, first), states=(str(state),)))
    assert data.is_empty
    assert "No orders match" in sections.answer(data).text
    assert sections.why(data, MAP_MEASURES[0]) is None
    assert sections.rows(data) is None


@pytest.mark.parametrize("measure", MAP_MEASURES, ids=lambda measure: measure.label)
def test_every_measure_of_the_map_ranks_only_states_with_enough_behind_them(
    built_warehouse: Path, measure: MapMeasure
) -> None:
    data = load(built_warehouse, Scope(PERIOD))
    shown = measure.shown(data)
    areas = _by_code(data.states)
    if measure.base is not None:
        assert all(measure.base(areas[state]) >= STATE_MINIMUM for state in shown)
    assert list(shown.values()) == sorted(shown.values(), reverse=True)
    (card,) = [one for one in charts.charts(data, measure) if one.key == "state_map"]
    assert card.finding.startswith(measure.label)


def test_the_table_of_cities_is_the_mart_to_the_centavo(built_warehouse: Path) -> None:
    data = load(built_warehouse, Scope(PERIOD), 1)
    table = tables.tables(data)[0]
    revenue = [column.name for column in table.columns].index("Revenue (R$)")
    total = sum((Decimal(str(row[revenue])) for row in table.rows), Decimal(0))
    ((expected,),) = _rows(
        built_warehouse,
        "select sum(revenue_amount) from marts.mart_geographic_analysis where num_orders > 0",
    )
    assert total == expected
    assert table.file_name("geography", data.period).startswith("geography_by_city_2016-")


def _data(warehouse: Path) -> GeographyData:
    return load(warehouse, Scope(PERIOD))


def test_every_card_names_its_unit_or_period(built_warehouse: Path) -> None:
    for card in charts.charts(_data(built_warehouse), MAP_MEASURES[0]):
        assert "201" in card.subtitle, card.key
    for tile in tiles.tiles(_data(built_warehouse)):
        assert "201" in tile.unit or "20" in tile.unit, tile.key
