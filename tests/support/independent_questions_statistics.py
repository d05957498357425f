"""A second route to the intervals, tests and trends of questions 51 to 100: pandas and scipy.

Each answer has the columns in which a statistic stands, and all that the question computes for
its sentence and no claim finds again in the rows; what they are made of is compared by
``independent_questions_sellers``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from pandas.core.groupby import SeriesGroupBy
from scipy import stats

from tests.support.independent_marts import first_of_month
from tests.support.second_route import SecondRoute

DISCOVERY_RATE = 0.05
MIN_VOLUME = 20
MIN_RARE = 100


def interval_of_shares(successes: pd.Series, trials: pd.Series) -> pd.DataFrame:
    """Wilson's interval of each share, ``low`` and ``high``."""
    bounds = [
        (np.nan, np.nan)
        if pd.isna(k) or n == 0
        else tuple(stats.binomtest(int(k), int(n)).proportion_ci(method="wilson"))
        for k, n in zip(successes, trials, strict=True)
    ]
    return pd.DataFrame(bounds, columns=["low", "high"], index=successes.index)


def interval_of_means(values: SeriesGroupBy[Any, Any]) -> pd.DataFrame:
    """Student's interval of the mean of each group, ``low`` and ``high``."""
    number, error = values.count(), values.sem()
    margin = pd.Series(stats.t.ppf(0.975, (number - 1).clip(lower=1)), index=number.index)
    margin = (margin * error).where(number >= 5)
    return pd.DataFrame({"low": values.mean() - margin, "high": values.mean() + margin})


def p_values(
    successes: pd.Series, trials: pd.Series, rate: float | pd.Series, tail: str = "both"
) -> pd.Series:
    """The p of an exact binomial test of each row: both tails, or that of more or fewer."""
    more = pd.Series(stats.binom.sf(successes - 1, trials, rate), index=successes.index)
    fewer = pd.Series(stats.binom.cdf(successes, trials, rate), index=successes.index)
    tails = pd.DataFrame({"more": more, "fewer": fewer})
    tails["both"] = (2 * tails.min(axis="columns")).clip(upper=1)
    return pd.Series(tails[tail])


def adjusted(found: pd.Series) -> pd.Series:
    """The p of many tests corrected by Benjamini and Hochberg."""
    if found.empty:
        return found
    return pd.Series(stats.false_discovery_control(found.clip(0, 1)), index=found.index)


def trend(values: pd.Series) -> tuple[float, float, float]:
    """Slope by place and its interval; missing below six values."""
    if len(values) < 6:
        return (np.nan,) * 3
    line = stats.linregress(np.arange(len(values)), values.to_numpy("float64"))
    margin = stats.t.ppf(0.975, len(values) - 2) * line.stderr
    return line.slope, line.slope - margin, line.slope + margin


def growth_of(
    answer: pd.DataFrame, counts: tuple[str, str], rate: float, least: int
) -> pd.DataFrame:
    """Rows with the interval of the growth of a count, and its test against that of all.

    Args:
        answer: The rows.
        counts: The column of the recent count, and of the one before.
        rate: The share of the recent one in both, over all.
        least: The count that both must have to be tested.
    """
    recent, both = answer[counts[0]], answer[list(counts)].sum(axis="columns")
    bounds = interval_of_shares(recent, both)
    is_tested = answer[list(counts)].min(axis="columns") >= least
    corrected = adjusted(p_values(recent[is_tested], both[is_tested], rate)).reindex(both.index)
    return answer.assign(
        low_growth_rate=bounds["low"] / (1 - bounds["low"]) - 1,
        high_growth_rate=bounds["high"] / (1 - bounds["high"]) - 1,
        adjusted_p_value=corrected,
        is_discovery=corrected <= DISCOVERY_RATE,
    )


