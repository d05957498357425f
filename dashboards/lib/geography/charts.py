"""The why: the charts of the geography dashboard, each with its finding as title."""

from __future__ import annotations

from collections.abc import Sequence

from dashboards.lib import format as fmt
from dashboards.lib import place_metrics, theme
from dashboards.lib.cards import Chart, Panel
from dashboards.lib.charts import PERCENT_AXIS, Axis, Rank, Series, ranked_columns, ranked_rows
from dashboards.lib.geography import findings
from dashboards.lib.geography.data import STATE_MINIMUM, Area, GeographyData
from dashboards.lib.geography.measures import (
    MapMeasure,
    kilometres,
    per_thousand,
    signed_percent,
)
from dashboards.lib.geography.names import city_name
from dashboards.lib.geography.tiles import all_days
from dashboards.lib.maps import AreaMark, PointMark, classed, point_map, state_map
from dashboards.lib.metrics import ratio, share
from dashboards.lib.points import Bubble, bubbles, class_lines, dot_rows
from dashboards.lib.queries.geography import City
from dashboards.lib.tiles import Key

_NO_VALUE = Key("Nothing to show", theme.NO_VALUE, "band")
# As many columns as a narrow screen can name, half of them from either end.
_MAX_COLUMNS = 12
_KM_AXIS = Axis(tick_format=",~f", suffix=" km", title="Average distance, km")


def charts(data: GeographyData, measure: MapMeasure) -> tuple[Chart, ...]:
    """The cards, in the order of the questions; that of cities only where there are some."""
    cities = (_cities(data),) if data.ranked_cities else ()
    return (
        _states(data, measure),
        *cities,
        _regions(data),
        _growth(data),
        _distance(data),
        _states_by_distance(data),
        _capitals(data),
        _freight(data),
    )


def _states(data: GeographyData, measure: MapMeasure) -> Chart:
    values = measure.shown(data)
    colours, keys = classed(values, measure.colours, measure.words)
    minimum = "" if measure.base is None else f"; states with {STATE_MINIMUM} or more of them"
    of = data.period.label
    if measure.label == "Revenue growth":
        of = f"{of} vs {data.growth_base.period.label}"
        minimum = f"; states with {STATE_MINIMUM} orders or more in both"
    marks = [
        AreaMark(
            area.code,
            colours.get(area.code, theme.NO_VALUE),
            _state_words(area, measure),
        )
        for area in data.states
    ]
    has_gaps = len(values) < len(data.states)
    return Chart(
        "state_map",
        findings.state_map(data, measure),
        f"{measure.label} by state of the customer, {measure.unit}, {of}{minimum}",
        (Panel(state_map(marks)),),
        (*keys, _NO_VALUE) if has_gaps else keys,
    )


def _state_words(area: Area, measure: MapMeasure) -> str:
    value = measure.value(area)
    lines = [
        f"<b>{area.name}</b> ({area.region})",
        f"{measure.label}: {measure.words(value)}",
        f"Revenue: {fmt.brl(area.measures.revenue_amount)}",
        (
            f"{fmt.count(area.measures.num_orders)} orders, "
            f"{fmt.count(area.population)} inhabitants"
        ),
    ]
    return "<br>".join(lines)


def _cities(data: GeographyData) -> Chart:
    cities = [
        city
        for city in data.ranked_cities
        if city.latitude is not None and city.longitude is not None
    ]
    scores = {
        f"{city.state} {city.city}": score
        for city in cities
        if (score := city.measures.average_review_score) is not None
        and city.measures.num_reviews >= STATE_MINIMUM
    }
    colours, keys = classed(scores, theme.DIVERGING, fmt.score)
    largest = max((city.measures.revenue_amount for city in cities), default=0)
    points = [
        PointMark(
            float(city.longitude or 0),
            float(city.latitude or 0),
            max(ratio(city.measures.revenue_amount, largest) or 0, 0),
            colours.get(f"{city.state} {city.city}", theme.INCOMPLETE),
            _city_words(city),
        )
        for city in cities
    ]
    few = (Key(f"Under {STATE_MINIMUM} reviews", theme.INCOMPLETE),)
    return Chart(
        "city_map",
        findings.city_map(data),
        f"Cities with {fmt.count(data.city_minimum)} orders or more, {all_days(data)}: size is "
        "revenue in R$, colour is the review score in stars of 5",
        (Panel(point_map(points)),),
        (*keys, *few) if len(scores) < len(cities) else keys,
    )


def _city_words(city: City) -> str:
    sums = city.measures
    return "<br>".join(
        (
            f"<b>{city_name(city.city)}</b>, {city.state}",
            f"Revenue: {fmt.brl(sums.revenue_amount)}, {fmt.count(sums.num_orders)} orders",
            f"Score: {fmt.score(sums.average_review_score)} stars",
            f"Delivery: {fmt.days(sums.average_delivery_days)}",
        )
    )


