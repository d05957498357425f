"""A second route from the nine CSV files to the warehouse's figures, in pandas alone.

It follows the definitions in docs/metrics.md and the models' descriptions. It shares no line
with the SQL of ``olist_dw_dbt`` nor with ``extract``, and must not: what both routes say alike
is then not one mistake made once. Money is counted in integer centavos, time in whole seconds.

The route has no quarantine. It demands clean files and stops at a value it cannot read, so a
source whose rows the warehouse sets aside cannot be compared with it.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path

import pandas as pd

from tests.support.independent_dates import IndependentDates

FILE_NAMES = {
    "customers": "olist_customers_dataset.csv",
    "orders": "olist_orders_dataset.csv",
    "items": "olist_order_items_dataset.csv",
    "payments": "olist_order_payments_dataset.csv",
    "reviews": "olist_order_reviews_dataset.csv",
    "products": "olist_products_dataset.csv",
    "sellers": "olist_sellers_dataset.csv",
    "geolocation": "olist_geolocation_dataset.csv",
    "translation": "product_category_name_translation.csv",
}

REGION_STATES = {
    "North": ("AC", "AM", "AP", "PA", "RO", "RR", "TO"),
    "Northeast": ("AL", "BA", "CE", "MA", "PB", "PE", "PI", "RN", "SE"),
    "Central-West": ("DF", "GO", "MS", "MT"),
    "Southeast": ("ES", "MG", "RJ", "SP"),
    "South": ("PR", "RS", "SC"),
}
REGION_OF_STATE = {
    state: region for region, states in REGION_STATES.items() for state in states
}

NO_SALE = ("canceled", "unavailable")
SECONDS_PER_DAY = 86_400
SECONDS_PER_HOUR = 3_600
ADDRESS = ["zip_code_prefix", "city", "state"]


class UnreadableValueError(Exception):
    """A file holds a value this route cannot read; compare the warehouse on clean files."""


class IndependentRoute:
    """Every figure that the tests compare, computed from one directory of CSV files."""

    def __init__(self, directory: Path) -> None:
        """Remember where the nine files lie; each is read when first asked for."""
        self._directory = directory
        self.raw = cache(self._read)

    # The files, typed.

    def _read(self, name: str) -> pd.DataFrame:
        """One file as trimmed text, a missing value for an empty field."""
        frame: pd.DataFrame = pd.read_csv(
            self._directory / FILE_NAMES[name],
            dtype=str,
            keep_default_na=False,
            na_values=[""],
            encoding="utf-8-sig",
        )
        return pd.DataFrame({n: frame[n].str.strip().replace("", None) for n in frame.columns})

    @cached_property
    def customers(self) -> pd.DataFrame:
        """One row per customer_id: the person and the address of one order."""
        raw = self.raw("customers")
        return pd.DataFrame(
            {
                "customer_id": raw["customer_id"],
                "customer_unique_id": raw["customer_unique_id"],
                "zip_code_prefix": raw["customer_zip_code_prefix"].str.zfill(5),
                "city": raw["customer_city"],
                "state": raw["customer_state"].str.upper(),
            }
        )

    @cached_property
    def purchases(self) -> pd.DataFrame:
        """One row per order, with its timestamps and the address it was sent to."""
        raw = self.raw("orders")
        orders = pd.DataFrame(
            {
                "order_id": raw["order_id"],
                "customer_id": raw["customer_id"],
                "order_status": raw["order_status"].str.lower(),
                "purchased_at": moments(raw["order_purchase_timestamp"]),
                "approved_at": moments(raw["order_approved_at"]),
                "handed_to_carrier_at": moments(raw["order_delivered_carrier_date"]),
                "delivered_at": moments(raw["order_delivered_customer_date"]),
                "promised_day": moments(raw["order_estimated_delivery_date"]).dt.normalize(),
            }
        )
        merged = orders.merge(
            self.customers, on="customer_id", how="left", validate="many_to_one"
        )
        if merged["customer_unique_id"].isna().any():
            message = "An order names a customer that is not among the customers."
            raise UnreadableValueError(message)
        return merged

    @cached_property
    def items(self) -> pd.DataFrame:
        """One row per unit sold."""
        raw = self.raw("items")
        return pd.DataFrame(
            {
                "order_id": raw["order_id"],
                "product_id": raw["product_id"],
                "seller_id": raw["seller_id"],
                "price": centavos(raw["price"]),
                "freight": centavos(raw["freight_value"]),
            }
        )

    @cached_property
    def payments(self) -> pd.DataFrame:
        """One row per payment."""
        raw = self.raw("payments")
        return pd.DataFrame(
            {
                "order_id": raw["order_id"],
                "sequential": whole_numbers(raw["payment_sequential"]),
                "payment_type": raw["payment_type"].str.lower(),
                "installments": whole_numbers(raw["payment_installments"]),
                "value": centavos(raw["payment_value"]),
            }
        )

    @cached_property
    def reviews(self) -> pd.DataFrame:
        """One row per review and order."""
        raw = self.raw("reviews")
        return pd.DataFrame(
            {
                "review_id": raw["review_id"],
                "order_id": raw["order_id"],
                "score": whole_numbers(raw["review_score"]),
                "created": moments(raw["review_creation_date"]).dt.normalize(),
                "answered": moments(raw["review_answer_timestamp"]),
            }
        )

    # Persons and their addresses.

    @cached_property
    def order_versions(self) -> pd.DataFrame:
        """One row per order: which of the person's address versions it belongs to."""
        ordered = self.purchases.sort_values(
            ["customer_unique_id", "purchased_at", "order_id"], ignore_index=True
        )
        person = ordered["customer_unique_id"]
        address = ordered[ADDRESS].fillna("")
        opens = (address != address.shift()).any(axis="columns") | (person != person.shift())
        ordered["version_number"] = opens.astype(int).groupby(person).cumsum()
        return ordered

    @cached_property
    def address_versions(self) -> pd.DataFrame:
        """One row per person and address version, with the time it was valid."""
        keys = ["customer_unique_id", "version_number"]
        versions = (
            self.order_versions.groupby(keys, as_index=False)
            .agg(
                zip_code_prefix=("zip_code_prefix", "first"),
                city=("city", "first"),
                state=("state", "first"),
                valid_from=("purchased_at", "first"),
            )
            .sort_values(keys, ignore_index=True)
        )
        versions["valid_to"] = versions.groupby("customer_unique_id")["valid_from"].shift(-1)
        versions["is_current"] = ~versions["customer_unique_id"].duplicated(keep="last")
        versions["region"] = versions["state"].map(REGION_OF_STATE)
        return versions

    # Orders.

    @cached_property
    def orders(self) -> pd.DataFrame:
        """One row per order with every measure of fact_orders; amounts in centavos."""
        orders = self.order_versions.set_index("order_id")
        orders = orders.join([self._item_totals, self._payment_totals, self._review_totals])
        orders["main_payment_type"] = orders["main_payment_type"].fillna("none")
        counted = [
            *("num_items", "num_free_freight_items", "num_sellers", "item_amount"),
            *("freight_amount", "num_payments", "payment_amount", "num_reviews"),
            *("sum_review_score", "num_satisfied_reviews", "num_promoters", "num_detractors"),
        ]
        orders[counted] = orders[counted].fillna(0).astype("int64")
        orders["order_day"] = orders["purchased_at"].dt.normalize()
        orders["region"] = orders["state"].map(REGION_OF_STATE)
        orders["is_sale"] = ~orders["order_status"].isin(NO_SALE)
        orders["has_items"] = orders["num_items"] > 0
        orders["charged_amount"] = orders["item_amount"] + orders["freight_amount"]
        orders["revenue_amount"] = orders["charged_amount"].where(orders["is_sale"], 0)
        difference = (orders["charged_amount"] - orders["payment_amount"]).abs()
        orders["has_payment_mismatch"] = (
            orders["has_items"] & (orders["num_payments"] > 0) & (difference > 1)
        )
        _add_delivery(orders)
        _add_first_sale(orders)
        orders["is_reviewed_before_delivery"] = orders["is_delivered"] & (
            orders["review_answered"] < orders["delivered_at"]
        )
        return orders

    @cached_property
    def _item_totals(self) -> pd.DataFrame:
        items = self.items.assign(is_free=self.items["freight"] == 0)
        return items.groupby("order_id").agg(
            num_items=("price", "size"),
            num_free_freight_items=("is_free", "sum"),
            num_sellers=("seller_id", "nunique"),
            item_amount=("price", "sum"),
            freight_amount=("freight", "sum"),
        )

    @cached_property
    def _payment_totals(self) -> pd.DataFrame:
        totals = self.payments.groupby("order_id").agg(
            num_payments=("value", "size"),
            payment_amount=("value", "sum"),
            max_installments=("installments", "max"),
        )
        by_type = self.payments.groupby(["order_id", "payment_type"], as_index=False).agg(
            paid=("value", "sum"), first=("sequential", "min")
        )
        # The type that paid most; the earlier one where two paid the same.
        main = by_type.sort_values(["order_id", "paid", "first"], ascending=[True, False, True])
        main = main.drop_duplicates("order_id").set_index("order_id")
        totals["main_payment_type"] = main["payment_type"]
        return totals

    @cached_property
    def _review_totals(self) -> pd.DataFrame:
        reviews = self.reviews.assign(
            is_promoter=self.reviews["score"] == 5,
            is_detractor=self.reviews["score"] <= 3,
            is_satisfied=self.reviews["score"].isin([4, 5]),
        )
        totals = reviews.groupby("order_id").agg(
            num_reviews=("score", "size"),
            sum_review_score=("score", "sum"),
            num_satisfied_reviews=("is_satisfied", "sum"),
            num_promoters=("is_promoter", "sum"),
            num_detractors=("is_detractor", "sum"),
        )
        # Ascending with missing times first: the last one is the most recent.
        by_recency = reviews.sort_values(
            ["order_id", "answered", "created", "review_id"], na_position="first"
        )
        latest = by_recency.drop_duplicates("order_id", keep="last").set_index("order_id")
        totals["review_score"] = latest["score"]
        totals["review_answered"] = latest["answered"]
        return totals

    # The executive mart.

    @cached_property
    def dashboard(self) -> pd.DataFrame:
        """mart_executive_dashboard by order date and customer state; amounts in centavos."""
        orders = self.orders
        sales = orders["is_sale"].astype("int64")
        due = self.is_due(orders)
        canceled = (orders["order_status"] == "canceled").astype("int64")
        measures = pd.DataFrame(
            {
                "order_date": orders["order_day"],
                "customer_state": orders["state"],
                "region": orders["region"],
                "num_orders": 1,
                "num_sales": sales,
                "num_sales_with_items": sales * orders["has_items"],
                "num_orders_with_items": orders["has_items"].astype("int64"),
                "num_canceled_orders": canceled,
                "num_canceled_orders_with_items": canceled * orders["has_items"],
                "num_items": sales * orders["num_items"],
                "num_free_freight_items": sales * orders["num_free_freight_items"],
                "gmv_amount": sales * orders["item_amount"],
                "freight_amount": sales * orders["freight_amount"],
                "revenue_amount": orders["revenue_amount"],
                "num_delivered": orders["is_delivered"].astype("int64"),
                "num_on_time": orders["is_on_time"].astype("int64"),
                "num_late": orders["is_late"].astype("int64"),
                "num_due": due.astype("int64"),
                "num_promise_kept": (due & orders["is_on_time"]).astype("int64"),
                "sum_delivery_days": orders["delivery_days"].fillna(0.0),
                "sum_promised_days": orders["promised_days"].fillna(0).astype("float64"),
                "num_reviews": orders["num_reviews"],
                "sum_review_score": orders["sum_review_score"],
                "num_satisfied_reviews": orders["num_satisfied_reviews"],
                "num_promoters": orders["num_promoters"],
                "num_detractors": orders["num_detractors"],
                "num_new_customers": orders["is_first_sale"].astype("int64"),
            }
        )
        keys = ["order_date", "customer_state", "region"]
        daily = measures.groupby(keys, as_index=False, dropna=False).sum()
        daily["order_month"] = daily["order_date"].dt.to_period("M").dt.to_timestamp()
        daily["is_complete_month"] = daily["order_month"].isin(self.complete_months)
        daily["is_delivery_mature"] = daily["order_month"].isin(self.mature_months)
        return daily

    def is_due(self, orders: pd.DataFrame) -> pd.Series:
        """Sales whose promised day is over on the as-of date, whether they came or not."""
        due: pd.Series = orders["is_sale"] & (orders["promised_day"] <= self.as_of_date)
        return due

    @cached_property
    def dates(self) -> IndependentDates:
        """The day the figures look back from, and the months that may be compared."""
        return IndependentDates(self.orders, self.reviews)

    @property
    def as_of_date(self) -> pd.Timestamp:
        """The day the figures look back from."""
        return self.dates.as_of_date

    @property
    def complete_months(self) -> list[pd.Timestamp]:
        """First days of the months that may be compared."""
        return self.dates.complete_months

    @property
    def mature_months(self) -> list[pd.Timestamp]:
        """First days of the months whose deliveries may be compared."""
        return self.dates.mature_months


