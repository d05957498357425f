"""Which surveys will come back with one or two stars, and what drives that.

A logistic regression on what is known at the start of the day the survey goes out. Its log-odds
are a sum, so each review has a part of delivery, of the basket and of the seller's history.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from orchestration.dbt.variables import var
from orchestration.models.folds import Fold, figures, months, plots
from orchestration.models.logistic import Floats, Logistic, Topics, reasons
from orchestration.models.model import MIN_ROWS_TO_FIT, Backtest, Content

if TYPE_CHECKING:
    import duckdb

STRENGTH = 0.03
METHOD = "logistic"
NAIVE_METHOD = "late or not"
# The first month of the folds.
FIRST_ORIGIN = date(2017, 11, 1)
# What a seller and a category of few reviews are drawn to, and by how many.
_LOW_RATE, _SELLER_PRIOR, _CATEGORY_PRIOR = 0.14, 20, 50
_NEW_SELLER_REVIEWS = 5
# For the 1,178 orders without a distance: the median of the others.
_MEDIAN_KM = 430

# What a reader is told; GROUPS adds them up.
TOPICS: Topics = {
    "the parcel has not arrived": (
        *("is_undelivered", "log_days_undelivered_late"),
        *("is_not_handed_over", "is_undelivered_of_several"),
    ),
    "it came late": ("is_late", "log_days_late"),
    "it came hardly before the promised day": ("log_days_early",),
    "a long time on the way": ("log_days", "log_promised_days"),
    "several units": ("log_items", "has_no_items"),
    "several sellers": ("has_several_sellers",),
    "price, payment or distance": (
        *("log_price", "freight_share", "log_installments", "is_boleto", "log_distance"),
    ),
    "low stars of the seller": ("log_seller_low_share", "is_new_seller"),
    "low stars of the category": ("log_category_low_share",),
}
_TOPIC_NAMES = tuple(TOPICS)
GROUPS: Topics = {
    "delivery": _TOPIC_NAMES[:4],
    "basket": _TOPIC_NAMES[4:7],
    "history": _TOPIC_NAMES[7:],
}


def load(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Every row of features_reviews."""
    frame = con.execute("select * from predictive.features_reviews order by order_key").df()
    for name in ("item_amount", "freight_amount"):
        frame[name] = frame[name].astype(float)
    return frame


def is_low(rows: pd.DataFrame) -> Floats:
    """Whether each has one or two stars, 0 or 1."""
    low = rows["review_score"] <= var("negative_review_max_score")
    return cast("Floats", low.to_numpy(float))


def known_late(rows: pd.DataFrame) -> Floats:
    """Whether each is known to be late when its survey goes out, 0 or 1."""
    return cast("Floats", (rows["known_delay_days"] > 0).to_numpy(float))


def design(rows: pd.DataFrame) -> pd.DataFrame:
    """What the regression is given, one row a survey."""
    is_there = rows["is_delivered"].astype(float)
    days_late = np.log1p(rows["known_delay_days"].clip(lower=0))
    is_late = known_late(rows)
    charged = rows["item_amount"] + rows["freight_amount"]
    return pd.DataFrame(
        {
            "is_undelivered": 1 - is_there,
            "log_days_undelivered_late": (1 - is_there) * days_late,
            "is_not_handed_over": 1 - rows["is_handed_over"].astype(float),
            "is_undelivered_of_several": (1 - is_there) * (rows["num_sellers"] > 1),
            "is_late": is_there * is_late,
            "log_days_late": is_there * days_late,
            "log_days_early": np.log1p((-rows["known_delay_days"]).clip(lower=0)),
            "log_days": np.log1p(rows["known_delivery_days"].clip(lower=0)),
            "log_promised_days": np.log1p(rows["promised_days"].clip(lower=0)),
            "log_items": np.log(rows["num_items"].clip(lower=1)),
            "has_no_items": (rows["num_items"] == 0).astype(float),
            "has_several_sellers": (rows["num_sellers"] > 1).astype(float),
            "log_price": np.log1p(rows["item_amount"]),
            "freight_share": rows["freight_amount"] / (charged + 1),
            "log_installments": np.log1p(rows["max_installments"].fillna(1)),
            "is_boleto": (rows["main_payment_type"] == "boleto").astype(float),
            "log_distance": np.log1p(rows["distance_km"].fillna(_MEDIAN_KM)),
            "log_seller_low_share": _share(rows, "seller", _SELLER_PRIOR),
            "is_new_seller": (rows["num_seller_reviews"] < _NEW_SELLER_REVIEWS).astype(float),
            "log_category_low_share": _share(rows, "category", _CATEGORY_PRIOR),
        }
    )


def _share(rows: pd.DataFrame, of: str, prior: int) -> pd.Series:
    low, number = rows[f"num_{of}_low_reviews"], rows[f"num_{of}_reviews"]
    return cast("pd.Series", np.log((low + _LOW_RATE * prior) / (number + prior)))


def fitted(frame: pd.DataFrame, day: date) -> Content | None:
    """Learn from the reviews answered before a day; None below the least number."""
    known = frame[frame["answered_date"] < pd.Timestamp(day)]
    labels = is_low(known)
    if len(known) < MIN_ROWS_TO_FIT or labels.min() == labels.max():
        return None
    return Logistic.fit(design(known), labels, STRENGTH).numbers()


