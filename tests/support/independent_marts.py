"""A second route to the marts, in pandas alone: what its parts share.

It goes on from ``tests.support.independent`` and shares no line with the SQL either: rules are
written down again, with their thresholds, from the words of docs/metrics.md and the glossary.
Amounts are integer centavos. The marts themselves are in ``independent_customers`` (persons,
cohorts), ``independent_offers`` (products, sellers) and ``independent_flows`` (deliveries,
funnel, places, payments, reviews).
"""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from tests.support.independent import IndependentRoute, days_between, moments

# The two categories that the source does not translate.
UNTRANSLATED = {
    "pc_gamer": "gaming_computers",
    "portateis_cozinha_e_preparadores_de_alimentos": (
        "small_appliances_kitchen_and_food_processors"
    ),
}


class MartsRoute:
    """What the second routes to the marts share: orders, items, shipments, reviews."""

    def __init__(self, route: IndependentRoute) -> None:
        """Go on from the orders, items and reviews of the first part of the route."""
        self.route = route

    @cached_property
    def orders(self) -> pd.DataFrame:
        """One row per order with its month."""
        orders = self.route.orders.reset_index()
        return orders.assign(order_month=first_of_month(orders["order_day"]))

    @cached_property
    def items(self) -> pd.DataFrame:
        """One row per unit with its order's day, status and score and its category."""
        items = self.route.items.assign(
            shipping_limit=moments(self.route.raw("items")["shipping_limit_date"])
        )
        columns = ["order_id", "order_day", "order_status", "is_sale", "review_score"]
        return items.merge(self.orders[columns], on="order_id", validate="many_to_one").merge(
            self.products[["product_id", "category"]], on="product_id", how="left"
        )

    @cached_property
    def sold_items(self) -> pd.DataFrame:
        """The units of sales with the month, and the state of the customer."""
        items = self.items[self.items["is_sale"]].merge(
            self.orders[["order_id", "state"]], on="order_id", validate="many_to_one"
        )
        return items.assign(
            order_month=first_of_month(items["order_day"]),
            revenue=items["price"] + items["freight"],
        )

    @cached_property
    def products(self) -> pd.DataFrame:
        """One row per product with the English name of its category."""
        raw = self.route.raw("products")
        translation = self.route.raw("translation")
        english = UNTRANSLATED | dict(
            zip(
                translation["product_category_name"],
                translation["product_category_name_english"],
                strict=True,
            )
        )
        category = raw["product_category_name"].map(english).fillna("Unknown")
        return pd.DataFrame({"product_id": raw["product_id"], "category": category})

    @cached_property
    def sales(self) -> pd.DataFrame:
        """The sales, numbered within each person."""
        sales = self.orders[self.orders["is_sale"]].sort_values(
            ["customer_unique_id", "purchased_at", "order_id"], ignore_index=True
        )
        persons = sales.groupby("customer_unique_id")
        return sales.assign(
            number=persons.cumcount() + 1,
            day_number=persons["order_day"].rank(method="dense").astype("int64"),
            cohort_month=persons["order_month"].transform("first"),
        )

    def days_ago(self, days: pd.Series) -> pd.Series:
        """Whole days before the as-of date, none for a later day."""
        ago = (self.route.as_of_date - days).dt.days
        counted: pd.Series = ago.clip(lower=0)
        return counted

    def in_year(self, days: pd.Series) -> pd.Series:
        """Whether days lie in the twelve months that the as-of date ends."""
        last = self.route.as_of_date
        inside: pd.Series = (days > last - pd.DateOffset(months=12)) & (days <= last)
        return inside

    @cached_property
    def latest_reviews(self) -> pd.DataFrame:
        """The most recent review of each order, with its comment and the days to the answer."""
        text = self.route.raw("reviews")
        reviews = self.route.reviews
        reviews = reviews.assign(
            has_comment=text["review_comment_title"].notna()
            | text["review_comment_message"].notna(),
            response_days=days_between(reviews["created"], reviews["answered"]),
        ).sort_values(["order_id", "answered", "created", "review_id"], na_position="first")
        return reviews.drop_duplicates("order_id", keep="last")

    @cached_property
    def commented_orders(self) -> set[str]:
        """Orders whose latest review has a title or a text."""
        latest = self.latest_reviews
        return set(latest.loc[latest["has_comment"], "order_id"])

    @cached_property
    def shipments(self) -> pd.DataFrame:
        """One row per order and seller, with the order's delivery."""
        sent = self.items.groupby(["order_id", "seller_id"], as_index=False).agg(
            limit=("shipping_limit", "max"), price=("price", "sum"), freight=("freight", "sum")
        )
        columns = [
            *(
                "order_id",
                "order_day",
                "order_month",
                "state",
                "zip_code_prefix",
                "handed_to_carrier_at",
            ),
            *("is_delivered", "is_on_time", "is_late", "delivery_days", "promised_days"),
            *("delay_days", "approval_hours", "handling_days", "transit_days", "review_score"),
            *("is_sale", "promised_day", "is_reviewed_before_delivery"),
        ]
        sent = sent.merge(self.orders[columns], on="order_id", validate="many_to_one")
        sent["is_dispatched"] = sent["handed_to_carrier_at"].notna()
        sent["is_dispatch_late"] = sent["handed_to_carrier_at"] > sent["limit"]
        sent["is_due"] = self.route.is_due(sent)
        sent["is_kept"] = sent["is_due"] & sent["is_on_time"]
        sent["is_by_seller"] = sent["is_late"] & sent["is_dispatch_late"]
        return sent


class OnMarts:
    """A route that goes on from what the routes to the marts share."""

    def __init__(self, marts: MartsRoute) -> None:
        """Keep what is shared."""
        self.marts = marts
        self.route = marts.route


def first_of_month(days: pd.Series) -> pd.Series:
    """The first day of each day's month."""
    months: pd.Series = days.dt.to_period("M").dt.to_timestamp().astype("datetime64[s]")
    return months


def ratio(numerator: pd.Series, denominator: pd.Series) -> pd.Series:
    """A ratio, missing where there is nothing to divide by."""
    found: pd.Series = numerator / denominator.where(denominator != 0)
    return found
