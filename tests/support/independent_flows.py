"""The second route to the marts of deliveries, the funnel, places, payments and reviews.

See ``independent_marts`` for what it shares with the others.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cached_property

import numpy as np
import pandas as pd

from tests.support.independent import REGION_OF_STATE
from tests.support.independent_marts import OnMarts, ratio

EARTH_RADIUS_KM = 6_371.0088
BRAZIL = {"latitude": (-33.76, 5.28), "longitude": (-73.99, -28.84)}
FINAL = ("delivered", "canceled", "unavailable")
ROUTE = ["order_month", "seller_state", "customer_state"]
# Inhabitants on 1 July 2018 (IBGE), for the three states that the tests look at.
POPULATION = {"SP": 45_538_936, "RJ": 17_159_960, "MG": 21_040_662}


class Flows(OnMarts):
    """Five marts of what happens to orders."""

    def _months(self, mart: pd.DataFrame) -> pd.DataFrame:
        return mart.assign(
            is_complete_month=mart["order_month"].isin(self.route.complete_months),
            is_delivery_mature=mart["order_month"].isin(self.route.mature_months),
        )

    @cached_property
    def deliveries(self) -> pd.DataFrame:
        """mart_delivery_metrics."""
        sellers = self.route.raw("sellers").set_index("seller_id")["seller_state"]
        sent = self.marts.shipments.assign(distance=self._distances)
        has_stages = (
            sent["is_delivered"]
            & sent["approval_hours"].notna()
            & sent["handling_days"].notna()
        )
        is_late, reviewed = sent["is_late"], sent["review_score"].notna()
        states = sent["seller_id"].map(sellers).str.upper()
        usual = sent.groupby([states, sent["state"]])["delivery_days"].transform("median")
        carried = is_late & ~sent["is_by_seller"]
        hasty = carried & (sent["delivery_days"] < usual)
        arrived = ~sent["is_reviewed_before_delivery"]
        stars = sent["review_score"].fillna(0).astype("int64")
        of_reviews = {
            "late": is_late,
            "on_time": sent["is_on_time"],
            "late_after_delivery": is_late & arrived,
            "on_time_after_delivery": sent["is_on_time"] & arrived,
        }
        measures = pd.DataFrame(
            {
                "order_month": sent["order_month"],
                "seller_state": states,
                "customer_state": sent["state"],
                "num_shipments": 1,
                "num_dispatched": sent["is_dispatched"],
                "num_dispatch_late": sent["is_dispatch_late"],
                "num_deliveries": sent["is_delivered"],
                "num_on_time": sent["is_on_time"],
                "num_late": is_late,
                "num_due": sent["is_due"],
                "num_promise_kept": sent["is_kept"],
                "num_late_by_seller": sent["is_by_seller"],
                "num_late_by_carrier": carried & ~hasty,
                "num_late_by_promise": hasty,
                "num_with_stages": has_stages,
                "num_with_distance": sent["distance"].notna(),
                "num_reviews": reviewed,
                "sum_review_score": stars,
                **{f"num_{name}_reviews": of & reviewed for name, of in of_reviews.items()},
                **{f"sum_{name}_review_score": stars * of for name, of in of_reviews.items()},
                "item_amount": sent["price"],
                "freight_amount": sent["freight"],
                "sum_delivery_days": sent["delivery_days"],
                "sum_promised_days": sent["promised_days"].astype("float64"),
                "sum_late_days": sent["delay_days"].where(is_late).astype("float64"),
                "sum_approval_days": (sent["approval_hours"] / 24).where(has_stages),
                "sum_handling_days": sent["handling_days"].where(has_stages),
                "sum_transit_days": sent["transit_days"].where(has_stages),
                "sum_distance_km": sent["distance"].round(3),
            }
        )
        mart = measures.groupby(ROUTE, as_index=False).sum()
        mart["seller_region"] = mart["seller_state"].map(REGION_OF_STATE)
        mart["customer_region"] = mart["customer_state"].map(REGION_OF_STATE)
        return self._months(mart)

    @cached_property
    def funnel(self) -> pd.DataFrame:
        """mart_order_funnel."""
        orders = self.marts.orders
        status = orders["order_status"]
        delivered = orders["delivered_at"].notna() | (status == "delivered")
        shipped = delivered | orders["handed_to_carrier_at"].notna() | (status == "shipped")
        approved = shipped | orders["approved_at"].notna()
        approved |= status.isin(["approved", "processing", "invoiced"])
        stuck = ~status.isin(FINAL)
        steps = ["purchased_at", "approved_at", "handed_to_carrier_at", "delivered_at"]
        standing = self.marts.days_ago(orders[steps].max(axis="columns").dt.normalize())
        grain = ["order_month", "order_status", "customer_state"]
        mart = (
            orders.assign(
                customer_state=orders["state"],
                approved=approved,
                shipped=shipped,
                delivered=delivered,
                stuck=stuck,
                overdue=stuck & (orders["promised_day"] < self.route.as_of_date),
                standing=standing.where(stuck),
            )
            .groupby(grain, as_index=False)
            .agg(
                num_orders=("order_id", "size"),
                num_reached_approved=("approved", "sum"),
                num_reached_shipped=("shipped", "sum"),
                num_reached_delivered=("delivered", "sum"),
                num_stuck=("stuck", "sum"),
                num_overdue=("overdue", "sum"),
                sum_standing_days=("standing", "sum"),
                max_standing_days=("standing", "max"),
            )
        )
        mart["customer_region"] = mart["customer_state"].map(REGION_OF_STATE)
        return self._months(mart)

    # Places.

    @cached_property
    def prefixes(self) -> pd.DataFrame:
        """One row per zip prefix: its city and state, and the median of its points."""
        raw = self.route.raw("geolocation")
        points = pd.DataFrame(
            {
                "prefix": raw["geolocation_zip_code_prefix"].str.zfill(5),
                "city": raw["geolocation_city"],
                "state": raw["geolocation_state"].str.upper(),
                "latitude": raw["geolocation_lat"].astype("float64"),
                "longitude": raw["geolocation_lng"].astype("float64"),
            }
        )
        inside = points
        for name, (least, most) in BRAZIL.items():
            inside = inside[inside[name].between(least, most)]
        places = inside.groupby("prefix")[["latitude", "longitude"]].median()
        customers = self.route.customers.rename(columns={"zip_code_prefix": "prefix"})
        sellers = self.route.raw("sellers").rename(
            columns={
                "seller_zip_code_prefix": "prefix",
                "seller_city": "city",
                "seller_state": "state",
            }
        )
        sellers["prefix"] = sellers["prefix"].str.zfill(5)
        named = [
            _most_named(_plain(points)),
            _most_named(_plain(customers)),
            _most_named(sellers.assign(city=sellers["city"].map(_typed_city))),
        ]
        # The geolocation names a prefix first, then the customers, then the sellers.
        names = named[0].combine_first(named[1]).combine_first(named[2])
        return names.join(places)

    @cached_property
    def _distances(self) -> pd.Series:
        """Kilometres of each shipment, by the haversine formula."""
        zips = self.route.raw("sellers").set_index("seller_id")["seller_zip_code_prefix"]
        sent = self.marts.shipments
        ends = [sent["zip_code_prefix"], sent["seller_id"].map(zips).str.zfill(5)]
        points = [
            [np.radians(end.map(self.prefixes[name])) for name in ("latitude", "longitude")]
            for end in ends
        ]
        (lat_a, lon_a), (lat_b, lon_b) = points
        half_chord = (
            np.sin((lat_b - lat_a) / 2) ** 2
            + np.cos(lat_a) * np.cos(lat_b) * np.sin((lon_b - lon_a) / 2) ** 2
        )
        kilometres: pd.Series = (
            2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(half_chord.clip(upper=1)))
        )
        return kilometres

    @cached_property
    def shipments_with_distance(self) -> pd.DataFrame:
        """What one seller sent of one order, with its kilometres."""
        return self.marts.shipments.assign(distance=self._distances)

    @cached_property
    def places(self) -> pd.DataFrame:
        """mart_geographic_analysis."""
        names = self.prefixes
        grain = ["state", "city"]
        orders = self.marts.orders.drop(columns=grain).join(names[grain], on="zip_code_prefix")
        sale = orders["is_sale"].astype("int64")
        in_year = orders["is_sale"] & self.marts.in_year(orders["order_day"])
        orders = orders.assign(
            sold=orders["is_sale"] & orders["has_items"],
            buyer=orders["customer_unique_id"].where(orders["is_sale"]),
            of_year=in_year,
            year_buyer=orders["customer_unique_id"].where(in_year),
            year_revenue=orders["revenue_amount"].where(in_year, 0),
            reviewed=orders["review_score"].notna(),
            due=self.route.is_due(orders),
            kept=self.route.is_due(orders) & orders["is_on_time"],
            gmv=orders["item_amount"] * sale,
            freight=orders["freight_amount"] * sale,
            revenue=orders["revenue_amount"],
        )
        mart = orders.groupby(grain).agg(
            num_orders=("order_id", "size"),
            num_sales=("is_sale", "sum"),
            num_sales_with_items=("sold", "sum"),
            num_customers=("buyer", "nunique"),
            num_sales_12m=("of_year", "sum"),
            num_customers_12m=("year_buyer", "nunique"),
            num_delivered=("is_delivered", "sum"),
            num_on_time=("is_on_time", "sum"),
            num_late=("is_late", "sum"),
            num_due=("due", "sum"),
            num_promise_kept=("kept", "sum"),
            num_reviews=("reviewed", "sum"),
            sum_review_score=("review_score", "sum"),
            gmv_amount=("gmv", "sum"),
            freight_amount=("freight", "sum"),
            revenue_amount=("revenue", "sum"),
            revenue_12m_amount=("year_revenue", "sum"),
            sum_delivery_days=("delivery_days", "sum"),
        )
        sent = self.marts.shipments.assign(distance=self._distances.round(3))
        sent = sent.drop(columns="state").join(names[grain], on="zip_code_prefix")
        far = sent.groupby(grain)["distance"].agg(
            num_with_distance="count", sum_distance_km="sum"
        )
        zips = self.route.raw("sellers")["seller_zip_code_prefix"].str.zfill(5)
        homes = pd.DataFrame({"prefix": zips}).join(names[grain], on="prefix")
        mart = mart.join(homes.groupby(grain).size().rename("num_sellers"), how="outer")
        mart = mart.join(far).fillna(0)
        mart = mart.join(names.groupby(grain)[["latitude", "longitude"]].median()).reset_index()
        counts = mart.filter(regex="^num_|_amount$|^sum_review").columns
        mart[counts] = mart[counts].astype("int64")
        mart["is_rankable"] = mart["num_orders"] >= 20
        mart["region"] = mart["state"].map(REGION_OF_STATE)
        for name, part, whole in (
            ("on_time_rate", "num_on_time", "num_delivered"),
            ("promise_kept_rate", "num_promise_kept", "num_due"),
            ("average_review_score", "sum_review_score", "num_reviews"),
            ("average_delivery_days", "sum_delivery_days", "num_delivered"),
            ("average_distance_km", "sum_distance_km", "num_with_distance"),
        ):
            mart[name] = ratio(mart[part], mart[whole])
        reais = mart["revenue_amount"] / 100
        mart["average_order_value"] = ratio(reais, mart["num_sales_with_items"])
        return mart

    @cached_property
    def per_inhabitant(self) -> pd.DataFrame:
        """Revenue in BRL per inhabitant of three states, each on all of its cities."""
        mart = self.places[self.places["state"].isin(list(POPULATION))].copy()
        people = mart["state"].map(POPULATION)
        of_state = mart.groupby("state")["revenue_12m_amount"].transform("sum")
        return mart[["state", "city"]].assign(
            state_population=people,
            revenue_per_capita=mart["revenue_12m_amount"] / 100 / people,
            state_revenue_per_capita=of_state / 100 / people,
        )

    # Payments and reviews.

    @cached_property
    def payments(self) -> pd.DataFrame:
        """mart_payment_analysis."""
        grain = ["order_month", "payment_type"]
        orders = self.marts.orders
        paid = self.route.payments.merge(
            orders[["order_id", "order_month", "is_sale"]], on="order_id", how="inner"
        )
        value, plan = paid["value"], paid["installments"]
        plans = {
            "single": plan <= 1,
            "short": plan.between(2, 3),
            "medium": plan.between(4, 6),
            "long": plan >= 7,
        }
        paid = paid.assign(
            is_zero=value == 0,
            sold=value.where(paid["is_sale"], 0),
            later=value * (plan - 1).clip(lower=0),
            **{f"num_{name}_plans": chosen.astype("int64") for name, chosen in plans.items()},
            **{f"{name}_plan_amount": value.where(on, 0) for name, on in plans.items()},
        )
        mart = paid.groupby(grain).agg(
            num_payments=("value", "size"),
            num_zero_payments=("is_zero", "sum"),
            num_orders_with_payment=("order_id", "nunique"),
            sum_installments=("installments", "sum"),
            payment_amount=("value", "sum"),
            sale_payment_amount=("sold", "sum"),
            installment_months_amount=("later", "sum"),
            **{f"num_{name}_plans": (f"num_{name}_plans", "sum") for name in plans},
            **{f"{name}_plan_amount": (f"{name}_plan_amount", "sum") for name in plans},
        )
        mains = (
            orders.assign(
                payment_type=orders["main_payment_type"],
                sold=orders["is_sale"] & orders["has_items"],
                is_canceled=orders["order_status"] == "canceled",
                revenue=orders["revenue_amount"],
            )
            .groupby(grain)
            .agg(
                num_orders=("order_id", "size"),
                num_sales=("is_sale", "sum"),
                num_sales_with_items=("sold", "sum"),
                num_canceled_orders=("is_canceled", "sum"),
                revenue_amount=("revenue", "sum"),
            )
        )
        mart = mart.join(mains, how="outer").fillna(0).astype("int64").reset_index()
        of_month = mart.groupby("order_month")["payment_amount"].transform("sum")
        mart["payment_share_rate"] = ratio(mart["payment_amount"], of_month)
        mart["average_installments"] = ratio(mart["sum_installments"], mart["num_payments"])
        reais = mart["payment_amount"] / 100
        mart["average_payment_value"] = ratio(reais, mart["num_payments"])
        revenue = mart["revenue_amount"] / 100
        mart["average_order_value"] = ratio(revenue, mart["num_sales_with_items"])
        return self._months(mart)

    @cached_property
    def reviews(self) -> pd.DataFrame:
        """mart_review_analysis."""
        parts = self.marts.items.groupby(["order_id", "category"], as_index=False).agg(
            units=("price", "size"), price=("price", "sum"), freight=("freight", "sum")
        )
        orders = self.marts.orders.merge(
            parts, on="order_id", how="left", validate="one_to_many"
        )
        orders["category"] = orders["category"].fillna("Unknown")
        measured = ["units", "price", "freight"]
        orders[measured] = (
            orders[measured].fillna(0).astype("int64").where(orders["is_sale"], 0)
        )
        score = orders["review_score"]
        latest = self.marts.latest_reviews.set_index("order_id")
        response = orders["order_id"].map(latest["response_days"])
        mart = (
            orders.assign(
                category_name_english=orders["category"],
                score_label=score.map(lambda s: "none" if pd.isna(s) else str(int(s))),
                reviewed=score.notna(),
                commented=orders["order_id"].isin(self.marts.commented_orders),
                response=response,
                revenue=orders["price"] + orders["freight"],
                waiting=orders["is_late"] & orders["is_reviewed_before_delivery"],
            )
            .groupby(["order_month", "category_name_english", "score_label"], as_index=False)
            .agg(
                review_score=("review_score", "first"),
                num_orders=("order_id", "size"),
                num_sales=("is_sale", "sum"),
                num_units=("units", "sum"),
                num_reviews=("reviewed", "sum"),
                sum_review_score=("review_score", "sum"),
                num_with_comment=("commented", "sum"),
                num_answered=("response", "count"),
                num_delivered=("is_delivered", "sum"),
                num_on_time=("is_on_time", "sum"),
                num_late=("is_late", "sum"),
                num_reviewed_before_delivery=("is_reviewed_before_delivery", "sum"),
                num_late_reviewed_before_delivery=("waiting", "sum"),
                gmv_amount=("price", "sum"),
                revenue_amount=("revenue", "sum"),
                sum_delivery_days=("delivery_days", "sum"),
                sum_delay_days=("delay_days", "sum"),
                sum_response_days=("response", "sum"),
            )
        )
        mart["has_review"] = mart["score_label"] != "none"
        return self._months(mart)


def _plain(named: pd.DataFrame) -> pd.DataFrame:
    """Places with their city in lower case and without accents."""
    spellings = {city: _without_accents(city) for city in named["city"].dropna().unique()}
    return named.assign(city=named["city"].map(spellings))


def _most_named(named: pd.DataFrame) -> pd.DataFrame:
    """City and state that a prefix is given most often, by name where two are as many."""
    found = {}
    for name in ("city", "state"):
        counts = named.dropna(subset=[name]).groupby(["prefix", name]).size()
        ranked = counts.rename("times").reset_index()
        ranked = ranked.sort_values(["prefix", "times", name], ascending=[True, False, True])
        found[name] = ranked.drop_duplicates("prefix").set_index("prefix")[name]
    return pd.DataFrame(found)


def _without_accents(text: str) -> str:
    parts = unicodedata.normalize("NFD", text.lower())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def _typed_city(text: str | None) -> str | None:
    """The name in what a seller typed as a city; none in digits, an address, or consonants."""
    if not isinstance(text, str):
        return None
    plain = _without_accents(text)
    for apostrophe in ("\u00b4", "`", "\u2019"):
        plain = plain.replace(apostrophe, "'")
    name = re.split(r"[/\\,(]| - ", plain)[0].strip()
    name = re.sub(r" *- *[a-z]{2}$", "", name).strip()
    if re.search(r"[0-9@]", name) or not re.search(r"[aeiouy]", name):
        return None
    return name
