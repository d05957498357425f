"""A second way to every metric: plain SQL over the facts, written without its definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb

_CUSTOMER = "left join core.dim_customer c on c.customer_key = f.customer_key"
_ORDER = "left join core.fact_orders o on o.order_key = f.order_key"
_SOURCES = {
    "orders": f"core.fact_orders f {_ORDER} {_CUSTOMER}",
    "items": f"""core.fact_order_items f {_ORDER} {_CUSTOMER}
        left join core.dim_category g on g.category_key = f.category_key
        left join core.dim_product p on p.product_key = f.product_key
        left join core.dim_seller s on s.seller_key = f.seller_key""",
    "payments": f"core.fact_payments f {_ORDER} {_CUSTOMER}",
    "reviews": f"core.fact_reviews f {_ORDER} {_CUSTOMER}",
    "buyers": f"""(select fo.*, n.sale_number, n.sale_day_number, n.customer_unique_id
        from core.fact_orders fo
        inner join intermediate.int_customer_sales n on n.order_id = fo.order_id) f
        {_ORDER} {_CUSTOMER}""",
}
_DIMENSIONS = {
    "order_date": "f.order_date",
    **{
        f"order_{grain}": f"cast(date_trunc('{grain}', f.order_date) as date)"
        for grain in ("week", "month", "quarter", "year")
    },
    "customer_state": "c.state",
    "region": "c.region",
    "customer_city": "c.city",
    "order_status": "o.order_status",
    "main_payment_type": "o.main_payment_type",
    "num_sellers": "o.num_sellers",
    "category": "g.category_name_english",
    "category_group": "g.category_group",
    "weight_tier": "p.weight_tier",
    "size_tier": "p.size_tier",
    "seller_id": "s.seller_id",
    "seller_state": "s.state",
    "seller_region": "s.region",
    "payment_type": "f.payment_type",
    "review_stars": "f.review_score",
    "is_answered_before_delivery": "f.is_answered_before_delivery",
}
_DUE = "f.is_sale and f.estimated_delivery_date <= (select as_of_date from ops.warehouse_info)"

# Sums: the facts they are of, and an expression. Without a row they are 0.
SUMS = {
    "num_orders": ("orders", "count(*)"),
    "num_sales": ("orders", "count(*) filter (f.is_sale)"),
    "num_sales_with_items": ("orders", "count(*) filter (f.is_sale and f.num_items > 0)"),
    "num_orders_with_items": ("orders", "count(*) filter (f.num_items > 0)"),
    "num_canceled_orders": ("orders", "count(*) filter (f.order_status = 'canceled')"),
    "num_canceled_orders_with_items": (
        "orders",
        "count(*) filter (f.order_status = 'canceled' and f.num_items > 0)",
    ),
    "num_not_fulfilled": (
        "orders",
        "count(*) filter (f.order_status in ('canceled', 'unavailable'))",
    ),
    "num_delivered": ("orders", "count(*) filter (f.is_delivered)"),
    "num_on_time": ("orders", "count(*) filter (f.is_delivered and f.delay_days <= 0)"),
    "num_late": ("orders", "count(*) filter (f.is_delivered and f.delay_days > 0)"),
    "num_due": ("orders", f"count(*) filter ({_DUE})"),
    "num_promise_kept": ("orders", f"count(*) filter ({_DUE} and f.delay_days <= 0)"),
    "num_with_approval": ("orders", "count(f.approval_hours)"),
    "num_with_handling": ("orders", "count(f.handling_days) filter (f.is_delivered)"),
    "num_with_transit": ("orders", "count(f.transit_days) filter (f.is_delivered)"),
    "num_items_with_distance": ("items", "count(f.distance_km) filter (f.is_sale)"),
    "num_orders_of_several_sellers": ("orders", "count(*) filter (f.num_sellers >= 2)"),
    "revenue_amount": ("items", "sum(f.price_amount + f.freight_amount) filter (f.is_sale)"),
    "gmv_amount": ("items", "sum(f.price_amount) filter (f.is_sale)"),
    "freight_amount": ("items", "sum(f.freight_amount) filter (f.is_sale)"),
    "charged_amount": ("items", "sum(f.price_amount + f.freight_amount)"),
    "num_items": ("items", "count(*) filter (f.is_sale)"),
    "num_free_freight_items": ("items", "count(*) filter (f.is_sale and f.freight_amount = 0)"),
    "num_selling_sellers": ("items", "count(distinct s.seller_id) filter (f.is_sale)"),
    "num_products_sold": ("items", "count(distinct p.product_id) filter (f.is_sale)"),
    "num_payments": ("payments", "count(*)"),
    "payment_amount": ("payments", "sum(f.payment_amount)"),
    "num_card_payments": ("payments", "count(*) filter (f.payment_type = 'credit_card')"),
    "voucher_amount": ("payments", "sum(f.payment_amount) filter (f.payment_type = 'voucher')"),
    "num_reviews": ("reviews", "count(*)"),
    "num_satisfied_reviews": ("reviews", "count(*) filter (f.review_score in (4, 5))"),
    "num_promoters": ("reviews", "count(*) filter (f.review_score = 5)"),
    "num_detractors": ("reviews", "count(*) filter (f.review_score < 4)"),
    "num_new_customers": ("buyers", "count(*) filter (f.sale_number = 1)"),
    "num_customers": ("buyers", "count(distinct f.customer_unique_id)"),
    "num_later_sales": ("buyers", "count(*) filter (f.sale_day_number > 1)"),
}
# Means over rows of one kind of fact.
MEANS = {
    "average_delivery_days": ("orders", "avg(f.delivery_days) filter (f.is_delivered)"),
    "average_promised_days": ("orders", "avg(f.promised_days) filter (f.is_delivered)"),
    "average_late_days": ("orders", "avg(f.delay_days) filter (f.is_late)"),
    "average_days_early": (
        "orders",
        "avg(f.promised_days - f.delivery_days) filter (f.is_delivered)",
    ),
    "average_approval_hours": ("orders", "avg(f.approval_hours)"),
    "average_handling_days": ("orders", "avg(f.handling_days) filter (f.is_delivered)"),
    "average_transit_days": ("orders", "avg(f.transit_days) filter (f.is_delivered)"),
    "average_distance_km": ("items", "avg(f.distance_km) filter (f.is_sale)"),
    "average_installments": (
        "payments",
        "avg(f.num_installments) filter (f.payment_type = 'credit_card')",
    ),
    "average_review_score": ("reviews", "avg(f.review_score)"),
    "comment_rate": ("reviews", "avg(cast(f.has_comment as integer))"),
    "average_response_hours": ("reviews", "avg(f.response_hours)"),
    "nps": (
        "reviews",
        "100 * avg(case f.review_score when 5 then 1 when 4 then 0 else -1 end)",
    ),
}
# One sum per another.
RATIOS = {
    "average_order_value": ("revenue_amount", "num_sales_with_items"),
    "items_per_sale": ("num_items", "num_sales_with_items"),
    "cancellation_rate_of_all_orders": ("num_canceled_orders", "num_orders"),
    "cancellation_rate_of_orders_with_items": (
        "num_canceled_orders_with_items",
        "num_orders_with_items",
    ),
    "not_fulfilled_rate": ("num_not_fulfilled", "num_orders"),
    "on_time_rate": ("num_on_time", "num_delivered"),
    "late_rate": ("num_late", "num_delivered"),
    "promise_kept_rate": ("num_promise_kept", "num_due"),
    "several_sellers_rate": ("num_orders_of_several_sellers", "num_orders_with_items"),
    "free_freight_rate": ("num_free_freight_items", "num_items"),
    "average_item_price": ("gmv_amount", "num_items"),
    "average_item_freight": ("freight_amount", "num_items"),
    "freight_share": ("freight_amount", "revenue_amount"),
    "revenue_per_seller": ("revenue_amount", "num_selling_sellers"),
    "gmv_per_seller": ("gmv_amount", "num_selling_sellers"),
    "average_payment_amount": ("payment_amount", "num_payments"),
    "voucher_share": ("voucher_amount", "payment_amount"),
    "csat_rate": ("num_satisfied_reviews", "num_reviews"),
    "later_sale_rate": ("num_later_sales", "num_customers_sales"),
    "revenue_per_customer": ("revenue_amount", "num_customers"),
}
_HELPERS = {"num_customers_sales": ("buyers", "count(*)")}

Key = tuple[Any, ...]


def plain(
    connection: duckdb.DuckDBPyConnection,
    metric: str,
    by: Sequence[str],
    where: Mapping[str, Sequence[str]],
    days: tuple[date, date],
) -> dict[Key, float | None]:
    """A metric for each group that has a row; those of sums are never None."""

    def ask(source: str, expression: str) -> dict[Key, float | None]:
        columns = [_DIMENSIONS[name] for name in by]
        conditions = ["f.order_date between ? and ?"]
        values: list[Any] = list(days)
        for name, chosen in where.items():
            marks = ", ".join("?" for _ in chosen)
            conditions.append(f"cast({_DIMENSIONS[name]} as varchar) in ({marks})")
            values += chosen
        groups = f"group by {', '.join(columns)}" if columns else ""
        rows = connection.execute(
            f"select {', '.join([*columns, expression])} from {_SOURCES[source]} "
            f"where {' and '.join(conditions)} {groups}",
            values,
        ).fetchall()
        return {row[:-1]: number(row[-1]) for row in rows}

    if metric in MEANS:
        return ask(*MEANS[metric])
    if metric in RATIOS:
        above, below = (plain(connection, one, by, where, days) for one in RATIOS[metric])
        keys = dict.fromkeys((*above, *below))
        return {
            key: (above.get(key) or 0) / under if (under := below.get(key)) else None
            for key in keys
        }
    found = ask(*(SUMS | _HELPERS)[metric])
    return {key: value or 0.0 for key, value in found.items()}


def number(value: Decimal | float | None) -> float | None:
    """Money as a number, to be compared."""
    return None if value is None else float(value)
