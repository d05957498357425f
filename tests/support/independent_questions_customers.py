"""A second route to six questions of areas 4 and 5; see ``independent_answers``."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
from scipy import stats

from tests.support.independent_answers import (
    MIN_VOLUME,
    AnswersRoute,
    exact_tests,
    month_number,
    share_bounds,
)
from tests.support.independent_customers import Customers
from tests.support.independent_marts import MartsRoute, ratio

MIN_CUSTOMERS = 100
DELAYS = (
    ("more than 14 days early", -10_000, -15),
    ("8 to 14 days early", -14, -8),
    ("1 to 7 days early", -7, -1),
    ("on the promised day", 0, 0),
    ("1 to 3 days late", 1, 3),
    ("4 to 7 days late", 4, 7),
    ("8 to 14 days late", 8, 14),
    ("15 days late or more", 15, 10_000),
)


class LaterQuestionsA(AnswersRoute):
    """The results of six questions, by the number of the question."""

    def __init__(self, marts: MartsRoute, customers: Customers) -> None:
        """Name the way to each answer."""
        super().__init__(marts)
        self.customers = customers
        self.answers: dict[int, Callable[[], pd.DataFrame]] = {
            32: self.cost_of_delay,
            36: self.repeat_purchase_rate,
            38: self.categories_that_bring_back,
            39: self.monthly_churn,
            41: self.top_products,
            42: self.category_growth,
            46: self.products_without_sales,
            50: self.demand_and_supply,
        }

    # Customer satisfaction and behaviour.

    def cost_of_delay(self) -> pd.DataFrame:
        """Question 32."""
        orders = self.marts.orders
        scored = orders[orders["is_delivered"] & orders["review_score"].notna()]
        on_time = scored.loc[scored["is_on_time"], "review_score"].astype("float64").mean()
        before = scored["is_reviewed_before_delivery"].astype(bool)
        stars = scored["review_score"].astype("float64")
        both = {
            "finding_late_score": stars[scored["is_late"]].mean(),
            "finding_num_late": int(scored["is_late"].sum()),
            "finding_before_rate": before[scored["is_late"]].mean(),
            "finding_late_after_score": stars[scored["is_late"] & ~before].mean(),
            "finding_on_time_after_score": stars[scored["is_on_time"] & ~before].mean(),
        }
        rows = []
        for name, first, last in DELAYS:
            band = scored[scored["delay_days"].between(first, last)]
            if not band.empty:
                stars = band["review_score"].astype("float64")
                rows.append(
                    {
                        "delay_band": name,
                        "num_reviewed_orders": len(band),
                        "average_review_score": stars.mean(),
                        "one_star_rate": (stars == 1).mean(),
                        "on_time_review_score": on_time,
                        "lost_stars": on_time - stars.mean(),
                        "reviewed_before_rate": band["is_reviewed_before_delivery"].mean(),
                        "review_score_after_delivery": stars[
                            ~band["is_reviewed_before_delivery"].astype(bool)
                        ].mean(),
                        **both,
                    }
                )
        return pd.DataFrame(rows)

    def repeat_purchase_rate(self) -> pd.DataFrame:
        """Question 36: the months from the first sale of each person to one of a later day."""
        persons = self.marts.sales.groupby("customer_unique_id")["day_number"].max()
        orders = self.marts.sales.groupby("customer_unique_id").size()
        overall = stats.binomtest(int((persons > 1).sum()), len(persons)).proportion_ci(
            method="wilson"
        )
        sales = self.marts.sales
        last_month = 12 * self.route.as_of_date.year + self.route.as_of_date.month
        first = sales[sales["number"] == 1].set_index("customer_unique_id")["order_month"]
        later = sales[sales["day_number"] == 2].drop_duplicates("customer_unique_id")
        second = later.set_index("customer_unique_id")["order_month"]
        gap = (month_number(second) - month_number(first)).reindex(first.index)
        is_inside = month_number(second).reindex(first.index) <= last_month
        rows = []
        for cohort in self.route.complete_months:
            gaps, inside = gap[first == cohort], is_inside[first == cohort]
            observed = last_month - 12 * cohort.year - cohort.month
            rows.append(
                {
                    "cohort_month": cohort,
                    "num_customers": len(gaps),
                    "num_repeat_customers": int(inside.sum()),
                    "repeat_rate_so_far": inside.mean(),
                    "num_months_observed": observed,
                    **{
                        f"within_{months}": int(((gaps <= months) & inside).sum())
                        for months in (3, 6, 12)
                    },
                    "num_all_customers": len(persons),
                    "num_all_repeat_customers": int((persons > 1).sum()),
                    "overall_repeat_rate": (persons > 1).mean(),
                    "low_overall_repeat_rate": overall.low,
                    "high_overall_repeat_rate": overall.high,
                    "repeat_rate_same_day_included": (orders > 1).mean(),
                }
            )
        cohorts = pd.DataFrame(rows)
        for months in (3, 6, 12):
            name = f"repeat_rate_{months}_months"
            bounds = share_bounds(cohorts, f"within_{months}", "num_customers", name)
            observed_long = cohorts["num_months_observed"] >= months
            cohorts = cohorts.join(bounds.where(observed_long))
        return cohorts

    def categories_that_bring_back(self) -> pd.DataFrame:
        """Question 38: each category by scipy's exact test."""
        persons = self.customers.customers
        persons = persons[persons["first_category"] != "Unknown"]
        found = persons.groupby("first_category").agg(
            num_customers=("num_orders", "size"),
            num_repeat_customers=("is_repeat_customer", "sum"),
            orders=("num_orders", "sum"),
            revenue=("revenue_amount", "sum"),
            median_days_to_second_order=("days_to_return", "median"),
        )
        base = found["num_repeat_customers"].sum() / found["num_customers"].sum()
        found = found[found["num_customers"] >= MIN_CUSTOMERS]
        counts = ("num_repeat_customers", "num_customers")
        return (
            found.join(share_bounds(found, *counts, "repeat_rate"))
            .join(exact_tests(found, *counts, base))
            .assign(
                all_repeat_rate=base,
                orders_per_customer=found["orders"] / found["num_customers"],
                revenue_per_customer_amount=found["revenue"] / 100 / found["num_customers"],
            )
            .rename_axis("category")
            .reset_index()
        )

    def monthly_churn(self) -> pd.DataFrame:
        """Question 39: the latest sale of every person at the end of each month."""
        days = self.marts.sales.drop_duplicates(["customer_unique_id", "order_day"])
        groups = {"repeat": days[days["day_number"] > 1], "all": days}
        before = {name: set[str]() for name in groups}
        rows = []
        for month in pd.date_range(
            days["order_month"].min(), self.route.complete_months[-1], freq="MS"
        ):
            end = month + pd.offsets.MonthEnd(0)
            row: dict[str, object] = {"order_month": month}
            for name, group in groups.items():
                is_active = group["order_day"].between(end - pd.Timedelta(days=365), end)
                active = set(group.loc[is_active, "customer_unique_id"])
                row |= {
                    f"{name}_active": len(active),
                    f"{name}_before": len(before[name]),
                    f"{name}_lost": len(before[name] - active),
                }
                before[name] = active
            rows.append(row)
        months = self.complete(pd.DataFrame(rows))
        bounds = share_bounds(months, "repeat_lost", "repeat_before", "repeat_churn_rate")
        return months.join(bounds).assign(
            num_active_repeat_customers=months["repeat_active"],
            num_repeat_customers_before=months["repeat_before"],
            num_lost_repeat_customers=months["repeat_lost"],
            num_active_customers=months["all_active"],
            num_lost_customers=months["all_lost"],
            customer_churn_rate=ratio(months["all_lost"], months["all_before"]),
        )

    # Products and catalogue.

    def top_products(self) -> pd.DataFrame:
        """Question 41."""
        items = self.marts.sold_items
        products = items.groupby("product_id", as_index=False).agg(
            category=("category", "first"),
            num_units=("price", "size"),
            num_orders=("order_id", "nunique"),
            num_sellers=("seller_id", "nunique"),
            revenue_amount=("revenue", "sum"),
        )
        # Stars stand with an order, sold or not: once for each of its products.
        scored = self.marts.items.drop_duplicates(["order_id", "product_id"])
        stars = scored.groupby("product_id")["review_score"].mean()
        products["average_review_score"] = products["product_id"].map(stars)
        products["revenue_share_rate"] = (
            products["revenue_amount"] / products["revenue_amount"].sum()
        )
        products["revenue_per_unit_amount"] = (
            products["revenue_amount"] / 100 / products["num_units"]
        )
        for rank, order in (
            ("units_rank", ["num_units", "revenue_amount", "product_id"]),
            ("revenue_rank", ["revenue_amount", "num_units", "product_id"]),
        ):
            products = products.sort_values(order, ascending=[False, False, True])
            products[rank] = range(1, len(products) + 1)
        return products[(products["units_rank"] <= 20) | (products["revenue_rank"] <= 20)]

    def category_growth(self) -> pd.DataFrame:
        """Question 42."""
        items = self.marts.sold_items
        items = items[items["category"] != "Unknown"]
        recent, before = self.latest_months(items), self.latest_months(items, years_back=1)
        growth = pd.DataFrame(
            {
                "num_recent_units": recent.groupby("category").size(),
                "num_year_before_units": before.groupby("category").size(),
                "recent_revenue_amount": recent.groupby("category")["revenue"].sum(),
                "year_before_revenue_amount": before.groupby("category")["revenue"].sum(),
            }
        )
        growth = growth.fillna(0).astype("int64")
        gain = growth["recent_revenue_amount"] - growth["year_before_revenue_amount"]
        overall = gain.sum() / growth["year_before_revenue_amount"].sum()
        growth["gain_amount"] = gain
        growth["growth_rate"] = ratio(gain, growth["year_before_revenue_amount"])
        growth["overall_growth_rate"] = overall
        growth["trend"] = [
            "declining"
            if amount < 0
            else f"growing {'slower' if amount < overall * base else 'faster'} than the whole"
            for amount, base in zip(gain, growth["year_before_revenue_amount"], strict=True)
        ]
        units = growth[["num_recent_units", "num_year_before_units"]].max(axis="columns")
        growth = growth[units >= MIN_VOLUME].rename_axis("category").reset_index()
        growth = growth.sort_values(["gain_amount", "category"], ascending=[False, True])
        return growth.assign(gain_rank=range(1, len(growth) + 1))

    def products_without_sales(self) -> pd.DataFrame:
        """Question 46: class A of the twelve months, counted product by product."""
        items = self.marts.sold_items
        as_of = self.route.as_of_date
        since = self.marts.days_ago(items.groupby("product_id")["order_day"].max())
        recent = items[
            (items["order_day"] > as_of - pd.DateOffset(months=12))
            & (items["order_day"] <= as_of)
        ]
        year = recent.groupby("product_id")["price"].sum().reset_index()
        year = year.sort_values(["price", "product_id"], ascending=[False, True])
        before = year["price"].cumsum() - year["price"]
        in_a = set(year.loc[before < 0.8 * year["price"].sum(), "product_id"])
        rows = []
        for days in (30, 60, 90):
            silent = set(since.index[since > days])
            silent_gmv = int(year.loc[year["product_id"].isin(silent), "price"].sum())
            rows.append(
                {
                    "window_days": days,
                    "num_sold_products": len(since),
                    "num_silent_products": len(silent),
                    "silent_rate": len(silent) / len(since),
                    "num_products_12m": len(year),
                    "num_silent_products_12m": len(silent & set(year["product_id"])),
                    "num_a_products": len(in_a),
                    "num_silent_a_products": len(in_a & silent),
                    "silent_a_rate": len(in_a & silent) / len(in_a),
                    "silent_gmv_amount": silent_gmv,
                    "silent_gmv_rate": silent_gmv / int(year["price"].sum()),
                }
            )
        return pd.DataFrame(rows)

    def demand_and_supply(self) -> pd.DataFrame:
        """Question 50."""
        items = self.marts.sold_items
        recent, before = self.latest_months(items), self.latest_months(items, years_back=1)
        found = recent.groupby("category", as_index=False).agg(
            num_recent_units=("price", "size"),
            num_sellers=("seller_id", "nunique"),
            gmv=("price", "sum"),
        )
        base = found["category"].map(before.groupby("category").size()).fillna(0)
        found["demand_share_rate"] = found["num_recent_units"] / found["num_recent_units"].sum()
        found["supply_share_rate"] = found["num_sellers"] / found["num_sellers"].sum()
        found["demand_supply_ratio"] = found["demand_share_rate"] / found["supply_share_rate"]
        found["units_per_seller"] = found["num_recent_units"] / found["num_sellers"]
        found["gmv_per_seller_amount"] = found["gmv"] / 100 / found["num_sellers"]
        found["demand_growth_rate"] = ratio(found["num_recent_units"] - base, base)
        is_listed = (found["num_recent_units"] >= MIN_VOLUME) & (found["num_sellers"] >= 5)
        is_listed &= found["category"] != "Unknown"
        return found[is_listed].drop(columns="gmv")
