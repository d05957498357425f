"""The answer: the tiles of the executive dashboard and the sentences above them."""

from __future__ import annotations

from dashboards.lib import format as fmt
from dashboards.lib import metrics
from dashboards.lib.changes import Comparison, Words, delta, moved
from dashboards.lib.executive.data import ExecutiveData
from dashboards.lib.metrics import Measures, Metric
from dashboards.lib.tiles import Delta, Tile


def _both(data: ExecutiveData, metric: Metric, words: Words) -> tuple[Delta, ...]:
    return tuple(
        delta(metric, data.current, comparison, words, f"vs {comparison.period.label}")
        for comparison in _comparisons(data)
    )


def _comparisons(data: ExecutiveData) -> tuple[Comparison[Measures], ...]:
    """The previous period and the year before; once, where they are the same twelve months."""
    if data.previous.period == data.year_earlier.period:
        return (data.previous,)
    return (data.previous, data.year_earlier)


def tiles(data: ExecutiveData) -> tuple[Tile, ...]:
    """The tiles, in reading order."""
    now, period = data.current, data.period.label
    delivered = f"{fmt.count(now.num_delivered)} delivered orders"
    return (
        Tile(
            "revenue",
            "Revenue",
            fmt.brl(now.revenue_amount),
            f"GMV and freight, {period}",
            _both(data, metrics.REVENUE, fmt.change_percent),
        ),
        *_latest_tile(data),
        Tile(
            "gmv",
            "GMV",
            fmt.brl(now.gmv_amount),
            f"price of the items sold, {period}",
            _both(data, metrics.GMV, fmt.change_percent),
        ),
        Tile(
            "average_order_value",
            "Average order value",
            fmt.brl(now.average_order_value, 2),
            f"revenue per sale, {period}",
            _both(data, metrics.AVERAGE_ORDER_VALUE, fmt.change_percent),
        ),
        Tile(
            "new_customers",
            "New customers",
            fmt.count(now.num_new_customers),
            f"persons with their first sale, {period}",
            _both(data, metrics.NEW_CUSTOMERS, fmt.change_percent),
        ),
        Tile(
            "not_fulfilled_rate",
            "Orders not fulfilled",
            fmt.percent(now.not_fulfilled_rate, 2),
            f"canceled or unavailable, of {fmt.count(now.num_orders)} orders, {period}",
            _both(data, metrics.NOT_FULFILLED_RATE, fmt.change_percentage_points),
            note=f"Canceled: {fmt.percent(now.cancellation_rate, 2)} of all orders, "
            f"{fmt.percent(now.cancellation_rate_with_items, 2)} of those with items.",
        ),
        Tile(
            "delivery_days",
            "Delivery time",
            fmt.days(now.average_delivery_days),
            f"promised {fmt.days(now.average_promised_days)}; {delivered}, {period}",
            _both(data, metrics.DELIVERY_DAYS, fmt.change_days),
        ),
        Tile(
            "promise_kept_rate",
            "Promise kept",
            fmt.percent(now.promise_kept_rate),
            f"of {fmt.count(now.num_due)} sales due, delivered or not, {period}",
            _both(data, metrics.PROMISE_KEPT_RATE, fmt.change_percentage_points),
        ),
        Tile(
            "on_time_rate",
            "On time, of the delivered",
            fmt.percent(now.on_time_rate),
            f"of {delivered}, {period}",
            _both(data, metrics.ON_TIME_RATE, fmt.change_percentage_points),
        ),
        Tile(
            "review_score",
            "Review score",
            fmt.score(now.average_review_score),
            f"stars of 5, {fmt.count(now.num_reviews)} reviews, {period}",
            _both(data, metrics.REVIEW_SCORE, fmt.change_stars),
        ),
        Tile(
            "csat_rate",
            "Satisfied (CSAT)",
            fmt.percent(now.csat_rate),
            f"4 or 5 stars of {fmt.count(now.num_reviews)} reviews, {period}",
            _both(data, metrics.CSAT_RATE, fmt.change_percentage_points),
        ),
    )


def _latest_tile(data: ExecutiveData) -> tuple[Tile, ...]:
    latest = data.latest
    if latest is None:
        return (
            Tile(
                "latest_month",
                "Revenue, latest month",
                fmt.NOT_AVAILABLE,
                f"no complete month {data.period.when}",
            ),
        )
    return (
        Tile(
            "latest_month",
            f"Revenue in {latest.period.label}",
            fmt.brl(latest.measures.revenue_amount),
            "latest complete month of the period",
            tuple(
                delta(
                    metrics.REVENUE,
                    latest.measures,
                    comparison,
                    fmt.change_percent,
                    f"{name} vs {comparison.period.label}",
                )
                for name, comparison in (("MoM", latest.previous), ("YoY", latest.year_earlier))
            ),
        ),
    )


def lead(data: ExecutiveData) -> str:
    """The answer in three sentences."""
    now = data.current
    return " ".join(
        (
            _revenue_sentence(data),
            _delivery_sentence(now),
            _satisfaction_sentence(now),
        )
    ).strip()


def _revenue_sentence(data: ExecutiveData) -> str:
    revenue = fmt.brl_short(data.current.revenue_amount)
    return f"Revenue was {revenue} {data.period.when}{_compared(data)}."


def _compared(data: ExecutiveData) -> str:
    parts = []
    for comparison, words in (
        (data.previous, data.period.before_label),
        (data.year_earlier, f"{data.year_earlier.period.label}"),
    ):
        if comparison.measures is None:
            continue
        if change := moved(metrics.REVENUE.change(data.current, comparison.measures)):
            parts.append(f"{change} on {words}")
    if not parts:
        reason = data.previous.reason or "nothing to compare with"
        return f" (growth not available: {reason})"
    return ", " + " and ".join(parts)


def _delivery_sentence(now: Measures) -> str:
    if now.average_delivery_days is None or now.average_days_early is None:
        return "No order of this period has been delivered."
    early = now.average_days_early
    against = (
        f"{fmt.days(early)} earlier than promised"
        if early >= 0
        else f"{fmt.days(-early)} later than promised"
    )
    return f"Parcels took {fmt.days(now.average_delivery_days)}, {against}, and {_kept(now)}."


def _kept(now: Measures) -> str:
    if now.promise_kept_rate is None:
        return f"{fmt.percent(now.on_time_rate)} came on time"
    return (
        f"{fmt.percent(now.promise_kept_rate)} of what was due came as promised "
        f"({fmt.percent(now.on_time_rate)} of the delivered)"
    )


def _satisfaction_sentence(now: Measures) -> str:
    if now.average_review_score is None:
        return "No order of this period was reviewed."
    return f"Customers gave {fmt.score(now.average_review_score)} of 5 stars."
