"""A second route to questions of area 9 in pandas; see ``independent_questions_sellers``."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pandas as pd

from tests.support.independent_marts import MartsRoute
from tests.support.independent_questions_statistics import (
    interval_of_shares,
    trend,
    trend_columns,
)

MIN_VOLUME = 20
MIN_CUSTOMERS = 100


class LaterQuestionsB:
    """The results of six questions, by the number of the question."""

    def __init__(self, marts: MartsRoute) -> None:
        """Go on from the orders, items and sales of the route to the marts."""
        self.route = marts.route
        self.marts = marts
        self.answers: dict[int, Callable[[], pd.DataFrame]] = {
            81: self.cancellations,
            83: self.canceled_after_payment,
            88: self.installments,
        }

    # Risk.

    def cancellations(self) -> pd.DataFrame:
        """Question 81."""
        orders = self.marts.orders
        orders = orders[orders["order_month"].isin(self.route.complete_months)]
        counted = pd.crosstab(orders["order_month"], orders["order_status"])
        counted = counted.reindex(columns=["canceled", "unavailable"], fill_value=0)
        number = orders.groupby("order_month").size()
        answer = pd.DataFrame(
            {
                "num_orders": number,
                "num_canceled": counted["canceled"],
                "cancellation_rate": counted["canceled"] / number,
                "num_unavailable": counted["unavailable"],
                "unavailable_rate": counted["unavailable"] / number,
                "all_canceled": counted["canceled"].sum(),
                "all_cancellation_rate": counted["canceled"].sum() / len(orders),
            }
        )
        bounds = interval_of_shares(answer["num_canceled"], answer["num_orders"])
        last_year = 100 * answer["cancellation_rate"].tail(12)
        return answer.assign(
            low_cancellation_rate=bounds["low"],
            high_cancellation_rate=bounds["high"],
            not_fulfilled_rate=answer["cancellation_rate"] + answer["unavailable_rate"],
            finding_first_month=last_year.index[0],
            **trend_columns(trend(last_year), "points"),
        ).reset_index()

    def canceled_after_payment(self) -> pd.DataFrame:
        """Question 83."""
        orders = self.marts.orders
        stage = pd.Series("not approved", index=orders.index)
        for name, column in (
            ("approved", "approved_at"),
            ("with the carrier", "handed_to_carrier_at"),
            ("delivered", "delivered_at"),
        ):
            stage[orders[column].notna()] = name
        lost = orders[~orders["is_sale"]].assign(reached_stage=stage)
        sums = lost.groupby(["order_status", "reached_stage"], as_index=False).agg(
            num_orders=("order_id", "size"),
            average_review_score=("review_score", "mean"),
            payment_amount=("payment_amount", "sum"),
        )
        paid = self.route.payments["value"].sum()
        return sums.assign(
            average_payment_amount=sums["payment_amount"] / 100 / sums["num_orders"],
            all_orders=len(lost),
            all_payment_amount=lost["payment_amount"].sum(),
            all_payment_rate=lost["payment_amount"].sum() / paid,
        )

    def installments(self) -> pd.DataFrame:
        """Question 88."""
        orders = self.marts.orders
        paid = self.route.payments.merge(orders[["order_id", "is_sale"]], on="order_id")
        paid = paid[paid["is_sale"] & (paid["payment_type"] == "credit_card")]
        plan = paid["installments"].clip(lower=1).rename("num_installments")
        sums: pd.DataFrame = paid.groupby(plan, as_index=False).agg(
            num_payments=("value", "size"), payment_amount=("value", "sum")
        )
        # Half a centavo is rounded up, exactly.
        deferred = [
            int(Fraction(int(amount) * (parts - 1), parts) + Fraction(1, 2))
            for amount, parts in zip(
                sums["payment_amount"], sums["num_installments"].tolist(), strict=True
            )
        ]
        total = sums["payment_amount"].sum()
        return sums.assign(
            payment_rate=sums["payment_amount"] / total,
            cumulative_payment_rate=sums["payment_amount"].cumsum() / total,
            average_payment_amount=sums["payment_amount"] / 100 / sums["num_payments"],
            deferred_amount=deferred,
            all_payment_amount=total,
            all_deferred_rate=sum(deferred) / total,
        )

    # Prediction.


def _months_between(start: pd.Series, finish: pd.Series) -> pd.Series:
    """Whole months from one first of a month to another; missing where either is."""
    years = finish.dt.year - start.dt.year
    months: pd.Series = 12 * years + finish.dt.month - start.dt.month
    return months
