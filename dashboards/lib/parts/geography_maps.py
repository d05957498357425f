"""The two maps of the geography page: states by a measure, cities by revenue and stars."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dashboards.lib import format as fmt
from dashboards.lib import theme
from dashboards.lib.cards import Chart, Panel
from dashboards.lib.growth import signed
from dashboards.lib.maps import AreaMark, PointMark, classed, point_map, state_map
from dashboards.lib.parts.geography import (
    CITIES,
    GROWTH,
    LEAST,
    PER_HEAD,
    all_days,
    areas,
    brl,
    people,
)
from dashboards.lib.render import writer
from dashboards.lib.tiles import Key
from dashboards.lib.view import Values, View

_FIRST = "Revenue a year per 1,000 inhabitants"
# What the map of states shows: a column of the table of states, and its colours.
MAP_MEASURES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    _FIRST: (PER_HEAD, theme.SEQUENTIAL),
    "Revenue": ("revenue_amount", theme.SEQUENTIAL),
    "Revenue growth": ("growth_rate", theme.DIVERGING),
    "Review score": ("average_review_score", theme.DIVERGING),
    "Delivered on time": ("on_time_rate", theme.DIVERGING),
    "Delivery time": ("average_delivery_days", theme.SEQUENTIAL),
}
_WRITERS: Mapping[str, Callable[[Any], str]] = {PER_HEAD: brl, "growth_rate": signed}
_NAMED_CITIES = 8  # those of most revenue
_TEN = 10  # cities that a sentence speaks of


def states(view: View) -> Chart:
    """The chosen measure over the states."""
    name, colours = view.option("map")
    label = view.chosen.get("map", _FIRST)
    rows = areas(view)
    metric = None if name in _WRITERS else view.metric(name)
    write = writer(metric) if metric else _WRITERS[name]
    volume = metric.volume if metric else None
    known = [
        row
        for row in rows
        if row[name] is not None and (volume is None or row[volume] >= LEAST)
    ]
    values = {row["customer_state"]: float(row[name]) for row in known}
    shades, keys = classed(values, colours, write)
    by_state = {row["customer_state"]: row for row in rows}
    marks = [
        AreaMark(
            one["state"],
            shades.get(one["state"], theme.NO_VALUE),
            _state_words(one, by_state.get(one["state"]), label, name, write),
        )
        for one in people(view)
    ]
    known.sort(key=lambda row: -row[name])
    finding = f"{label} is not available for any state {view.period.when}"
    ends = ("longest", "shortest") if name == "average_delivery_days" else ("highest", "lowest")
    if len(known) == 1:
        finding = f"{label} in {known[0]['state_name']}: {write(known[0][name])}"
    elif known:
        finding = f"{label} is " + " and ".join(
            f"{end} in {row['state_name']} ({write(row[name])})"
            for end, row in zip(ends, (known[0], known[-1]), strict=True)
        )
    of = view.period.label
    if name == "growth_rate":
        of += f" vs {view.growth_base.period.label}; {GROWTH.least} sales or more in both"
    elif metric is not None and volume:
        of += f"; with {LEAST} {view.metric(volume).label.lower()} or more"
    return Chart(
        "state_map",
        finding,
        f"{label} by state of the customer, {of}",
        (Panel(state_map(marks)),),
        keys
        if len(values) == len(marks)
        else (*keys, Key("Nothing to show", theme.NO_VALUE, "band")),
    )


def _state_words(
    one: Values, row: Values | None, label: str, name: str, write: Callable[[Any], str]
) -> str:
    lines = [f"<b>{one['state_name']}</b> ({one['region']})"]
    if row is not None:
        lines += [
            f"{label}: {write(row[name])}",
            f"Revenue: {fmt.brl(row['revenue_amount'])}",
            f"{fmt.count(row['num_orders'])} orders",
        ]
    return "<br>".join([*lines, f"{fmt.count(one['state_population'])} inhabitants"])


def city_map(view: View) -> Chart | None:
    """Cities by revenue and stars; None where no city has as many orders as are chosen."""
    ranked = view.select(
        CITIES,
        "city, state, latitude, longitude, num_orders, revenue_amount, num_reviews, "
        "average_review_score, average_delivery_days",
        "order by revenue_amount desc, state, city",
        also="num_orders >= $least",
        least=view.option("cities"),
    )
    if not ranked:
        return None
    shown = [city for city in ranked if city["latitude"] is not None]
    scores = {
        _key(city): float(city["average_review_score"])
        for city in shown
        if city["num_reviews"] >= LEAST
    }
    shades, keys = classed(scores, theme.DIVERGING, fmt.score)
    largest = float(ranked[0]["revenue_amount"]) or 1.0
    points = [
        PointMark(
            city["longitude"],
            city["latitude"],
            max(float(city["revenue_amount"]) / largest, 0),
            shades.get(_key(city), theme.INCOMPLETE),
            f"<b>{fmt.city(city['city'])}</b>, {city['state']}<br>"
            f"Revenue: {fmt.brl(city['revenue_amount'])}, {fmt.count(city['num_orders'])} "
            f"orders<br>Score: {fmt.score(city['average_review_score'])} stars<br>"
            f"Delivery: {fmt.days(city['average_delivery_days'])}",
            fmt.city(city["city"]) if n < _NAMED_CITIES else "",
        )
        for n, city in enumerate(shown)
    ]
    (total,) = view.ask(("num_cities", "city_revenue_amount"), mart=CITIES)
    least = f"{view.option('cities')} orders or more"
    finding = f"{len(ranked)} {'city' if len(ranked) == 1 else 'cities'} with {least}"
    if len(ranked) > _TEN:
        brought = sum(float(city["revenue_amount"]) for city in ranked[:_TEN])
        part = fmt.percent(brought / float(total["city_revenue_amount"]))
        finding = f"Ten of {fmt.count(total['num_cities'])} cities bring {part} of all revenue"
    few = (Key(f"Under {LEAST} reviews", theme.INCOMPLETE),)
    return Chart(
        "city_map",
        finding,
        f"Cities with {least}, {all_days(view)}: size is revenue in R$, colour is the review "
        "score in stars of 5; the largest are named",
        (Panel(point_map(points)),),
        (*keys, *few) if len(scores) < len(shown) else keys,
    )


def _key(city: Values) -> str:
    return f"{city['state']} {city['city']}"
