"""The rows: the tables of the geography dashboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dashboards.lib import format as fmt
from dashboards.lib import place_metrics
from dashboards.lib.geography.data import Area, GeographyData
from dashboards.lib.geography.names import city_name
from dashboards.lib.metrics import share
from dashboards.lib.place_metrics import CityMeasures
from dashboards.lib.tables import (
    Cell,
    Column,
    Table,
    money,
    one_decimal,
    percent_number,
    rounded,
    two_decimals,
)

_CITY: tuple[tuple[Column, Callable[[CityMeasures], Cell]], ...] = (
    (Column("Revenue (R$)", money), lambda m: m.revenue_amount),
    (Column("Orders", fmt.count), lambda m: m.num_orders),
    (Column("Customers", fmt.count), lambda m: m.num_customers),
    (Column("Sellers", fmt.count), lambda m: m.num_sellers),
    (Column("Order value (R$)", money), lambda m: rounded(m.average_order_value)),
    (Column("Freight (% of revenue)", one_decimal), lambda m: percent_number(m.freight_share)),
    (Column("Delivery (days)", one_decimal), lambda m: rounded(m.average_delivery_days)),
    (Column("On time (%)", one_decimal), lambda m: percent_number(m.on_time_rate)),
    (Column("Distance (km)", fmt.number), lambda m: rounded(m.average_distance_km)),
    (Column("Score (1-5)", two_decimals), lambda m: rounded(m.average_review_score)),
    (Column("Reviews", fmt.count), lambda m: m.num_reviews),
)
_AREA: tuple[tuple[Column, Callable[[Area, GeographyData], Cell]], ...] = (
    (Column("Revenue (R$)", money), lambda a, _: a.measures.revenue_amount),
    (
        Column("Revenue share (%)", one_decimal),
        lambda a, d: percent_number(share(a.measures, d.current)),
    ),
    (Column("Revenue growth (%)", one_decimal), lambda a, _: percent_number(a.growth)),
    (Column("Inhabitants", fmt.count), lambda a, _: a.population or None),
    (
        Column("Revenue a year per 1,000 inhabitants (R$)", money),
        lambda a, _: rounded(a.revenue_per_thousand),
    ),
    (
        Column("Gap to the average (R$)", money),
        lambda a, d: rounded(
            place_metrics.gap_to_average(
                a.measures, a.population, d.whole.revenue_per_thousand, d.period.num_days
            )
        ),
    ),
    (
        Column("Sales a year per 1,000 inhabitants", two_decimals),
        lambda a, _: rounded(a.sales_per_thousand),
    ),
    (Column("Sales", fmt.count), lambda a, _: a.measures.num_sales),
    (
        Column("Order value (R$)", money),
        lambda a, _: rounded(a.measures.average_order_value),
    ),
    (
        Column("Freight (% of revenue)", one_decimal),
        lambda a, _: percent_number(place_metrics.freight_share(a.measures)),
    ),
    (
        Column("Delivery (days)", one_decimal),
        lambda a, _: rounded(a.measures.average_delivery_days),
    ),
    (Column("On time (%)", one_decimal), lambda a, _: percent_number(a.measures.on_time_rate)),
    (Column("Distance (km)", fmt.number), lambda a, _: rounded(a.routes.average_distance_km)),
    (
        Column("Score (1-5)", two_decimals),
        lambda a, _: rounded(a.measures.average_review_score),
    ),
)


def tables(data: GeographyData) -> tuple[Table, ...]:
    """By city, by state, by region; that of cities only where there are some."""
    cities = (_by_city(data),) if data.ranked_cities else ()
    names = (Column("State"), Column("Name"), Column("Region"))
    return (
        *cities,
        Table(
            "by_state",
            "By state",
            (*names, *(column for column, _ in _AREA)),
            tuple((a.code, a.name, a.region, *_of(a, data)) for a in _traded(data.states)),
        ),
        Table(
            "by_region",
            "By region",
            (Column("Region"), *(column for column, _ in _AREA)),
            tuple((a.name, *_of(a, data)) for a in _traded(data.regions)),
        ),
    )


def _traded(areas: Sequence[Area]) -> list[Area]:
    """Those with an order in the period."""
    return [area for area in areas if area.measures.num_orders]


def _of(area: Area, data: GeographyData) -> tuple[Cell, ...]:
    return tuple(read(area, data) for _, read in _AREA)


def _by_city(data: GeographyData) -> Table:
    return Table(
        "by_city",
        "By city",
        (
            Column("City"),
            Column("State"),
            Column("Region"),
            Column("Capital"),
            *(column for column, _ in _CITY),
        ),
        tuple(
            (
                city_name(city.city),
                city.state,
                city.region,
                "yes" if city.is_capital else "no",
                *(read(city.measures) for _, read in _CITY),
            )
            for city in data.ranked_cities
        ),
        period=data.calendar.whole,
    )
