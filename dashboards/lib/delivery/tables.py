"""The rows: the tables of the delivery dashboard."""

from __future__ import annotations

from collections.abc import Callable

from dashboards.lib import format as fmt
from dashboards.lib.delivery.data import DeliveryData
from dashboards.lib.delivery.measures import DeliveryMeasures
from dashboards.lib.periods import Period
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

# The columns that the tables of deliveries have, after their own first ones.
_MEASURES: tuple[tuple[Column, Callable[[DeliveryMeasures], Cell]], ...] = (
    (Column("Shipments", fmt.count), lambda m: m.num_shipments),
    (Column("Deliveries", fmt.count), lambda m: m.num_deliveries),
    (Column("Promise kept (%)", one_decimal), lambda m: percent_number(m.promise_kept_rate)),
    (Column("Late", fmt.count), lambda m: m.num_late),
    (Column("Late (%)", one_decimal), lambda m: percent_number(m.late_rate)),
    (Column("Late by seller", fmt.count), lambda m: m.num_late_by_seller),
    (Column("Late by carrier", fmt.count), lambda m: m.num_late_by_carrier),
    (Column("Late by promise", fmt.count), lambda m: m.num_late_by_promise),
    (Column("Delivery (days)", one_decimal), lambda m: rounded(m.average_delivery_days)),
    (Column("Promised (days)", one_decimal), lambda m: rounded(m.average_promised_days)),
    (Column("Delay when late (days)", one_decimal), lambda m: rounded(m.average_late_days)),
    (Column("Approval (days)", one_decimal), lambda m: rounded(m.approval_days)),
    (Column("Handling (days)", one_decimal), lambda m: rounded(m.handling_days)),
    (Column("Transit (days)", one_decimal), lambda m: rounded(m.transit_days)),
    (
        Column("Dispatched late (%)", one_decimal),
        lambda m: percent_number(m.dispatch_late_rate),
    ),
    (Column("Distance (km)", fmt.number), lambda m: rounded(m.average_distance_km)),
    (Column("Freight per shipment (R$)", money), lambda m: rounded(m.average_freight)),
    (Column("Score when late (1-5)", two_decimals), lambda m: rounded(m.late_review_score)),
    (Column("Score on time (1-5)", two_decimals), lambda m: rounded(m.on_time_review_score)),
    (
        Column("Score when late, answered after delivery (1-5)", two_decimals),
        lambda m: rounded(m.late_score_after_delivery),
    ),
    (
        Column("Score on time, answered after delivery (1-5)", two_decimals),
        lambda m: rounded(m.on_time_score_after_delivery),
    ),
)
_COLUMNS = tuple(column for column, _ in _MEASURES)


def _measured(measures: DeliveryMeasures) -> tuple[Cell, ...]:
    return tuple(read(measures) for _, read in _MEASURES)


def tables(data: DeliveryData) -> tuple[Table, ...]:
    """By route, by state, by month, and the stuck orders."""
    return (
        Table(
            "by_route",
            "By route",
            (Column("From"), Column("To"), *_COLUMNS),
            tuple(
                (row.seller_state, row.customer_state, *_measured(row.measures))
                for row in data.routes
            ),
        ),
        Table(
            "by_state",
            "By state of the customer",
            (Column("State"), Column("Region"), *_COLUMNS),
            tuple((row.state, row.region, *_measured(row.measures)) for row in data.states),
        ),
        Table(
            "by_month",
            "By month",
            (Column("Month"), Column("Data"), *_COLUMNS),
            tuple(
                (
                    f"{point.month:%Y-%m}",
                    point.coverage,
                    *_measured(point.measures),
                )
                for point in data.months
                if point.is_selected
            ),
        ),
        _stuck(data),
    )


def _stuck(data: DeliveryData) -> Table:
    as_of = data.info.as_of_date
    return Table(
        "stuck_orders",
        "Stuck orders",
        (
            Column("Status"),
            Column("Orders", fmt.count),
            Column("Overdue", fmt.count),
            Column("Standing, average (days)", one_decimal),
            Column("Standing, longest (days)", fmt.count),
        ),
        tuple(
            (
                row.status,
                row.measures.num_stuck,
                row.measures.num_overdue,
                rounded(row.measures.average_standing_days),
                row.measures.max_standing_days,
            )
            for row in data.stuck
        ),
        Period(as_of, as_of),
    )
