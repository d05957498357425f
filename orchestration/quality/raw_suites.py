"""What the raw gate asks of the nine tables after a load, before any model reads them.

Rows that cannot be used one by one are the affair of quarantine, and keys and relations that
of dbt's tests. Here stand totals and shares: what makes a whole delivery wrong. Bounds are wide
enough for a hundred generated orders and for the first night of a replay.
Critical is what would make published figures wrong, warning what somebody should look at.
"""

from __future__ import annotations

from extract.tables import TABLES
from orchestration.quality.raw_parts import (
    if_enough,
    mean,
    per_order,
    share,
    share_found,
    volume,
)
from orchestration.quality.spec import Check, Measured, Suite, between, suite

STATES = (
    *("AC", "AL", "AM", "AP", "BA", "CE", "DF", "ES", "GO"),
    *("MA", "MG", "MS", "MT", "PA", "PB", "PE", "PI", "PR"),
    *("RJ", "RN", "RO", "RR", "RS", "SC", "SE", "SP", "TO"),
)
STATUSES = (
    *("created", "approved", "invoiced", "processing", "shipped", "delivered"),
    *("canceled", "unavailable"),
)
PAYMENT_TYPES = ("credit_card", "boleto", "voucher", "debit_card", "not_defined")

# The technical columns that the load adds to each table.
_ADDED = ("_source_file", "_loaded_at", "_batch_id", "_row_hash", "_has_conflict")

# A source is live if an order has ever arrived so soon after its purchase; history, which is
# loaded years later, has nothing to be late with.
_LIVE_WITHIN_DAYS = 3


# Rows whose other half comes a night later are kept and flagged (decision 0004): a twentieth of
# all rows late makes a tenth of the items of a night wait for their product.
_MANY_ORPHANS = 0.25