def _regions(data: GeographyData) -> Chart:
    ranks = []
    for area in sorted(data.regions, key=lambda a: -(a.revenue_per_thousand or 0)):
        of_people = fmt.percent(ratio(area.population, data.population))
        of_revenue = fmt.percent(share(area.measures, data.current))
        ranks.append(
            Rank(
                area.name,
                area.revenue_per_thousand,
                per_thousand(area.revenue_per_thousand),
                f"{fmt.brl(area.revenue_per_thousand, 2)} a year per 1,000 people; {of_people} "
                f"of the inhabitants, {of_revenue} of revenue",
                theme.region_colour(area.name),
            )
        )
    of = data.period.label
    names = [rank.name for rank in ranks]
    areas = {area.name: area for area in data.regions}
    people = tuple(ratio(areas[name].population, data.population) for name in names)
    revenue = tuple(share(areas[name].measures, data.current) for name in names)
    return Chart(
        "regions",
        findings.regions(data),
        f"By region of the customer: inhabitants of 1 July 2018, revenue of {of}",
        (
            Panel(
                ranked_rows(ranks, Axis(prefix="R$ ", from_zero=True), row_height=32),
                "Revenue, R$ a year per 1,000 inhabitants",
            ),
            Panel(
                dot_rows(
                    names,
                    (
                        Series("Inhabitants", people, fmt.percent, colour=theme.VERMILION),
                        Series("Revenue", revenue, fmt.percent),
                    ),
                    Axis(tick_format="~%", from_zero=True),
                    row_height=32,
                ),
                "Share of the inhabitants and share of revenue, %",
            ),
        ),
        (Key("Inhabitants", theme.VERMILION), Key("Revenue", theme.BLUE)),
    )


def _growth(data: GeographyData) -> Chart:
    base = data.growth_base
    regions = _growth_ranks(data.regions)
    states = _growth_ranks(data.states)
    if len(states) > _MAX_COLUMNS:
        half = _MAX_COLUMNS // 2
        shown, which = states[:half] + states[-half:], f"the {half} fastest and {half} slowest"
    else:
        shown, which = states, "all of them"
    if base.measures is None:
        panels: tuple[Panel, ...] = ()
        subtitle = (
            f"Growth of revenue {data.period.when}: only comparable complete periods are "
            "compared, so choose other days"
        )
    else:
        panels = (
            Panel(ranked_rows(regions, PERCENT_AXIS, row_height=32), "By region"),
            Panel(
                ranked_columns(shown, PERCENT_AXIS, height=220),
                f"By state, {which} of {len(states)}",
            ),
        )
        subtitle = (
            f"Growth of revenue in percent, {data.period.label} vs {base.period.label}; with "
            f"{STATE_MINIMUM} orders or more in both"
        )
    return Chart("growth", findings.growth(data), subtitle, panels)


def _growth_ranks(areas: Sequence[Area]) -> list[Rank]:
    known = [area for area in areas if area.growth is not None]
    return [
        Rank(
            area.code,
            area.growth,
            signed_percent(area.growth, 0),
            f"{area.name}: {signed_percent(area.growth)}, revenue "
            f"{fmt.brl(area.measures.revenue_amount)}",
            theme.region_colour(area.region),
        )
        for area in sorted(known, key=lambda a: (-(a.growth or 0), a.code))
    ]


def _distance(data: GeographyData) -> Chart:
    bands = data.bands
    classes = [band.label for band in bands]
    title = "Average distance of the route, km and more, up to the next"
    return Chart(
        "distance",
        findings.distance(data),
        "Routes from the seller's state to the customer's, by their average distance as the "
        f"crow flies; shipments of {data.months.label} (by month: parts of months count whole)",
        (
            Panel(
                class_lines(
                    classes,
                    (
                        Series(
                            "All shipments",
                            tuple(band.measures.average_review_score for band in bands),
                            fmt.score,
                        ),
                        Series(
                            "Not late",
                            tuple(band.measures.not_late_review_score for band in bands),
                            fmt.score,
                            colour=theme.GREEN,
                            dash="dot",
                        ),
                    ),
                    Axis(suffix=" \N{BLACK STAR}", tick_format="~f"),
                    title,
                ),
                "Review score, 1 to 5 stars; the axis does not start at 1",
            ),
            Panel(
                class_lines(
                    classes,
                    (
                        Series(
                            "Late",
                            tuple(band.measures.late_rate for band in bands),
                            fmt.percent,
                            colour=theme.VERMILION,
                        ),
                    ),
                    Axis(tick_format="~%", from_zero=True),
                    title,
                    height=190,
                ),
                "Delivered after the promised day, % of delivered shipments",
            ),
        ),
        (
            Key("All shipments", theme.BLUE, "line"),
            Key("Not late", theme.GREEN, "line"),
            Key("Late", theme.VERMILION, "line"),
        ),
    )


