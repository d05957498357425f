"""What the second routes to the questions share, in pandas alone; see ``independent_marts``.

The questions themselves are in ``independent_questions_a`` (areas 1 to 3) and
``independent_questions_a_later`` (areas 4 and 5). Ratios are not rounded; amounts are integer
centavos, and columns that end in ``_amount`` and hold a fraction are in BRL.
"""

from __future__ import annotations

import pandas as pd

from tests.support.independent_marts import OnMarts

MIN_VOLUME = 20
TREND_MONTHS = 6


class AnswersRoute(OnMarts):
    """What several questions ask of the months."""

    def latest_months(self, items: pd.DataFrame, years_back: int = 0) -> pd.DataFrame:
        """The items of the six latest complete months, or of the same months before."""
        last = self.route.complete_months[-1]
        months = [
            last - pd.DateOffset(months=back + 12 * years_back) for back in range(TREND_MONTHS)
        ]
        months = [month for month in months if month in self.route.complete_months]
        return items[items["order_month"].isin(months)]

    def complete(self, months: pd.DataFrame) -> pd.DataFrame:
        """The rows of complete months."""
        return months[months["order_month"].isin(self.route.complete_months)]


def month_number(months: pd.Series) -> pd.Series:
    """Months counted through the years, so that their difference is a number of months."""
    numbers: pd.Series = 12 * months.dt.year + months.dt.month
    return numbers