def _quoted(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _states(column: str) -> Measured:
    return share(
        "states_are_known",
        f"upper(trim({column})) not in ({_quoted(STATES)})",
        expected="rows whose state is none of the 27",
        critical=0.02,
        warning=0.001,  # every row of the real data has one of the 27
    )


def _zip_prefixes(column: str) -> Measured:
    return share(
        "zip_prefixes_are_numbers",
        f"not regexp_full_match(trim({column}), '[0-9]{{4,5}}')",
        expected="rows whose zip prefix is not of four or five digits",
        critical=0.05,
        warning=0.005,
    )


def _hexadecimal(column: str) -> Measured:
    return share(
        "ids_keep_their_format",
        f"not regexp_full_match({column}, '[0-9a-f]{{32}}')",
        expected=f"rows whose {column} is not of 32 hexadecimal characters",
        warning=0.01,
        advice="Another spelling of ids joins nothing that is here already. Compare a few with "
        "those of the last file.",
    )


def _present(column: str, *, critical: float, warning: float) -> Measured:
    return share(
        f"{column}_is_given",
        f"{column} is null",
        expected=f"rows without {column}",
        critical=critical,
        warning=warning,
    )


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
                "value_set": tuple(f"{table.name}.{c}" for c in (*table.columns, *_ADDED)),
            },
            "critical",
            f"all of the {len(table.columns)} source columns and {len(_ADDED)} of the load",
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
    _states("customer_state"),
    _zip_prefixes("customer_zip_code_prefix"),
    _present("customer_unique_id", critical=0.01, warning=0.0),
    _present("customer_city", critical=0.05, warning=0.005),
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
    _hexadecimal("order_id"),
    share(
        "statuses_are_known",
        f"lower(trim(order_status)) not in ({_quoted(STATUSES)})",
        expected="orders with a status that the models do not know",
        # dbt warns of each one; so many would take sales out of every figure.
        critical=0.05,
        advice="If a status was added, teach it to the models (is_sale in fact_orders). "
        "Otherwise ask the source.",
    ),
    share(
        "delivered_orders_have_a_delivery",
        "order_delivered_customer_date is null",
        among="order_status = 'delivered'",
        expected="delivered orders without a delivery date",
        critical=0.05,
        warning=0.005,  # 8 of 96,478 in the real data
    ),
    share(
        "delivered_orders_were_handed_over",
        "order_delivered_carrier_date is null",
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
        f"_loaded_at)) between 0 and {_LIVE_WITHIN_DAYS} "
        "then date_diff('day', max(try_cast(order_purchase_timestamp as timestamp)), "
        "(select max(loaded_at) from ops.load_audit)) end",
        expected="age of the newest order of a source that has been up to date",
        advice="The source delivers old files. Ask why its export stands still.",
        # Olist sells every day of the year; a long weekend of the export is borne.
        warning=(None, 3),
        unit="days",
    ),
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
        critical=_MANY_ORPHANS,
        warning=0.01,
        advice="The files are not of one moment. Deliver orders and items together.",
    ),
    share_found(
        "items_have_their_product",
        "product_id",
        "raw.products.product_id",
        expected="items whose product is not there",
        critical=_MANY_ORPHANS,
        warning=0.01,
        advice="The files are not of one moment. Deliver products and items together.",
    ),
    share_found(
        "items_have_their_seller",
        "seller_id",
        "raw.sellers.seller_id",
        expected="items whose seller is not there",
        critical=_MANY_ORPHANS,
        warning=0.01,
        advice="The files are not of one moment. Deliver sellers and items together.",
    ),
    mean(
        "prices_keep_their_size",
        "try_cast(price as double)",
        expected="mean price of the items that arrived, in R$",
        # R$ 121 over two years; a lost decimal point makes 12,100, dollars make some 30.
        critical=(20, 1000),
        warning=(50, 300),
        advice="Was a decimal point lost, or the currency changed? Compare a few prices.",
    ),
    mean(
        "freight_keeps_its_size",
        "try_cast(freight_value as double)",
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
        critical=_MANY_ORPHANS,
        warning=0.01,
        advice="The files are not of one moment. Deliver orders and payments together.",
    ),
    share(
        "payment_types_are_known",
        f"lower(trim(payment_type)) not in ({_quoted(PAYMENT_TYPES)})",
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
        "try_cast(payment_value as double)",
        expected="mean payment that arrived, in R$",
        critical=(20, 1500),  # R$ 154 over two years
        warning=(60, 400),
        advice="Was a decimal point lost, or the currency changed? Compare a few values.",
    ),
    between(
        "payments_cover_the_items",
        if_enough(
            "sum(try_cast(payment_value as double)) / (select nullif(sum(try_cast(price as "
            "double) + try_cast(freight_value as double)), 0) from raw.order_items)"
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
        critical=_MANY_ORPHANS,
        warning=0.01,
        advice="The files are not of one moment. Deliver orders and reviews together.",
    ),
    mean(
        "scores_keep_their_mean",
        "try_cast(review_score as double)",
        expected="mean score of the reviews that arrived",
        # 4.1 over two years, 3.6 in the worst month; a constant or a turned scale is outside.
        critical=(1.5, 4.95),
        warning=(3.0, 4.8),
        advice="Was the scale turned, or the column filled with one value?",
    ),
    share(
        "reviews_have_their_day",
        "review_creation_date is null",
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

_PRODUCTS = suite(
    "raw.products",
    *volume("products"),
    _present("product_category_name", critical=0.30, warning=0.08),  # 1.9 % in the real data
    _present("product_weight_g", critical=0.30, warning=0.05),  # 2 of 32,951
    mean(
        "weights_are_in_grams",
        "try_cast(product_weight_g as double)",
        expected="mean weight of the products that arrived, in grams",
        critical=(100, 50_000),  # 2,276 g; in kilograms it would be 2.3
        warning=(500, 10_000),
        advice="Was the unit changed? Compare a few products.",
    ),
    mean(
        "lengths_are_in_centimetres",
        "try_cast(product_length_cm as double)",
        expected="mean length of the products that arrived, in centimetres",
        critical=(3, 150),  # 31 cm; in millimetres it would be 308
        warning=(15, 70),
        advice="Was the unit changed? Compare a few products.",
    ),
    between(
        "products_have_many_categories",
        if_enough("count(distinct product_category_name)", rows=1000),
        expected="categories of products",
        advice="Was the column filled with one value, or a part of the file cut off?",
        critical=(10, None),
        warning=(40, None),  # 73 in the real data
    ),
    share_found(
        "categories_are_translated",
        "product_category_name",
        "raw.product_category_name_translation.product_category_name",
        expected="products whose category has no translation",
        critical=0.20,
        warning=0.02,  # 13 of 32,951 in the real data
    ),
    key=("product_id",),
)

_SELLERS = suite(
    "raw.sellers",
    *volume("sellers"),
    _states("seller_state"),
    _zip_prefixes("seller_zip_code_prefix"),
    _present("seller_city", critical=0.05, warning=0.005),
    key=("seller_id",),
)

_GEOLOCATION = suite(
    "raw.geolocation",
    *volume("geolocation"),
    _states("geolocation_state"),
    _zip_prefixes("geolocation_zip_code_prefix"),
    share(
        "coordinates_lie_in_brazil",
        # Not "not between": a coordinate that is no number is as wrong.
        "coalesce(try_cast(geolocation_lat as double) not between -34 and 6 "
        "or try_cast(geolocation_lng as double) not between -75 and -28, true)",
        expected="points that lie outside Brazil or nowhere",
        critical=0.02,  # turned coordinates are all outside
        warning=0.001,  # 42 of 1,000,163 in the real data
        advice="Were latitude and longitude turned, or decimal points lost?",
    ),
    between(
        "all_states_have_points",
        if_enough("count(distinct upper(trim(geolocation_state)))", rows=20_000),
        expected="states with points",
        advice="A state is missing: was a part of the file cut off?",
        critical=(20, None),
        warning=(len(STATES), None),
    ),
    key=("geolocation_zip_code_prefix", "geolocation_lat", "geolocation_lng"),
)

_TRANSLATION = suite(
    "raw.product_category_name_translation",
    *volume("product_category_name_translation"),
    _present("product_category_name_english", critical=0.05, warning=0.0),
    between(
        "english_names_differ",
        "count(distinct product_category_name_english) / greatest(count(*), 1)",
        expected="English names per category",
        advice="Was the column filled with one value?",
        critical=(0.5, None),  # each has its own in the real data
        warning=(0.95, None),
        unit="share",
    ),
    key=("product_category_name",),
)

SUITES: tuple[Suite, ...] = (
    *(_CUSTOMERS, _ORDERS, _ITEMS, _PAYMENTS, _REVIEWS),
    *(_PRODUCTS, _SELLERS, _GEOLOCATION, _TRANSLATION),
)
