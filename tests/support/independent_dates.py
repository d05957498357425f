"""The as-of date and the months that may be compared, by the second route: pandas alone."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise

import pandas as pd

TRAILING_DAYS = 7
SHARE_OF_MEDIAN = 0.2
TRUNCATED_DAYS, TRUNCATED_RATE = 10, 0.9
VISIBLE_RATE = 0.95
SURVEY_DELAY_DAYS = (42, 77)
STEADY_MAX_GAP_DAYS, STEADY_DAYS = 7, 28
FINAL = ("delivered", "canceled", "unavailable")
MATURE_RATE, MATURE_DAYS = 0.95, 60


class IndependentDates:
    """Days and months of orders and reviews."""

    def __init__(self, orders: pd.DataFrame, reviews: pd.DataFrame) -> None:
        """Take orders by id with ``order_day`` and ``order_status``, and their reviews."""
        self._days: pd.Series = orders["order_day"]
        self._status: pd.Series = orders["order_status"]
        surveys = reviews.groupby("order_id")["created"].min().dropna()
        self._surveys = surveys.reindex(self._days.index)
        self.last_trade_date = _last_busy_day(self._days)
        # Without surveys no order was surveyed either, and the day is not asked for.
        self.last_survey_date = _last_busy_day(self._days if surveys.empty else surveys)

    @cached_property
    def is_truncated(self) -> bool:
        """Whether nearly all orders of the last days of trade have had their survey."""
        ago = (self.last_trade_date - self._days).dt.days
        last = self._surveys[(ago >= 0) & (ago < TRUNCATED_DAYS)]
        return float(last.notna().mean()) >= TRUNCATED_RATE

    @cached_property
    def survey_delays(self) -> pd.Series:
        """Days to the survey of orders from eleven to six weeks before the last survey day."""
        ago = (self.last_survey_date - self._days).dt.days
        chosen = ago.between(*SURVEY_DELAY_DAYS) & self._surveys.notna()
        delays: pd.Series = (self._surveys - self._days)[chosen].dt.days
        return delays

    def visible_rate(self, day: pd.Timestamp) -> float:
        """The share of a day's orders that had their survey by the last survey day."""
        return float((self.survey_delays <= (self.last_survey_date - day).days).mean())

    @cached_property
    def as_of_date(self) -> pd.Timestamp:
        """Last day of trade; in a truncated extract the last that shows 95 % of its orders."""
        day: pd.Timestamp = self.last_trade_date
        if self.is_truncated and not self.survey_delays.empty:
            while self.visible_rate(day) < VISIBLE_RATE:
                day -= pd.Timedelta(days=1)
        return day

    @cached_property
    def first_steady_date(self) -> pd.Timestamp:
        """First day with an order that no week without orders follows within four weeks."""
        days = [day for day in sorted(set(self._days)) if day <= self.last_trade_date]
        ends = [
            day for day, later in pairwise(days) if (later - day).days > STEADY_MAX_GAP_DAYS
        ]
        steady: list[pd.Timestamp] = [
            day for day in days if not any(0 <= (end - day).days < STEADY_DAYS for end in ends)
        ]
        return steady[0]

    @cached_property
    def complete_months(self) -> list[pd.Timestamp]:
        """First days of the months of which each day is of steady trade and not truncated."""
        months = pd.date_range(self.first_steady_date, self.as_of_date, freq="MS")
        return [month for month in months if month + pd.offsets.MonthEnd(0) <= self.as_of_date]

    @cached_property
    def mature_months(self) -> list[pd.Timestamp]:
        """First days of the months with orders whose delivery figures may be compared."""
        months = self._days.dt.to_period("M").dt.to_timestamp()
        mature = []
        for month, is_final in self._status.isin(FINAL).groupby(months):
            ago = (self.as_of_date - (month + pd.offsets.MonthEnd(0))).days
            if ago >= 0 and (is_final.mean() >= MATURE_RATE or ago >= MATURE_DAYS):
                mature.append(month)
        return mature


def _last_busy_day(days: pd.Series) -> pd.Timestamp:
    """Last of the days whose trailing week is at least a fifth of the median's."""
    per_day = days.groupby(days).size().asfreq("D", fill_value=0)
    trailing = per_day.rolling(TRAILING_DAYS, min_periods=1).sum()
    busy = (per_day > 0) & (trailing >= SHARE_OF_MEDIAN * trailing.median())
    return pd.Timestamp(per_day.index[busy].max())
