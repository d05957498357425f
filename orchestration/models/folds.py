"""Backtests of models that give each row a probability: figures and plots of their folds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from orchestration.errors import PipelineError
from orchestration.models import metrics
from orchestration.models.backtest import POOLED, Figures

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]


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


def months(first: date, last: date) -> Sequence[date]:
    """The first days of the months from that of one day to that of another."""
    return [month.start_time.date() for month in pd.period_range(first, last, freq="M")]


def figures(
    folds: Sequence[Fold], of_all: Mapping[str, tuple[float, float]] | None = None
) -> pd.DataFrame:
    """The metrics of each fold and of all of them pooled, as ``Backtest.figures`` has them.

    Args:
        folds: At least one.
        of_all: Further figures of all folds together, each with its naive one.

    Raises:
        TooFewDataError: There is no fold.
    """
    found, everything = Figures(), _pooled(folds, of_all or {})
    for fold in (*folds, everything):
        name = POOLED if fold is everything else fold.name.isoformat()
        found.add(name, (fold.name, fold.until), len(fold.labels), _measured(fold))
    return found.frame()


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


def _pooled(folds: Sequence[Fold], further: Mapping[str, tuple[float, float]]) -> Fold:
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


def plots(folds: Sequence[Fold], naive: str) -> dict[str, Figure]:
    """AUC by fold beside the naive answer's, and what came by predicted tenth."""
    from orchestration.models.plots import (  # noqa: PLC0415 - a backtest alone draws
        calibration_plot,
        folds_plot,
    )

    pooled = _pooled(folds, {})
    return {
        "auc": folds_plot(figures(folds), "auc", "AUC", naive),
        "calibration": calibration_plot(metrics.bins(pooled.labels, pooled.chances)),
    }
