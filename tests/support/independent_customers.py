"""The second route to the marts of persons and cohorts; see ``independent_marts``."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from tests.support.independent_marts import OnMarts, ratio

BANDS = 5


class Customers(OnMarts):
    """mart_customer_analytics and mart_cohort_analysis."""

    @cached_property
    def customers(self) -> pd.DataFrame:
        """mart_customer_analytics."""
        sales = self.marts.sales
        persons = sales.assign(
            is_commented=sales["order_id"].isin(self.marts.commented_orders),
            is_reviewed=sales["review_score"].notna(),
        ).groupby("customer_unique_id")
        mart = persons.agg(
            first_order_id=("order_id", "first"),
            first_payment_type=("main_payment_type", "first"),
            first_order_date=("order_day", "first"),
            last_order_date=("order_day", "last"),
            last_purchase=("purchased_at", "last"),
            cohort_month=("cohort_month", "first"),
            has_comment=("is_commented", "any"),
            num_orders=("order_id", "size"),
            num_sale_days=("order_day", "nunique"),
            num_orders_with_items=("has_items", "sum"),
            num_items=("num_items", "sum"),
            num_delivered=("is_delivered", "sum"),
            num_late=("is_late", "sum"),
            num_reviewed_orders=("is_reviewed", "sum"),
            sum_review_score=("review_score", "sum"),
            max_installments=("max_installments", "max"),
            gmv_amount=("item_amount", "sum"),
            freight_amount=("freight_amount", "sum"),
            revenue_amount=("revenue_amount", "sum"),
        )
        second = sales[sales["number"] == 2].set_index("customer_unique_id")
        mart["second_order_date"] = second["order_day"]
        later = sales[sales["order_day"] > persons_first_day(sales)]
        mart["return_date"] = later.groupby("customer_unique_id")["order_day"].min()
        mart["sum_review_score"] = mart["sum_review_score"].astype("int64")
        mart["recency_days"] = self.marts.days_ago(mart["last_order_date"])
        first_day = mart["first_order_date"]
        mart["tenure_days"] = (mart["last_order_date"] - first_day).dt.days
        mart["days_to_second_order"] = (mart["second_order_date"] - first_day).dt.days
        mart["days_to_return"] = (mart["return_date"] - first_day).dt.days
        mart["is_repeat_customer"] = mart["num_sale_days"] > 1
        mart["is_active"] = mart["recency_days"] <= 365
        mart["average_order_value"] = ratio(
            mart["revenue_amount"] / 100, mart["num_orders_with_items"]
        )
        mart["average_review_score"] = ratio(
            mart["sum_review_score"], mart["num_reviewed_orders"]
        )
        mart = mart.reset_index()
        mart["recency_score"] = equal_bands(mart, "last_purchase")
        mart["monetary_score"] = equal_bands(mart, "revenue_amount")
        mart["frequency_score"] = pd.cut(
            mart["num_sale_days"], [0, 1, 2, 3, 5, 10_000], labels=[1, 2, 3, 4, 5]
        ).astype("int64")
        mart["customer_segment"] = [
            customer_segment(days, orders, amount)
            for days, orders, amount in zip(
                mart["recency_days"], mart["num_orders"], mart["revenue_amount"], strict=True
            )
        ]
        mart["rfm_segment"] = [
            rfm_segment(recency, frequency, money)
            for recency, frequency, money in zip(
                mart["recency_score"],
                mart["frequency_score"],
                mart["monetary_score"],
                strict=True,
            )
        ]
        current = self.route.address_versions.query("is_current")
        mart = mart.merge(
            current[["customer_unique_id", "city", "state", "region"]],
            on="customer_unique_id",
            validate="one_to_one",
        )
        mart = mart.merge(self._categories_of_persons, on="customer_unique_id", how="left")
        return mart.drop(columns="last_purchase")

    @cached_property
    def _categories_of_persons(self) -> pd.DataFrame:
        """Favourite and first category: most units, then most money, then the name."""
        bought = self.marts.items.merge(
            self.marts.sales[["order_id", "customer_unique_id", "number"]], on="order_id"
        )
        found = {}
        for name, rows in (
            ("favourite_category", bought),
            ("first_category", bought[bought["number"] == 1]),
        ):
            units = rows.groupby(["customer_unique_id", "category"], as_index=False).agg(
                units=("price", "size"), paid=("price", "sum")
            )
            units = units.sort_values(
                ["customer_unique_id", "units", "paid", "category"],
                ascending=[True, False, False, True],
            )
            best = units.drop_duplicates("customer_unique_id")
            found[name] = best.set_index("customer_unique_id")["category"]
        return pd.DataFrame(found).reset_index()

    @cached_property
    def cohorts(self) -> pd.DataFrame:
        """mart_cohort_analysis."""
        last = self.route.as_of_date.to_period("M").to_timestamp()
        rows = []
        for cohort in sorted(
            pd.Timestamp(month) for month in self.marts.sales["cohort_month"].unique()
        ):
            sales = self.marts.sales[self.marts.sales["cohort_month"] == cohort]
            size = sales["customer_unique_id"].nunique()
            for month in pd.date_range(cohort, last, freq="MS"):
                inside = sales[sales["order_month"] == month]
                until = sales[sales["order_month"] <= month]
                active = inside["customer_unique_id"].nunique()
                repeated = _returned(until)
                revenue = int(until["revenue_amount"].sum())
                rows.append(
                    {
                        "cohort_month": cohort,
                        "months_since_first": 12 * (month.year - cohort.year)
                        + month.month
                        - cohort.month,
                        "order_month": month,
                        "is_complete_month": month in self.route.complete_months,
                        "cohort_size": size,
                        "num_active_customers": active,
                        "num_orders": len(inside),
                        "num_new_repeat_customers": _returned(inside),
                        "num_repeat_customers": repeated,
                        "revenue_amount": int(inside["revenue_amount"].sum()),
                        "cumulative_revenue_amount": revenue,
                        "retention_rate": active / size,
                        "repeat_rate": repeated / size,
                        "cumulative_revenue_per_customer": revenue / 100 / size,
                    }
                )
        return pd.DataFrame(rows)


def persons_first_day(sales: pd.DataFrame) -> pd.Series:
    """The first day on which each sale's person bought."""
    first: pd.Series = sales.groupby("customer_unique_id")["order_day"].transform("min")
    return first


