"""The queries on the customer, cohort and payment marts: sums by segment, score, place, month.

Every query on persons takes a `CustomerScope`. Nothing here divides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

import duckdb

from dashboards.lib.customers.measures import (
    CUSTOMER_MEASURE_NAMES,
    EARLY_DAYS,
    PAYMENT_MEASURE_NAMES,
    CohortCell,
    CustomerMeasures,
    PaymentMeasures,
    ReturnDays,
)
from dashboards.lib.periods import Period, month_start

# An empty list means no restriction. A first day of None counts everybody up to the last.
_WHERE = """
        where ($first_day::date is null or first_order_date >= $first_day)
            and first_order_date <= $last_day
            and (len($states::varchar[]) = 0 or list_contains($states, state))
            and (len($regions::varchar[]) = 0 or list_contains($regions, region))
            and (len($segments::varchar[]) = 0 or list_contains($segments, customer_segment))
"""
_PARTS = {
    "num_customers": "count(*)",
    "num_repeat": "count(*) filter (return_date <= $known_by)",
    "num_repeat_same_day_included": "count(*) filter (second_order_date <= $known_by)",
    "num_followed": "count(*) filter (first_order_date <= $followed_from)",
    "num_early": "count(*) filter (first_order_date <= $followed_from "
    "and days_to_return <= $early_days)",
    "num_active": "count(*) filter (is_active)",
    "revenue_amount": "coalesce(sum(revenue_amount), 0)::decimal(18, 2)",
}
_SUMS = ",\n            ".join(
    f"{_PARTS.get(name, f'coalesce(sum({name}), 0)::bigint')} as {name}"
    for name in CUSTOMER_MEASURE_NAMES
)
_PAYMENT_SUMS = ",\n            ".join(
    f"coalesce(sum({name}), 0)::{'decimal(18, 2)' if name.endswith('_amount') else 'bigint'}"
    f" as {name}"
    for name in PAYMENT_MEASURE_NAMES
)


class Attribute(StrEnum):
    """What persons can be grouped by: the columns of the mart."""

    CUSTOMER_SEGMENT = "customer_segment"
    RFM_SEGMENT = "rfm_segment"
    STATE = "state"
    FIRST_CATEGORY = "first_category"
    FIRST_PAYMENT_TYPE = "first_payment_type"


@dataclass(frozen=True)
class CustomerScope:
    """The persons a query may look at, by the day of their first sale, their place, segment.

    ``since`` None means all persons up to ``until``. Repeat customers are counted by what was
    known on ``known_by``, None for all that is known; ``as_of_date`` says who has been followed
    for long enough.
    """

    as_of_date: date
    since: date | None
    until: date
    states: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    known_by: date | None = None

    def bound(self) -> dict[str, Any]:
        """The values to bind."""
        return {
            "first_day": self.since,
            "last_day": self.until,
            "states": list(self.states),
            "regions": list(self.regions),
            "segments": list(self.segments),
        }

    def bound_with_days(self) -> dict[str, Any]:
        """The values to bind where sums are asked for."""
        return self.bound() | {
            "known_by": self.known_by or date.max,
            "followed_from": date.fromordinal(self.as_of_date.toordinal() - EARLY_DAYS),
            "early_days": EARLY_DAYS,
        }


@dataclass(frozen=True)
class Group:
    """The sums of the persons that share a value; None where they have none."""

    name: str | None
    measures: CustomerMeasures


@dataclass(frozen=True)
class RfmCell:
    """The persons with the same three scores, 1 to 5 each."""

    recency: int
    frequency: int
    monetary: int
    num_customers: int
    revenue_amount: Decimal


@dataclass(frozen=True)
class Person:
    """A row of the table of customers."""

    customer_unique_id: str
    city: str
    state: str
    customer_segment: str
    rfm_segment: str
    first_order_date: date
    last_order_date: date
    recency_days: int
    num_orders: int
    revenue_amount: Decimal
    average_order_value: float | None
    average_review_score: float | None
    first_category: str | None
    favourite_category: str | None


def read_segments(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """The customer segments that somebody is in, by name."""
    rows = connection.execute(
        "select distinct customer_segment from marts.mart_customer_analytics order by 1"
    ).fetchall()
    return tuple(row[0] for row in rows)


def read_customers(
    connection: duckdb.DuckDBPyConnection, scope: CustomerScope
) -> CustomerMeasures:
    """The sums over all persons of the scope; all zero where there is none."""
    row = connection.execute(
        f"""
        select
            {_SUMS}
        from marts.mart_customer_analytics
        {_WHERE}
        """,
        scope.bound_with_days(),
    ).fetchone()
    return CustomerMeasures() if row is None else CustomerMeasures(*row)


def read_by(
    connection: duckdb.DuckDBPyConnection, scope: CustomerScope, attribute: Attribute
) -> tuple[Group, ...]:
    """The sums by an attribute of the persons, the most persons first."""
    rows = connection.execute(
        f"""
        select
            {attribute},
            {_SUMS}
        from marts.mart_customer_analytics
        {_WHERE}
        group by {attribute}
        order by count(*) desc, {attribute}
        """,
        scope.bound_with_days(),
    ).fetchall()
    return tuple(Group(row[0], CustomerMeasures(*row[1:])) for row in rows)


def read_by_month(
    connection: duckdb.DuckDBPyConnection, scope: CustomerScope
) -> dict[date, CustomerMeasures]:
    """The sums by month of the first sale; a month without a new customer is left out."""
    rows = connection.execute(
        f"""
        select
            cohort_month,
            {_SUMS}
        from marts.mart_customer_analytics
        {_WHERE}
        group by cohort_month
        order by cohort_month
        """,
        scope.bound_with_days(),
    ).fetchall()
    return {row[0]: CustomerMeasures(*row[1:]) for row in rows}


def read_rfm(
    connection: duckdb.DuckDBPyConnection, scope: CustomerScope
) -> tuple[RfmCell, ...]:
    """The persons by their three scores."""
    rows = connection.execute(
        f"""
        select
            recency_score,
            frequency_score,
            monetary_score,
            count(*) as num_customers,
            sum(revenue_amount)::decimal(18, 2) as revenue_amount
        from marts.mart_customer_analytics
        {_WHERE}
        group by recency_score, frequency_score, monetary_score
        order by recency_score, frequency_score, monetary_score
        """,
        scope.bound(),
    ).fetchall()
    return tuple(RfmCell(*row) for row in rows)


def read_return_days(
    connection: duckdb.DuckDBPyConnection, scope: CustomerScope
) -> tuple[ReturnDays, ...]:
    """How many persons bought again after how many days, in order of the days."""
    rows = connection.execute(
        f"""
        select
            days_to_return,
            count(*) as num_customers
        from marts.mart_customer_analytics
        {_WHERE}
            and days_to_return is not null
        group by days_to_return
        order by days_to_return
        """,
        scope.bound(),
    ).fetchall()
    return tuple(ReturnDays(*row) for row in rows)


def read_persons(
    connection: duckdb.DuckDBPyConnection, scope: CustomerScope, limit: int
) -> tuple[Person, ...]:
    """The persons of most revenue, at most ``limit`` of them."""
    rows = connection.execute(
        f"""
        select
            customer_unique_id,
            city,
            state,
            customer_segment,
            rfm_segment,
            first_order_date,
            last_order_date,
            recency_days,
            num_orders,
            revenue_amount,
            average_order_value,
            average_review_score,
            first_category,
            favourite_category
        from marts.mart_customer_analytics
        {_WHERE}
        order by revenue_amount desc, customer_unique_id
        limit $limit
        """,
        scope.bound() | {"limit": limit},
    ).fetchall()
    return tuple(Person(*row) for row in rows)


def read_cohorts(
    connection: duckdb.DuckDBPyConnection, since: date | None, until: date
) -> dict[tuple[date, int], CohortCell]:
    """The cohorts of the months that the days touch, by cohort and months since its first.

    The mart has no state and no segment: cohorts are of all persons.
    """
    rows = connection.execute(
        """
        select
            cohort_month,
            months_since_first,
            num_active_customers,
            cohort_size,
            revenue_amount,
            -- Both ends must be whole: the month the cohort is of, and the month looked at.
            is_complete_month and bool_or(is_complete_month and months_since_first = 0) over (
                partition by cohort_month
            ) as is_complete
        from marts.mart_cohort_analysis
        where ($first_month::date is null or cohort_month >= $first_month)
            and cohort_month <= $last_day
        order by cohort_month, months_since_first
        """,
        {"first_month": None if since is None else month_start(since), "last_day": until},
    ).fetchall()
    return {(row[0], row[1]): CohortCell(*row[2:]) for row in rows}


def read_payments(
    connection: duckdb.DuckDBPyConnection, period: Period
) -> dict[tuple[date, str], PaymentMeasures]:
    """The payments of the months that the period touches, by month and type.

    The mart has no state and no segment. Types without an amount paid are left out.
    """
    rows = connection.execute(
        f"""
        select
            order_month,
            payment_type,
            {_PAYMENT_SUMS}
        from marts.mart_payment_analysis
        where order_month between $first_month and $last_day
        group by order_month, payment_type
        having sum(payment_amount) > 0
        order by order_month, payment_type
        """,
        {"first_month": month_start(period.start), "last_day": period.end},
    ).fetchall()
    return {(row[0], row[1]): PaymentMeasures(*row[2:]) for row in rows}
