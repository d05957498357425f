"""A second route to questions whose answer is a comparison: intervals, tests, like periods.

Intervals and tests are scipy's, which shares no line with macros/statistics.sql; see
``independent_answers``.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from tests.support.independent import REGION_OF_STATE
from tests.support.independent_answers import (
    MIN_VOLUME,
    AnswersRoute,
    exact_tests,
    mean_bounds,
    share_bounds,
)
from tests.support.independent_marts import MartsRoute, ratio

RARE_VOLUME = 100
ROUTE_VOLUME = 200
PRIOR_REVIEWS = 20


class QuestionsC(AnswersRoute):
    """The results of the questions, by their number."""

    def __init__(self, marts: MartsRoute) -> None:
        """Name the way to each answer."""
        super().__init__(marts)
        self.answers: dict[int, Callable[[], pd.DataFrame]] = {
            3: self.gmv_trajectory,
            5: self.order_volume,
            6: self.average_order_value,
            9: self.payment_mix,
            21: self.promised_delivery,
            23: self.delivery_by_state,
            30: self.routes,
            31: self.satisfaction,
            34: self.category_satisfaction,
            35: self.star_sellers,
            43: self.category_cancellation,
            44: self.best_rated_products,
            45: self.listing_quality,
        }

    # Growth and executive.

    def gmv_trajectory(self) -> pd.DataFrame:
        """Question 3."""
        sales = self.marts.sales
        months = (
            sales.assign(with_items=sales["has_items"].astype("int64"))
            .groupby("order_month")
            .agg(num_sales=("with_items", "sum"), gmv_amount=("item_amount", "sum"))
        )
        every = self.marts.orders["order_month"].drop_duplicates().sort_values()
        months = months.reindex(every, fill_value=0)
        months["cumulative_gmv_amount"] = months["gmv_amount"].cumsum()
        months["is_complete_month"] = months.index.isin(self.route.complete_months)
        complete = months[months["is_complete_month"]]
        per_day = complete["gmv_amount"] / 100 / pd.DatetimeIndex(complete.index).days_in_month
        for name, values in (
            ("smoothed_gmv_amount", complete["gmv_amount"] / 100),
            ("smoothed_gmv_per_day_amount", per_day),
        ):
            months[name] = values.rolling(3).mean()
        return months.rename_axis("order_month").reset_index().assign(num_smoothed_months=3)

    def order_volume(self) -> pd.DataFrame:
        """Question 5."""
        orders = self.marts.orders
        parts = []
        for period, frequency, months in (
            ("month", "M", 1),
            ("quarter", "Q", 3),
            ("year", "Y", 12),
        ):
            starts = orders["order_month"].dt.to_period(frequency).dt.start_time
            found = orders.groupby(starts).agg(
                num_orders=("order_id", "size"), num_sales=("is_sale", "sum")
            )
            complete = pd.Series(self.route.complete_months)
            counts = complete.dt.to_period(frequency).dt.start_time.value_counts()
            found["num_complete_months"] = counts.reindex(found.index, fill_value=0)
            found["is_complete"] = found["num_complete_months"] == months
            before = pd.DatetimeIndex(found.index) - pd.DateOffset(months=months)
            found["previous_num_orders"] = found["num_orders"].reindex(before).to_numpy()
            both = found["is_complete"] & (
                found["is_complete"].reindex(before, fill_value=False).to_numpy()
            )
            growth = found["num_orders"] / found["previous_num_orders"] - 1
            found["growth_rate"] = growth.where(both)
            parts.append(
                found.rename_axis("period_start").reset_index().assign(period_type=period)
            )
        return pd.concat(parts)

    def average_order_value(self) -> pd.DataFrame:
        """Question 6."""
        sales = self.marts.sales
        sales = sales[
            sales["has_items"] & sales["order_month"].isin(self.route.complete_months)
        ]
        months = sales.groupby("order_month").agg(
            num_sales=("order_id", "size"),
            revenue_amount=("revenue_amount", "sum"),
            items=("num_items", "sum"),
            price=("item_amount", "sum"),
            freight=("freight_amount", "sum"),
            spread=("revenue_amount", "std"),
        )
        mean = months["revenue_amount"] / months["num_sales"]
        margin = 1.96 * months["spread"] / months["num_sales"] ** 0.5
        year = mean.shift(12)
        moved = (mean - year).abs() > (margin**2 + margin.shift(12) ** 2) ** 0.5
        return months.assign(
            average_order_value_amount=mean / 100,
            low_order_value_amount=(mean - margin) / 100,
            high_order_value_amount=(mean + margin) / 100,
            items_per_order=months["items"] / months["num_sales"],
            average_price_amount=months["price"] / 100 / months["items"],
            average_freight_amount=months["freight"] / 100 / months["items"],
            mom_change_rate=mean / mean.shift(1) - 1,
            yoy_change_rate=mean / year - 1,
            is_other_than_year_before=moved.astype("object").where(year.notna()),
        ).reset_index()

    def payment_mix(self) -> pd.DataFrame:
        """Question 9: the wait of each payment, one by one."""
        orders = self.marts.orders
        payments = self.route.payments[
            self.route.payments["order_id"].isin(orders.loc[orders["is_sale"], "order_id"])
        ]
        parts = payments["installments"].clip(lower=1)
        at_once = payments["value"] * (parts - 1) / 2
        is_card = (payments["payment_type"] == "credit_card").astype("int64")
        settled = at_once + payments["value"] * is_card
        payments = payments.assign(at_once=at_once, settled=settled)
        types = payments.groupby("payment_type").agg(
            num_payments=("value", "size"),
            payment_amount=("value", "sum"),
            installments=("installments", "sum"),
            at_once=("at_once", "sum"),
            settled=("settled", "sum"),
        )
        types = types[types["payment_amount"] > 0]
        paid = types["payment_amount"]
        return types.assign(
            payment_share_rate=paid / paid.sum(),
            average_payment_amount=paid / 100 / types["num_payments"],
            average_installments=types["installments"] / types["num_payments"],
            average_wait_months=types["at_once"] / paid,
            settled_wait_months=types["settled"] / paid,
            all_average_wait_months=types["at_once"].sum() / paid.sum(),
            all_settled_wait_months=types["settled"].sum() / paid.sum(),
        ).reset_index()

    # Delivery.

    def _delivery(self, key: str) -> pd.DataFrame:
        orders = self.marts.orders
        due = self.route.is_due(orders)
        grouped = orders.assign(
            is_due=due,
            is_kept=due & orders["is_on_time"],
            promised=orders["promised_days"].where(orders["is_delivered"]),
            taken=orders["delivery_days"].where(orders["is_delivered"]),
        ).groupby(key)
        found = grouped.agg(
            num_sales=("is_sale", "sum"),
            num_delivered=("is_delivered", "sum"),
            num_on_time=("is_on_time", "sum"),
            num_late=("is_late", "sum"),
            num_due=("is_due", "sum"),
            num_promise_kept=("is_kept", "sum"),
            average_delivery_days=("taken", "mean"),
            average_promised_days=("promised", "mean"),
        )
        bounds = share_bounds(found, "num_promise_kept", "num_due", "promise_kept_rate")
        return found.join(bounds).assign(
            on_time_rate=ratio(found["num_on_time"], found["num_delivered"]),
            late_rate=ratio(found["num_late"], found["num_delivered"]),
        )

    def promised_delivery(self) -> pd.DataFrame:
        """Question 21."""
        months = self._delivery("order_month")
        months = months[
            months.index.isin(self.route.complete_months) & (months["num_delivered"] > 0)
        ]
        return months.assign(
            margin_days=months["average_promised_days"] - months["average_delivery_days"],
            due_rate=months["num_due"] / months["num_sales"],
        ).reset_index()

    def delivery_by_state(self) -> pd.DataFrame:
        """Question 23."""
        states = self._delivery("state")
        states = states[(states["num_due"] >= MIN_VOLUME) & (states["num_delivered"] > 0)]
        return states.assign(
            region=states.index.map(REGION_OF_STATE),
            all_promise_kept_rate=states["num_promise_kept"].sum() / states["num_due"].sum(),
        ).reset_index()

    def routes(self) -> pd.DataFrame:
        """Question 30."""
        sent = self.marts.shipments
        sellers = self.route.raw("sellers")
        state = dict(
            zip(sellers["seller_id"], sellers["seller_state"].str.upper(), strict=True)
        )
        sent = sent[sent["is_delivered"] & ~sent["is_dispatch_late"]]
        sent = sent.assign(
            customer_region=sent["state"].map(REGION_OF_STATE),
            seller_region=sent["seller_id"].map(state).map(REGION_OF_STATE),
        )
        found = sent.groupby(["customer_region", "seller_region"]).agg(
            num_deliveries=("is_late", "size"),
            num_late=("is_late", "sum"),
            average_transit_days=("transit_days", "mean"),
        )
        found = found[found["num_deliveries"] >= ROUTE_VOLUME]
        found = found.join(share_bounds(found, "num_late", "num_deliveries", "late_rate"))
        found = found.reset_index().sort_values(
            ["customer_region", "high_late_rate", "seller_region"]
        )
        regions = found.groupby("customer_region")
        found["rank_in_region"] = regions.cumcount() + 1
        following = regions["low_late_rate"].shift(-1)
        found["is_apart"] = (found["rank_in_region"] == 1) & (
            found["high_late_rate"] < following
        )
        return found

    # Satisfaction.

    def satisfaction(self) -> pd.DataFrame:
        """Question 31."""
        orders = self.marts.orders
        measures = {
            "num_reviews": "num_reviews",
            "score": "sum_review_score",
            "satisfied": "num_satisfied_reviews",
            "promoters": "num_promoters",
            "detractors": "num_detractors",
        }
        months = orders.groupby("order_month")[list(measures.values())].sum()
        months.columns = list(measures)
        whole = months.sum()
        months = months[
            months.index.isin(self.route.complete_months) & (months["num_reviews"] > 0)
        ]
        number = months["num_reviews"]
        return (
            months.join(share_bounds(months, "satisfied", "num_reviews", "csat_rate"))
            .assign(
                average_review_score=months["score"] / number,
                promoter_rate=months["promoters"] / number,
                detractor_rate=months["detractors"] / number,
                nps_points=100 * (months["promoters"] - months["detractors"]) / number,
                overall_csat_rate=whole["satisfied"] / whole["num_reviews"],
                overall_average_review_score=whole["score"] / whole["num_reviews"],
                overall_nps_points=100
                * (whole["promoters"] - whole["detractors"])
                / whole["num_reviews"],
            )
            .reset_index()
        )

    def category_satisfaction(self) -> pd.DataFrame:
        """Question 34."""
        items = self.marts.items.drop_duplicates(["order_id", "category"])
        items = items[items["review_score"].notna() & (items["category"] != "Unknown")]
        delivery = self.marts.orders[["order_id", "is_delivered", "is_late"]]
        items = items.merge(delivery, on="order_id")
        items["review_score"] = items["review_score"].astype("float64")
        items["is_negative"] = items["review_score"] <= 2
        grouped = items.groupby("category")
        found = grouped.agg(
            num_reviewed_orders=("review_score", "size"),
            score=("review_score", "sum"),
            negative_rate=("is_negative", "mean"),
            delivered=("is_delivered", "sum"),
            late=("is_late", "sum"),
        ).join(mean_bounds(items, "category", "review_score", "review_score"))
        found = found[found["num_reviewed_orders"] >= MIN_VOLUME]
        return found.assign(
            average_review_score=found["score"] / found["num_reviewed_orders"],
            all_average_review_score=found["score"].sum() / found["num_reviewed_orders"].sum(),
            late_rate=ratio(found["late"], found["delivered"]),
        ).reset_index()

    def _drawn(self, entity: str, least: int, still: pd.Index) -> pd.DataFrame:
        """Scores of those with enough reviewed orders, drawn to the mean of all."""
        scored = self.marts.items.drop_duplicates(["order_id", entity])
        scored = scored[scored["review_score"].notna()]
        scored = scored.assign(stars=scored["review_score"].astype("float64"))
        scored["is_negative"] = scored["stars"] <= 2
        found = scored.groupby(entity).agg(
            num_reviewed_orders=("stars", "size"),
            score=("stars", "sum"),
            num_negative_reviews=("is_negative", "sum"),
        )
        found = found[found["num_reviewed_orders"] >= least]
        mean = found["score"].sum() / found["num_reviewed_orders"].sum()
        number = found["num_reviewed_orders"]
        found = found.assign(
            average_review_score=found["score"] / number,
            all_average_review_score=mean,
            shrunken_review_score=(found["score"] + PRIOR_REVIEWS * mean)
            / (number + PRIOR_REVIEWS),
            negative_rate=found["num_negative_reviews"] / number,
        )
        found = found[found.index.isin(still)].reset_index()
        return found.sort_values(
            ["shrunken_review_score", "num_reviewed_orders", entity],
            ascending=[False, False, True],
        )

    def star_sellers(self) -> pd.DataFrame:
        """Question 35."""
        items = self.marts.sold_items
        sold = items.groupby("seller_id").agg(
            num_sales=("order_id", "nunique"),
            gmv_amount=("price", "sum"),
        )
        ago = (self.route.as_of_date - items["order_day"]).dt.days
        active = pd.Index(items.loc[ago.between(0, 90), "seller_id"].unique())
        found = self._drawn("seller_id", MIN_VOLUME, active)
        sent = self.marts.shipments[self.marts.shipments["is_delivered"]]
        on_time = sent.groupby("seller_id")["is_on_time"].mean()
        return found.assign(
            satisfaction_rank=range(1, len(found) + 1),
            num_ranked_sellers=len(found),
            num_sales=found["seller_id"].map(sold["num_sales"]),
            gmv_amount=found["seller_id"].map(sold["gmv_amount"]),
            on_time_rate=found["seller_id"].map(on_time),
        ).head(50)

    # Products.

    def category_cancellation(self) -> pd.DataFrame:
        """Question 43: each category by scipy's exact test, corrected by scipy's procedure."""
        orders = self.marts.orders
        canceled = set(orders.loc[orders["order_status"] == "canceled", "order_id"])
        with_items = orders[orders["has_items"]]
        base = with_items["order_id"].isin(canceled).mean()
        items = self.marts.items.drop_duplicates(["order_id", "category"])
        items = items[items["category"] != "Unknown"]
        items = items.assign(is_canceled=items["order_id"].isin(canceled))
        found = items.groupby("category").agg(
            num_orders=("order_id", "size"), num_canceled_orders=("is_canceled", "sum")
        )
        found = found[found["num_orders"] >= RARE_VOLUME]
        tests = exact_tests(found, "num_canceled_orders", "num_orders", base)
        bounds = share_bounds(found, "num_canceled_orders", "num_orders", "cancellation_rate")
        return (
            found.join([bounds, tests])
            .assign(
                base_cancellation_rate=base,
                overall_cancellation_rate=len(canceled) / len(orders),
                num_all_canceled_orders=len(canceled),
                num_canceled_without_items=len(canceled - set(with_items["order_id"])),
            )
            .reset_index()
        )

    def best_rated_products(self) -> pd.DataFrame:
        """Question 44."""
        items = self.marts.sold_items
        sold = items.groupby("product_id").agg(
            last=("order_day", "max"),
            num_units=("price", "size"),
            price=("price", "sum"),
            revenue_amount=("revenue", "sum"),
            category=("category", "first"),
        )
        since = self.marts.days_ago(sold["last"])
        found = self._drawn("product_id", 10, sold.index[since <= 180])
        found = found.join(sold, on="product_id")
        return found.assign(
            rating_rank=range(1, len(found) + 1),
            num_ranked_products=len(found),
            average_price_amount=found["price"] / 100 / found["num_units"],
            days_since_last_sale=found["product_id"].map(since),
        ).head(50)

    def listing_quality(self) -> pd.DataFrame:
        """Question 45."""
        raw = self.route.raw("products").set_index("product_id")
        sold = self.marts.sold_items.groupby("product_id").agg(
            num_units=("price", "size"), gmv=("price", "sum")
        )
        scored = self.marts.items.drop_duplicates(["order_id", "product_id"])
        scored = scored[scored["review_score"].notna()]
        scored = scored.assign(stars=scored["review_score"].astype("float64"))
        stars = scored.groupby("product_id")["stars"].agg(["sum", "size"])
        parts = []
        for attribute, column, starts in (
            ("photos", "product_photos_qty", (2, 3, 5, 7)),
            ("description length", "product_description_lenght", (250, 500, 1000, 2000)),
        ):
            sizes = pd.to_numeric(raw[column]).dropna()
            products = pd.DataFrame({"size": sizes}).join(sold).join(stars.add_prefix("stars_"))
            products = products.fillna(0)
            number = sum((products["size"] >= start).astype("int64") for start in starts) + 1
            products = products.assign(band_number=number)
            grouped = products.groupby("band_number")
            sums = grouped[["num_units", "gmv", "stars_sum", "stars_size"]].sum()
            count = grouped.size()
            found = mean_bounds(
                products, "band_number", "num_units", "units_per_product"
            ).assign(
                num_products=count,
                num_units=sums["num_units"].astype("int64"),
                units_per_product=sums["num_units"] / count,
                gmv_per_product_amount=sums["gmv"] / 100 / count,
                average_price_amount=ratio(sums["gmv"] / 100, sums["num_units"]),
                average_review_score=ratio(sums["stars_sum"], sums["stars_size"]),
                attribute=attribute,
            )
            parts.append(found.reset_index())
        return pd.concat(parts)
