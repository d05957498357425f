"""Measures of predictions against what came; scikit-learn's where it has them.

Arrays are of one dimension and equal length: ``y`` what came (0 or 1, or a quantity), ``p`` the
predicted probability or quantity.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

NUM_BINS = 10
TOP_SHARE = 0.1


def _sklearn() -> Any:  # noqa: ANN401 - a module without types
    """scikit-learn's measures: a run that only scores does not pay for their import."""
    from sklearn import metrics  # noqa: PLC0415 - takes most of a second

    return metrics


def auc(y: Array, p: Array) -> float:
    """Chance that a positive is ranked above a negative; NaN where there is only one kind."""
    return float(_sklearn().roc_auc_score(y, p)) if 0 < np.mean(y) < 1 else float("nan")


def average_precision(y: Array, p: Array) -> float:
    """Mean precision over the recalls; the base rate for a ranking by chance."""
    return float(_sklearn().average_precision_score(y, p)) if np.any(y) else float("nan")


def brier(y: Array, p: Array) -> float:
    """Mean squared error of the probabilities."""
    return float(_sklearn().brier_score_loss(y, p))


def bins(y: Array, p: Array, num_bins: int = NUM_BINS) -> Array:
    """Predicted and seen mean of equally large groups in order of ``p``: (num_bins, 3).

    The third column is the number of rows.
    """
    order = np.argsort(p, kind="stable")
    groups = np.array_split(order, num_bins)
    return np.array([[p[g].mean(), y[g].mean(), len(g)] for g in groups if len(g)])


def calibration_error(y: Array, p: Array) -> float:
    """Expected calibration error: mean distance of predicted and seen over ten equal groups."""
    table = bins(y, p)
    return float(np.average(np.abs(table[:, 0] - table[:, 1]), weights=table[:, 2]))


def captured(y: Array, p: Array, share: float = TOP_SHARE) -> float:
    """Share of the positives among the ``share`` of the rows with the highest ``p``."""
    top = np.argsort(-p, kind="stable")[: int(len(p) * share)]
    return float(y[top].sum() / y.sum()) if y.sum() else float("nan")


def lift(y: Array, p: Array, share: float = TOP_SHARE) -> float:
    """Rate of positives in the top ``share`` against that of all."""
    top = np.argsort(-p, kind="stable")[: int(len(p) * share)]
    return float(y[top].mean() / y.mean()) if y.sum() else float("nan")


def pinball(y: Array, quantile: Array, level: float) -> float:
    """Mean quantile loss, in the unit of ``y``."""
    return float(_sklearn().mean_pinball_loss(y, quantile, alpha=level))


def coverage(y: Array, low: Array | float, high: Array | float) -> float:
    """Share of ``y`` within the bounds, which belong to it."""
    return float(np.mean((y >= low) & (y <= high)))


def absolute_error(y: Array, p: Array) -> float:
    """Mean absolute error, in the unit of ``y``."""
    return float(np.mean(np.abs(y - p)))


def mase(y: Array, p: Array, history: Array, season: int = 1) -> float:
    """Mean absolute error against that of the value ``season`` steps before in ``history``."""
    scale = np.mean(np.abs(history[season:] - history[:-season]))
    return float(np.mean(np.abs(y - p)) / scale) if scale else float("nan")