def _returned(sales: pd.DataFrame) -> int:
    """Persons with a sale on the second of their days."""
    return int(sales.loc[sales["day_number"] == 2, "customer_unique_id"].nunique())


def equal_bands(persons: pd.DataFrame, column: str) -> pd.Series:
    """Bands 1 to 5 of equal size by a column; the first ones take what is left over."""
    order = persons.sort_values([column, "customer_unique_id"]).index
    size, left_over = divmod(len(persons), BANDS)
    bands = [band for band in range(1, BANDS + 1) for _ in range(size + (band <= left_over))]
    return pd.Series(bands, index=order).sort_index()


def customer_segment(days: int, orders: int, centavos: int) -> str:
    """The first of the six segments whose rule holds."""
    if days > 365:
        return "CHURNED"
    if orders > 5:
        return "VIP" if centavos > 100_000 else "LOYAL"
    if orders > 1:
        return "REGULAR"
    return "NEW" if days <= 90 else "ONE_TIME"


def rfm_segment(recency: int, frequency: int, money: int) -> str:
    """Repeat buyers by how recent and how good they are, then the one-time buyers."""
    if frequency > 1:
        if recency > 3 and frequency > 2 and money > 3:
            return "CHAMPIONS"
        return "RETURNING" if recency > 2 else "AT_RISK"
    if recency > 3:
        return "PROMISING" if money > 3 else "RECENT"
    if recency == 3:
        return "COOLING"
    return "LAPSED_VALUABLE" if money > 3 else "HIBERNATING"
