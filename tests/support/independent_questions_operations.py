"""A second route to nine questions of areas 1 to 3; see ``independent_answers``.

Three questions an area, those with the most steps between the files and the answer. Each is
worked out in another way than the SQL does it: sets of sellers instead of windows, payments one
by one instead of plans.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping

import pandas as pd

from tests.support.independent_answers import (
    MIN_VOLUME,
    AnswersRoute,
    month_number,
    share_bounds,
)
from tests.support.independent_marts import MartsRoute

ACTIVE_DAYS = 90
RARE_VOLUME = 100
FINAL_STATUSES = ("delivered", "canceled", "unavailable")


class QuestionsA(AnswersRoute):
    """The results of nine questions, by the number of the question."""

    def __init__(self, marts: MartsRoute) -> None:
        """Name the way to each answer."""
        super().__init__(marts)
        self.answers: dict[int, Callable[[], pd.DataFrame]] = {
            1: self.revenue_growth,
            4: self.active_sellers,
            10: self.installment_capital,
            12: self.price_by_state,
            16: self.concentration,
            18: self.revenue_per_customer,
            22: self.late_deliveries,
            27: self.reliable_dispatch,
            29: self.stuck_orders,
        }

    # Growth and executive.

    def revenue_growth(self) -> pd.DataFrame:
        """Question 1."""
        sales = self.marts.sales
        revenue = sales.groupby("order_month")["revenue_amount"].sum().to_dict()
        number = sales.groupby("order_month").size().to_dict()
        complete = self.route.complete_months
        rows = []
        for month in complete:
            before = self._if_complete(revenue, month, 1)
            year = self._if_complete(revenue, month, 12)
            rows.append(
                {
                    "order_month": month,
                    "num_sales": number[month],
                    "revenue_amount": revenue[month],
                    "month_before_revenue_amount": before,
                    "year_before_revenue_amount": year,
                    "mom_growth_rate": (revenue[month] - before) / before,
                    "yoy_growth_rate": (revenue[month] - year) / year,
                }
            )
        return pd.DataFrame(rows)

    def _if_complete(
        self, values: Mapping[Hashable, int], month: pd.Timestamp, back: int
    ) -> float:
        other = month - pd.DateOffset(months=back)
        return float(values[other]) if other in self.route.complete_months else float("nan")

    def active_sellers(self) -> pd.DataFrame:
        """Question 4: sets of sellers at the ends of the months."""
        items = self.marts.sold_items
        months = pd.date_range(
            items["order_month"].min(), items["order_month"].max(), freq="MS"
        )
        seen: set[str] = set()
        active_before: set[str] = set()
        rows = []
        for month in months:
            end = month + pd.offsets.MonthEnd(0)
            window = items["order_day"].between(end - pd.Timedelta(days=ACTIVE_DAYS), end)
            selling = set(items.loc[items["order_month"] == month, "seller_id"])
            active = set(items.loc[window, "seller_id"])
            new = selling - seen
            lost = active_before - active
            rows.append(
                {
                    "order_month": month,
                    "num_selling_sellers": len(selling),
                    "num_active_sellers": len(active),
                    "num_new_sellers": len(new),
                    "num_back_sellers": len(active - active_before - new),
                    "num_lost_sellers": len(lost),
                    "seller_churn_rate": len(lost) / max(len(active_before), 1),
                }
            )
            seen |= selling
            active_before = active
        return self.complete(pd.DataFrame(rows))

    def installment_capital(self) -> pd.DataFrame:
        """Question 10: what is outstanding of each payment, one by one."""
        payments = self.route.payments.merge(
            self.marts.sales[["order_id", "order_month"]], on="order_id"
        )
        payments = payments[payments["payment_type"] == "credit_card"]
        bought = month_number(payments["order_month"])
        rows = []
        for month in self.route.complete_months:
            elapsed = 12 * month.year + month.month - bought
            plan = payments["installments"].clip(lower=1)
            # The first part comes at once, or a month after the purchase.
            owed, later = (
                payments["value"] / 100 * (plan - paid_parts).clip(lower=0) / plan
                for paid_parts in (elapsed + 1, elapsed)
            )
            owed, later = owed.where(elapsed >= 0, 0), later.where(elapsed >= 0, 0)
            inside = payments[payments["order_month"] == month]
            paid = int(inside["value"].sum())
            rows.append(
                {
                    "order_month": month,
                    "num_payments": len(inside),
                    "payment_amount": paid,
                    "average_installments": inside["installments"].mean(),
                    "outstanding_amount": later.sum(),
                    "outstanding_at_once_amount": owed.sum(),
                    "outstanding_months": later.sum() / (paid / 100),
                }
            )
        return pd.DataFrame(rows)

    # Revenue and pricing.

    def price_by_state(self) -> pd.DataFrame:
        """Question 12: the national price of each unit's category beside its own."""
        items = self.marts.sold_items
        items = items.assign(
            expected=items.groupby("category")["price"].transform("mean"),
            region=items["state"].map(
                self.marts.orders.drop_duplicates("state").set_index("state")["region"]
            ),
        )
        states = items.groupby("state").agg(
            region=("region", "first"),
            num_units=("price", "size"),
            paid=("price", "sum"),
            expected=("expected", "sum"),
        )
        regions = states.groupby("region")[["paid", "expected"]].transform("sum")
        products = items.groupby("product_id")
        elsewhere = products["state"].transform("nunique") > 1
        expected = items.assign(same=products["price"].transform("mean"))[elsewhere]
        same = expected.groupby("state").agg(
            units=("price", "size"), paid=("price", "sum"), same=("same", "sum")
        )
        return pd.DataFrame(
            {
                "state": states.index,
                "region": states["region"],
                "num_units": states["num_units"],
                "average_price_amount": states["paid"] / 100 / states["num_units"],
                "expected_price_amount": states["expected"] / 100 / states["num_units"],
                "price_index": states["paid"] / states["expected"],
                "region_price_index": regions["paid"] / regions["expected"],
                "num_same_units": same["units"].reindex(states.index).fillna(0).astype("int64"),
                "same_product_index": (same["paid"] / same["same"]).reindex(states.index),
                "is_rankable": states["num_units"] >= RARE_VOLUME,
            }
        ).reset_index(drop=True)

    def concentration(self) -> pd.DataFrame:
        """Question 16."""
        rows = []
        for entity in ("product", "seller"):
            revenue = self.marts.sold_items.groupby(f"{entity}_id")["revenue"].sum()
            revenue = revenue.sort_values(ascending=False)
            best = {share: -(-len(revenue) * share // 100) for share in (1, 5, 10, 20, 50)}
            rows.append(
                {
                    "entity": entity,
                    "num_entities": len(revenue),
                    "revenue_amount": revenue.sum(),
                    "num_in_top_20_percent": best[20],
                    "top_20_percent_revenue_amount": revenue.head(best[20]).sum(),
                    **{
                        f"top_{share}_percent_revenue_rate": revenue.head(number).sum()
                        / revenue.sum()
                        for share, number in best.items()
                    },
                }
            )
        return pd.DataFrame(rows)

    def revenue_per_customer(self) -> pd.DataFrame:
        """Question 18: ten groups as equal as can be, the first ones with one person more."""
        persons = self.marts.sales.groupby("customer_unique_id", as_index=False).agg(
            orders=("order_id", "size"), revenue=("revenue_amount", "sum")
        )
        persons = persons.sort_values(
            ["revenue", "customer_unique_id"], ascending=[False, True]
        )
        rows = []
        start = 0
        for tenth in range(1, 11):
            size = len(persons) // 10 + (tenth <= len(persons) % 10)
            group = persons.iloc[start : start + size]
            start += size
            rows.append(
                {
                    "customer_tenth": tenth,
                    "num_customers": size,
                    "revenue_amount": group["revenue"].sum(),
                    "revenue_share_rate": group["revenue"].sum() / persons["revenue"].sum(),
                    "revenue_per_customer_amount": group["revenue"].mean() / 100,
                    "lowest_revenue_amount": group["revenue"].min(),
                    "orders_per_customer": group["orders"].mean(),
                    "average_revenue_amount": persons["revenue"].mean() / 100,
                    "median_revenue_amount": persons["revenue"].median() / 100,
                }
            )
        return pd.DataFrame(rows)

    # Delivery and operations.

    def late_deliveries(self) -> pd.DataFrame:
        """Question 22."""
        delivered = self.marts.orders[self.marts.orders["is_delivered"]]
        months = (
            delivered.assign(late_days=delivered["delay_days"].where(delivered["is_late"]))
            .groupby("order_month")
            .agg(
                num_delivered=("order_id", "size"),
                num_late=("is_late", "sum"),
                average_late_days=("late_days", "mean"),
            )
        )
        months = months[months.index.isin(self.route.complete_months)]
        rate = months["num_late"] / months["num_delivered"]
        three = months[["num_late", "num_delivered"]].rolling(3, min_periods=1).sum()
        bounds = share_bounds(months, "num_late", "num_delivered", "late_rate")
        error = rate * (1 - rate) / months["num_delivered"]
        year = [month - pd.DateOffset(months=12) for month in months.index]
        moved = (rate - rate.reindex(year).to_numpy()).abs() > 1.959963984540054 * (
            error + error.reindex(year).to_numpy()
        ) ** 0.5
        months = months.join(bounds).assign(
            is_other_than_year_before=moved.astype("object").where(
                rate.reindex(year).notna().to_numpy()
            ),
            mom_change_points=[self._points(rate, month, 1) for month in months.index],
            yoy_change_points=[self._points(rate, month, 12) for month in months.index],
            smoothed_late_rate=three["num_late"] / three["num_delivered"],
            num_smoothed_months=3,
        )
        return months.reset_index()

    @staticmethod
    def _points(rate: pd.Series, month: pd.Timestamp, back: int) -> float:
        other = month - pd.DateOffset(months=back)
        return 100 * (rate[month] - rate[other]) if other in rate.index else float("nan")

    def reliable_dispatch(self) -> pd.DataFrame:
        """Question 27."""
        sent = self.marts.shipments
        sent = sent[sent["is_dispatched"] & sent["limit"].notna()]
        months = sent.groupby(["seller_id", "order_month"]).agg(
            shipped=("is_dispatch_late", "size"), late=("is_dispatch_late", "sum")
        )
        months["is_kept"] = 100 * (months["shipped"] - months["late"]) >= 95 * months["shipped"]
        sellers = months.groupby("seller_id").agg(
            num_dispatched=("shipped", "sum"),
            late=("late", "sum"),
            num_months=("shipped", "size"),
            num_kept=("is_kept", "sum"),
        )
        sellers = sellers[
            (sellers["num_dispatched"] >= MIN_VOLUME) & (sellers["num_months"] >= 6)
        ]
        sellers["kept_month_rate"] = sellers["num_kept"] / sellers["num_months"]
        sellers["dispatch_on_time_rate"] = 1 - sellers["late"] / sellers["num_dispatched"]
        sellers["num_consistent_sellers"] = int((sellers["kept_month_rate"] == 1).sum())
        sellers["num_eligible_sellers"] = len(sellers)
        ranked = sellers.reset_index().sort_values(
            ["kept_month_rate", "num_dispatched", "seller_id"], ascending=[False, False, True]
        )
        ranked["reliability_rank"] = range(1, len(ranked) + 1)
        return ranked.drop(columns=["late", "num_kept"]).head(50)

    def stuck_orders(self) -> pd.DataFrame:
        """Question 29."""
        orders = self.marts.orders
        stuck = orders[~orders["order_status"].isin(FINAL_STATUSES)]
        steps = ["purchased_at", "approved_at", "handed_to_carrier_at", "delivered_at"]
        stuck = stuck.assign(
            standing=self.marts.days_ago(stuck[steps].max(axis="columns").dt.normalize()),
            is_overdue=stuck["promised_day"] < self.route.as_of_date,
        )
        statuses = stuck.groupby("order_status", as_index=False).agg(
            num_stuck=("order_id", "size"),
            num_overdue=("is_overdue", "sum"),
            average_standing_days=("standing", "mean"),
            longest_standing_days=("standing", "max"),
        )
        statuses["stuck_share_rate"] = statuses["num_stuck"] / len(stuck)
        statuses["overdue_rate"] = statuses["num_overdue"] / statuses["num_stuck"]
        statuses["all_num_stuck"] = len(stuck)
        return statuses
