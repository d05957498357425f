"""The titles of the delivery charts: each says what its chart shows, from its data."""

from __future__ import annotations

from dashboards.lib import format as fmt
from dashboards.lib.delivery import measures as m
from dashboards.lib.delivery.data import DeliveryData
from dashboards.lib.months import extremes
from dashboards.lib.periods import month_name


def promise(data: DeliveryData) -> str:
    """Question 21: actual against promised delivery time."""
    now = data.current
    early = now.average_days_early
    if early is None:
        return "No shipment of this period has been delivered"
    side = "ahead of" if early >= 0 else "behind"
    return (
        f"Parcels come {fmt.days(abs(early))} {side} the promise on average: "
        f"{fmt.number(now.average_delivery_days, 1)} days against "
        f"{fmt.number(now.average_promised_days, 1)}"
    )


def lateness(data: DeliveryData) -> str:
    """Questions 22 and 28: the share delivered late, and who caused it."""
    now = data.current
    if not now.num_deliveries:
        return "No shipment of this period has been delivered"
    if not now.num_late:
        return f"Not one of {fmt.count(now.num_deliveries)} deliveries came late"
    title = (
        f"{fmt.percent(now.late_rate)} of delivered shipments came late, "
        f"{fmt.percent(now.carrier_share, 0)} of these by the carrier"
    )
    if (found := extremes(data.months, m.LATE)) is not None:
        high = found[1]
        title += (
            f"; the worst month was {month_name(high.month)} "
            f"with {fmt.percent(high.measures.late_rate)}"
        )
    return title


def stages(data: DeliveryData) -> str:
    """Question 26: the time to the door by stage."""
    now = data.current
    if now.transit_share is None:
        return "No delivery of this period has all its stages dated"
    return (
        f"{fmt.percent(now.transit_share, 0)} of the time to the door passes with the carrier, "
        f"{fmt.percent(now.handling_share, 0)} with the seller, "
        f"{fmt.percent(now.approval_share, 0)} before the approval"
    )


def stars(data: DeliveryData) -> str:
    """Question 32: what a delay costs in stars."""
    now = data.current
    if now.stars_lost is None:
        return "No late delivery of this period was reviewed"
    if now.stars_lost < 0:
        return f"Late orders score {fmt.score(-now.stars_lost)} stars above those on time"
    return (
        f"Coming late costs {fmt.score(now.stars_lost)} stars: "
        f"{fmt.score(now.late_review_score)} instead of {fmt.score(now.on_time_review_score)}; "
        f"{fmt.score(now.late_score_after_delivery)} where the parcel came before the answer"
    )


def funnel(data: DeliveryData) -> str:
    """How far the orders came."""
    now = data.funnel
    if now.is_empty:
        return "No order was placed in this period"
    steps = (
        ("approval", now.num_orders - now.num_reached_approved),
        ("dispatch", now.num_reached_approved - now.num_reached_shipped),
        ("delivery", now.num_reached_shipped - now.num_reached_delivered),
    )
    step, lost = max(steps, key=lambda one: one[1])
    title = f"{fmt.percent(now.delivered_rate)} of orders reached the customer"
    return f"{title}; most are missing at {step} ({fmt.count(lost)})" if lost else title


def stuck(data: DeliveryData) -> str:
    """Question 29: orders stuck, per status and for how long."""
    if not data.stuck:
        return "No order is stuck"
    top, everything = data.stuck[0], data.all_orders
    return (
        f"{fmt.count(everything.num_stuck)} orders are stuck, "
        f"{fmt.number(everything.average_standing_days)} days on average; "
        f"{fmt.count(top.measures.num_stuck)} of them are {top.status}"
    )


def states(data: DeliveryData) -> str:
    """Question 23: best and worst states."""
    ranked = data.ranked_states
    if not ranked:
        return f"No state received {data.minimum} deliveries"
    worst, best = ranked[0], ranked[-1]
    late = fmt.percent(worst.measures.late_rate)
    if worst is best:
        return f"{late} of the deliveries to {worst.state} came late"
    return (
        f"{late} of deliveries to {worst.state} came late, "
        f"{fmt.percent(best.measures.late_rate)} of those to {best.state}"
    )


def routes(data: DeliveryData) -> str:
    """Question 30, by route: no carrier is named in the data."""
    ranked = data.ranked_routes
    if not ranked:
        return f"No route carried {data.minimum} deliveries"
    above = [
        row
        for row in ranked
        if (row.measures.late_rate or 0.0) > (data.current.late_rate or 0.0)
    ]
    return (
        f"{len(above)} of {len(ranked)} routes are later than the average of "
        f"{fmt.percent(data.current.late_rate)}"
    )


def worst_routes(data: DeliveryData) -> str:
    """The routes with the largest share of late deliveries."""
    ranked = data.ranked_routes
    if not ranked:
        return f"No route carried {data.minimum} deliveries"
    worst = ranked[0]
    return (
        f"The latest route is {worst.name}: {fmt.percent(worst.measures.late_rate)} of "
        f"{fmt.count(worst.measures.num_deliveries)} deliveries"
    )