def naive(frame: pd.DataFrame, rows: pd.DataFrame, day: date) -> Floats:
    """For each the share of low reviews, known on a day, of those as late or not; 0 without."""
    known = frame[frame["answered_date"] < pd.Timestamp(day)]
    labels, late = is_low(known), known_late(known)
    shares = [labels[late == value].mean() if (late == value).any() else 0 for value in (0, 1)]
    found: Floats = np.array(shares, dtype=float)[known_late(rows).astype(int)]
    return found


class ReviewDrivers:
    """The model of mart_review_drivers."""

    name = "review_drivers"
    features = ("features_reviews",)
    code = ("reviews.py", "logistic.py")
    columns: Mapping[str, str] = {
        "order_key": "varchar",
        "scored_as_of_date": "date",
        "low_review_rate": "double",
        "delivery_effect": "double",
        "basket_effect": "double",
        "history_effect": "double",
        "reason_1": "varchar",
        "reason_2": "varchar",
        "method": "varchar",
    }

    def fit(self, con: duckdb.DuckDBPyConnection, as_of: date) -> Content | None:
        """Learn from the reviews answered before the days that are scored; None for too few."""
        frame = load(con)
        return fitted(frame, first_scored(as_of))

    def score(
        self, con: duckdb.DuckDBPyConnection, content: Content | None, as_of: date
    ) -> pd.DataFrame:
        """The surveys of the last days (var review_driver_days), by a fit of before them."""
        frame = load(con)
        first = first_scored(as_of)
        rows = frame[
            (frame["survey_date"] >= pd.Timestamp(first))
            & (frame["survey_date"] <= pd.Timestamp(as_of))
        ].reset_index(drop=True)
        if content is None:
            chances = naive(frame, rows, first)
            effects = pd.DataFrame(
                {f"{name}_effect": None for name in GROUPS}, index=rows.index
            )
            said = reasons(None, rows.index)
        else:
            model, columns = Logistic.read(content), design(rows)
            chances = model.probability(columns)
            topics = model.by_topic(columns, TOPICS)
            effects = pd.DataFrame(
                {f"{name}_effect": topics[list(of)].sum(axis=1) for name, of in GROUPS.items()}
            )
            said = reasons(topics, rows.index)
        return pd.DataFrame(
            {
                "order_key": rows["order_key"],
                "scored_as_of_date": as_of,
                "low_review_rate": chances,
                **effects,
                **said,
                "method": NAIVE_METHOD if content is None else METHOD,
            }
        )

    def backtest(self, con: duckdb.DuckDBPyConnection, as_of: date) -> Backtest:
        """The surveys of each month from November 2017 on, by a fit of before it."""
        frame = load(con)
        folds = []
        for day in months(FIRST_ORIGIN, as_of):
            until = min((pd.Timestamp(day) + pd.offsets.MonthEnd(0)).date(), as_of)
            rows = frame[
                (frame["survey_date"] >= pd.Timestamp(day))
                & (frame["survey_date"] <= pd.Timestamp(until))
            ]
            content = fitted(frame, day)
            if content is None or rows.empty:
                continue
            model, columns, labels = Logistic.read(content), design(rows), is_low(rows)
            topics = model.by_topic(columns, TOPICS)
            shares = driver_shares(topics)
            known = frame[frame["answered_date"] < pd.Timestamp(day)]
            folds.append(
                Fold(
                    day,
                    until,
                    labels,
                    model.probability(columns),
                    known_late(rows),
                    float(is_low(known).mean()),
                    {f"{name}_share": (share, float("nan")) for name, share in shares.items()},
                )
            )
        return Backtest(figures(folds), CARD, plots(folds, "late or not"))


def first_scored(as_of: date) -> date:
    """The first day whose surveys are scored; answers from it on are not learnt from."""
    return as_of - timedelta(days=int(var("review_driver_days")) - 1)


def driver_shares(topics: pd.DataFrame) -> dict[str, float]:
    """Share of the spread of log-odds that each group explains; together 1.

    The covariance of a group's effect with the sum of all, over the variance of the sum.
    """
    total = topics.sum(axis=1).to_numpy()
    return {
        name: float(np.cov(topics[list(of)].sum(axis=1), total)[0, 1] / total.var(ddof=1))
        for name, of in GROUPS.items()
    }


CARD = """
**What for.** The probability of one or two stars when the survey goes out, and what moves it:
delivery, basket, history (`mart_review_drivers`, question 100).

**Data.** `features_reviews`: what is known at the start of the day of the first survey. Seven
in ten reviews of late orders are answered before the parcel arrives, so the delay an order
ends with is not among it; `promised_days` of fact_orders is there for delivered orders alone,
and would have told which ones they are.

**Method.** A logistic regression on 20 columns, learnt on the reviews answered before. Its
log-odds are a sum; the share of a group is the covariance of its part with the sum over the
variance of the sum, and the three add up to one.

**Folds.** The surveys of each month from November 2017 on, the last month up to the as-of
date. Naive is whether the order is known to be late; for probabilities the share of low
reviews so far.

{figures}

![AUC by fold](review_drivers-auc.svg)
![Calibration](review_drivers-calibration.svg)

**Where it fails.** In months of good delivery (July 2018) what is left are reasons that no
column knows: the goods themselves. Shares say what the model uses, not what would happen if
one delivered better; an early survey of a parcel under way is itself part of what customers
rate.

**Who may use it.** Customer care, to write to the few before they answer; operations, to see
how much of the discontent is delivery. Not to rate a seller: the model already uses the
seller's record.
"""

MODEL = ReviewDrivers()
