"""The core figures by name, by the second route: what a warehouse's totals must equal.

The definitions are those of ``tests.support.independent``; amounts are in centavos.
"""

from __future__ import annotations

from datetime import date

import pandas as pd

from tests.support.independent import IndependentRoute

Figure = int | float | date


def core_figures(route: IndependentRoute) -> dict[str, Figure]:
    """Every core figure of one set of files."""
    return {
        **_order_figures(route),
        **_detail_figures(route),
        **_person_figures(route),
        **_calendar_figures(route),
    }


def _order_figures(route: IndependentRoute) -> dict[str, Figure]:
    orders = route.orders
    sales = orders[orders["is_sale"]]
    delivered = orders[orders["is_delivered"]]
    figures: dict[str, Figure] = {
        "orders": len(orders),
        "orders without items": int((~orders["has_items"]).sum()),
        "orders without payment": int((orders["num_payments"] == 0).sum()),
        "orders without review": int((orders["num_reviews"] == 0).sum()),
        "orders with several reviews": int((orders["num_reviews"] > 1).sum()),
        "orders with several sellers": int((orders["num_sellers"] > 1).sum()),
        "sales": len(sales),
        "sales with items": int(sales["has_items"].sum()),
        "gmv": int(sales["item_amount"].sum()),
        "freight of sales": int(sales["freight_amount"].sum()),
        "revenue": int(sales["revenue_amount"].sum()),
        "delivered": len(delivered),
        "on time": int(delivered["is_on_time"].sum()),
        "late": int(delivered["is_late"].sum()),
        "mean delivery days": float(delivered["delivery_days"].mean()),
        "median delivery days": float(delivered["delivery_days"].median()),
        "timestamp anomalies": int(orders["has_timestamp_anomaly"].sum()),
        "payment mismatches": int(orders["has_payment_mismatch"].sum()),
    }
    return figures | _counts("status", orders["order_status"])


def _detail_figures(route: IndependentRoute) -> dict[str, Figure]:
    items, payments, reviews = route.items, route.payments, route.reviews
    figures: dict[str, Figure] = {
        "items": len(items),
        "price of items": int(items["price"].sum()),
        "freight of items": int(items["freight"].sum()),
        "free freight items": int((items["freight"] == 0).sum()),
        "payments": len(payments),
        "payments total": int(payments["value"].sum()),
        "reviews": len(reviews),
        "sum of scores": int(reviews["score"].sum()),
        "reviews without answer": int(reviews["answered"].isna().sum()),
        "products": len(route.raw("products")),
        "sellers": len(route.raw("sellers")),
    }
    return (
        figures
        | _counts("payment type", payments["payment_type"])
        | _counts("score", reviews["score"])
    )


def _person_figures(route: IndependentRoute) -> dict[str, Figure]:
    orders = route.orders
    orders_of_person = orders.groupby("customer_unique_id").size()
    versions_of_person = route.address_versions.groupby("customer_unique_id").size()
    figures: dict[str, Figure] = {
        "persons": len(orders_of_person),
        "address versions": len(route.address_versions),
        "persons who moved": int((versions_of_person > 1).sum()),
        "new customers": int(orders["is_first_sale"].sum()),
    }
    return figures | _counts("persons by orders", orders_of_person)


def _calendar_figures(route: IndependentRoute) -> dict[str, Figure]:
    days = route.orders["order_day"]
    return {
        "first order date": days.min().date(),
        "last order date": days.max().date(),
        "last day of trade": route.dates.last_trade_date.date(),
        "end is truncated": route.dates.is_truncated,
        "first day of steady trade": route.dates.first_steady_date.date(),
        "as-of date": route.as_of_date.date(),
        "months of mature delivery": len(route.dates.mature_months),
        "complete months": len(route.complete_months),
        "first complete month": route.complete_months[0].date(),
        "last complete month": route.complete_months[-1].date(),
    }


def _counts(name: str, values: pd.Series) -> dict[str, Figure]:
    counts = values.value_counts()
    return {
        f"{name} {value}": int(count) for value, count in zip(counts.index, counts, strict=True)
    }
