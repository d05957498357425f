"""The titles of the executive charts: each says what its chart shows, from its data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dashboards.lib import format as fmt
from dashboards.lib import metrics
from dashboards.lib.changes import moved
from dashboards.lib.executive.data import ExecutiveData
from dashboards.lib.metrics import Metric, share, total
from dashboards.lib.months import chosen_complete, extremes
from dashboards.lib.periods import month_name


def gmv(data: ExecutiveData) -> str:
    """Question 3: the GMV trajectory."""
    found = extremes(data.months, metrics.GMV)
    if found is None:
        return f"GMV was {fmt.brl_short(data.current.gmv_amount)} {data.period.when}"
    low, high = found
    return (
        f"Monthly GMV moved between {fmt.brl_short(low.measures.gmv_amount)} "
        f"({month_name(low.month)}) and {fmt.brl_short(high.measures.gmv_amount)} "
        f"({month_name(high.month)})"
    )


def growth(data: ExecutiveData) -> str:
    """Question 1: revenue growth, month over month and year over year."""
    latest = data.latest
    if latest is None:
        return f"No complete month {data.period.when}: growth is not available"
    parts = []
    for comparison in (latest.previous, latest.year_earlier):
        if comparison.measures is not None:
            change = moved(metrics.REVENUE.change(latest.measures, comparison.measures))
            if change:
                parts.append(f"{change} on {comparison.period.label}")
    if not parts:
        return (
            f"Growth of revenue in {latest.period.label} is not available: "
            f"{latest.previous.reason or 'nothing to compare with'}"
        )
    return f"Revenue in {latest.period.label} was " + " and ".join(parts)


def new_customers(data: ExecutiveData) -> str:
    """Question 2: new customers, and the proxy of what one costs."""
    months = chosen_complete(data.months)
    free = fmt.percent(data.current.free_freight_rate)
    tail = f"{free} of items were shipped with free freight"
    if not months:
        return f"{fmt.count(data.current.num_new_customers)} new customers; {tail}"
    average = metrics.ratio(
        total([point.measures for point in months]).num_new_customers, len(months)
    )
    return f"{fmt.number(average)} new customers a month; {tail}"


def average_order_value(data: ExecutiveData) -> str:
    """Question 6: average order value and its change."""
    value = fmt.brl(data.current.average_order_value, 2)
    if data.previous.measures is not None:
        change = moved(metrics.AVERAGE_ORDER_VALUE.change(data.current, data.previous.measures))
        if change:
            return (
                f"An average order is worth {value}, {change} on {data.previous.period.label}"
            )
    return f"An average order is worth {value} {data.period.when}{_range(data)}"


def _range(data: ExecutiveData) -> str:
    return _between(data, metrics.AVERAGE_ORDER_VALUE, lambda value: fmt.brl(value, 2))


def _between(data: ExecutiveData, metric: Metric, words: Callable[[Any], str]) -> str:
    found = extremes(data.months, metric)
    if found is None:
        return ""
    low, high = (words(metric.value(point.measures)) for point in found)
    return f", between {low} and {high} by month"


def delivery(data: ExecutiveData) -> str:
    """Question 21: actual against promised delivery time."""
    now = data.current
    early = now.average_days_early
    if early is None:
        return "No order of this period has been delivered"
    against = "before" if early >= 0 else "after"
    return (
        f"Parcels arrive {fmt.days(abs(early))} {against} the promised day on average; "
        f"{fmt.percent(now.promise_kept_rate)} of what was due came as promised"
    )


def satisfaction(data: ExecutiveData) -> str:
    """Question 31: satisfaction."""
    now = data.current
    if now.average_review_score is None:
        return "No order of this period was reviewed"
    title = f"Customers give {fmt.score(now.average_review_score)} stars"
    if (found := extremes(data.months, metrics.REVIEW_SCORE)) is not None:
        low = found[0]
        title += (
            f"; the lowest month was {month_name(low.month)} "
            f"with {fmt.score(low.measures.average_review_score)}"
        )
    return f"{title}; {fmt.percent(now.csat_rate)} gave 4 or 5"


def regions(data: ExecutiveData) -> str:
    """Question 61, by region."""
    top = data.regions[0]
    if len(data.regions) == 1:
        return f"All revenue shown comes from the {top.region}"
    return (
        f"The {top.region} brings {fmt.percent(share(top.measures, data.current))} of revenue"
    )


def states(data: ExecutiveData) -> str:
    """Question 61, by state."""
    leaders = data.states[:3]
    names = [row.state for row in leaders]
    part = fmt.percent(share(total([row.measures for row in leaders]), data.current))
    if len(data.states) <= len(leaders):
        return f"All revenue shown comes from {_listed(names)}"
    return f"{_listed(names)} bring {part} of revenue"


def _listed(names: list[str]) -> str:
    if len(names) == 1:
        return names[0]
    return ", ".join(names[:-1]) + " and " + names[-1]
