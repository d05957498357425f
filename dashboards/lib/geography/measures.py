"""What the map of states can show, one measure at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dashboards.lib import format as fmt
from dashboards.lib import theme
from dashboards.lib.geography.data import STATE_MINIMUM, Area, GeographyData


@dataclass(frozen=True)
class MapMeasure:
    """A measure of states: how it is named, read, written and coloured.

    ``base`` counts what stands behind it, where it is a rate or an average: a state with fewer
    than the minimum is not coloured. ``top`` and ``bottom`` name the two ends in a sentence.
    """

    label: str
    unit: str
    words: Callable[[Any], str]
    value: Callable[[Area], float | None]
    base: Callable[[Area], int] | None = None
    colours: tuple[str, ...] = theme.SEQUENTIAL
    top: str = "highest"
    bottom: str = "lowest"

    def shown(self, data: GeographyData) -> dict[str, float]:
        """The value of every state that has one and enough behind it, highest first."""
        found = {
            area.code: value
            for area in data.states
            if (value := self.value(area)) is not None
            and area.measures.num_orders > 0
            and (self.base is None or self.base(area) >= STATE_MINIMUM)
        }
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def signed_percent(value: float | None, decimals: int = 1) -> str:
    """A change with its sign: ``+12.3%``."""
    if value is None:
        return fmt.NOT_AVAILABLE
    sign = "+" if value > 0 else ""
    return f"{sign}{fmt.percent(value, decimals)}"


def per_thousand(value: float | None) -> str:
    """An amount per 1,000 inhabitants: whole reais, with a decimal where there are few."""
    return fmt.brl(value, 0 if value is None or abs(value) >= 10 else 1)  # noqa: PLR2004


def kilometres(value: float | None) -> str:
    """A distance: ``1,234 km``."""
    return fmt.NOT_AVAILABLE if value is None else f"{fmt.number(value)} km"


PER_HEAD = MapMeasure(
    "Revenue a year per 1,000 inhabitants",
    "R$ a year per 1,000 inhabitants of the state",
    per_thousand,
    lambda area: area.revenue_per_thousand,
)
MAP_MEASURES: tuple[MapMeasure, ...] = (
    PER_HEAD,
    MapMeasure(
        "Revenue",
        "R$",
        fmt.brl_short,
        lambda area: float(area.measures.revenue_amount),
    ),
    MapMeasure(
        "Revenue growth",
        "percent",
        signed_percent,
        lambda area: area.growth,
        colours=theme.DIVERGING,
    ),
    MapMeasure(
        "Review score",
        "stars of 5",
        fmt.score,
        lambda area: area.measures.average_review_score,
        base=lambda area: area.measures.num_reviews,
        colours=theme.DIVERGING,
    ),
    MapMeasure(
        "Delivered on time",
        "% of delivered orders",
        fmt.percent,
        lambda area: area.measures.on_time_rate,
        base=lambda area: area.measures.num_delivered,
        colours=theme.DIVERGING,
    ),
    MapMeasure(
        "Delivery time",
        "days from purchase to the door",
        fmt.days,
        lambda area: area.measures.average_delivery_days,
        base=lambda area: area.measures.num_delivered,
        top="longest",
        bottom="shortest",
    ),
)
