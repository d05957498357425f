"""What only the geography page shows of people and what they buy: figures, tiles, tables.

Its maps are in ``geography_maps``, what distance costs in ``geography_distance``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from dashboards.lib import format as fmt
from dashboards.lib import theme, words
from dashboards.lib.cards import Chart, Panel
from dashboards.lib.charts import Axis, Rank, Series, ranked_rows
from dashboards.lib.definitions import Metric
from dashboards.lib.figures import delta, figure
from dashboards.lib.growth import grown, signed
from dashboards.lib.periods import month_name
from dashboards.lib.points import dot_rows
from dashboards.lib.render import axis, deltas, listed, writer
from dashboards.lib.spec import Growth, SpecialRows
from dashboards.lib.tables import Table
from dashboards.lib.tiles import Key, Tile
from dashboards.lib.view import View
from orchestration.dbt import variables as rules

ROUTES = "mart_delivery_metrics"
CITIES = "mart_geographic_analysis"
STATES, REGIONS = ("customer_state", "region"), ("region",)
DISTANCE = "average_shipment_distance_km"
# A place is coloured by a rate or an average from so many on, as it is ranked in marts.
LEAST = rules.var("min_orders_for_ranking")
GROWTH = Growth(
    "growth",
    "revenue_amount",
    REGIONS,
    "num_sales",
    rules.var("min_sales_for_growth"),
    is_of_both=True,
    then_by=STATES,
)
PER_HEAD = "yearly_revenue_per_thousand_people"
PERCENT = Axis(tick_format="~%", from_zero=True)
_DAYS_OF_A_YEAR = 365
_SHARE = Metric(
    *("share_of_revenue", "Share of revenue", "Of a region.", "share", 1, "none", "points"),
    *(None, 0, False),
)
_METRICS = (
    *("revenue_amount", "num_orders", "num_sales", "average_order_value", "freight_share"),
    *("average_delivery_days", "on_time_rate", "average_review_score"),
)
_COLUMNS = (
    *("revenue_amount", "revenue_share_rate", "growth_rate", "state_population", PER_HEAD),
    *("gap_amount", "yearly_sales_per_thousand_people", "num_sales", "average_order_value"),
    *("freight_rate", "average_delivery_days", "on_time_rate", "average_distance_km"),
    "average_review_score",
)


# Places and their people


def people(view: View) -> list[dict[str, Any]]:
    """The chosen states that have trade, with name, region and inhabitants (1 July 2018)."""
    return view.select(
        CITIES,
        "state, any_value(state_name) as state_name, any_value(region) as region, "
        "coalesce(any_value(state_population), 0) as state_population",
        "group by state order by state",
    )


def per_thousand(view: View, amount: Any, population: int) -> float | None:
    """An amount or a count of the period, as of a year, per 1,000 inhabitants.

    Inhabitants are those of a year: half a year's sales over them would look half as dense.
    """
    if not population:
        return None
    return float(amount) / population * 1000 * _DAYS_OF_A_YEAR / view.period.num_days


def areas(view: View, by: Sequence[str] = STATES) -> list[dict[str, Any]]:
    """States or regions with an order, the largest revenue first.

    Besides metrics they have the columns of the tables; ``gap_amount`` is what their people
    would add to the revenue of the period if they bought as all those shown do.
    """
    inhabitants, of = people(view), "state" if by == STATES else "region"
    growth = {one.before[by[0]]: one.growth for one in grown(view, GROWTH, by)}
    to = by[0] if by == STATES else "customer_region"
    distances = {row[to]: row[DISTANCE] for row in shipments(view, (to,))}
    found = view.ask(_METRICS, by)
    everybody = sum(one["state_population"] for one in inhabitants)
    revenue = sum(float(row["revenue_amount"]) for row in found)
    for row in found:
        code, amount = row[by[0]], float(row["revenue_amount"])
        own = [one for one in inhabitants if one[of] == code]
        population = sum(one["state_population"] for one in own)
        row |= {
            "state": code,
            "state_name": own[0]["state_name"] if own and by == STATES else code,
            "state_population": population or None,
            "revenue_share_rate": amount / revenue if revenue else None,
            PER_HEAD: per_thousand(view, amount, population),
            "yearly_sales_per_thousand_people": per_thousand(
                view, row["num_sales"], population
            ),
            "gap_amount": revenue / everybody * population - amount if population else None,
            "growth_rate": growth.get(code),
            "freight_rate": row["freight_share"],
            "average_distance_km": distances.get(code),
        }
    return sorted(found, key=lambda row: (-row["revenue_amount"], row[by[0]]))


def shipments(view: View, by: Sequence[str]) -> list[dict[str, Any]]:
    """Distance, stars and lateness of the shipments to each place, by whole months."""
    names = (
        *(DISTANCE, "shipment_review_score", "not_late_shipment_review_score"),
        *("shipment_late_rate", "average_shipment_delivery_days", "num_shipments"),
    )
    return view.of(ROUTES).ask(names, by, mart=ROUTES)


def area_table(key: str, title: str, by: Sequence[str]) -> SpecialRows:
    """The table of states or of regions."""
    names = (*(("state", "state_name", "region") if by == STATES else by), *_COLUMNS)

    def build(view: View) -> Table:
        return listed(key, title, names, areas(view, by))

    return SpecialRows(build, names)


def all_days(view: View) -> str:
    """The days of the data: ``all data, Sep 2016-Oct 2018``."""
    first, last = (
        month_name(day) for day in (view.calendar.first_date, view.calendar.last_date)
    )
    return f"all data, {first}\N{EN DASH}{last}"


def brl(value: float | None) -> str:
    """Whole reais, with a decimal where there are few."""
    return fmt.brl(value, 0 if value is None or abs(value) >= 10 else 1)  # noqa: PLR2004


def _the(region: str) -> str:
    return region if region == "Unknown" else f"the {region}"


# Tiles, and the sentence above them


def where(view: View) -> str:
    """Where revenue comes from, for its people."""
    rows = areas(view, REGIONS)
    top, revenue = rows[0], fmt.brl_short(view.total()["revenue_amount"])
    dense = f"{brl(top[PER_HEAD])} a year per 1,000 people"
    if len(rows) == 1:
        return f"{revenue} of revenue {view.period.when}, {dense}."
    low = min(rows, key=lambda row: row[PER_HEAD] or float("inf"))
    return words.capitalised(
        f"{_the(top['region'])} brought {fmt.percent(top['revenue_share_rate'])} of {revenue} "
        f"in {view.period.label}: {dense}, against {brl(low[PER_HEAD])} in "
        f"{_the(low['region'])}."
    )


def per_head(key: str, name: str, write: Callable[[Any], str]) -> Callable[[View], Tile]:
    """A tile of a metric for the number of people; its changes are those of the metric."""

    def build(view: View) -> Tile:
        everybody = sum(one["state_population"] for one in people(view))
        metric, total = view.metric(name), view.total()[name]
        return Tile(
            key,
            f"{metric.label} a year per 1,000 people",
            write(per_thousand(view, total, everybody)),
            f"{fmt.count(everybody)} inhabitants of these states, {view.period.label}",
            deltas(view, metric),
        )

    return build


def top_region(view: View) -> Tile:
    """The region of most revenue, its share, and how that has changed."""
    top, base = areas(view, REGIONS)[0], view.growth_base
    before = view.ask(("revenue_amount",), REGIONS, period=base.period)
    amounts = {row["region"]: float(row["revenue_amount"]) for row in before}
    was = (
        amounts.get(top["region"], 0) / sum(amounts.values()) if any(amounts.values()) else None
    )
    change = delta(
        _SHARE,
        top["revenue_share_rate"],
        was if base.reason is None else None,
        f"vs {base.period.label}",
    )
    return Tile(
        "top_region",
        f"Share of {_the(top['region'])}",
        fmt.percent(top["revenue_share_rate"]),
        f"largest region: % of revenue, {view.period.label}",
        (replace(change, reason=base.reason or change.reason),),
    )


def fastest_region(view: View) -> Tile:
    """The region that grows fastest, of those with enough sales."""
    rows, base = grown(view, GROWTH), view.growth_base
    if not rows:
        reason = base.reason or f"too few sales to compare with {base.period.label}"
        return Tile("fastest", "Fastest growing region", fmt.NOT_AVAILABLE, reason)
    return Tile(
        "fastest",
        f"Growth, {rows[0].name}",
        signed(rows[0].growth),
        f"fastest region: revenue, {view.period.label} vs {base.period.label}",
    )


def cities_reached(view: View) -> Tile:
    """How many cities have an order; over all data."""
    least = int(view.option("cities"))
    enough = view.select(CITIES, "count(*) as num", also="num_orders >= $least", least=least)
    return Tile(
        "cities",
        "Cities reached",
        fmt.count(view.ask(("num_cities",), mart=CITIES)[0]["num_cities"]),
        f"with an order, {all_days(view)}",
        note=f"{fmt.count(enough[0]['num'])} of them with {least} orders or more.",
    )


# Regions


def _ranks_and_dots(
    names: Sequence[str],
    values: Sequence[Any],
    write: Callable[[Any], str],
    unit: Axis,
    caption: str,
    series: Sequence[Series],
    dots: Axis,
    dots_caption: str,
) -> tuple[Panel, ...]:
    """Regions ranked by one figure, and below it compared in two others."""
    ranks = [
        Rank(name, value, write(value), write(value), theme.region_colour(name))
        for name, value in zip(names, values, strict=True)
    ]
    return (
        Panel(ranked_rows(ranks, unit, row_height=32), caption),
        Panel(dot_rows(names, series, dots, row_height=32), dots_caption),
    )


def regions(view: View) -> Chart:
    """Inhabitants and revenue of each region: who buys less than their number says."""
    rows = sorted(areas(view, REGIONS), key=lambda row: -(row[PER_HEAD] or 0))
    everybody = sum(row["state_population"] or 0 for row in rows) or 1
    people_rates = tuple((row["state_population"] or 0) / everybody for row in rows)
    revenue_rates = tuple(row["revenue_share_rate"] for row in rows)
    finding = f"{brl(rows[0][PER_HEAD])} of revenue a year per 1,000 people"
    if len(rows) > 1:
        finding = words.capitalised(
            f"{_the(rows[-1]['region'])} has {fmt.percent(people_rates[-1])} of the "
            f"inhabitants and {fmt.percent(revenue_rates[-1])} of revenue"
        )
    return Chart(
        "regions",
        finding,
        "By region of the customer: inhabitants of 1 July 2018, revenue of "
        f"{view.period.label}",
        _ranks_and_dots(
            [row["region"] for row in rows],
            [row[PER_HEAD] for row in rows],
            brl,
            Axis(prefix="R$ ", from_zero=True),
            "Revenue, R$ a year per 1,000 inhabitants",
            (
                Series("Inhabitants", people_rates, fmt.percent, colour=theme.VERMILION),
                Series("Revenue", revenue_rates, fmt.percent),
            ),
            PERCENT,
            "Share of the inhabitants and share of revenue, %",
        ),
        (Key("Inhabitants", theme.VERMILION), Key("Revenue", theme.BLUE)),
    )


def capitals(view: View) -> Chart:
    """The capitals against all other places, by region; over all data."""
    rate, days = view.metric("capital_revenue_rate"), view.metric("average_delivery_days")
    rows = view.ask((rate.name,), REGIONS, mart=CITIES)
    rows.sort(key=lambda row: -(row[rate.name] or 0))
    parts = view.ask((days.name,), ("region", "is_capital"), mart=CITIES)
    places = view.ask((days.name,), ("is_capital",), mart=CITIES)
    finding = f"State capitals bring {figure(rate, view.total(CITIES)[rate.name])} of revenue"
    if len(places) > 1:
        outside, inside = (figure(days, row[days.name]) for row in places)
        finding += f"; parcels reach them in {inside}, other places in {outside}"
    found = {(row["region"], row["is_capital"]): row[days.name] for row in parts}
    series = [
        Series(
            name,
            tuple(found.get((row["region"], is_capital)) for row in rows),
            writer(days),
            colour=colour,
        )
        for is_capital, name, colour in (
            (True, "Capitals", theme.BLUE),
            (False, "Outside the capitals", theme.ORANGE),
        )
    ]
    return Chart(
        "capitals",
        finding,
        f"State capitals against all other cities, {all_days(view)} (the dates chosen do not "
        "act here). Inhabitants of cities are not in the data",
        _ranks_and_dots(
            [row["region"] for row in rows],
            [row[rate.name] for row in rows],
            writer(rate),
            PERCENT,
            "Capitals' share of the region's revenue, %",
            series,
            axis(days, from_zero=True),
            "Days from purchase to the door",
        ),
        tuple(Key(f"{one.name}, days", one.colour) for one in series),
    )
