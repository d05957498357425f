"""The second route to the marts of products, categories, sellers; see ``independent_marts``."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from tests.support.independent import REGION_OF_STATE
from tests.support.independent_marts import OnMarts, first_of_month, ratio

SELLER_TIERS = (
    ("PLATINUM", 5_000_000, 4.5, 0.95),
    ("GOLD", 2_000_000, 4.0, 0.90),
    ("SILVER", 500_000, 3.5, 0.85),
)


class Offers(OnMarts):
    """mart_product_performance, mart_category_performance and mart_seller_scorecard."""

    @cached_property
    def product_mart(self) -> pd.DataFrame:
        """mart_product_performance."""
        mart = self.marts.products.set_index("product_id").rename(
            columns={"category": "category_name_english"}
        )
        mart = mart.join([self._sold("product_id"), self._ordered("product_id")])
        counts = [*self._sold("product_id"), *self._ordered("product_id")]
        counts = [name for name in counts if not name.endswith(("_date", "_price_amount"))]
        mart[counts] = mart[counts].fillna(0).astype("int64")
        mart["average_price"] = ratio(mart["gmv_amount"] / 100, mart["num_units"])
        mart["freight_rate"] = ratio(mart["freight_amount"], mart["revenue_amount"])
        mart["cancellation_rate"] = ratio(
            mart["num_canceled_orders"], mart["num_orders_of_any_status"]
        )
        mart["is_rankable"] = mart["num_reviewed_orders"] >= 10
        mart = _ranked(self._with_ages(mart).reset_index(), "product_id")
        before = (mart["running"] - mart["gmv_amount"]) / mart["gmv_amount"].sum()
        mart["abc_class"] = pd.cut(
            before, [-1, 0.8, 0.95, 2], labels=["A", "B", "C"], right=False
        ).astype(str)
        mart["lifecycle_stage"] = [
            lifecycle_stage(units, first, last)
            for units, first, last in zip(
                mart["num_units"],
                mart["days_since_first_sale"],
                mart["days_since_last_sale"],
                strict=True,
            )
        ]
        year = mart[mart["gmv_12m_amount"] > 0].sort_values(
            ["gmv_12m_amount", "product_id"], ascending=[False, True]
        )
        before = year["gmv_12m_amount"].cumsum() - year["gmv_12m_amount"]
        mart["abc_class_12m"] = pd.cut(
            before / year["gmv_12m_amount"].sum(), [-1, 0.8, 0.95, 2],
            labels=["A", "B", "C"], right=False,
        ).astype(object)  # fmt: skip
        return mart.drop(columns=["running", "num_categories", "num_active_months"])

    @cached_property
    def seller_mart(self) -> pd.DataFrame:
        """mart_seller_scorecard."""
        sellers = self.route.raw("sellers")
        mart = pd.DataFrame({"state": sellers["seller_state"].str.upper()})
        mart.index = pd.Index(sellers["seller_id"], name="seller_id")
        sold = self._sold("seller_id")
        active = sold.index[sold["num_recent_units"] > 0]
        sold = sold.drop(columns=["num_recent_units", "num_previous_units", "num_sellers"])
        sold = sold.drop(columns=["min_price_amount", "max_price_amount"])
        ordered = self._ordered("seller_id").rename(
            columns={"num_orders": "num_sales", "num_orders_of_any_status": "num_orders"}
        )
        shipped = self.marts.shipments.groupby("seller_id").agg(
            num_dispatched=("is_dispatched", "sum"),
            num_dispatch_late=("is_dispatch_late", "sum"),
            num_deliveries=("is_delivered", "sum"),
            num_on_time=("is_on_time", "sum"),
            num_late=("is_late", "sum"),
            num_due=("is_due", "sum"),
            num_promise_kept=("is_kept", "sum"),
            num_late_by_seller=("is_by_seller", "sum"),
            num_handled=("handling_days", "count"),
            sum_handling_days=("handling_days", "sum"),
            sum_delivery_days=("delivery_days", "sum"),
        )
        counts = [*sold, *ordered, *shipped]
        mart = mart.join([sold, ordered, shipped, self._main_categories])
        counts = [name for name in counts if not name.endswith(("_date", "_days"))]
        mart[counts] = mart[counts].fillna(0).astype("int64")
        days = ["sum_handling_days", "sum_delivery_days"]
        mart[days] = mart[days].fillna(0.0)
        mart["on_time_rate"] = ratio(mart["num_on_time"], mart["num_deliveries"])
        mart["promise_kept_rate"] = ratio(mart["num_promise_kept"], mart["num_due"])
        mart["dispatch_late_rate"] = ratio(mart["num_dispatch_late"], mart["num_dispatched"])
        mart["cancellation_rate"] = ratio(mart["num_canceled_orders"], mart["num_orders"])
        mart["is_rankable"] = mart["num_orders"] >= 20
        mart = _ranked(self._with_ages(mart).reset_index(), "seller_id")
        mart["is_active"] = mart["seller_id"].isin(active)
        mart["score"] = (
            40 * (mart["average_review_score"] - 1) / 4
            + 30 * mart["on_time_rate"]
            + 20 * (1 - mart["dispatch_late_rate"])
            + 10 * (1 - mart["cancellation_rate"])
        )
        mart["seller_tier"] = [
            seller_tier(gmv, stars, rate)
            for gmv, stars, rate in zip(
                mart["gmv_amount"],
                mart["average_review_score"],
                mart["on_time_rate"],
                strict=True,
            )
        ]
        year = mart["seller_id"].map
        mart["average_review_score_12m"] = year(self._year_of_sellers["stars"])
        mart["on_time_12m_rate"] = year(self._year_of_sellers["on_time"])
        return mart.assign(**tiers_of_the_year(mart)).drop(columns="running")

    @cached_property
    def _year_of_sellers(self) -> pd.DataFrame:
        """Stars and punctuality of each seller, of what was ordered in the twelve months."""
        once = self.marts.items.drop_duplicates(["seller_id", "order_id"])
        once = once[self.marts.in_year(once["order_day"])]
        sent = self.marts.shipments
        sent = sent[self.marts.in_year(sent["order_day"]) & sent["is_delivered"]]
        return pd.DataFrame(
            {
                "stars": once.groupby("seller_id")["review_score"].mean(),
                "on_time": sent.groupby("seller_id")["is_on_time"].mean(),
            }
        )

    @cached_property
    def category_mart(self) -> pd.DataFrame:
        """mart_category_performance."""
        keys = ["order_month", "category_name_english", "customer_state"]
        items = self.marts.items.merge(
            self.marts.orders[["order_id", "order_month", "state"]], on="order_id"
        )
        items = items.rename(
            columns={"category": "category_name_english", "state": "customer_state"}
        )
        sold = items.assign(
            num_units=items["is_sale"].astype("int64"),
            gmv_amount=items["price"].where(items["is_sale"], 0),
            freight_amount=items["freight"].where(items["is_sale"], 0),
        )
        sums = sold.groupby(keys)[["num_units", "gmv_amount", "freight_amount"]].sum()
        once = items.drop_duplicates(["order_id", "category_name_english"])
        orders = (
            once.assign(
                canceled=once["order_status"] == "canceled",
                reviewed=once["review_score"].notna(),
            )
            .groupby(keys)
            .agg(
                num_orders=("is_sale", "sum"),
                num_orders_of_any_status=("order_id", "size"),
                num_canceled_orders=("canceled", "sum"),
                num_reviewed_orders=("reviewed", "sum"),
                sum_review_score=("review_score", "sum"),
            )
        )
        mart = sums.join(orders).reset_index()
        return mart.assign(
            revenue_amount=mart["gmv_amount"] + mart["freight_amount"],
            region=mart["customer_state"].map(REGION_OF_STATE),
            is_complete_month=mart["order_month"].isin(self.route.complete_months),
            is_delivery_mature=mart["order_month"].isin(self.route.mature_months),
        )

    @cached_property
    def _main_categories(self) -> pd.Series:
        sold = self.marts.items[self.marts.items["is_sale"]]
        gmv = sold.groupby(["seller_id", "category"], as_index=False).agg(
            price=("price", "sum")
        )
        gmv = gmv.sort_values(["seller_id", "price", "category"], ascending=[True, False, True])
        best = gmv.drop_duplicates("seller_id").set_index("seller_id")["category"]
        return pd.Series(best, name="main_category")

    def _sold(self, entity: str) -> pd.DataFrame:
        """Units sold of each product or seller."""
        sold = self.marts.items[self.marts.items["is_sale"]]
        # A window ends on the as-of date: later sales are in none.
        ago = (self.route.as_of_date - sold["order_day"]).dt.days
        return (
            sold.assign(
                recent=(ago >= 0) & (ago <= 90),
                previous=(ago > 90) & (ago <= 180),
                month=first_of_month(sold["order_day"]),
                revenue=sold["price"] + sold["freight"],
                of_year=sold["price"].where(self.marts.in_year(sold["order_day"]), 0),
            )
            .groupby(entity)
            .agg(
                first_sale_date=("order_day", "min"),
                last_sale_date=("order_day", "max"),
                num_units=("price", "size"),
                num_recent_units=("recent", "sum"),
                num_previous_units=("previous", "sum"),
                num_sellers=("seller_id", "nunique"),
                num_categories=("category", "nunique"),
                num_active_months=("month", "nunique"),
                **(
                    {"num_products": ("product_id", "nunique")} if entity == "seller_id" else {}
                ),
                min_price_amount=("price", "min"),
                max_price_amount=("price", "max"),
                gmv_amount=("price", "sum"),
                freight_amount=("freight", "sum"),
                revenue_amount=("revenue", "sum"),
                gmv_12m_amount=("of_year", "sum"),
            )
        )

    def _ordered(self, entity: str) -> pd.DataFrame:
        """Orders of each product or seller, each counted once."""
        once = self.marts.items.drop_duplicates([entity, "order_id"])
        return (
            once.assign(
                is_canceled=once["order_status"] == "canceled",
                is_reviewed=once["review_score"].notna(),
                is_negative=once["review_score"] <= 2,
            )
            .groupby(entity)
            .agg(
                num_orders=("is_sale", "sum"),
                num_orders_of_any_status=("order_id", "size"),
                num_canceled_orders=("is_canceled", "sum"),
                num_reviewed_orders=("is_reviewed", "sum"),
                sum_review_score=("review_score", "sum"),
                num_negative_reviews=("is_negative", "sum"),
            )
        )

    def _with_ages(self, mart: pd.DataFrame) -> pd.DataFrame:
        return mart.assign(
            days_since_first_sale=self.marts.days_ago(mart["first_sale_date"]),
            days_since_last_sale=self.marts.days_ago(mart["last_sale_date"]),
            average_review_score=ratio(mart["sum_review_score"], mart["num_reviewed_orders"]),
        )


def lifecycle_stage(units: int, first_days: float, last_days: float) -> str:
    """The first of the six stages whose rule holds; days before the as-of date."""
    rules = (
        ("NEVER_SOLD", units == 0),
        ("DISCONTINUED", last_days > 180),
        ("BESTSELLER", units >= 100),
        ("NEW", first_days <= 30),
        ("LOW_PERFORMER", units < 10),
    )
    return next((stage for stage, holds in rules if holds), "STEADY")


def seller_tier(centavos: int, stars: float, on_time: float) -> str:
    """The best tier whose three bounds are met; a missing figure meets none."""
    for tier, gmv, least_stars, least_rate in SELLER_TIERS:
        if centavos > gmv and stars >= least_stars and on_time >= least_rate:
            return tier
    return "BRONZE"


def tiers_of_the_year(mart: pd.DataFrame) -> dict[str, pd.Series]:
    """Tiers of the active sellers by their best parts, and what the tier above asks for."""
    active = mart[mart["is_active"] & (mart["gmv_12m_amount"] > 0)]
    asked: dict[str, float] = {}
    tier = pd.Series(None, index=mart.index, dtype=object)
    tier[active.index] = "BRONZE"
    for (name, _, stars, rate), percent in zip(SELLER_TIERS, (5, 15, 30), strict=True):
        free = active[tier[active.index] == "BRONZE"]
        meets = free[
            (free["average_review_score_12m"] >= stars) & (free["on_time_12m_rate"] >= rate)
        ].sort_values(["gmv_12m_amount", "seller_id"], ascending=[False, True])
        places = -(-percent * len(active) // 100) - (len(active) - len(free))
        best = meets.head(max(places, 0))
        asked[name] = best["gmv_12m_amount"].min()
        tier[best.index] = name
    above = dict(zip(["GOLD", "SILVER", "BRONZE"], ["PLATINUM", "GOLD", "SILVER"], strict=True))
    following = tier.map(above)
    return {
        "seller_tier_12m": tier,
        "next_tier_12m": following,
        "next_tier_12m_gmv_amount": following.map(asked),
    }


def _ranked(mart: pd.DataFrame, entity: str) -> pd.DataFrame:
    """Place by GMV, and the share of it up to there."""
    mart = mart.sort_values(["gmv_amount", entity], ascending=[False, True], ignore_index=True)
    running = mart["gmv_amount"].cumsum()
    return mart.assign(
        gmv_rank=mart.index + 1,
        running=running,
        cumulative_gmv_rate=running / mart["gmv_amount"].sum(),
    )
