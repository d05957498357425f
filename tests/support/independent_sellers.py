"""The second route to the marts of sellers; see ``independent_marts``."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from tests.support.independent import REGION_OF_STATE
from tests.support.independent_marts import first_of_month
from tests.support.independent_offers import SELLER_TIERS, Offers


class Sellers(Offers):
    """mart_seller_scorecard with what the next tier asks for, and mart_seller_months."""

    @cached_property
    def scorecard(self) -> pd.DataFrame:
        """mart_seller_scorecard: the tier above each seller's, its bounds, those missed."""
        mart = self.seller_mart
        below = [*(tier for tier, *_ in SELLER_TIERS[1:]), "BRONZE"]
        columns = ["next_tier", "gmv", "stars", "rate"]
        following = pd.DataFrame(list(SELLER_TIERS), columns=columns, index=below)
        wanted = following.reindex(mart["seller_tier"]).set_axis(mart.index)
        has_next = wanted["next_tier"].notna()
        return mart.assign(
            next_tier=wanted["next_tier"],
            next_tier_gmv_amount=wanted["gmv"],
            next_tier_review_score=wanted["stars"],
            next_tier_on_time_rate=wanted["rate"],
            is_below_next_gmv=has_next & ~(mart["gmv_amount"] > wanted["gmv"]),
            is_below_next_score=has_next & ~(mart["average_review_score"] >= wanted["stars"]),
            is_below_next_on_time=has_next & ~(mart["on_time_rate"] >= wanted["rate"]),
        )

    @cached_property
    def seller_months(self) -> pd.DataFrame:
        """mart_seller_months."""
        keys = ["order_month", "seller_id"]
        items = self.marts.items.assign(
            order_month=first_of_month(self.marts.items["order_day"])
        )
        sold = items[items["is_sale"]]
        first = sold.groupby("seller_id")["order_month"].min()
        sold = sold.groupby(keys).agg(
            num_units=("price", "size"),
            gmv_amount=("price", "sum"),
            freight_amount=("freight", "sum"),
        )
        once = items.drop_duplicates(["seller_id", "order_id"])
        once = once.assign(
            is_canceled=once["order_status"] == "canceled",
            is_reviewed=once["review_score"].notna(),
        )
        ordered = once.groupby(keys).agg(
            num_orders=("order_id", "size"),
            num_sales=("is_sale", "sum"),
            num_canceled_orders=("is_canceled", "sum"),
            num_reviewed_orders=("is_reviewed", "sum"),
            sum_review_score=("review_score", "sum"),
        )
        sent = self.marts.shipments.groupby(keys).agg(
            num_dispatched=("is_dispatched", "sum"),
            num_dispatch_late=("is_dispatch_late", "sum"),
            num_deliveries=("is_delivered", "sum"),
            num_on_time=("is_on_time", "sum"),
            num_late=("is_late", "sum"),
            num_due=("is_due", "sum"),
            num_promise_kept=("is_kept", "sum"),
            num_late_by_seller=("is_by_seller", "sum"),
            sum_delivery_days=("delivery_days", "sum"),
        )
        mart = ordered.join([sold, sent], how="outer")
        counts = [*ordered, *sold, *sent.columns.drop("sum_delivery_days")]
        mart[counts] = mart[counts].fillna(0).astype("int64")
        mart = mart.reset_index()
        states = self.route.raw("sellers").set_index("seller_id")["seller_state"].str.upper()
        state = mart["seller_id"].map(states)
        return mart.assign(
            state=state,
            region=state.map(REGION_OF_STATE),
            revenue_amount=mart["gmv_amount"] + mart["freight_amount"],
            is_complete_month=mart["order_month"].isin(self.route.complete_months),
            is_delivery_mature=mart["order_month"].isin(self.route.mature_months),
            is_first_sale_month=mart["order_month"] == mart["seller_id"].map(first),
        )
