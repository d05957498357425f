"""What the raw gate asks of the nine tables after a load, before any model reads them.

Rows that cannot be used one by one are handled by quarantine, and keys and relations that
of dbt's tests. Here stand totals and shares: what makes a whole delivery wrong. Bounds are wide
enough for a hundred generated orders and for the first night of a replay.
Critical is what would make published figures wrong, warning what somebody should look at.
"""

from __future__ import annotations

from extract.tables import TABLES
from orchestration.quality.raw_end import LAST_ORDERS_ARE_THERE
from orchestration.quality.raw_parts import (
    absent,
    amount,
    if_enough,
    mean,
    per_order,
    share,
    share_found,
    volume,
)
from orchestration.quality.raw_suites_offer import GEOLOCATION, PRODUCTS, SELLERS, TRANSLATION
from orchestration.quality.raw_values import (
    ADDED,
    LIVE_WITHIN_DAYS,
    MANY_ORPHANS,
    PAYMENT_TYPES,
    STATES,
    STATUSES,
    hexadecimal,
    present,
    quoted,
    states,
    zip_prefixes,
)
from orchestration.quality.spec import Check, Suite, between, suite

# Every raw table with all of its columns, in one query: the other suites rely on it.
COLUMNS = Suite(
    table="raw",
    query=(
        "select table_name || '.' || column_name as name from duckdb_columns() "
        "where database_name = 'warehouse' and schema_name = 'raw'"
    ),
    checks=tuple(
        Check(
            "has_its_columns",
            "ExpectColumnDistinctValuesToContainSet",
            {
                "column": "name",
                "value_set": tuple(f"{table.name}.{c}" for c in (*table.columns, *ADDED)),
            },
            "critical",
            f"all of the {len(table.columns)} source columns and {len(ADDED)} of the load",
            "The file was changed by something else than a load. Run with --full-refresh, or "
            "restore a backup (docs/runbook.md).",
            table=f"raw.{table.name}",
        )
        for table in TABLES
    ),
)

_CUSTOMERS = suite(
    "raw.customers",
    *volume("customers"),
    per_order("count(*)", expected="customer rows per order", critical=0.90, warning=0.95),
    states("customer_state"),
    zip_prefixes("customer_zip_code_prefix"),
    present("customer_unique_id", critical=0.01, warning=0.0),
    present("customer_city", critical=0.05, warning=0.005),
    between(
        "persons_are_told_apart",
        if_enough("count(distinct customer_unique_id) / count(*)"),
        expected="persons per customer row",
        advice="One person would own most orders: the column was filled with one value.",
        # 96.6 % in two years of Olist: few buy twice.
        critical=(0.5, None),
        warning=(0.8, None),
        unit="share",
    ),
    between(
        "all_states_buy",
        if_enough("count(distinct upper(trim(customer_state)))", rows=20_000),
        expected="states with customers",
        advice="A state is missing: was a part of the file cut off?",
        warning=(len(STATES), None),
    ),
    key=("customer_id",),
)

_ORDERS = suite(
    "raw.orders",
    *volume("orders"),
    hexadecimal("order_id"),
    share(
        "statuses_are_known",
        f"lower(trim(order_status)) not in ({quoted(STATUSES)})",
        expected="orders with a status that the models do not know",
        # dbt warns of each one; so many would take sales out of every figure.
        critical=0.05,
        advice="If a status was added, teach it to the models (is_sale in fact_orders). "
        "Otherwise ask the source.",
    ),
    share(
        "delivered_orders_have_a_delivery",
        absent("order_delivered_customer_date"),
        among="order_status = 'delivered'",
        expected="delivered orders without a delivery date",
        critical=0.05,
        warning=0.005,  # 8 of 96,478 in the real data
    ),
    share(
        "delivered_orders_were_handed_over",
        absent("order_delivered_carrier_date"),
        among="order_status = 'delivered'",
        expected="delivered orders without a date of the carrier",
        critical=0.05,
        warning=0.005,
    ),
    share(
        "purchase_comes_before_delivery",
        "try_cast(order_delivered_customer_date as timestamp) "
        "< try_cast(order_purchase_timestamp as timestamp)",
        expected="orders delivered before they were bought",
        critical=0.02,
        warning=0.001,  # none in the real data: dates in the wrong columns
    ),
    share(
        "promise_comes_after_purchase",
        "try_cast(order_estimated_delivery_date as timestamp) "
        "< date_trunc('day', try_cast(order_purchase_timestamp as timestamp))",
        expected="orders promised for a day before they were bought",
        critical=0.02,
        warning=0.001,
    ),
    share(
        "most_orders_become_sales",
        "order_status in ('canceled', 'unavailable')",
        expected="orders canceled or unavailable",
        critical=0.60,
        warning=0.15,  # 1.2 % in the real data
    ),
    between(
        "newest_order_is_fresh",
        "case when min(date_diff('day', try_cast(order_purchase_timestamp as timestamp), "
        f"_loaded_at)) between 0 and {LIVE_WITHIN_DAYS} "
        "then date_diff('day', max(try_cast(order_purchase_timestamp as timestamp)), "
        "(select max(loaded_at) from ops.load_audit)) end",
        expected="age of the newest order of a source that has been up to date",
        advice="The source delivers old files. Ask why its export is stuck.",
        # Olist sells every day of the year; a long weekend of the export is borne.
        warning=(None, 3),
        unit="days",
    ),
    LAST_ORDERS_ARE_THERE,
    key=("order_id",),
)

