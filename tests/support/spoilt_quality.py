"""Kinds of spoiled input and spoiled marts, each with the check that has to catch it.

A kind spoils one table of a warehouse of generated data by SQL. Kinds of one night spoil
different things, so that one copy of the file and one question to the gate serve all of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.runs.summary import GateName


@dataclass(frozen=True, slots=True)
class Kind:
    """One way in which data can be wrong.

    Attributes:
        name: In words.
        gate: The gate that should catch it.
        night: Kinds of one gate and night are spoiled together.
        sql: What spoils a file.
        table: The table that the report should name.
        check: The check that should catch it.
        severity: How hard.
    """

    name: str
    gate: GateName
    night: int
    sql: str
    table: str
    check: str
    severity: str = "critical"


def _loaded_again(table: str, changes: str) -> str:
    """A second load of a table, as the audit would tell it."""
    return (
        "insert into ops.load_audit select * replace ('later' as batch_id, "
        f"loaded_at + interval 1 day as loaded_at, {changes}) from ops.load_audit "
        f"where table_name = '{table}'"
    )


_SOME = "hash({}) % 10 = 0"  # a tenth of the rows

RAW = (
    Kind(
        "an empty file",
        *("raw", 1, "delete from raw.product_category_name_translation"),
        *("raw.product_category_name_translation", "holds_rows"),
    ),
    Kind(
        "deliveries whose missing days are written NULL",
        "raw",
        5,
        "update raw.orders set order_delivered_customer_date = 'NULL' "
        "where order_status = 'delivered' and " + _SOME.format("order_id"),
        *("raw.orders", "delivered_orders_have_a_delivery"),
    ),
    Kind(
        "states that are none",
        "raw",
        1,
        "update raw.customers set customer_state = 'XX' where " + _SOME.format("customer_id"),
        *("raw.customers", "states_are_known"),
    ),
    Kind(
        "statuses of another system",
        "raw",
        1,
        # Others than those above, which would be deliveries no more.
        "update raw.orders set order_status = 'done' where hash(order_id) % 10 = 1",
        *("raw.orders", "statuses_are_known"),
    ),
    Kind(
        "payment types of another system",
        "raw",
        1,
        "update raw.order_payments set payment_type = 'pix' where " + _SOME.format("order_id"),
        *("raw.order_payments", "payment_types_are_known"),
    ),
    Kind(
        "prices without their decimal point",
        "raw",
        1,
        "update raw.order_items set price = (price::double * 100)::bigint::varchar",
        *("raw.order_items", "prices_keep_their_size"),
    ),
    Kind(
        "latitude and longitude turned",
        "raw",
        1,
        "update raw.geolocation set geolocation_lat = geolocation_lng, "
        "geolocation_lng = geolocation_lat",
        *("raw.geolocation", "coordinates_lie_in_brazil"),
    ),
    Kind(
        "one score for all reviews",
        *("raw", 1, "update raw.order_reviews set review_score = '5'"),
        *("raw.order_reviews", "scores_keep_their_mean"),
    ),
    Kind(
        "weights in kilograms",
        "raw",
        1,
        "update raw.products set product_weight_g = (product_weight_g::double / 1000)::varchar",
        *("raw.products", "weights_are_in_grams"),
    ),
    Kind(
        "a column that is gone",
        *("raw", 1, "alter table raw.sellers drop column seller_city"),
        *("raw.sellers", "has_its_columns"),
    ),
    Kind(
        "dates in the wrong columns",
        "raw",
        2,
        "update raw.orders set order_purchase_timestamp = order_delivered_customer_date, "
        "order_delivered_customer_date = order_purchase_timestamp "
        "where order_delivered_customer_date is not null",
        *("raw.orders", "purchase_comes_before_delivery"),
    ),
    Kind(
        "one person for all customers",
        *("raw", 2, "update raw.customers set customer_unique_id = 'nobody'"),
        *("raw.customers", "persons_are_told_apart"),
    ),
    Kind(
        "zip prefixes as decimal numbers",
        "raw",
        2,
        "update raw.sellers set seller_zip_code_prefix = seller_zip_code_prefix || '.0'",
        *("raw.sellers", "zip_prefixes_are_numbers"),
    ),
    Kind(
        "half of the items",
        "raw",
        2,
        "delete from raw.order_items where hash(order_id) % 2 = 0",
        *("raw.order_items", "covers_the_orders"),
    ),
    Kind(
        "payments of other orders",
        "raw",
        2,
        "update raw.order_payments set order_id = reverse(order_id) || 'x'",
        *("raw.order_payments", "payments_have_their_order"),
    ),
    Kind(
        "products without a category",
        "raw",
        2,
        "update raw.products set product_category_name = null where hash(product_id) % 2 = 0",
        *("raw.products", "product_category_name_is_given"),
    ),
    Kind(
        "a snapshot that was cut off",
        *("raw", 2, _loaded_again("geolocation", "num_records // 2 as num_records")),
        *("raw.geolocation", "file_keeps_its_size"),
    ),
    Kind(
        "keys in another spelling",
        "raw",
        2,
        _loaded_again("order_reviews", "num_records as num_missing"),
        *("raw.order_reviews", "keys_keep_their_spelling"),
    ),
    Kind(
        "deliveries without their day",
        "raw",
        3,
        "update raw.orders set order_delivered_customer_date = null where order_status = "
        "'delivered' and " + _SOME.format("order_id"),
        *("raw.orders", "delivered_orders_have_a_delivery"),
    ),
    Kind(
        "a file of changes run as a snapshot, with far more rows than before",
        "raw",
        3,
        _loaded_again("customers", "num_rows_after + 100000 as num_rows_after"),
        *("raw.customers", "growth", "warning"),
    ),
    Kind(
        # 30 of 2,080 payments are too few to be seen among all; of the last 150 they are many.
        "a wrong night after two good years",
        "raw",
        3,
        _loaded_again("sellers", "num_records as num_records")
        + "; update raw.order_payments set _batch_id = 'later' where rowid < 150"
        + "; update raw.order_payments set payment_type = 'pix' where rowid < 30",
        *("raw.order_payments", "payment_types_are_known"),
    ),
    Kind(
        # Nothing is spoilt: generated data end as the public extract does.
        "an extract that shows an order only once its survey was sent",
        "raw",
        4,
        "select 1",
        *("raw.orders", "last_orders_are_there", "warning"),
    ),
    Kind(
        "a source that stands still",
        "raw",
        4,
        "update raw.orders set _loaded_at = try_cast(order_purchase_timestamp as timestamp) "
        "+ interval 1 day",
        *("raw.orders", "newest_order_is_fresh", "warning"),
    ),
    Kind(
        # The infinite price would be the mean of all.
        "payments without their decimal point, and one that is infinite",
        "raw",
        5,
        "update raw.order_payments set payment_value = "
        "(payment_value::double * 100)::bigint::varchar"
        "; update raw.order_payments set payment_value = 'inf' where rowid = 0",
        *("raw.order_payments", "payments_keep_their_size"),
    ),
)

MARTS = (
    Kind(
        "a mart that lost rows",
        "marts",
        1,
        "delete from marts.mart_category_performance where " + _SOME.format("category_key"),
        *("marts.mart_category_performance", "gmv_is_that_of_the_items"),
    ),
    Kind(
        "nearly every delivery late",
        *("marts", 1, "update marts.mart_executive_dashboard set num_on_time = 0"),
        *("marts.mart_executive_dashboard", "deliveries_are_on_time"),
    ),
    Kind(
        "one segment for all customers",
        *("marts", 1, "update marts.mart_customer_analytics set customer_segment = 'NEW'"),
        *("marts.mart_customer_analytics", "segments_follow_their_rule"),
    ),
    Kind(
        "a state that the mart has lost",
        *("marts", 4, "delete from marts.mart_geographic_analysis where state = 'MG'"),
        *("marts.mart_geographic_analysis", "no_state_is_lost"),
    ),
    Kind(
        "one class for all products",
        *("marts", 1, "update marts.mart_product_performance set abc_class = 'A'"),
        *("marts.mart_product_performance", "abc_classes_are_complete"),
    ),
    Kind(
        "shares of a month that are more than all of it",
        "marts",
        1,
        "update marts.mart_payment_analysis set payment_share_rate = 0.9",
        *("marts.mart_payment_analysis", "shares_add_up"),
    ),
    Kind(
        "more orders delivered than shipped",
        *("marts", 1, "update marts.mart_order_funnel set num_reached_delivered = 1000"),
        *("marts.mart_order_funnel", "the_funnel_narrows"),
    ),
    Kind(
        "a mart that is not there",
        *("marts", 1, "drop table marts.mart_urban_areas"),
        *("marts.mart_urban_areas", "is_there"),
    ),
    Kind(
        "more customers back than there were",
        *("marts", 1, "update marts.mart_cohort_analysis set repeat_rate = 1.5"),
        *("marts.mart_cohort_analysis", "retention_is_a_share"),
    ),
    Kind(
        "places in another country",
        *("marts", 1, "update marts.mart_geographic_analysis set latitude = 48"),
        *("marts.mart_geographic_analysis", "places_lie_in_brazil"),
    ),
    Kind(
        "amounts below zero",
        *("marts", 1, "update marts.mart_seller_months set gmv_amount = -gmv_amount"),
        *("marts.mart_seller_months", "nothing_is_negative"),
    ),
    Kind(
        "half of history gone, from facts and mart alike",
        "marts",
        2,
        "delete from marts.mart_executive_dashboard where order_date > date '2018-01-31'",
        *("marts.mart_executive_dashboard", "gmv_grows_by_a_night"),
    ),
    Kind(
        "the newest days gone",
        *("marts", 2, "select 1"),  # with the kind above
        *("marts.mart_executive_dashboard", "newest_day_does_not_go_back"),
    ),
    Kind(
        "every order a person of its own",
        *("marts", 2, "update marts.mart_customer_analytics set is_repeat_customer = true"),
        *("marts.mart_customer_analytics", "few_customers_come_back"),
    ),
    Kind(
        "a leap in one night",
        "marts",
        3,
        "update marts.mart_executive_dashboard set num_reviews = num_reviews * 100, "
        "sum_review_score = sum_review_score * 100",
        *("marts.mart_executive_dashboard", "reviews_grow_by_a_night", "warning"),
    ),
    Kind(
        "days that are infinite",
        *("marts", 5, "update marts.mart_executive_dashboard set sum_delivery_days = 'inf'"),
        *("marts.mart_executive_dashboard", "delivery_takes_days"),
    ),
    Kind(
        "distances that are no number",
        *("marts", 5, "update marts.mart_delivery_metrics set sum_distance_km = 'nan'"),
        *("marts.mart_delivery_metrics", "distances_fit_brazil"),
    ),
    Kind(
        # A bound on one side only.
        "retention that is no number",
        *("marts", 5, "update marts.mart_cohort_analysis set repeat_rate = 'nan'"),
        *("marts.mart_cohort_analysis", "retention_is_a_share"),
    ),
)

KINDS = (*RAW, *MARTS)
