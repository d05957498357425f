"""A logistic regression as plain numbers: fitted by scikit-learn, scored by numpy alone.

Columns are standardised and cut off at three standard deviations, so that one odd order does
not move a score far. An effect is what a column adds to the log-odds of a row against the mean
row; effects of a topic (columns that say one thing) are added up and named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_CUT_OFF = 3.0
_REASONS = ["reason_1", "reason_2"]


# Words that a reader understands, and the columns of a design that say so together.
Topics = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Logistic:
    """A fitted regression.

    Attributes:
        columns: Of the design, in order.
        means: Of each column in training.
        scales: Its standard deviation there; 1 where it does not vary.
        weights: Log-odds for each standard deviation.
        intercept: Log-odds of the mean row.
    """

    columns: tuple[str, ...]
    means: Floats
    scales: Floats
    weights: Floats
    intercept: float

    @classmethod
    def fit(cls, design: pd.DataFrame, labels: Floats, strength: float) -> Logistic:
        """Fit on a design of n rows and their n labels, 0 or 1.

        Args:
            design: One column a feature, no missing value.
            labels: Both values must be there.
            strength: Inverse of the ridge penalty (``C`` of scikit-learn).
        """
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - takes a second

        values = design.to_numpy(dtype=float)
        means, scales = values.mean(axis=0), values.std(axis=0)
        scales[scales == 0] = 1.0
        fitted = LogisticRegression(C=strength, max_iter=1_000).fit(
            _standard(values, means, scales), labels
        )
        return cls(
            tuple(design.columns), means, scales, fitted.coef_[0], float(fitted.intercept_[0])
        )

    def effects(self, design: pd.DataFrame) -> Floats:
        """Log-odds that each column adds, n rows by the columns in order."""
        values = design[list(self.columns)].to_numpy(dtype=float)
        return _standard(values, self.means, self.scales) * self.weights

    def probability(self, design: pd.DataFrame) -> Floats:
        """Of label 1, one for each row."""
        return chance(self.effects(design).sum(axis=1) + self.intercept)

    def by_topic(self, design: pd.DataFrame, topics: Topics) -> pd.DataFrame:
        """Log-odds that each topic adds to each row, a column a topic."""
        effects = self.effects(design)
        return pd.DataFrame(
            {
                words: effects[:, [self.columns.index(c) for c in columns]].sum(axis=1)
                for words, columns in topics.items()
            },
            index=design.index,
        )

    def numbers(self) -> dict[str, Any]:
        """What :meth:`read` makes the regression of again, as JSON holds it."""
        return {
            "columns": list(self.columns),
            "means": self.means.tolist(),
            "scales": self.scales.tolist(),
            "weights": self.weights.tolist(),
            "intercept": self.intercept,
        }

    @classmethod
    def read(cls, numbers: Mapping[str, Any]) -> Logistic:
        """The regression of these numbers."""
        return cls(
            tuple(numbers["columns"]),
            np.asarray(numbers["means"], dtype=float),
            np.asarray(numbers["scales"], dtype=float),
            np.asarray(numbers["weights"], dtype=float),
            float(numbers["intercept"]),
        )


def reasons(effects: pd.DataFrame | None, index: pd.Index) -> pd.DataFrame:
    """The topics that raise each row's score most, in words, best first.

    Args:
        effects: Of :meth:`Logistic.by_topic`; None where there is no model.
        index: Of the rows.

    Returns:
        ``reason_1`` and ``reason_2``, n rows; None where no further topic raises the score.
    """
    if effects is None:
        return pd.DataFrame(None, index=index, columns=_REASONS, dtype=object)
    values, words = effects.to_numpy(), np.array([*effects.columns, None], dtype=object)
    order = np.argsort(-values, axis=1, kind="stable")[:, : len(_REASONS)]
    raises = np.take_along_axis(values, order, axis=1) > 0
    said = words[np.where(raises, order, -1)]
    return pd.DataFrame(said, columns=_REASONS, index=index, dtype=object)


def chance(log_odds: Floats) -> Floats:
    """Log-odds as a probability."""
    odds: Floats = 1.0 / (1.0 + np.exp(-log_odds))
    return odds


def _standard(values: Floats, means: Floats, scales: Floats) -> Floats:
    return np.clip((values - means) / scales, -_CUT_OFF, _CUT_OFF)
