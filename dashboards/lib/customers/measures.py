"""The sums of the customer marts and the ratios that are made from them.

SQL brings the sums; each ratio is divided here, once. The definitions are those of
docs/metrics.md and the glossary. No SQL, no formatting.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Final

from dashboards.lib.metrics import Metric, ratio

# A customer is back early with a sale on a later day within a quarter; nobody is asked who has
# not yet had as many days. The same window as that of the segment NEW.
EARLY_DAYS: Final = 90
# A rate over fewer persons is not ranked: with 2 % repeaters, 300 persons give some six.
MIN_CUSTOMERS: Final = 300
# Last day of each class of the time to the return, in days; the last class is open.
RETURN_CLASSES: Final = (7, 30, 90, 180, 365)


@dataclass(frozen=True)
class CustomerMeasures:
    """Sums over persons with a sale. Money is BRL; every ratio is None where its base is empty.

    ``num_repeat`` counts the persons with sales on two days or more by the day asked for,
    ``num_repeat_same_day_included`` those with two sales or more, of one day or several,
    ``num_followed`` those whose first sale was 90 days or more before the as-of date, and
    ``num_early`` those of them who bought again within 90 days.
    """

    num_customers: int = 0
    num_repeat: int = 0
    num_repeat_same_day_included: int = 0
    num_followed: int = 0
    num_early: int = 0
    num_active: int = 0
    num_orders: int = 0
    num_orders_with_items: int = 0
    revenue_amount: Decimal = Decimal(0)
    num_reviewed_orders: int = 0
    sum_review_score: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether there is not a single person."""
        return self.num_customers == 0

    @property
    def repeat_rate(self) -> float | None:
        """Share of the persons with sales on two days or more."""
        return ratio(self.num_repeat, self.num_customers)

    @property
    def repeat_rate_same_day_included(self) -> float | None:
        """Share of the persons with two sales or more, of one day or several."""
        return ratio(self.num_repeat_same_day_included, self.num_customers)

    @property
    def early_return_rate(self) -> float | None:
        """Share of the persons followed for 90 days who bought again within them."""
        return ratio(self.num_early, self.num_followed)

    @property
    def active_rate(self) -> float | None:
        """Share of the persons with a sale in the last 365 days."""
        return ratio(self.num_active, self.num_customers)

    @property
    def revenue_per_customer(self) -> float | None:
        """BRL a person has spent in all sales to date."""
        return ratio(self.revenue_amount, self.num_customers)

    @property
    def average_order_value(self) -> float | None:
        """BRL a sale with items."""
        return ratio(self.revenue_amount, self.num_orders_with_items)

    @property
    def average_review_score(self) -> float | None:
        """Stars, 1 to 5: latest review of each reviewed order."""
        return ratio(self.sum_review_score, self.num_reviewed_orders)


CUSTOMER_MEASURE_NAMES: Final = tuple(field.name for field in fields(CustomerMeasures))

CUSTOMERS = Metric("num_customers", "relative")
REPEAT_RATE = Metric("repeat_rate", "absolute")
EARLY_RETURN_RATE = Metric("early_return_rate", "absolute")
REVENUE = Metric("revenue_amount", "relative")
REVENUE_PER_CUSTOMER = Metric("revenue_per_customer", "relative")
REVIEW_SCORE = Metric("average_review_score", "absolute", is_of_delivery=True)


def total(parts: Sequence[CustomerMeasures]) -> CustomerMeasures:
    """The sum over groups of persons that share none."""
    return CustomerMeasures(
        **{name: sum(getattr(part, name) for part in parts) for name in CUSTOMER_MEASURE_NAMES}
    )


@dataclass(frozen=True)
class ReturnDays:
    """How many persons bought again after so many days."""

    days: int
    num_customers: int


@dataclass(frozen=True)
class ReturnClass:
    """The persons who came back within a span of days; ``last`` None is open."""

    first: int
    last: int | None
    num_customers: int


def median_days(found: Iterable[ReturnDays]) -> float | None:
    """The median of the days to the return; None where nobody came back."""
    ordered = sorted(found, key=lambda one: one.days)
    number = sum(one.num_customers for one in ordered)
    if not number:
        return None
    lower, upper = _at(ordered, (number - 1) // 2), _at(ordered, number // 2)
    return (lower + upper) / 2


def _at(ordered: Sequence[ReturnDays], position: int) -> int:
    """The value at a position, from 0, of the persons in order of their days."""
    for one in ordered:
        if position < one.num_customers:
            return one.days
        position -= one.num_customers
    message = "the position lies behind the last person"
    raise IndexError(message)


def return_classes(found: Sequence[ReturnDays]) -> tuple[ReturnClass, ...]:
    """The persons by class of their days to the return, every class once."""
    bounds: list[tuple[int, int | None]] = []
    first = 0
    for last in RETURN_CLASSES:
        bounds.append((first, last))
        first = last + 1
    bounds.append((first, None))
    return tuple(
        ReturnClass(
            low,
            high,
            sum(
                one.num_customers
                for one in found
                if low <= one.days and (high is None or one.days <= high)
            ),
        )
        for low, high in bounds
    )


@dataclass(frozen=True)
class PaymentMeasures:
    """Sums over payments of orders of every status. Money is BRL.

    Plans: single is paid at once, short in 2 to 3 installments, medium in 4 to 6, long in more.
    """

    num_payments: int = 0
    sum_installments: int = 0
    payment_amount: Decimal = Decimal(0)
    single_plan_amount: Decimal = Decimal(0)
    short_plan_amount: Decimal = Decimal(0)
    medium_plan_amount: Decimal = Decimal(0)
    long_plan_amount: Decimal = Decimal(0)

    @property
    def average_installments(self) -> float | None:
        """Installments a payment."""
        return ratio(self.sum_installments, self.num_payments)

    @property
    def average_payment_value(self) -> float | None:
        """BRL a payment."""
        return ratio(self.payment_amount, self.num_payments)


PAYMENT_MEASURE_NAMES: Final = tuple(field.name for field in fields(PaymentMeasures))

PAYMENT_AMOUNT = Metric("payment_amount", "relative", None)


def payments_total(parts: Sequence[PaymentMeasures]) -> PaymentMeasures:
    """The sum over several types or months."""
    return PaymentMeasures(
        **{name: sum(getattr(part, name) for part in parts) for name in PAYMENT_MEASURE_NAMES}
    )


@dataclass(frozen=True)
class CohortCell:
    """A cohort in a month since its first: how many of it bought."""

    num_active: int
    cohort_size: int
    revenue_amount: Decimal
    is_complete: bool

    @property
    def retention_rate(self) -> float | None:
        """Share of the cohort with a sale in the month."""
        return ratio(self.num_active, self.cohort_size)
