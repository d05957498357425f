"""Plots of the cards, by matplotlib: the same bytes for the same data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from orchestration.models.backtest import POOLED

if TYPE_CHECKING:
    import pandas as pd

    from orchestration.models.metrics import Array

_SIZE = (6.4, 3.4)
_MODEL, _NAIVE = "#1f5fa8", "#9a9a9a"
mpl.rcParams["svg.hashsalt"] = "olist"  # names inside of the SVG


def calibration_plot(bins: Array) -> Figure:
    """Predicted and seen rate of ten equal groups, as ``metrics.bins`` gives them."""
    figure = Figure(figsize=(_SIZE[1], _SIZE[1]))
    axes = figure.subplots()
    top = float(bins[:, :2].max()) * 1.08
    axes.plot([0, top], [0, top], color=_NAIVE, linewidth=1)
    axes.plot(bins[:, 0], bins[:, 1], "o-", color=_MODEL)
    axes.set(xlabel="predicted", ylabel="seen", title="Ten equal groups by score")
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def folds_plot(figures: pd.DataFrame, metric: str, label: str, naive: str) -> Figure:
    """A metric by fold, the naive answer beside it."""
    rows = figures[(figures["metric_name"] == metric) & (figures["fold"] != POOLED)]
    figure = Figure(figsize=_SIZE)
    axes = figure.subplots()
    place = np.arange(len(rows))
    axes.plot(place, rows["naive_value"], "o--", color=_NAIVE, label=naive)
    axes.plot(place, rows["metric_value"], "o-", color=_MODEL, label="model")
    axes.set_xticks(place, list(rows["fold"]), rotation=60, ha="right")
    axes.set(ylabel=label, title=f"{label} by month of the orders")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    return figure


def promise_plot(trade: Array, given: tuple[float, float]) -> Figure:
    """Late orders by mean length of the promise, and where the given promise stands.

    Args:
        trade: Mean days and share late of promises by level, (levels, 2).
        given: The same two of what was promised.
    """
    figure = Figure(figsize=_SIZE)
    axes = figure.subplots()
    axes.plot(trade[:, 0], trade[:, 1] * 100, color=_MODEL, label="model")
    axes.plot(given[0], given[1] * 100, "o", color=_NAIVE, label="as promised")
    axes.set(
        xlabel="mean promise, days",
        ylabel="late, %",
        title="Length of the promise and late orders",
    )
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    return figure
