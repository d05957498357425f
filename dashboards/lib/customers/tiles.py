"""The answer: the tiles of the customers dashboard and the sentences above them."""

from __future__ import annotations

from datetime import timedelta

from dashboards.lib import format as fmt
from dashboards.lib.changes import Words, delta, moved
from dashboards.lib.customers import measures
from dashboards.lib.customers.data import Compared, CustomersData
from dashboards.lib.customers.measures import EARLY_DAYS, median_days
from dashboards.lib.metrics import Metric
from dashboards.lib.tiles import Delta, Tile


def _changes(
    compared: Compared, metric: Metric, words: Words, *, by_day: bool = False
) -> tuple[Delta, ...]:
    """Against the period before and the year before; once, where they are the same."""
    comparisons = [compared.previous]
    if compared.year_earlier.period != compared.previous.period:
        comparisons.append(compared.year_earlier)
    return tuple(
        delta(
            metric,
            compared.now,
            one,
            words,
            f"vs {fmt.day(one.period.end)}" if by_day else f"vs {one.period.label}",
        )
        for one in comparisons
    )


def tiles(data: CustomersData) -> tuple[Tile, ...]:
    """The tiles, in reading order: the new ones of the period, then all of them."""
    new, base, period = data.new.now, data.base.now, data.period.label
    end = fmt.day(data.period.end)
    median = median_days(data.return_days)
    returned = sum(one.num_customers for one in data.return_days)
    return (
        Tile(
            "new_customers",
            "New customers",
            fmt.count(new.num_customers),
            f"persons with their first sale, {period}",
            _changes(data.new, measures.CUSTOMERS, fmt.change_percent),
        ),
        Tile(
            "customers",
            "Customers to date",
            fmt.count(base.num_customers),
            f"persons with a sale, by {end}",
            _changes(data.base, measures.CUSTOMERS, fmt.change_percent, by_day=True),
        ),
        Tile(
            "repeat_rate",
            "Repeat rate",
            fmt.percent(base.repeat_rate, 2),
            f"of customers to date bought again on a later day, by {end}",
            _changes(
                data.base, measures.REPEAT_RATE, fmt.change_percentage_points, by_day=True
            ),
            note=f"{fmt.percent(base.repeat_rate_same_day_included, 2)} with second orders of "
            "the same day.",
        ),
        _early_tile(data),
        Tile(
            "median_return",
            "Time to the return",
            fmt.NOT_AVAILABLE if median is None else fmt.days(median, 0),
            f"median of {fmt.count(returned)} persons who came back, {data.whom_words}",
            note="Those yet to come back are not in it.",
        ),
        Tile(
            "revenue_per_customer",
            "Revenue per new customer",
            fmt.brl(new.revenue_per_customer, 2),
            f"all sales to date of those new in {period}",
            _changes(data.new, measures.REVENUE_PER_CUSTOMER, fmt.change_percent),
            note="Earlier customers have had longer to buy again.",
        ),
        Tile(
            "revenue_per_customer_so_far",
            "Revenue per customer",
            fmt.brl(data.shown.revenue_per_customer, 2),
            f"all sales to date, {data.whom_words}",
        ),
        Tile(
            "review_score",
            "Review score",
            fmt.score(new.average_review_score),
            f"stars of 5, {fmt.count(new.num_reviewed_orders)} reviewed orders of those new in "
            f"{period}",
            _changes(data.new, measures.REVIEW_SCORE, fmt.change_stars),
        ),
        Tile(
            "active_rate",
            "Still active",
            fmt.percent(data.shown.active_rate),
            f"bought in the 365 days to {fmt.day(data.info.as_of_date)}, {data.whom_words}",
            note="Proxy of churn: no contract ends, so a year without a sale stands for it.",
        ),
        Tile(
            "orders_per_customer",
            "Revenue per sale",
            fmt.brl(data.shown.average_order_value, 2),
            f"over {fmt.count(data.shown.num_orders_with_items)} sales with items, "
            f"{data.whom_words}",
        ),
    )


def _early_tile(data: CustomersData) -> Tile:
    new = data.new.now
    last = fmt.day(data.info.as_of_date - timedelta(days=EARLY_DAYS))
    who = f"{fmt.count(new.num_followed)} persons new {data.period.when}"
    if new.num_followed < new.num_customers:
        who += f" and by {last}"
    return Tile(
        "early_return_rate",
        f"Back within {EARLY_DAYS} days",
        fmt.percent(new.early_return_rate, 2),
        f"of {who}",
        _changes(data.new, measures.EARLY_RETURN_RATE, fmt.change_percentage_points),
        note=f"Only who has had {EARLY_DAYS} days is counted, so periods are comparable.",
    )


def lead(data: CustomersData) -> str:
    """The answer in three sentences."""
    new, base = data.new.now, data.base.now
    number, when = fmt.count(new.num_customers), data.period.label
    words = [f"{number} persons bought for the first time in {when}{_compared(data)}."]
    if base.repeat_rate is not None:
        words.append(
            f"Of all {fmt.count(base.num_customers)} customers to date "
            f"{fmt.percent(base.repeat_rate)} have bought again on a later day."
        )
    median = median_days(data.return_days)
    if median is not None:
        words.append(f"Half of those who came back did so within {fmt.days(median, 0)}.")
    return " ".join(words)


def _compared(data: CustomersData) -> str:
    parts = []
    for comparison in (data.new.previous, data.new.year_earlier):
        if comparison.measures is None:
            continue
        change = moved(measures.CUSTOMERS.change(data.new.now, comparison.measures))
        words = f"{change} on {comparison.period.label}"
        if change and words not in parts:
            parts.append(words)
    if not parts:
        return f" (growth not available: {data.new.previous.reason or 'nobody before'})"
    return ", " + " and ".join(parts)