def _states_by_distance(data: GeographyData) -> Chart:
    shown = tuple(
        area
        for area in data.states
        if area.routes.num_reviews >= STATE_MINIMUM
        and area.routes.average_distance_km is not None
        and area.routes.average_review_score is not None
    )
    most = max((area.routes.num_shipments for area in shown), default=0)
    points = [
        Bubble(
            area.code,
            area.routes.average_distance_km or 0,
            area.routes.average_review_score or 0,
            ratio(area.routes.num_shipments, most) or 0,
            theme.region_colour(area.region),
            "<br>".join(
                (
                    f"<b>{area.name}</b> ({area.region})",
                    f"{kilometres(area.routes.average_distance_km)} on average",
                    (
                        f"{fmt.score(area.routes.average_review_score)} stars of "
                        f"{fmt.count(area.routes.num_reviews)} reviewed shipments"
                    ),
                    (
                        f"{fmt.percent(area.routes.late_rate)} late, "
                        f"{fmt.days(area.routes.average_delivery_days)} to the door"
                    ),
                )
            ),
        )
        for area in shown
    ]
    regions = {area.region for area in shown}
    return Chart(
        "states_by_distance",
        findings.states_by_distance(data, shown),
        f"States of the customer with {STATE_MINIMUM} reviewed shipments or more: distance in "
        f"km against review score in stars of 5; size is shipments, {data.months.label}",
        (
            Panel(
                bubbles(
                    points,
                    _KM_AXIS,
                    Axis(suffix=" \N{BLACK STAR}", tick_format="~f"),
                    height=430,
                )
            ),
        ),
        tuple(
            Key(area.name, theme.region_colour(area.name))
            for area in data.regions
            if area.name in regions
        ),
    )


def _capitals(data: GeographyData) -> Chart:
    rows = [(area.name, *data.split(area.name)) for area in data.regions]
    ranks = []
    for name, capitals, others in rows:
        part = ratio(capitals.revenue_amount, capitals.revenue_amount + others.revenue_amount)
        ranks.append(
            Rank(
                name,
                part,
                fmt.percent(part),
                f"{fmt.brl(capitals.revenue_amount)} in capitals, "
                f"{fmt.brl(others.revenue_amount)} outside the capitals",
                theme.region_colour(name),
            )
        )
    names = [name for name, _, _ in rows]
    return Chart(
        "capitals",
        findings.capitals(data),
        f"State capitals against all other cities, {all_days(data)} (the dates chosen do not "
        "act here). Inhabitants of cities are not in the data",
        (
            Panel(
                ranked_rows(ranks, Axis(tick_format="~%", from_zero=True), row_height=32),
                "Capitals' share of the region's revenue, %",
            ),
            Panel(
                dot_rows(
                    names,
                    (
                        Series(
                            "Capitals",
                            tuple(inside.average_delivery_days for _, inside, _ in rows),
                            fmt.days,
                        ),
                        Series(
                            "Outside the capitals",
                            tuple(outside.average_delivery_days for _, _, outside in rows),
                            fmt.days,
                            colour=theme.ORANGE,
                        ),
                    ),
                    Axis(suffix=" d", tick_format="~f", from_zero=True),
                    row_height=32,
                ),
                "Days from purchase to the door",
            ),
        ),
        (Key("Capitals, days", theme.BLUE), Key("Outside the capitals, days", theme.ORANGE)),
    )


def _freight(data: GeographyData) -> Chart:
    shares, values = [], []
    for area in data.regions:
        part = place_metrics.freight_share(area.measures)
        value = area.measures.average_order_value
        colour = theme.region_colour(area.name)
        of = fmt.brl(area.measures.revenue_amount)
        words = fmt.percent(part)
        shares.append(Rank(area.name, part, words, f"{words} of {of}", colour))
        words = f"{fmt.brl(value, 2)} per sale"
        values.append(Rank(area.name, value, fmt.brl(value), words, colour))
    return Chart(
        "freight",
        findings.freight(data),
        f"By region of the customer, {data.period.label}. A proxy of unit economics: no costs "
        "are in the data",
        (
            Panel(
                ranked_rows(shares, Axis(tick_format="~%", from_zero=True), row_height=32),
                "Freight paid by the customer, % of revenue",
            ),
            Panel(
                ranked_rows(values, Axis(prefix="R$ ", from_zero=True), row_height=32),
                "Average order value, R$ per sale",
            ),
        ),
    )
