"""The titles of the customers charts: each says what its chart shows, from its data."""

from __future__ import annotations

from collections.abc import Callable

from dashboards.lib import format as fmt
from dashboards.lib.customers import measures
from dashboards.lib.customers.data import CustomersData
from dashboards.lib.customers.measures import (
    MIN_CUSTOMERS,
    CohortCell,
    CustomerMeasures,
    median_days,
    payments_total,
    return_classes,
)
from dashboards.lib.metrics import ratio, share
from dashboards.lib.months import extremes
from dashboards.lib.periods import month_name
from dashboards.lib.queries.customers import Group


def new_customers(data: CustomersData) -> str:
    """Customers won by month."""
    found = extremes(data.months, measures.CUSTOMERS)
    if found is None:
        return f"{fmt.count(data.new.now.num_customers)} new customers {data.period.when}"
    low, high = found
    return (
        f"Between {fmt.count(low.measures.num_customers)} ({month_name(low.month)}) and "
        f"{fmt.count(high.measures.num_customers)} ({month_name(high.month)}) new customers "
        "a month"
    )


def segments(data: CustomersData) -> str:
    """The largest segment, and what the repeat buyers bring."""
    top = data.by_segment[0]
    part = fmt.percent(share(top.measures, data.shown, measures.CUSTOMERS))
    money = fmt.percent(share(top.measures, data.shown, measures.REVENUE))
    return f"{fmt.name(top.name)} is the largest segment: {part} of persons, {money} of revenue"


def rfm_grid(data: CustomersData) -> str:
    """How many bought once, how many are recent and valuable."""
    once = sum(cell.num_customers for cell in data.rfm if cell.frequency == 1)
    best = sum(
        cell.num_customers
        for cell in data.rfm
        if cell.recency >= 4 and cell.monetary >= 4  # noqa: PLR2004 - the upper two fifths
    )
    return (
        f"{fmt.percent(ratio(once, data.shown.num_customers))} bought once; "
        f"{fmt.percent(ratio(best, data.shown.num_customers))} are both recent and valuable"
    )


def rfm_segments(data: CustomersData) -> str:
    """Where the money of the repeat buyers and of the lapsed lies."""
    by_money = sorted(data.by_rfm_segment, key=lambda group: -group.measures.revenue_amount)
    top = by_money[0]
    money = fmt.percent(share(top.measures, data.shown, measures.REVENUE))
    persons = fmt.percent(share(top.measures, data.shown, measures.CUSTOMERS))
    return f"{fmt.name(top.name)} bring {money} of revenue with {persons} of persons"


def cohorts(data: CustomersData) -> str:
    """The typical retention of the first month after the first sale."""
    first = [
        cell for (_, months), cell in data.cohorts.items() if months == 1 and cell.is_complete
    ]
    if not first:
        return "No complete cohort has a complete month after its first yet"
    best = max(
        ((key, cell) for key, cell in data.cohorts.items() if cell.is_complete and key[1] >= 1),
        key=lambda item: item[1].retention_rate or 0,
    )
    (cohort, months), cell = best
    return (
        f"{fmt.percent(_retained(first), 2)} of a cohort buy again in the month after; the "
        f"best month of any is {fmt.percent(cell.retention_rate, 2)} "
        f"({month_name(cohort)}, month {months})"
    )


def _retained(cells: list[CohortCell]) -> float | None:
    return ratio(
        sum(cell.num_active for cell in cells), sum(cell.cohort_size for cell in cells)
    )


def returns(data: CustomersData) -> str:
    """When those who come back do so."""
    median = median_days(data.return_days)
    if median is None:
        return "Nobody of them has bought a second time"
    number = sum(one.num_customers for one in data.return_days)
    same_day = return_classes(data.return_days)[0].num_customers
    return (
        f"Half of those who come back do so within {fmt.days(median, 0)}, "
        f"{fmt.percent(ratio(same_day, number), 0)} on the very day"
    )


def rankable(groups: tuple[Group, ...]) -> list[Group]:
    """The groups of enough persons, the highest repeat rate first."""
    return sorted(
        (
            group
            for group in groups
            if group.name is not None and group.measures.num_customers >= MIN_CUSTOMERS
        ),
        key=lambda group: (-(group.measures.repeat_rate or 0), str(group.name)),
    )


def by_category(data: CustomersData) -> str:
    """The categories that bring customers who return."""
    return _best(rankable(data.by_category), data.shown, "first category", fmt.name)


def by_state(data: CustomersData) -> str:
    """The states whose customers return."""
    return _best(rankable(data.by_state), data.shown, "state", str)


def _best(
    groups: list[Group],
    whole: CustomerMeasures,
    kind: str,
    words: Callable[[str | None], str],
) -> str:
    if not groups:
        return f"No {kind} has {MIN_CUSTOMERS} customers: no repeat rate is ranked"
    top = groups[0]
    return (
        f"{words(top.name)} leads by repeat rate: {fmt.percent(top.measures.repeat_rate)} "
        f"against {fmt.percent(whole.repeat_rate)} over all"
    )


def payments(data: CustomersData) -> str:
    """The leading payment type and how much is paid in installments."""
    if not data.payments:
        return f"No payment {data.period.when}"
    whole = payments_total(list(data.payments.values()))
    by_type = payments_by_type(data)
    name, top = max(by_type.items(), key=lambda item: item[1].payment_amount)
    parts = whole.payment_amount - whole.single_plan_amount
    return (
        f"{fmt.name(name)} pays {fmt.percent(share(top, whole, measures.PAYMENT_AMOUNT))}; "
        f"{fmt.percent(ratio(parts, whole.payment_amount))} of all money comes in installments"
    )


def payments_by_type(data: CustomersData) -> dict[str, measures.PaymentMeasures]:
    """The payments of the period by type, the largest amount first."""
    types = sorted({kind for _, kind in data.payments})
    found = {
        one: payments_total([sums for (_, kind), sums in data.payments.items() if kind == one])
        for one in types
    }
    return dict(sorted(found.items(), key=lambda item: -item[1].payment_amount))
