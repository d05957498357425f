"""The answer: the tiles of the geography dashboard and the sentences above them."""

from __future__ import annotations

from dataclasses import dataclass

from dashboards.lib import format as fmt
from dashboards.lib import metrics, place_metrics
from dashboards.lib.changes import Comparison, Words, delta, moved
from dashboards.lib.geography.data import Area, GeographyData
from dashboards.lib.geography.findings import capitalised, region_name
from dashboards.lib.geography.measures import kilometres, per_thousand, signed_percent
from dashboards.lib.metrics import Measures, Metric, ratio, share
from dashboards.lib.periods import month_name
from dashboards.lib.tiles import Delta, Tile

_SALES = Metric("num_sales", "relative")


@dataclass(frozen=True)
class _Figure:
    """A figure that is no sum of rows, as a metric reads it."""

    value: float | None


def all_days(data: GeographyData) -> str:
    """The days behind the figures of cities: ``all data, Sep 2016-Oct 2018``."""
    first, last = month_name(data.calendar.first_date), month_name(data.calendar.last_date)
    return f"all data, {first}\N{EN DASH}{last}"


def _both(data: GeographyData, metric: Metric, words: Words) -> tuple[Delta, ...]:
    """The period before and the year before; once, where they are the same twelve months."""
    comparisons: tuple[Comparison[Measures], ...] = (data.previous, data.year_earlier)
    if data.previous.period == data.year_earlier.period:
        comparisons = (data.previous,)
    return tuple(
        delta(metric, data.current, one, words, f"vs {one.period.label}") for one in comparisons
    )


def tiles(data: GeographyData) -> tuple[Tile, ...]:
    """The tiles, in reading order."""
    now, period = data.current, data.period.label
    whole, cities = data.whole, data.all_cities
    people = f"{fmt.count(data.population)} inhabitants"
    return (
        Tile(
            "revenue",
            "Revenue",
            fmt.brl(now.revenue_amount),
            f"GMV and freight, {period}",
            _both(data, metrics.REVENUE, fmt.change_percent),
        ),
        Tile(
            "revenue_per_head",
            "Revenue a year per 1,000 people",
            fmt.brl(whole.revenue_per_thousand, 2),
            f"{people} of these states, {period}",
            _both(data, metrics.REVENUE, fmt.change_percent),
        ),
        Tile(
            "sales_per_head",
            "Sales a year per 1,000 people",
            fmt.number(whole.sales_per_thousand, 2),
            f"{fmt.count(now.num_sales)} sales, {period}",
            _both(data, _SALES, fmt.change_percent),
        ),
        *_region_tiles(data),
        Tile(
            "cities",
            "Cities reached",
            fmt.count(sum(city.measures.num_orders > 0 for city in data.cities)),
            f"with an order, {all_days(data)}",
            note=f"{fmt.count(len(data.ranked_cities))} of them with "
            f"{fmt.count(data.city_minimum)} orders or more.",
        ),
        Tile(
            "capitals",
            "Revenue from capitals",
            fmt.percent(_capital_share(data)),
            f"of {fmt.brl_short(cities.revenue_amount)}, {all_days(data)}",
        ),
        Tile(
            "distance",
            "Distance to the customer",
            kilometres(data.shipments.average_distance_km),
            f"{fmt.count(data.shipments.num_with_distance)} shipments, {data.months.label}",
            (
                delta(
                    place_metrics.DISTANCE,
                    data.shipments,
                    data.routes_before,
                    fmt.change_percent,
                    f"vs {data.routes_before.period.label}",
                ),
            ),
            note="As the crow flies, from the seller.",
        ),
        Tile(
            "delivery_days",
            "Delivery time",
            fmt.days(now.average_delivery_days),
            f"{fmt.count(now.num_delivered)} delivered orders, {period}",
            _both(data, metrics.DELIVERY_DAYS, fmt.change_days),
        ),
        Tile(
            "review_score",
            "Review score",
            fmt.score(now.average_review_score),
            f"stars of 5, {fmt.count(now.num_reviews)} reviews, {period}",
            _both(data, metrics.REVIEW_SCORE, fmt.change_stars),
        ),
    )