_ITEMS = suite(
    "raw.order_items",
    *volume("order_items"),
    # 99.2 % of the real orders have an item.
    per_order(
        "count(distinct order_id)",
        expected="orders with an item per order",
        critical=0.80,
        warning=0.90,
    ),
    share_found(
        "items_have_their_order",
        "order_id",
        "raw.orders.order_id",
        expected="items whose order is not there",
        critical=MANY_ORPHANS,
        warning=0.01,
        advice="The files are not of one moment. Deliver orders and items together.",
    ),
    share_found(
        "items_have_their_product",
        "product_id",
        "raw.products.product_id",
        expected="items whose product is not there",
        critical=MANY_ORPHANS,
        warning=0.01,
        advice="The files are not of one moment. Deliver products and items together.",
    ),
    share_found(
        "items_have_their_seller",
        "seller_id",
        "raw.sellers.seller_id",
        expected="items whose seller is not there",
        critical=MANY_ORPHANS,
        warning=0.01,
        advice="The files are not of one moment. Deliver sellers and items together.",
    ),
    mean(
        "prices_keep_their_size",
        "price",
        expected="mean price of the items that arrived, in R$",
        # R$ 121 over two years; a lost decimal point makes 12,100, dollars make some 30.
        critical=(20, 1000),
        warning=(50, 300),
        advice="Was a decimal point lost, or the currency changed? Compare a few prices.",
    ),
    mean(
        "freight_keeps_its_size",
        "freight_value",
        expected="mean freight of the items that arrived, in R$",
        critical=(2, 300),  # R$ 20 over two years
        warning=(8, 60),
        advice="Was a decimal point lost, or the currency changed? Compare a few values.",
    ),
    share(
        "freight_is_seldom_free",
        "try_cast(freight_value as double) = 0",
        expected="items with free freight",
        critical=0.50,
        warning=0.10,  # 0.3 % in the real data
    ),
    key=("order_id", "order_item_id"),
)

_PAYMENTS = suite(
    "raw.order_payments",
    *volume("order_payments"),
    per_order(
        "count(distinct order_id)",
        expected="orders with a payment per order",
        critical=0.80,
        warning=0.90,
    ),
    share_found(
        "payments_have_their_order",
        "order_id",
        "raw.orders.order_id",
        expected="payments whose order is not there",
        critical=MANY_ORPHANS,
        warning=0.01,
        advice="The files are not of one moment. Deliver orders and payments together.",
    ),
    share(
        "payment_types_are_known",
        f"lower(trim(payment_type)) not in ({quoted(PAYMENT_TYPES)})",
        expected="payments of a type that the models do not know",
        critical=0.05,
        advice="If a type was added, teach it to the models. Otherwise ask the source.",
    ),
    share(
        "payment_types_are_defined",
        "lower(trim(payment_type)) = 'not_defined'",
        expected="payments of the type not_defined",
        warning=0.01,  # 3 of 103,886 in the real data
    ),
    share(
        "installments_are_plausible",
        "try_cast(payment_installments as integer) > 36",
        expected="payments in more than 36 installments",
        critical=0.02,
        warning=0.0005,  # 24 at most in the real data
    ),
    mean(
        "payments_keep_their_size",
        "payment_value",
        expected="mean payment that arrived, in R$",
        critical=(20, 1500),  # R$ 154 over two years
        warning=(60, 400),
        advice="Was a decimal point lost, or the currency changed? Compare a few values.",
    ),
    between(
        "payments_cover_the_items",
        if_enough(
            f"sum({amount('payment_value')}) / (select nullif(sum({amount('price')} + "
            f"{amount('freight_value')}), 0) from raw.order_items)"
        ),
        expected="all payments against price and freight of all items",
        advice="Items or payments are missing in part, or their amounts are wrong.",
        critical=(0.7, 1.4),  # 1.01 in the real data
        warning=(0.95, 1.08),
        unit="ratio",
    ),
    key=("order_id", "payment_sequential"),
)

_REVIEWS = suite(
    "raw.order_reviews",
    *volume("order_reviews"),
    # 99.2 % of the real orders; customers answer days later, so a first night has few.
    per_order(
        "count(distinct order_id)",
        expected="orders with a review per order",
        critical=None,
        warning=0.30,
    ),
    share_found(
        "reviews_have_their_order",
        "order_id",
        "raw.orders.order_id",
        expected="reviews whose order is not there",
        critical=MANY_ORPHANS,
        warning=0.01,
        advice="The files are not of one moment. Deliver orders and reviews together.",
    ),
    mean(
        "scores_keep_their_mean",
        "review_score",
        expected="mean score of the reviews that arrived",
        # 4.1 over two years, 3.6 in the worst month; a constant or a turned scale is outside.
        critical=(1.5, 4.95),
        warning=(3.0, 4.8),
        advice="Was the scale turned, or the column filled with one value?",
    ),
    share(
        "reviews_have_their_day",
        absent("review_creation_date"),
        expected="reviews without a day",
        critical=0.05,
        warning=0.005,  # 9 of 99,224 in the real data
    ),
    share(
        "answers_come_after_the_review",
        "try_cast(review_answer_timestamp as timestamp) "
        "< try_cast(review_creation_date as timestamp)",
        expected="reviews answered before they were written",
        critical=0.20,
        warning=0.01,
    ),
    key=("review_id", "order_id"),
)

SUITES: tuple[Suite, ...] = (
    *(_CUSTOMERS, _ORDERS, _ITEMS, _PAYMENTS, _REVIEWS),
    *(PRODUCTS, SELLERS, GEOLOCATION, TRANSLATION),
)
