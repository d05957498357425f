"""Every metric of the semantic models by the second route, at any grain, in pandas alone.

The formulas are written from the words of docs/metrics.md. Money is in centavos until it is
handed over; what adds up is added, people and things are counted once.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
import pandas as pd

from tests.support.independent import days_between
from tests.support.independent_marts import ratio
from tests.support.second_route import SecondRoute

# What is summed and is money: centavos become BRL.
AMOUNTS = (
    *("revenue_amount", "gmv_amount", "freight_amount", "charged_amount"),
    *("payment_amount", "voucher_amount"),
)
# Counts and amounts that add up, or count what differs: 0 where there is nothing.
SUMS = (
    *AMOUNTS,
    *("num_orders", "num_sales", "num_sales_with_items", "num_orders_with_items"),
    *("num_canceled_orders", "num_canceled_orders_with_items", "num_not_fulfilled"),
    *("num_delivered", "num_on_time", "num_late", "num_due", "num_promise_kept"),
    *("num_orders_of_several_sellers", "num_items", "num_free_freight_items"),
    *("num_selling_sellers", "num_products_sold", "num_payments", "num_card_payments"),
    *("num_reviews", "num_satisfied_reviews", "num_promoters", "num_detractors"),
    *("num_new_customers", "num_customers", "num_later_sales"),
    *("num_with_approval", "num_with_handling", "num_with_transit", "num_items_with_distance"),
)
# What is divided by what: nothing (a missing value) where there is nothing to divide by.
RATIOS: Mapping[str, tuple[str, str]] = {
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
    "average_delivery_days": ("delivery_days", "num_delivered"),
    "average_promised_days": ("promised_days", "num_delivered"),
    "average_days_early": ("days_early", "num_delivered"),
    "average_late_days": ("late_days", "num_late"),
    "average_approval_hours": ("approval_hours", "num_with_approval"),
    "average_handling_days": ("handling_days", "num_with_handling"),
    "average_transit_days": ("transit_days", "num_with_transit"),
    "several_sellers_rate": ("num_orders_of_several_sellers", "num_orders_with_items"),
    "free_freight_rate": ("num_free_freight_items", "num_items"),
    "average_item_price": ("gmv_amount", "num_items"),
    "average_item_freight": ("freight_amount", "num_items"),
    "freight_share": ("freight_amount", "revenue_amount"),
    "revenue_per_seller": ("revenue_amount", "num_selling_sellers"),
    "gmv_per_seller": ("gmv_amount", "num_selling_sellers"),
    "average_distance_km": ("distance_km", "num_items_with_distance"),
    "average_payment_amount": ("payment_amount", "num_payments"),
    "average_installments": ("card_installments", "num_card_payments"),
    "voucher_share": ("voucher_amount", "payment_amount"),
    "average_review_score": ("stars", "num_reviews"),
    "csat_rate": ("num_satisfied_reviews", "num_reviews"),
    "nps": ("net_promoters_in_points", "num_reviews"),
    "comment_rate": ("num_comments", "num_reviews"),
    "average_response_hours": ("response_hours", "num_answers"),
    "later_sale_rate": ("num_later_sales", "num_sales"),
    "revenue_per_customer": ("revenue_amount", "num_customers"),
}
GRAIN = ("order_month", "customer_state")


class IndependentMetrics:
    """The metrics of one set of files; each part is computed when first asked for."""

    def __init__(self, route: SecondRoute) -> None:
        """Go on from orders, items, payments, reviews and sales of the second route."""
        self._route = route

    def by(self, *grain: str) -> pd.DataFrame:
        """One row per month or state with orders (one in all without a grain): every metric."""
        keys = list(grain) or ["all"]
        others = [name for name in (*GRAIN, "all") if name not in keys]
        parts = pd.concat(
            [
                *(frame.drop(columns=others).groupby(keys).sum() for frame in self._added),
                *(
                    frame.groupby(keys)[name].nunique().rename(name)
                    for name, frame in self._told_apart.items()
                ),
            ],
            axis="columns",
            sort=True,
        ).fillna(0)
        parts[list(AMOUNTS)] /= 100
        metrics = {name: parts[name] for name in SUMS}
        for name, (above, below) in RATIOS.items():
            metrics[name] = ratio(parts[above], parts[below])
        return pd.DataFrame(metrics)

    @cached_property
    def _places(self) -> pd.DataFrame:
        """Of each order: its month, its customer's state, whether it is a sale."""
        orders = self._route.marts.orders
        return pd.DataFrame(
            {
                "order_id": orders["order_id"],
                "order_month": orders["order_month"],
                "customer_state": orders["state"],
                "all": 0,
                "is_sale": orders["is_sale"],
            }
        )

    def _placed(self, frame: pd.DataFrame) -> pd.DataFrame:
        columns = [name for name in self._places if name == "order_id" or name not in frame]
        return frame.merge(self._places[columns], on="order_id", validate="many_to_one")

    @cached_property
    def _added(self) -> list[pd.DataFrame]:
        """What is summed, beside the columns of the grains."""
        return [self._of_orders, self._of_items, self._of_payments, self._of_reviews]

    @cached_property
    def _of_orders(self) -> pd.DataFrame:
        orders = self._placed(self._route.marts.orders)
        sale, delivered = orders["is_sale"], orders["is_delivered"]
        canceled = orders["order_status"] == "canceled"
        due = self._route.files.is_due(orders)
        day_numbers = self._route.marts.sales.set_index("order_id")["day_number"]
        parts = {
            "num_orders": 1,
            "num_sales": sale,
            "num_sales_with_items": sale & orders["has_items"],
            "num_orders_with_items": orders["has_items"],
            "num_canceled_orders": canceled,
            "num_canceled_orders_with_items": canceled & orders["has_items"],
            "num_not_fulfilled": orders["order_status"].isin(["canceled", "unavailable"]),
            "num_delivered": delivered,
            "num_on_time": orders["is_on_time"],
            "num_late": orders["is_late"],
            "num_due": due,
            "num_promise_kept": due & orders["is_on_time"],
            "delivery_days": orders["delivery_days"],
            "promised_days": orders["promised_days"],
            "days_early": orders["promised_days"] - orders["delivery_days"],
            "late_days": orders["delay_days"].where(orders["is_late"]),
            "approval_hours": orders["approval_hours"],
            "num_with_approval": orders["approval_hours"].notna(),
            "handling_days": orders["handling_days"].where(delivered),
            "num_with_handling": orders["handling_days"].notna() & delivered,
            "transit_days": orders["transit_days"],
            "num_with_transit": orders["transit_days"].notna(),
            "num_orders_of_several_sellers": orders["num_sellers"] > 1,
            "num_new_customers": orders["is_first_sale"],
            "num_later_sales": orders["order_id"].map(day_numbers) > 1,
        }
        return _beside(orders, parts)

    @cached_property
    def _items(self) -> pd.DataFrame:
        sent = self._route.flows.shipments_with_distance
        distances = sent[["order_id", "seller_id", "distance"]]
        items = self._route.marts.items.merge(
            distances, on=["order_id", "seller_id"], how="left", validate="many_to_one"
        )
        return self._placed(items)

    @cached_property
    def _of_items(self) -> pd.DataFrame:
        items = self._items
        sale = items["is_sale"]
        charged = items["price"] + items["freight"]
        parts = {
            "num_items": sale,
            "num_free_freight_items": sale & (items["freight"] == 0),
            "gmv_amount": items["price"].where(sale, 0),
            "freight_amount": items["freight"].where(sale, 0),
            "revenue_amount": charged.where(sale, 0),
            "charged_amount": charged,
            "distance_km": items["distance"].where(sale),
            "num_items_with_distance": sale & items["distance"].notna(),
        }
        return _beside(items, parts)

    @cached_property
    def _of_payments(self) -> pd.DataFrame:
        payments = self._placed(self._route.files.payments)
        card = payments["payment_type"] == "credit_card"
        parts = {
            "num_payments": 1,
            "payment_amount": payments["value"],
            "voucher_amount": payments["value"].where(payments["payment_type"] == "voucher", 0),
            "num_card_payments": card,
            "card_installments": payments["installments"].where(card, 0),
        }
        return _beside(payments, parts)

    @cached_property
    def _of_reviews(self) -> pd.DataFrame:
        reviews = self._placed(self._route.files.reviews)
        text = self._route.files.raw("reviews")
        said = text["review_comment_title"].notna() | text["review_comment_message"].notna()
        commented = set((text["review_id"] + text["order_id"])[said])
        score = reviews["score"]
        hours = days_between(reviews["created"], reviews["answered"]) * 24
        parts = {
            "num_reviews": 1,
            "stars": score,
            "num_satisfied_reviews": score.isin([4, 5]),
            "num_promoters": score == 5,
            "num_detractors": score.isin([1, 2, 3]),
            "net_promoters_in_points": np.where(score == 5, 100, np.where(score <= 3, -100, 0)),
            "num_comments": (reviews["review_id"] + reviews["order_id"]).isin(commented),
            "response_hours": hours,
            "num_answers": hours.notna(),
        }
        return _beside(reviews, parts)

    @cached_property
    def _told_apart(self) -> Mapping[str, pd.DataFrame]:
        """What is counted once however often it occurs."""
        items = self._items[self._items["is_sale"]]
        known = items["product_id"].isin(self._route.files.raw("products")["product_id"])
        sold_by = items["seller_id"].isin(self._route.files.raw("sellers")["seller_id"])
        orders = self._placed(self._route.marts.orders)
        return {
            "num_products_sold": items[known].rename(
                columns={"product_id": "num_products_sold"}
            ),
            "num_selling_sellers": items[sold_by].rename(
                columns={"seller_id": "num_selling_sellers"}
            ),
            "num_customers": orders[orders["is_sale"]].rename(
                columns={"customer_unique_id": "num_customers"}
            ),
        }


def _beside(rows: pd.DataFrame, parts: Mapping[str, object]) -> pd.DataFrame:
    """Parts as columns beside those of the grains, flags as counts."""
    frame = pd.DataFrame(
        {name: rows[name] for name in (*GRAIN, "all")} | dict(parts), index=rows.index
    )
    flags = frame.select_dtypes("bool").columns
    return frame.astype(dict.fromkeys(flags, "int64"))