def _capital_share(data: GeographyData) -> float | None:
    capitals, others = data.split()
    return ratio(capitals.revenue_amount, capitals.revenue_amount + others.revenue_amount)


def _region_tiles(data: GeographyData) -> tuple[Tile, ...]:
    top = data.regions[0]
    base = data.growth_base
    growing = [area for area in data.regions if area.growth is not None]
    if not growing:
        reason = base.reason or f"too few orders to compare with {base.period.label}"
        fastest = Tile("fastest", "Fastest growing region", fmt.NOT_AVAILABLE, reason)
    else:
        one = max(growing, key=lambda area: area.growth or 0)
        fastest = Tile(
            "fastest",
            f"Growth, {one.name}",
            signed_percent(one.growth),
            f"fastest region: revenue, {data.period.label} vs {base.period.label}",
        )
    return (
        Tile(
            "top_region",
            f"Share of the {top.name}",
            fmt.percent(share(top.measures, data.current)),
            f"largest region: % of revenue, {data.period.label}",
            (_share_change(data, top),),
        ),
        fastest,
    )


def _share_change(data: GeographyData, area: Area) -> Delta:
    base = data.growth_base
    before = None
    if base.measures is not None and area.before is not None:
        before = _Figure(share(area.before, base.measures))
    return delta(
        Metric("value", "absolute", None),
        _Figure(share(area.measures, data.current)),
        Comparison(base.period, before, base.reason),
        fmt.change_percentage_points,
        f"vs {base.period.label}",
    )


def lead(data: GeographyData) -> str:
    """The answer in three sentences."""
    return " ".join(s for s in (_where(data), _growing(data), _far(data)) if s)


def _where(data: GeographyData) -> str:
    top = data.regions[0]
    revenue = fmt.brl_short(data.current.revenue_amount)
    if len(data.regions) == 1:
        return (
            f"{revenue} of revenue {data.period.when}, "
            f"{per_thousand(data.whole.revenue_per_thousand)} a year per 1,000 inhabitants."
        )
    low = min(data.regions, key=lambda area: area.revenue_per_thousand or float("inf"))
    return (
        f"{capitalised(region_name(top.name))} brought "
        f"{fmt.percent(share(top.measures, data.current))} of {revenue} in "
        f"{data.period.label}: {per_thousand(top.revenue_per_thousand)} a year per 1,000 "
        f"people, against {per_thousand(low.revenue_per_thousand)} in {region_name(low.name)}."
    )


def _growing(data: GeographyData) -> str:
    base = data.growth_base
    known = [area for area in data.regions if area.growth is not None]
    if not known:
        reason = base.reason or "too few orders"
        return f"Growth by region is not available: {reason}."
    one = max(known, key=lambda area: area.growth or 0)
    if len(known) == 1:
        return f"Revenue was {moved(one.growth)} on {base.period.label}."
    return (
        f"{capitalised(region_name(one.name))} grew fastest: {moved(one.growth)} on "
        f"{base.period.label}."
    )


def _far(data: GeographyData) -> str:
    bands = [b for b in data.bands if b.measures.not_late_review_score is not None]
    if len(bands) < 2:  # noqa: PLR2004 - one band has no other to stand against
        return ""
    near, far = bands[0].measures, bands[-1].measures
    lost = metrics.difference(near.average_review_score, far.average_review_score)
    rest = metrics.difference(near.not_late_review_score, far.not_late_review_score)
    if lost is None or rest is None or lost <= 0:
        return ""
    return (
        f"The longest routes score {fmt.change_stars(lost)} less than the shortest; "
        f"where nothing came late, the gap is {fmt.change_stars(rest)}."
    )
