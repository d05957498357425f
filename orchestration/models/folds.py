"""Backtests of models that give each row a probability: figures and plots of their folds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from orchestration.errors import PipelineError
from orchestration.models import metrics

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]
POOLED = "pooled"


class TooFewDataError(PipelineError):
    """A model cannot be tested: no fold has enough before it and its end in the data."""


@dataclass(frozen=True)
class Fold:
    """What was predicted on a day and what came.

    Attributes:
        name: First day of the days tested.
        until: Last of them.
        labels: What came, 0 or 1.
        chances: What the model said.
        naive: What the naive answer says: the rate of those alike, or another rank.
        base: The naive probability, one for all; what is known of earlier rows.
        further: More figures, each with its naive one.
    """

    name: date
    until: date
    labels: Floats
    chances: Floats
    naive: Floats
    base: float
    further: Mapping[str, tuple[float, float]] = field(default_factory=dict)


def figures(
    folds: Iterable[Fold], of_all: Mapping[str, tuple[float, float]] | None = None
) -> pd.DataFrame:
    """The metrics of each fold and of all of them pooled, as ``Backtest.figures`` has them.

    Args:
        folds: At least one.
        of_all: Further figures of all folds together, each with its naive one.

    Raises:
        TooFewDataError: There is no fold.
    """
    folds = list(folds)
    everything = _pooled(folds, of_all or {})
    return pd.DataFrame(
        [
            {
                "fold": fold.name.isoformat() if fold is not everything else POOLED,
                "metric_name": metric,
                "metric_value": value,
                "naive_value": naive,
                "num_rows": len(fold.labels),
                "data_from": fold.name,
                "data_until": fold.until,
            }
            for fold in (*folds, everything)
            for metric, (value, naive) in _measured(fold).items()
        ]
    )


def _measured(fold: Fold) -> dict[str, tuple[float, float]]:
    y, p, base = fold.labels, fold.chances, np.full(len(fold.labels), fold.base)
    return {
        "auc": (metrics.auc(y, p), metrics.auc(y, fold.naive)),
        "average_precision": (
            metrics.average_precision(y, p),
            metrics.average_precision(y, fold.naive),
        ),
        "lift_top_tenth": (metrics.lift(y, p), metrics.lift(y, fold.naive)),
        "calibration_error": (
            metrics.calibration_error(y, p),
            abs(float(y.mean()) - fold.base),
        ),
        "brier": (metrics.brier(y, p), metrics.brier(y, base)),
        "mean_probability": (float(p.mean()), fold.base),
        "seen_rate": (float(y.mean()), float("nan")),
        **fold.further,
    }


def _pooled(folds: list[Fold], further: Mapping[str, tuple[float, float]]) -> Fold:
    if not folds:
        msg = "There is no fold to test on: the data are too few or end too soon."
        raise TooFewDataError(msg)
    sizes = [len(fold.labels) for fold in folds]
    return Fold(
        folds[0].name,
        folds[-1].until,
        np.concatenate([fold.labels for fold in folds]),
        np.concatenate([fold.chances for fold in folds]),
        np.concatenate([fold.naive for fold in folds]),
        float(np.average([fold.base for fold in folds], weights=sizes)),
        further,
    )


def plots(folds: Iterable[Fold], naive: str) -> dict[str, Figure]:
    """AUC by fold beside the naive answer's, and what came by predicted tenth."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - a backtest alone draws

    folds = list(folds)
    by_fold = Figure(figsize=(7, 3.2))
    axes = by_fold.subplots()
    names = [f"{fold.name:%Y-%m}" for fold in folds]
    axes.plot(names, [metrics.auc(f.labels, f.chances) for f in folds], "o-", label="model")
    axes.plot(names, [metrics.auc(f.labels, f.naive) for f in folds], "s--", label=naive)
    axes.axhline(0.5, color="grey", linewidth=0.8)
    axes.set_ylabel("AUC")
    axes.tick_params(axis="x", rotation=45)
    axes.legend(frameon=False)
    pooled = _pooled(folds, {})
    table = metrics.bins(pooled.labels, pooled.chances)
    calibration = Figure(figsize=(4, 4))
    axes = calibration.subplots()
    axes.plot(table[:, 0], table[:, 1], "o-")
    limit = table[:, :2].max() * 1.05
    axes.plot([0, limit], [0, limit], color="grey", linewidth=0.8)
    axes.set_xlabel("predicted, mean of a tenth")
    axes.set_ylabel("seen")
    return {"auc": by_fold, "calibration": calibration}