def _add_delivery(orders: pd.DataFrame) -> None:
    """Add whether, when and how late each order arrived, and how long each stage took."""
    purchased, approved = orders["purchased_at"], orders["approved_at"]
    handed, delivered = orders["handed_to_carrier_at"], orders["delivered_at"]
    is_delivered = (orders["order_status"] == "delivered") & delivered.notna()
    delivered_day = delivered.dt.normalize()
    orders["is_delivered"] = is_delivered
    # The whole of the promised day counts: days are compared, not moments.
    orders["is_on_time"] = is_delivered & (delivered_day <= orders["promised_day"])
    orders["is_late"] = is_delivered & (delivered_day > orders["promised_day"])
    orders["delivery_days"] = days_between(purchased, delivered).where(is_delivered)
    orders["promised_days"] = days_between(orders["order_day"], orders["promised_day"]).where(
        is_delivered
    )
    orders["delay_days"] = days_between(orders["promised_day"], delivered_day).where(
        is_delivered
    )
    orders["approval_hours"] = (
        days_between(purchased, approved) * SECONDS_PER_DAY / SECONDS_PER_HOUR
    )
    orders["handling_days"] = days_between(approved, handed)
    orders["transit_days"] = days_between(handed, delivered).where(is_delivered)
    # A comparison with a missing time is false.
    orders["has_timestamp_anomaly"] = (
        (approved < purchased)
        | (handed < purchased)
        | (delivered < purchased)
        | (handed < approved)
        | (delivered < handed)
    )


