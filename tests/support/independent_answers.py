"""What the second routes to the questions share, in pandas alone; see ``independent_marts``.

The questions themselves are in ``independent_questions_operations`` (areas 1 to 3) and
``independent_questions_customers`` (areas 4 and 5). Ratios are not rounded; amounts are integer
centavos, and columns that end in ``_amount`` and hold a fraction are in BRL.
"""

from __future__ import annotations

import pandas as pd
from scipy import stats

from tests.support.independent_marts import OnMarts, ratio

MIN_VOLUME = 20
TREND_MONTHS = 6
FDR = 0.05


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


def share_bounds(frame: pd.DataFrame, part: str, whole: str, name: str) -> pd.DataFrame:
    """A share with Wilson's interval, as three columns."""
    bounds = [
        stats.binomtest(int(k), int(n)).proportion_ci(method="wilson") if n else None
        for k, n in zip(frame[part], frame[whole], strict=True)
    ]
    return pd.DataFrame(
        {
            name: ratio(frame[part], frame[whole]),
            f"low_{name}": [one.low if one else float("nan") for one in bounds],
            f"high_{name}": [one.high if one else float("nan") for one in bounds],
        },
        index=frame.index,
    )


def mean_bounds(rows: pd.DataFrame, by: str, column: str, name: str) -> pd.DataFrame:
    """Student's interval of a mean by group, as two columns."""
    values = rows.groupby(by)[column]
    number, mean = values.size(), values.mean()
    width = stats.t.ppf(0.975, number - 1) * values.sem(ddof=1)
    return pd.DataFrame({f"low_{name}": mean - width, f"high_{name}": mean + width}).where(
        number >= 5
    )


def exact_tests(counts: pd.DataFrame, part: str, whole: str, base: float) -> pd.DataFrame:
    """Exact tests of counts against a rate, corrected for how many there are."""
    # Twice the smaller tail; scipy's own two-sided p counts equally rare outcomes instead.
    p_values = [
        min(
            1.0,
            2
            * float(
                stats.binom.sf(k - 1, n, base) if k > n * base else stats.binom.cdf(k, n, base)
            ),
        )
        for k, n in zip(counts[part], counts[whole], strict=True)
    ]
    adjusted = stats.false_discovery_control(p_values)
    return pd.DataFrame(
        {"p_value": p_values, "adjusted_p_value": adjusted, "is_discovery": adjusted <= FDR},
        index=counts.index,
    )
