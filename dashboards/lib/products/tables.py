"""The rows: the tables of the products dashboard."""

from __future__ import annotations

from collections.abc import Callable

from dashboards.lib import format as fmt
from dashboards.lib.metrics import share
from dashboards.lib.products import measures
from dashboards.lib.products.data import MAX_PRODUCTS, ProductsData
from dashboards.lib.products.measures import CategoryMeasures
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

_MEASURES: tuple[tuple[Column, Callable[[CategoryMeasures], Cell]], ...] = (
    (Column("GMV (R$)", money), lambda m: m.gmv_amount),
    (Column("Units", fmt.count), lambda m: m.num_units),
    (Column("Price per unit (R$)", money), lambda m: rounded(m.average_price)),
    (Column("Freight (R$)", money), lambda m: m.freight_amount),
    (Column("Freight share (%)", one_decimal), lambda m: percent_number(m.freight_rate)),
    (Column("Score (1-5)", two_decimals), lambda m: rounded(m.average_review_score)),
    (Column("Reviewed orders", fmt.count), lambda m: m.num_reviewed_orders),
    (Column("Orders", fmt.count), lambda m: m.num_orders_of_any_status),
    (Column("Canceled (%)", two_decimals), lambda m: percent_number(m.cancellation_rate)),
)
_COLUMNS = tuple(column for column, _ in _MEASURES)


def tables(data: ProductsData) -> tuple[Table, ...]:
    """Products, categories, months; each only where the filters leave rows."""
    found: tuple[Table, ...] = ()
    if not data.has_no_products:
        found += (_products(data),)
    if not data.has_no_sales:
        found += (_by_category(data), _by_month(data))
    return found


def _by_category(data: ProductsData) -> Table:
    return Table(
        "by_category",
        "By category",
        (
            Column("Category"),
            Column("Group"),
            Column("GMV share (%)", one_decimal),
            Column("GMV change (%)", one_decimal),
            *_COLUMNS,
        ),
        tuple(
            (
                fmt.name(one.name),
                one.group,
                percent_number(share(one.now, data.current, measures.GMV)),
                percent_number(one.change),
                *(read(one.now) for _, read in _MEASURES),
            )
            for one in data.categories
        ),
    )


def _by_month(data: ProductsData) -> Table:
    return Table(
        "by_month",
        "By month",
        (Column("Month"), Column("Data"), *_COLUMNS),
        tuple(
            (
                f"{point.month:%Y-%m}",
                point.coverage,
                *(read(point.measures) for _, read in _MEASURES),
            )
            for point in data.months
            if point.is_selected
        ),
    )


def _products(data: ProductsData) -> Table:
    is_cut = data.catalogue.num_products > MAX_PRODUCTS
    return Table(
        "products",
        f"Products (top {fmt.count(MAX_PRODUCTS)})" if is_cut else "Products",
        (
            Column("Product"),
            Column("Category"),
            Column("ABC, 12 months"),
            Column("ABC, all time"),
            Column("Stage"),
            Column("Place by GMV", fmt.count),
            Column("GMV (R$)", money),
            Column("Units", fmt.count),
            Column("Units, last 90 days", fmt.count),
            Column("Units, 90 days before", fmt.count),
            Column("Price per unit (R$)", money),
            Column("Freight share (%)", one_decimal),
            Column("Score (1-5)", two_decimals),
            Column("Reviewed orders", fmt.count),
            Column("Canceled (%)", two_decimals),
            Column("Sellers", fmt.count),
            Column("First sale"),
            Column("Latest sale"),
        ),
        tuple(
            (
                one.product_id,
                fmt.name(one.category),
                one.abc_class_12m or "not sold",
                one.abc_class,
                fmt.name(one.lifecycle_stage),
                one.gmv_rank,
                one.gmv_amount,
                one.num_units,
                one.num_recent_units,
                one.num_previous_units,
                rounded(one.average_price),
                percent_number(one.freight_rate),
                rounded(one.average_review_score),
                one.num_reviewed_orders,
                percent_number(one.cancellation_rate),
                one.num_sellers,
                one.first_sale_date.isoformat() if one.first_sale_date else "never",
                one.last_sale_date.isoformat() if one.last_sale_date else "never",
            )
            for one in data.products
        ),
    )
