"""Changes between a period and the one it is compared with: as a line of a tile, as words.

Which periods may be compared is said in `periods`, how large a change is in `metrics`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from dashboards.lib import format as fmt
from dashboards.lib.metrics import Metric
from dashboards.lib.periods import Period
from dashboards.lib.tiles import Delta, Direction

T = TypeVar("T")


@dataclass(frozen=True)
class Comparison(Generic[T]):
    """A period to compare with; ``measures`` is None where it must not be, for ``reason``.

    ``under_way`` says why figures of what has arrived must not be compared, or is None.
    """

    period: Period
    measures: T | None
    reason: str | None
    under_way: str | None = None


Words = Callable[[Any], str]
# A change smaller than half of the last digit shown is no change: the arrow would mislead.
FLAT: dict[Words, float] = {
    fmt.change_percent: 0.0005,
    fmt.change_percentage_points: 0.0005,
    fmt.change_days: 0.05,
    fmt.change_stars: 0.005,
}
# One smaller than this is written and not coloured: it may be chance, and nobody would act.
TELLING: dict[Words, float] = {
    fmt.change_percent: 0.005,
    fmt.change_percentage_points: 0.002,
    fmt.change_days: 0.1,
    fmt.change_stars: 0.02,
}


def delta(
    metric: Metric, current: object, comparison: Comparison[Any], words: Words, against: str
) -> Delta:
    """The change of a metric against a comparison, or why there is none."""
    if comparison.measures is None:
        return Delta(against, reason=comparison.reason)
    if metric.is_of_delivery and comparison.under_way is not None:
        return Delta(against, reason=comparison.under_way)
    change = metric.change(current, comparison.measures)
    if change is None:
        return Delta(against, reason="nothing to compare with")
    direction: Direction = "up" if change > 0 else "down"
    if abs(change) < FLAT.get(words, 0.0):
        direction = "flat"
    is_good = None
    is_told = direction != "flat" and abs(change) >= TELLING.get(words, 0.0)
    if metric.higher_is_better is not None and is_told:
        is_good = (direction == "up") == metric.higher_is_better
    return Delta(against, words(change), direction, is_good)


def moved(change: float | None, more: str = "up", less: str = "down") -> str:
    """A relative change in words: ``up 12.3%``, ``down 4.0%``, ``unchanged``."""
    if change is None:
        return ""
    if abs(change) < FLAT[fmt.change_percent]:
        return "unchanged"
    return f"{more if change > 0 else less} {fmt.change_percent(change)}"