class StatisticsOfQuestions:
    """The statistics of some questions, by the number of the question."""

    def __init__(self, second: SecondRoute) -> None:
        """Go on from the second routes to the marts."""
        self.route = second.files
        self.marts = second.marts
        self.sellers = second.offers
        self.customers = second.customers
        self.answers: dict[int, Callable[[], pd.DataFrame]] = {
            51: self.top_sellers,
            53: self.revenue_per_seller,
            56: self.late_by_seller,
            57: self.negative_reviews,
            64: self.satisfaction,
            72: self.cohorts,
            84: self.canceled_by_seller,
            87: self.not_fulfilled,
            92: self.products_picking_up,
        }

    def top_sellers(self) -> pd.DataFrame:
        """Question 51: a tenth that is no whole number is rounded up."""
        mart = self.sellers.seller_mart.query("num_sales > 0")
        size = -(-len(mart) // 10)
        by_revenue = mart.sort_values(["revenue_amount", "seller_id"], ascending=[False, True])
        by_units = mart.sort_values(["num_units", "seller_id"], ascending=[False, True])
        top, most = by_revenue.head(size), by_units.head(size)
        return top.head(100)[["seller_id"]].assign(
            finding_num_sellers=len(mart),
            finding_num_top_tenth_sellers=size,
            finding_revenue_rate=top["revenue_amount"].sum() / mart["revenue_amount"].sum(),
            finding_units_rate=most["num_units"].sum() / mart["num_units"].sum(),
            finding_num_in_both=len(set(top["seller_id"]) & set(most["seller_id"])),
        )

    def revenue_per_seller(self) -> pd.DataFrame:
        """Question 53."""
        sold = self.marts.sold_items
        sold = sold[sold["order_month"].isin(self.route.complete_months)]
        of_seller = sold.groupby(["order_month", "seller_id"])["revenue"].sum() / 100
        months = of_seller.groupby("order_month")
        bounds = interval_of_means(months)
        last_year = months.mean().tail(12)
        slope = [value / last_year.mean() for value in trend(last_year)]
        return (
            bounds.rename(
                columns={"low": "low_revenue_per_seller", "high": "high_revenue_per_seller"}
            )
            .assign(
                average_revenue_per_seller=months.mean(),
                finding_first_month=last_year.index[0],
                **trend_columns(slope, "rate", with_slope=True),
            )
            .reset_index()
        )

    def late_by_seller(self) -> pd.DataFrame:
        """Question 56."""
        mart = self.sellers.seller_mart
        mart = mart[mart["num_deliveries"] > 0]
        rate = mart["num_late_by_seller"].sum() / mart["num_deliveries"].sum()
        ranked = mart[mart["num_deliveries"] >= MIN_VOLUME]
        found = self._against(
            ranked, ranked["num_late_by_seller"], ranked["num_deliveries"], rate
        )
        is_worse = found["is_discovery"] & (found["rate"] > rate)
        return (
            found.assign(
                late_by_seller_rate=found["rate"],
                all_late_by_seller_rate=rate,
                finding_num_sellers=len(ranked),
                finding_num_worse=is_worse.sum(),
                finding_has_worse=bool(is_worse.any()),
            )
            .sort_values(
                ["low_rate", "num_deliveries", "seller_id"], ascending=[False, False, True]
            )
            .head(50)
        )

    def negative_reviews(self) -> pd.DataFrame:
        """Question 57."""
        mart = self.sellers.seller_mart
        rate = mart["num_negative_reviews"].sum() / mart["num_reviewed_orders"].sum()
        ranked = mart[mart["num_reviewed_orders"] >= MIN_VOLUME]
        found = self._against(
            ranked, ranked["num_negative_reviews"], ranked["num_reviewed_orders"], rate
        )
        is_worse = found["is_discovery"] & (found["rate"] > rate)
        found = found.sort_values(
            ["low_rate", "num_reviewed_orders", "seller_id"], ascending=[False, False, True]
        )
        by_number = found.sort_values(
            ["num_negative_reviews", "seller_id"], ascending=[False, True]
        )
        shown = set(found["seller_id"].head(25)) | set(by_number["seller_id"].head(25))
        return found.assign(
            negative_review_rate=found["rate"],
            all_negative_review_rate=rate,
            negative_rank_by_rate=np.arange(1, len(found) + 1),
            finding_num_sellers=len(found),
            finding_num_worse=is_worse.sum(),
            finding_has_worse=bool(is_worse.any()),
        )[found["seller_id"].isin(shown)]

    def satisfaction(self) -> pd.DataFrame:
        """Question 64."""
        orders = self.marts.orders.dropna(subset=["review_score"])
        scores = orders["review_score"].astype("float64").groupby(orders["state"])
        bounds = interval_of_means(scores)
        answer = pd.DataFrame(
            {
                "num_reviews": scores.count(),
                "average_review_score": scores.mean(),
                "low_review_score": bounds["low"],
                "high_review_score": bounds["high"],
                "all_average_review_score": orders["review_score"].astype("float64").mean(),
                "csat_rate": (orders["review_score"] >= 4).groupby(orders["state"]).mean(),
            }
        )
        return answer[answer["num_reviews"] >= MIN_VOLUME].reset_index()

    def cohorts(self) -> pd.DataFrame:
        """Question 72: customer by customer, in which month after the first each event was."""
        mart = self.customers.customers
        complete = self.route.complete_months
        first = first_of_month(mart["first_order_date"])
        gaps = {
            name: (mart[name].dt.year - first.dt.year) * 12
            + mart[name].dt.month
            - first.dt.month
            for name in ("return_date", "second_order_date")
        }
        frame = pd.DataFrame({"cohort_month": first, **gaps})
        frame = frame[frame["cohort_month"].isin(complete)]
        cohorts = frame.groupby("cohort_month")
        size = cohorts.size()
        last = complete[-1]
        lived = pd.Series(
            [(last.year - month.year) * 12 + last.month - month.month for month in size.index],
            index=size.index,
        )
        answer = pd.DataFrame({"cohort_size": size})
        back = {}
        for months in (1, 3, 6, 12):
            counts = (frame["return_date"] <= months).groupby(frame["cohort_month"]).sum()
            back[months] = counts.where(lived >= months)
            answer[f"back_within_{months}_rate"] = back[months] / size
        for months in (3, 12):
            counts = (frame["second_order_date"] <= months).groupby(frame["cohort_month"]).sum()
            answer[f"second_within_{months}_rate"] = counts.where(lived >= months) / size
        bounds = interval_of_shares(back[3], size)
        answer["low_back_within_3_rate"] = bounds["low"]
        answer["high_back_within_3_rate"] = bounds["high"]
        told = answer["back_within_3_rate"].dropna().tail(12)
        year = answer["back_within_12_rate"].dropna()
        latest = (
            bounds.loc[told.index[-1]] if len(told) else pd.Series({"low": None, "high": None})
        )
        return answer.assign(
            finding_months=3,
            finding_year_months=12,
            finding_first_month=told.index[0] if len(told) else None,
            finding_last_month=told.index[-1] if len(told) else None,
            finding_last_rate=told.iloc[-1] if len(told) else None,
            finding_last_low_rate=latest["low"],
            finding_last_high_rate=latest["high"],
            finding_year_month=year.index[-1] if len(year) else None,
            finding_year_rate=year.iloc[-1] if len(year) else None,
            finding_year_second_rate=(
                answer.loc[year.index[-1], "second_within_12_rate"] if len(year) else None
            ),
            **trend_columns([100 * value for value in trend(told)], "points"),
        ).reset_index()

    def canceled_by_seller(self) -> pd.DataFrame:
        """Question 84: only too many canceled orders are of interest."""
        mart = self.sellers.seller_mart
        mart = mart[mart["num_orders"] > 0]
        rate = mart["num_canceled_orders"].sum() / mart["num_orders"].sum()
        ranked = mart[mart["num_orders"] >= MIN_VOLUME]
        found = self._against(
            ranked, ranked["num_canceled_orders"], ranked["num_orders"], rate, "more"
        )
        return (
            found.assign(
                cancellation_rate=found["rate"],
                low_cancellation_rate=found["low_rate"],
                high_cancellation_rate=found["high_rate"],
                all_cancellation_rate=rate,
                expected_canceled=found["num_orders"] * rate,
                is_unusual=found["is_discovery"],
                finding_num_sellers=len(found),
                finding_num_unusual=found["is_discovery"].sum(),
                finding_has_unusual=bool(found["is_discovery"].any()),
                finding_discovery_rate=100 * DISCOVERY_RATE,
            )
            .sort_values(["p_value", "seller_id"], key=_to_nine_digits)
            .head(50)
        )

    def not_fulfilled(self) -> pd.DataFrame:
        """Question 87."""
        orders = self.marts.orders
        is_lost = ~orders["is_sale"] & orders["approved_at"].notna()
        states = is_lost.groupby(orders["state"]).agg(["sum", "size"]).reset_index()
        rate = is_lost.mean()
        ranked = states[states["size"] >= MIN_RARE]
        found = self._against(ranked, ranked["sum"], ranked["size"], rate)
        return found.assign(
            num_orders=found["size"],
            num_not_fulfilled=found["sum"],
            not_fulfilled_rate=found["rate"],
            all_not_fulfilled_rate=rate,
        )

    def products_picking_up(self) -> pd.DataFrame:
        """Question 92."""
        mart = self.sellers.product_mart
        both = mart["num_recent_units"] + mart["num_previous_units"]
        rate = mart["num_recent_units"].sum() / both.sum()
        ranked = mart[both >= 10]
        found = self._against(
            ranked, ranked["num_recent_units"], both[both >= 10], rate, "more"
        )
        outlook = self._outlook(mart)
        kept = {
            name: found["num_recent_units"] * outlook.pop(name)
            for name in ("expected_units", "low_expected_units", "high_expected_units")
        }
        return (
            found.assign(
                **kept,
                **outlook,
                recent_rate=found["rate"],
                all_recent_rate=rate,
                finding_num_products=len(found),
                finding_num_rising=found["is_discovery"].sum(),
                finding_days=90,
            )
            .sort_values(["p_value", "product_id"], key=_to_nine_digits)
            .head(50)
        )

    def _outlook(self, mart: pd.DataFrame) -> dict[str, Any]:
        """What became of the products that sold ten units in the span before the last."""
        items = self.marts.items[self.marts.items["is_sale"]]
        age = (self.route.as_of_date - items["order_day"]).dt.days
        earlier = items[(age > 180) & (age <= 270)].groupby("product_id").size()
        known = mart[mart["num_previous_units"] >= 10]
        before, after = known["num_previous_units"], known["num_recent_units"]
        doubled = before >= 2 * known["product_id"].map(earlier).fillna(0)
        spiked = after >= 2 * before
        counts = pd.DataFrame(
            {"k": [spiked.sum(), (spiked & doubled).sum()], "n": [len(known), doubled.sum()]}
        )
        bounds = interval_of_shares(counts["k"], counts["n"])
        quantiles = (after / before).quantile([0.1, 0.9])
        return {
            "expected_units": after.sum() / before.sum(),
            "low_expected_units": quantiles.iloc[0],
            "high_expected_units": quantiles.iloc[1],
            "kept_rate": after.sum() / before.sum(),
            "num_known": len(known),
            "num_doubled": doubled.sum(),
            "spiked_rate": spiked.mean(),
            "doubled_spiked_rate": spiked[doubled].mean(),
            "low_spiked_rate": bounds["low"][0],
            "high_spiked_rate": bounds["high"][0],
            "low_doubled_spiked_rate": bounds["low"][1],
            "high_doubled_spiked_rate": bounds["high"][1],
            "finding_is_told": bool(bounds["low"][1] > bounds["high"][0]),
        }

    def _against(
        self,
        ranked: pd.DataFrame,
        successes: pd.Series,
        trials: pd.Series,
        rate: float,
        tail: str = "both",
    ) -> pd.DataFrame:
        """Rows with their share, its interval, and its test against the share of all."""
        bounds = interval_of_shares(successes, trials)
        found = p_values(successes, trials, rate, tail)
        return ranked.assign(
            rate=successes / trials,
            low_rate=bounds["low"],
            high_rate=bounds["high"],
            p_value=found,
            adjusted_p_value=adjusted(found),
            is_discovery=adjusted(found) <= DISCOVERY_RATE,
        )


def _to_nine_digits(values: pd.Series) -> pd.Series:
    """As the queries order by p: equal counts have an equal one."""
    return values.round(9) if values.dtype.kind == "f" else values


def trend_columns(
    slope: Sequence[float], unit: str, *, with_slope: bool = False
) -> dict[str, Any]:
    """What a question computes of a trend for its sentence; see :func:`trend`."""
    value, low, high = slope
    bounds = {f"finding_low_{unit}": low, f"finding_high_{unit}": high}
    return {
        **({f"finding_{unit}": value} if with_slope else {}),
        **bounds,
        "finding_is_rising": bool(low > 0),
        "finding_is_falling": bool(high < 0),
        "finding_is_short": bool(np.isnan(low)),
    }
