"""A metric's value and its change in words, by its unit: the one place that writes both."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from dashboards.lib import format as fmt
from dashboards.lib.definitions import Metric, Unit
from dashboards.lib.tiles import Delta, Direction

Number = int | float | Decimal

_WRITERS: dict[Unit, Callable[[Any, int], str]] = {
    "brl": fmt.brl,
    "count": fmt.number,
    "number": fmt.number,
    "share": fmt.percent,
    "days": fmt.days,
    "hours": lambda value, decimals: _with_unit(value, decimals, "hours"),
    "stars": fmt.number,
    "points": fmt.number,
    "km": lambda value, decimals: _with_unit(value, decimals, "km"),
}
_CHANGE_UNITS: dict[Unit, str] = {
    "days": " days", "hours": " hours", "stars": " stars", "points": " points", "km": " km",
    "brl": "", "count": "", "number": "", "share": "",
}  # fmt: skip
# A smaller change is written and not coloured: it may be chance, and nobody would act on it.
_TELLING_RELATIVE = 0.005
_TELLING: dict[Unit, float] = {
    "share": 0.002, "days": 0.1, "hours": 0.1, "stars": 0.02, "points": 0.5,
}  # fmt: skip


def figure(metric: Metric, value: Number | None) -> str:
    """A value with its unit: ``R$ 1,234``, ``93.4%``, ``9.8 days``; ``n/a`` without one."""
    return fmt.NOT_AVAILABLE if value is None else _WRITERS[metric.unit](value, metric.decimals)


def change(metric: Metric, now: Number | None, before: Number | None) -> float | None:
    """The change as the metric says it: relative (0.1 is 10 % more), else a difference."""
    if now is None or before is None:
        return None
    if metric.change == "relative":
        return float(now) / float(before) - 1 if before > 0 else None
    return float(now) - float(before)


def change_size(metric: Metric, size: float | None) -> str:
    """The size of a change without its sign: ``12.3%``, ``1.2 pp``, ``0.12 stars``."""
    if size is None:
        return fmt.NOT_AVAILABLE
    if metric.change == "relative":
        return fmt.change_percent(size)
    if metric.change == "points":
        return f"{fmt.number(abs(size) * 100, 1)} pp"
    return f"{fmt.number(abs(size), metric.decimals)}{_CHANGE_UNITS[metric.unit]}"


def direction(metric: Metric, size: float) -> Direction:
    """Up, down, or flat where the change would be written as zero."""
    flat = 0.5 * 10**-metric.decimals if metric.change == "absolute" else 0.0005
    if abs(size) < flat:
        return "flat"
    return "up" if size > 0 else "down"


def is_material(metric: Metric, size: float) -> bool:
    """Whether a change is large enough to be called good or bad."""
    if direction(metric, size) == "flat":
        return False
    if metric.change == "relative":
        return abs(size) >= _TELLING_RELATIVE
    return abs(size) >= _TELLING.get(metric.unit, 0)


def delta(metric: Metric, now: Number | None, before: Number | None, against: str) -> Delta:
    """The line of a tile that says how a metric changed."""
    size = change(metric, now, before)
    if size is None:
        return Delta(against, reason="nothing to compare with")
    way = direction(metric, size)
    is_good = None
    if metric.better != "none" and is_material(metric, size):
        is_good = (way == "up") == (metric.better == "more")
    return Delta(against, change_size(metric, size), way, is_good)


def moved(metric: Metric, size: float | None) -> str:
    """A change in words: ``up 12.3%``, ``down 0.4 days``, ``unchanged``; empty without one."""
    if size is None:
        return ""
    way = direction(metric, size)
    return "unchanged" if way == "flat" else f"{way} {change_size(metric, size)}"


def _with_unit(value: Number, decimals: int, unit: str) -> str:
    return f"{fmt.number(value, decimals)} {unit}"
