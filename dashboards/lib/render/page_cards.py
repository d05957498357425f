"""The cards of a page, in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dashboards.lib.cards import Chart
from dashboards.lib.growth import growth_card
from dashboards.lib.render.month_cards import months
from dashboards.lib.render.ranking_cards import groups, ranking
from dashboards.lib.spec import (
    Groups,
    Growth,
    Months,
    Ranking,
    Special,
    SpecialRows,
)
from dashboards.lib.view import View


def charts(view: View) -> tuple[Chart, ...]:
    """The cards of the page, in order."""
    makers: dict[type, Callable[[View, Any], Chart | None]] = {
        Months: months,
        Ranking: lambda view, spec: ranking(view.shown, spec),
        Groups: lambda view, spec: groups(view.shown, spec),
        Growth: growth_card,
        Special: lambda view, spec: spec.build(view),
    }
    found = (makers[type(one)](view, one) for one in view.page.charts if has_rows(view, one))
    return tuple(chart for chart in found if chart is not None)


def has_rows(view: View, spec: object) -> bool:
    """Whether there is something to show; what is special decides for itself."""
    if isinstance(spec, Special | SpecialRows) or not view.page.also:
        return True
    panels = spec.panels if isinstance(spec, Months) else (spec,)
    return any(view.has_rows(getattr(one, "mart", None)) for one in panels)
