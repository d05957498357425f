"""The rows: the tables of the sellers dashboard."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from dashboards.lib import format as fmt
from dashboards.lib.periods import Period
from dashboards.lib.queries.sellers import SellerCard
from dashboards.lib.sellers.data import SellersData
from dashboards.lib.sellers.measures import SellerSums
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


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


_CARD: tuple[tuple[Column, Callable[[SellerCard], Cell]], ...] = (
    (Column("Rank by GMV", fmt.count), lambda card: card.gmv_rank),
    (Column("Seller"), lambda card: card.seller_id),
    (Column("City"), lambda card: card.city),
    (Column("State"), lambda card: card.state),
    (Column("Tier, 12 months"), lambda card: card.seller_tier_12m),
    (Column("Tier, all time"), lambda card: card.seller_tier),
    (Column("Active"), lambda card: "yes" if card.is_active else "no"),
    (Column("Main category"), lambda card: card.main_category),
    (Column("GMV, 12 months (R$)", money), lambda card: card.gmv_12m_amount),
    (Column("GMV (R$)", money), lambda card: card.gmv_amount),
    (Column("Orders", fmt.count), lambda card: card.num_orders),
    (Column("Sales", fmt.count), lambda card: card.num_sales),
    (Column("Stars (1-5)", two_decimals), lambda card: rounded(card.average_review_score)),
    (Column("Reviewed orders", fmt.count), lambda card: card.num_reviewed_orders),
    (Column("On time (%)", one_decimal), lambda card: percent_number(card.on_time_rate)),
    (Column("Deliveries", fmt.count), lambda card: card.num_deliveries),
    (
        Column("Dispatched late (%)", one_decimal),
        lambda card: percent_number(card.dispatch_late_rate),
    ),
    (Column("Dispatched", fmt.count), lambda card: card.num_dispatched),
    (Column("Canceled (%)", one_decimal), lambda card: percent_number(card.cancellation_rate)),
    (
        # Sorting by the score ranks by it, so that it is shown where it may be ranked by.
        Column("Score (0-100), from 20 orders", one_decimal),
        lambda card: rounded(card.score) if card.is_rankable else None,
    ),
    (Column("First sale"), lambda card: _day(card.first_sale_date)),
    (Column("Latest sale"), lambda card: _day(card.last_sale_date)),
)
_SUMS: tuple[tuple[Column, Callable[[SellerSums], Cell]], ...] = (
    (Column("GMV (R$)", money), lambda sums: sums.gmv_amount),
    (Column("Orders", fmt.count), lambda sums: sums.num_orders),
    (Column("Sales", fmt.count), lambda sums: sums.num_sales),
    (Column("Units", fmt.count), lambda sums: sums.num_units),
    (Column("Stars (1-5)", two_decimals), lambda sums: rounded(sums.average_review_score)),
    (Column("Reviewed orders", fmt.count), lambda sums: sums.num_reviewed_orders),
    (Column("On time (%)", one_decimal), lambda sums: percent_number(sums.on_time_rate)),
    (Column("Deliveries", fmt.count), lambda sums: sums.num_deliveries),
    (
        Column("Dispatched late (%)", one_decimal),
        lambda sums: percent_number(sums.dispatch_late_rate),
    ),
    (Column("Dispatched", fmt.count), lambda sums: sums.num_dispatched),
    (Column("Canceled (%)", one_decimal), lambda sums: percent_number(sums.cancellation_rate)),
)


def _summed(sums: SellerSums) -> tuple[Cell, ...]:
    return tuple(read(sums) for _, read in _SUMS)


_SUM_COLUMNS = tuple(column for column, _ in _SUMS)


def tables(data: SellersData) -> tuple[Table, ...]:
    """The scorecard of all data, the sellers in the period, the months of the period."""
    return (
        Table(
            "scorecard",
            "Scorecard",
            tuple(column for column, _ in _CARD),
            tuple(tuple(read(card) for _, read in _CARD) for card in data.cards),
            Period(data.calendar.first_date, data.info.as_of_date),
        ),
        Table(
            "in_period",
            "In the period",
            (Column("Seller"), Column("State"), Column("Tier"), *_SUM_COLUMNS),
            tuple(
                (row.seller_id, row.state, row.tier, *_summed(row.sums)) for row in data.sellers
            ),
        ),
        Table(
            "by_month",
            "By month",
            (
                Column("Month"),
                Column("Data"),
                Column("Sellers with a sale", fmt.count),
                Column("New sellers", fmt.count),
                Column("GMV per seller (R$)", money),
                *_SUM_COLUMNS,
            ),
            tuple(
                (
                    f"{point.month:%Y-%m}",
                    point.coverage,
                    point.measures.num_sellers,
                    point.measures.num_new_sellers,
                    rounded(point.measures.gmv_per_seller),
                    *_summed(point.measures.sums),
                )
                for point in data.months
                if point.is_selected
            ),
        ),
    )
