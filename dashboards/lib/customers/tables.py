"""The rows: the tables of the customers dashboard."""

from __future__ import annotations

from collections.abc import Callable

from dashboards.lib import format as fmt
from dashboards.lib.customers import measures
from dashboards.lib.customers.data import MAX_PERSONS, CustomersData
from dashboards.lib.customers.measures import CustomerMeasures
from dashboards.lib.metrics import share
from dashboards.lib.queries.customers import Group
from dashboards.lib.tables import (
    Cell,
    Column,
    Table,
    money,
    one_decimal,
    percent_number,
    rounded,
    two_decimals,
)

_MEASURES: tuple[tuple[Column, Callable[[CustomerMeasures], Cell]], ...] = (
    (Column("Customers", fmt.count), lambda m: m.num_customers),
    (Column("Repeat customers", fmt.count), lambda m: m.num_repeat),
    (Column("Repeat rate (%)", two_decimals), lambda m: percent_number(m.repeat_rate)),
    (
        Column("Repeat rate, same day included (%)", two_decimals),
        lambda m: percent_number(m.repeat_rate_same_day_included),
    ),
    (Column("Followed 90 days", fmt.count), lambda m: m.num_followed),
    (
        Column("Back in 90 days (%)", two_decimals),
        lambda m: percent_number(m.early_return_rate),
    ),
    (Column("Active (%)", one_decimal), lambda m: percent_number(m.active_rate)),
    (Column("Sales", fmt.count), lambda m: m.num_orders),
    (Column("Revenue (R$)", money), lambda m: m.revenue_amount),
    (Column("Revenue per customer (R$)", money), lambda m: rounded(m.revenue_per_customer)),
    (Column("Revenue per sale (R$)", money), lambda m: rounded(m.average_order_value)),
    (Column("Score (1-5)", two_decimals), lambda m: rounded(m.average_review_score)),
    (Column("Reviewed orders", fmt.count), lambda m: m.num_reviewed_orders),
)
_COLUMNS = tuple(column for column, _ in _MEASURES)
_SHARES = (Column("Share of customers (%)", one_decimal), Column("Of revenue (%)", one_decimal))


def tables(data: CustomersData) -> tuple[Table, ...]:
    """The persons, then the groups, the cohorts and the payments."""
    return (
        _persons(data),
        _grouped(data, "by_segment", "Segment", data.by_segment),
        _grouped(data, "by_rfm_segment", "RFM segment", data.by_rfm_segment),
        _grouped(data, "by_state", "State", data.by_state),
        _grouped(data, "by_first_category", "First category", data.by_category),
        _grouped(data, "by_first_payment", "First payment", data.by_payment),
        _by_month(data),
        _cohorts(data),
        _payments(data),
    )


def _grouped(data: CustomersData, key: str, heading: str, groups: tuple[Group, ...]) -> Table:
    return Table(
        key,
        f"By {heading[0].lower() if heading[1].islower() else heading[0]}{heading[1:]}",
        (Column(heading), *_SHARES, *_COLUMNS),
        tuple(
            (
                fmt.name(group.name),
                percent_number(share(group.measures, data.shown, measures.CUSTOMERS)),
                percent_number(share(group.measures, data.shown, measures.REVENUE)),
                *(read(group.measures) for _, read in _MEASURES),
            )
            for group in groups
        ),
    )


def _by_month(data: CustomersData) -> Table:
    return Table(
        "by_month",
        "By month of first sale",
        (Column("Month"), Column("Data"), *_COLUMNS),
        tuple(
            (
                f"{point.month:%Y-%m}",
                point.coverage,
                *(read(point.measures) for _, read in _MEASURES),
            )
            for point in data.months
        ),
    )


def _persons(data: CustomersData) -> Table:
    is_cut = data.shown.num_customers > MAX_PERSONS
    title = f"Customers (top {fmt.count(MAX_PERSONS)})" if is_cut else "Customers"
    return Table(
        "customers",
        title,
        (
            Column("Customer"),
            Column("City"),
            Column("State"),
            Column("Segment"),
            Column("RFM segment"),
            Column("Revenue (R$)", money),
            Column("Sales", fmt.count),
            Column("Revenue per sale (R$)", money),
            Column("First sale"),
            Column("Latest sale"),
            Column("Days since latest", fmt.count),
            Column("Score (1-5)", two_decimals),
            Column("First category"),
            Column("Favourite category"),
        ),
        tuple(
            (
                one.customer_unique_id,
                one.city,
                one.state,
                fmt.name(one.customer_segment),
                fmt.name(one.rfm_segment),
                one.revenue_amount,
                one.num_orders,
                rounded(one.average_order_value),
                one.first_order_date.isoformat(),
                one.last_order_date.isoformat(),
                one.recency_days,
                rounded(one.average_review_score),
                fmt.name(one.first_category),
                fmt.name(one.favourite_category),
            )
            for one in data.persons
        ),
    )


def _cohorts(data: CustomersData) -> Table:
    return Table(
        "cohorts",
        "Cohorts",
        (
            Column("Cohort"),
            Column("Months since first", fmt.count),
            Column("Data"),
            Column("Persons of the cohort", fmt.count),
            Column("Persons with a sale", fmt.count),
            Column("Retention (%)", two_decimals),
            Column("Revenue (R$)", money),
        ),
        tuple(
            (
                f"{cohort:%Y-%m}",
                months,
                "complete" if cell.is_complete else "incomplete",
                cell.cohort_size,
                cell.num_active,
                percent_number(cell.retention_rate),
                cell.revenue_amount,
            )
            for (cohort, months), cell in data.cohorts.items()
        ),
    )


def _payments(data: CustomersData) -> Table:
    return Table(
        "payments",
        "Payments by month",
        (
            Column("Month"),
            Column("Type"),
            Column("Payments", fmt.count),
            Column("Amount (R$)", money),
            Column("Per payment (R$)", money),
            Column("Installments per payment", one_decimal),
            Column("At once (R$)", money),
            Column("2-3 parts (R$)", money),
            Column("4-6 parts (R$)", money),
            Column("7 and more (R$)", money),
        ),
        tuple(
            (
                f"{month:%Y-%m}",
                fmt.name(kind),
                sums.num_payments,
                sums.payment_amount,
                rounded(sums.average_payment_value),
                rounded(sums.average_installments),
                sums.single_plan_amount,
                sums.short_plan_amount,
                sums.medium_plan_amount,
                sums.long_plan_amount,
            )
            for (month, kind), sums in data.payments.items()
        ),
    )