def _add_first_sale(orders: pd.DataFrame) -> None:
    """Mark each person's first sale: the earliest, by order id where two share a second."""
    sales = orders[orders["is_sale"]].reset_index()
    first = sales.sort_values(["purchased_at", "order_id"]).drop_duplicates(
        "customer_unique_id"
    )
    orders["is_first_sale"] = orders.index.isin(first["order_id"])


def moments(text: pd.Series) -> pd.Series:
    """Timestamps with seconds, or days, from text; a missing value stays missing."""
    try:
        parsed = pd.to_datetime(text, format="%Y-%m-%d %H:%M:%S")
    except ValueError as error:
        message = f"{text.name}: {error}"
        raise UnreadableValueError(message) from error
    return parsed.astype("datetime64[s]")


def whole_numbers(text: pd.Series) -> pd.Series:
    """Whole numbers from text; a missing value stops."""
    try:
        return text.astype("int64")
    except (TypeError, ValueError) as error:
        message = f"{text.name}: {error}"
        raise UnreadableValueError(message) from error


def centavos(text: pd.Series) -> pd.Series:
    """Reais with at most two decimals as integer centavos, exactly."""
    return text.map({value: _to_centavos(value) for value in text.unique()}).astype("int64")


def _to_centavos(value: object) -> int:
    amount = Decimal(str(value)) * 100
    if amount != amount.to_integral_value():
        message = f"{value} is no amount in whole centavos."
        raise UnreadableValueError(message)
    return int(amount)


def days_between(start: pd.Series, finish: pd.Series) -> pd.Series:
    """Elapsed days, fractions kept; missing where either end is."""
    return (finish - start).dt.total_seconds() / SECONDS_PER_DAY
