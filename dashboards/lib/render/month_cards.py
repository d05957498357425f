"""Cards by month of purchase, their legends, and the months that may be compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from dashboards.lib import format as fmt
from dashboards.lib import theme, words
from dashboards.lib.cards import Chart
from dashboards.lib.cards import Panel as Shown
from dashboards.lib.charts import (
    Axis,
    Series,
    Timeline,
    monthly_bars,
    monthly_lines,
)
from dashboards.lib.definitions import Metric
from dashboards.lib.figures import figure
from dashboards.lib.plots import Part, stacked_rows
from dashboards.lib.render.units import axis, writer
from dashboards.lib.spec import (
    Line,
    Months,
    Panel,
)
from dashboards.lib.tiles import Key
from dashboards.lib.view import View

CHOSEN = Key("Chosen period", theme.BLUE)
OUTSIDE = Key("Outside the chosen period", theme.PALE_BLUE)
INCOMPLETE_BAR = Key("Incomplete month", theme.INCOMPLETE, "hatch")
INCOMPLETE_BAND = Key("Incomplete month, not shown", theme.INCOMPLETE_BAND, "band")
CHOSEN_BAND = Key("Chosen period", theme.SELECTED_BAND, "band")
_COLOURS = (
    (theme.BLUE, theme.PALE_BLUE),
    (theme.ORANGE, theme.PALE_ORANGE),
    (theme.GREEN, theme.PALE_GREEN),
)
_SIGNED_PERCENT = Axis(tick_format="+~%")
_GROWTH = {"month_growth": (1, "the month before"), "year_growth": (12, "a year before")}
_NARROW_PART = 0.08  # of a whole: too narrow for a label of its own


def months(view: View, spec: Months) -> Chart:
    first = spec.panels[0]
    finding = words.said(view, spec.finding, first.mart) if spec.finding else None
    if finding is None:
        speak = words.growth if first.kind in _GROWTH else words.months
        finding = speak(view, view.metric(first.lines[0].metric), view.months(first.mart))
    is_lines = all(panel.kind == "lines" for panel in spec.panels)
    keys = [
        Key(
            _label(view, line),
            line.colour or _COLOURS[n][0],
            "line" if panel.kind == "lines" else "box",
        )
        for panel in spec.panels
        if len(panel.lines) > 1
        for n, line in enumerate(panel.lines)
    ]
    # Of several colours each is strong in the chosen period.
    keys += [CHOSEN_BAND] if is_lines else [OUTSIDE] if keys else [CHOSEN, OUTSIDE]
    metrics = [view.metric(line.metric) for panel in spec.panels for line in panel.lines]
    return Chart(
        spec.key,
        finding,
        words.note(view, spec.subtitle, first.mart),
        tuple(_panel(view, panel, alone=len(spec.panels) == 1) for panel in spec.panels),
        with_incomplete(view, tuple(dict.fromkeys(keys)), metrics, is_lines=is_lines),
    )


def with_incomplete(
    view: View, keys: Sequence[Key], metrics: Iterable[Metric] = (), *, is_lines: bool = True
) -> tuple[Key, ...]:
    """A legend, with the key of incomplete months only where the chart has one."""
    late = any(metric.is_mature_late for metric in metrics)
    calendar = view.calendar.of_delivery if late else view.calendar
    if len(calendar.complete_months) == len(calendar.months):
        return tuple(keys)
    return (*keys, INCOMPLETE_BAND if is_lines else INCOMPLETE_BAR)


def timeline(view: View, metric: Metric) -> Timeline:
    """The months of a chart of a metric: which are complete for it, which are chosen."""
    months = tuple(month.start for month in view.calendar.months)
    return Timeline(
        months,
        tuple(view.is_comparable(metric, month) for month in months),
        tuple(month in view.period.months for month in months),
    )


def _panel(view: View, panel: Panel, *, alone: bool) -> Shown:
    metrics = [view.metric(line.metric) for line in panel.lines]
    if panel.kind == "parts":
        return Shown(_parts(view, panel, metrics), panel.caption)
    points, months = view.months(panel.mart), timeline(view, metrics[0])
    if panel.kind in _GROWTH:
        back, name = _GROWTH[panel.kind]
        values = tuple(
            words.growth_of(view, metrics[0], points, month, back) for month in points
        )
        drawn = monthly_bars(
            months,
            [Series(metrics[0].label, values, _signed_percent)],
            _SIGNED_PERCENT,
            height=panel.height,
        )
        return Shown(drawn, panel.caption or f"{metrics[0].label}, change on {name}, %")
    series = [
        Series(
            _label(view, line),
            _drawn(metric, panel, points, months),
            writer(metric),
            line.colour or _COLOURS[n][0],
            dict(_COLOURS).get(line.colour or _COLOURS[n][0], _COLOURS[n][1]),
            line.dash,
        )
        for n, (line, metric) in enumerate(zip(panel.lines, metrics, strict=True))
    ]
    draw = monthly_bars if panel.kind == "bars" else monthly_lines
    shown = draw(
        months, series, axis(metrics[0], from_zero=panel.kind == "bars"), height=panel.height
    )
    caption = panel.caption
    if caption is None and not alone:
        caption = " and ".join(_label(view, line) for line in panel.lines)
    return Shown(shown, caption)


def _parts(view: View, panel: Panel, metrics: Sequence[Metric]) -> Any:
    total = view.ask([metric.name for metric in metrics], mart=panel.mart)[0]
    parts = []
    for n, (line, metric) in enumerate(zip(panel.lines, metrics, strict=True)):
        value, text = total[metric.name], figure(metric, total[metric.name])
        label = fmt.percent(value, 0) if (value or 0) >= _NARROW_PART else ""
        colour = line.colour or _COLOURS[n][0]
        parts.append(Part(_label(view, line), (value,), (label,), (text,), colour))
    return stacked_rows(("",), parts, axis(metrics[0], from_zero=True))


def _drawn(metric: Metric, panel: Panel, points: Any, months: Timeline) -> tuple[Any, ...]:
    """Without rates of the three orders of a trickling month, which would dwarf all others."""
    return tuple(
        values.get(metric.name)
        if is_complete or (metric.volume is None and panel.kind == "bars")
        else None
        for values, is_complete in zip(points.values(), months.complete, strict=True)
    )


def _label(view: View, line: Line) -> str:
    return line.label or view.metric(line.metric).label


def _signed_percent(value: Any) -> str:
    if value is None:
        return fmt.NOT_AVAILABLE
    return f"{'+' if value > 0 else ''}{fmt.percent(value)}"
