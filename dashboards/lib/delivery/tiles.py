"""The answer: the tiles of the delivery dashboard and the sentences above them."""

from __future__ import annotations

from dashboards.lib import format as fmt
from dashboards.lib.changes import FLAT, Words, delta
from dashboards.lib.delivery import measures as m
from dashboards.lib.delivery.data import DeliveryData
from dashboards.lib.metrics import Metric
from dashboards.lib.tiles import Delta, Tile


def _both(data: DeliveryData, metric: Metric, words: Words) -> tuple[Delta, ...]:
    """Against the period before and the year before; once, where they are the same."""
    comparisons = [data.previous]
    if data.year_earlier.period != data.previous.period:
        comparisons.append(data.year_earlier)
    return tuple(
        delta(metric, data.current, one, words, f"vs {one.period.label}") for one in comparisons
    )


def tiles(data: DeliveryData) -> tuple[Tile, ...]:
    """The tiles, in reading order."""
    now, period = data.current, data.period.label
    delivered = f"{fmt.count(now.num_deliveries)} delivered shipments"
    late = f"{fmt.count(now.num_late)} late deliveries"
    staged = f"{fmt.count(now.num_with_stages)} deliveries"
    return (
        Tile(
            "promise_kept_rate",
            "Promise kept",
            fmt.percent(now.promise_kept_rate),
            f"of {fmt.count(now.num_due)} shipments due, delivered or not, {period}",
            _both(data, m.PROMISE_KEPT, fmt.change_percentage_points),
        ),
        Tile(
            "on_time_rate",
            "On time, of the delivered",
            fmt.percent(now.on_time_rate),
            f"of {delivered}, {period}",
            _both(data, m.ON_TIME, fmt.change_percentage_points),
        ),
        Tile(
            "delivery_days",
            "Delivery time",
            fmt.days(now.average_delivery_days),
            f"average from purchase to door, {delivered}, {period}",
            _both(data, m.DELIVERY_DAYS, fmt.change_days),
        ),
        Tile(
            "days_early",
            "Ahead of the promise",
            fmt.days(now.average_days_early),
            f"promised {fmt.days(now.average_promised_days)} less actual, {period}",
            _both(data, m.DAYS_EARLY, fmt.change_days),
            note="Neither better nor worse: a promise far off is easily kept.",
        ),
        Tile(
            "late_days",
            "Delay of a late parcel",
            fmt.days(now.average_late_days),
            f"past the promised day, {late}, {period}",
            _both(data, m.LATE_DAYS, fmt.change_days),
        ),
        Tile(
            "carrier_share",
            "Late by the carrier",
            fmt.percent(now.carrier_share),
            f"of {late}; by the seller {fmt.count(now.num_late_by_seller)}, "
            f"by a promise too short {fmt.count(now.num_late_by_promise)}, {period}",
            _both(data, m.CARRIER_SHARE, fmt.change_percentage_points),
        ),
        Tile(
            "dispatch_late_rate",
            "Dispatched late",
            fmt.percent(now.dispatch_late_rate),
            f"of {fmt.count(now.num_dispatched)} shipments handed over, {period}",
            _both(data, m.DISPATCH_LATE, fmt.change_percentage_points),
        ),
        Tile(
            "handling_days",
            "Handling by the seller",
            fmt.days(now.handling_days),
            f"from approval to carrier, {staged}, {period}",
            _both(data, m.HANDLING_DAYS, fmt.change_days),
        ),
        Tile(
            "transit_days",
            "Transit by the carrier",
            fmt.days(now.transit_days),
            f"from carrier to door, {staged}, {period}",
            _both(data, m.TRANSIT_DAYS, fmt.change_days),
        ),
        Tile(
            "stars_lost",
            "Stars lost when late",
            fmt.score(now.stars_lost),
            f"of 5: late {fmt.score(now.late_review_score)}, "
            f"on time {fmt.score(now.on_time_review_score)}, {period}",
            _both(data, m.STARS_LOST, fmt.change_stars),
            note=f"{fmt.score(now.stars_lost_after_delivery)} among those who answered once "
            "they had the parcel: most customers of late orders answer while they wait.",
        ),
        _stuck(data),
    )


def _stuck(data: DeliveryData) -> Tile:
    everything = data.all_orders
    return Tile(
        "stuck",
        "Orders stuck",
        fmt.count(everything.num_stuck),
        f"of {fmt.count(everything.num_orders)} orders ever placed, "
        f"as of {fmt.day(data.info.as_of_date)}",
        note=f"Overdue: {fmt.count(everything.num_overdue)}. The status is not final; from all "
        "sellers, whatever months are chosen. No earlier count to compare with.",
    )


def moved_points(change: float | None) -> str:
    """A difference of two rates in words: ``up 1.2 pp``; empty where there is none."""
    if change is None:
        return ""
    if abs(change) < FLAT[fmt.change_percentage_points]:
        return "unchanged"
    return f"{'up' if change > 0 else 'down'} {fmt.change_percentage_points(change)}"


def lead(data: DeliveryData) -> str:
    """The answer in a few sentences."""
    now = data.current
    if not now.num_deliveries:
        return f"Nothing that was ordered {data.period.when} has been delivered."
    return (
        f"{fmt.percent(now.promise_kept_rate)} of the shipments ordered {data.period.when} "
        f"and due came as promised{_compared(data)}; of the delivered, "
        f"{fmt.percent(now.on_time_rate)}. They took {fmt.days(now.average_delivery_days)}, "
        f"{fmt.days(now.transit_days)} of them with the carrier. "
        f"{_cause(data)}"
        f"{fmt.count(data.all_orders.num_stuck)} orders are stuck as of "
        f"{fmt.day(data.info.as_of_date)}."
    )


def _cause(data: DeliveryData) -> str:
    now = data.current
    if not now.num_late:
        return "None came late. "
    return f"Of the late ones, {fmt.percent(now.carrier_share)} were late by the carrier. "


def _compared(data: DeliveryData) -> str:
    parts = []
    for comparison in (data.previous, data.year_earlier):
        if comparison.measures is None:
            continue
        if change := moved_points(m.PROMISE_KEPT.change(data.current, comparison.measures)):
            words = f"{change} on {comparison.period.label}"
            if words not in parts:
                parts.append(words)
    if not parts:
        return f" (change not available: {data.previous.reason or 'nothing to compare with'})"
    return ", " + " and ".join(parts)
