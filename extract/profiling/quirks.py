"""The known oddities of this data, as data: a name, words, and the query that counts them.

None is an error, and no row is left out for one; docs/data_quality.md says what the warehouse
does with each. Queries read ``raw`` alone and give one number. A new quirk is an entry here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quirk:
    """One known oddity.

    Attributes:
        name: Its name, the key of its row.
        tables: Raw tables the query reads; it is counted again when one of them is profiled.
        description: What is odd, and what the number counts.
        sql: Gives one row with one number.
        condition: Where the number is of rows of one table, which rows; else None.
    """

    name: str
    tables: tuple[str, ...]
    description: str
    sql: str
    condition: str | None = None


def _rows(name: str, table: str, description: str, condition: str) -> Quirk:
    sql = f"select count(*) from raw.{table} where {condition}"
    return Quirk(name, (table,), description, sql, condition)


def _without(name: str, table: str, other: str, column: str, description: str) -> Quirk:
    sql = (
        f"select count(*) from raw.{table} where {column} not in "
        f"(select {column} from raw.{other} where {column} is not null)"
    )
    return Quirk(name, (table, other), description, sql)


def _several(name: str, table: str, group: str, counted: str, description: str) -> Quirk:
    sql = (
        f"select count(*) from (select {group} from raw.{table} group by {group} "
        f"having count({counted}) > 1)"
    )
    return Quirk(name, (table,), description, sql)


def _moment(column: str) -> str:
    return f"try_cast({column} as timestamp)"


_PURCHASE = _moment("order_purchase_timestamp")
_APPROVAL = _moment("order_approved_at")
_CARRIER = _moment("order_delivered_carrier_date")
_DELIVERY = _moment("order_delivered_customer_date")
_ESTIMATE = _moment("order_estimated_delivery_date")

_TOTALS = """
select count(*) from (
    select order_id, sum(try_cast(price as decimal(18, 2)))
        + sum(try_cast(freight_value as decimal(18, 2))) as item_total
    from raw.order_items group by order_id
) join (
    select order_id, sum(try_cast(payment_value as decimal(18, 2))) as payment_total
    from raw.order_payments group by order_id
) using (order_id)
where abs(item_total - payment_total) > {limit}
""".strip()

# Distinct on both sides first: a million points have 19,015 prefixes.
_UNPLACED = (
    "select count(*) from (select {column} from raw.{table} group by all "
    "except select geolocation_zip_code_prefix from raw.geolocation group by all)"
)

ORDER_QUIRKS = (
    _without(
        *("orders_without_items", "orders", "order_items", "order_id"),
        "Orders without an item; most of them unavailable or canceled.",
    ),
    _without(
        *("orders_without_payment", "orders", "order_payments", "order_id"),
        "Orders without a payment.",
    ),
    _without(
        *("orders_without_review", "orders", "order_reviews", "order_id"),
        "Orders without a review.",
    ),
    _several(
        *("orders_with_several_sellers", "order_items", "order_id", "distinct seller_id"),
        "Orders with items of more than one seller: they are sent as several shipments.",
    ),
    _rows(
        *("delivered_without_a_delivery_date", "orders"),
        "Orders of status delivered without a delivery date.",
        "order_status = 'delivered' and order_delivered_customer_date is null",
    ),
    _rows(
        *("canceled_with_a_delivery_date", "orders"),
        "Orders of status canceled with a delivery date.",
        "order_status = 'canceled' and order_delivered_customer_date is not null",
    ),
    _rows(
        *("handed_over_before_approval", "orders"),
        "Orders handed to the carrier before the payment was approved.",
        f"{_CARRIER} < {_APPROVAL}",
    ),
    _rows(
        *("handed_over_before_purchase", "orders"),
        "Orders handed to the carrier before they were placed.",
        f"{_CARRIER} < {_PURCHASE}",
    ),
    _rows(
        *("delivered_before_handed_over", "orders"),
        "Orders delivered before they were handed to the carrier.",
        f"{_DELIVERY} < {_CARRIER}",
    ),
    _rows(
        *("late_by_the_clock_only", "orders"),
        "Delivered orders that came on the promised day, after its midnight: not late.",
        f"order_status = 'delivered' and {_DELIVERY} > {_ESTIMATE} "
        f"and cast({_DELIVERY} as date) = cast({_ESTIMATE} as date)",
    ),
    Quirk(
        "orders_in_thin_months",
        ("orders",),
        "Orders of months with less than a fifth of the median month's orders: the data fades "
        "in and out, so these months compare with nothing.",
        "select coalesce(sum(num_orders) filter (where num_orders < 0.2 * middle), 0) from ("
        "select num_orders, median(num_orders) over () as middle from ("
        f"select count(*) as num_orders from raw.orders where {_PURCHASE} is not null "
        f"group by date_trunc('month', {_PURCHASE})))",
    ),
    Quirk(
        "totals_differ_by_more_than_a_cent",
        ("order_items", "order_payments"),
        "Orders with items and payments whose payments differ from price plus freight by more "
        "than 0.01, in exact decimals (floating point numbers find more: see "
        "docs/common_mistakes.md).",
        _TOTALS.format(limit="0.01"),
    ),
    Quirk(
        "totals_differ_by_more_than_a_real",
        ("order_items", "order_payments"),
        "Orders with items and payments whose payments differ from price plus freight by more "
        "than 1.00.",
        _TOTALS.format(limit="1.00"),
    ),
    _rows(
        *("items_with_free_freight", "order_items"),
        "Items whose freight is 0.",
        "try_cast(freight_value as decimal(18, 2)) = 0",
    ),
    _rows(
        *("payments_of_value_zero", "order_payments"),
        "Payments of 0: vouchers and payments of undefined type.",
        "try_cast(payment_value as decimal(18, 2)) = 0",
    ),
    _rows(
        *("payments_of_undefined_type", "order_payments"),
        "Payments whose type is not_defined.",
        "payment_type = 'not_defined'",
    ),
    _rows(
        *("payments_of_zero_installments", "order_payments"),
        "Payments in 0 installments.",
        "try_cast(payment_installments as bigint) = 0",
    ),
)

REVIEW_QUIRKS = (
    _several(
        *("orders_with_several_reviews", "order_reviews", "order_id", "*"),
        "Orders with more than one review.",
    ),
    _several(
        *("review_ids_on_several_orders", "order_reviews", "review_id", "*"),
        "Review ids that stand on more than one order: the key is review and order.",
    ),
    _rows(
        *("reviews_without_creation_date", "order_reviews"),
        "Reviews without a creation date.",
        "review_creation_date is null",
    ),
    _rows(
        *("reviews_without_answer_time", "order_reviews"),
        "Reviews without an answer time.",
        "review_answer_timestamp is null",
    ),
    Quirk(
        "reviews_created_before_the_purchase",
        ("order_reviews", "orders"),
        "Reviews created before the order was placed.",
        "select count(*) from raw.order_reviews join raw.orders using (order_id) "
        f"where {_moment('review_creation_date')} < {_PURCHASE}",
    ),
)

MEMBER_QUIRKS = (
    _several(
        *("persons_with_several_orders", "customers", "customer_unique_id", "*"),
        "Persons (customer_unique_id) with more than one customer_id, which is one per order.",
    ),
    _several(
        *("persons_with_several_addresses", "customers", "customer_unique_id"),
        "distinct (customer_zip_code_prefix, customer_city, customer_state)",
        "Persons whose orders went to more than one zip prefix, city or state.",
    ),
    _rows(
        *("products_without_category", "products"),
        "Products without a category.",
        "product_category_name is null",
    ),
    Quirk(
        "untranslated_categories",
        ("products", "product_category_name_translation"),
        "Categories of products without an English name.",
        "select count(distinct product_category_name) from raw.products "
        "where product_category_name not in "
        "(select product_category_name from raw.product_category_name_translation "
        "where product_category_name is not null)",
    ),
    _without(
        *("products_of_untranslated_categories", "products"),
        *("product_category_name_translation", "product_category_name"),
        "Products whose category has no English name.",
    ),
    _rows(
        *("products_of_no_weight", "products"),
        "Products whose weight is 0 or missing.",
        "coalesce(try_cast(product_weight_g as bigint), 0) = 0",
    ),
    _rows(
        *("sellers_in_no_city", "sellers"),
        "Sellers whose city holds more than a name: digits, @, a slash, a comma.",
        r"regexp_matches(seller_city, '[0-9@/\\,]')",
    ),
)

PLACE_QUIRKS = (
    Quirk(
        "repeated_points",
        ("geolocation",),
        "Rows of geolocation that repeat another row exactly.",
        "select count(*) - count(distinct _row_hash) from raw.geolocation",
    ),
    _rows(
        *("points_outside_brazil", "geolocation"),
        "Points outside latitude -33.76 to 5.28 or longitude -73.99 to -28.84.",
        "not (try_cast(geolocation_lat as double) between -33.76 and 5.28 "
        "and try_cast(geolocation_lng as double) between -73.99 and -28.84)",
    ),
    _several(
        *("prefixes_of_several_spellings", "geolocation", "geolocation_zip_code_prefix"),
        "distinct geolocation_city",
        "Zip prefixes with more than one spelling of their city.",
    ),
    _several(
        *("prefixes_in_several_states", "geolocation", "geolocation_zip_code_prefix"),
        "distinct geolocation_state",
        "Zip prefixes in more than one state.",
    ),
    Quirk(
        "customer_prefixes_without_a_point",
        ("customers", "geolocation"),
        "Zip prefixes of customers that geolocation does not have.",
        _UNPLACED.format(table="customers", column="customer_zip_code_prefix"),
    ),
    Quirk(
        "seller_prefixes_without_a_point",
        ("sellers", "geolocation"),
        "Zip prefixes of sellers that geolocation does not have.",
        _UNPLACED.format(table="sellers", column="seller_zip_code_prefix"),
    ),
)

QUIRKS_COUNTED = (*ORDER_QUIRKS, *REVIEW_QUIRKS, *MEMBER_QUIRKS, *PLACE_QUIRKS)
