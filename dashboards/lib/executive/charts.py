"""The why: the charts of the executive dashboard, each with its finding as title."""

from __future__ import annotations

from dashboards.lib import format as fmt
from dashboards.lib import metrics, theme
from dashboards.lib.cards import Chart, Panel
from dashboards.lib.charts import (
    BRL_AXIS,
    COUNT_AXIS,
    PERCENT_AXIS,
    Axis,
    Rank,
    Series,
    monthly_bars,
    monthly_lines,
    ranked_columns,
    ranked_rows,
)
from dashboards.lib.executive import findings
from dashboards.lib.executive.data import ExecutiveData
from dashboards.lib.metrics import Measures, share, total
from dashboards.lib.months import (
    CHOSEN,
    CHOSEN_BAND,
    INCOMPLETE_BAND,
    INCOMPLETE_BAR,
    OUTSIDE,
    legend,
    of_delivery,
    series,
    timeline,
)
from dashboards.lib.tiles import Key

_PANEL = 165
# As many columns as a narrow screen can name; the smaller states share the last one.
_MAX_STATES = 13


def charts(data: ExecutiveData) -> tuple[Chart, ...]:
    """The cards, in the order of the questions."""
    return (
        _gmv(data),
        _growth(data),
        _new_customers(data),
        _order_value(data),
        _delivery(data),
        _satisfaction(data),
        _regions(data),
        _states(data),
    )


def _gmv(data: ExecutiveData) -> Chart:
    figure = monthly_bars(
        timeline(data.months),
        (
            series(data.months, metrics.GMV, "GMV", fmt.brl),
            series(
                data.months,
                metrics.FREIGHT,
                "Freight",
                fmt.brl,
                colour=theme.ORANGE,
                pale=theme.PALE_ORANGE,
            ),
        ),
        BRL_AXIS,
        height=2 * _PANEL + 40,
    )
    return Chart(
        "gmv",
        findings.gmv(data),
        "GMV and freight by month of purchase, in R$; together they are revenue",
        (Panel(figure),),
        legend(
            data.months,
            Key("GMV", theme.BLUE),
            Key("Freight", theme.ORANGE),
            OUTSIDE,
            incomplete=INCOMPLETE_BAR,
        ),
    )


def _growth(data: ExecutiveData) -> Chart:
    months = timeline(data.months)

    def panel(months_back: int, name: str, caption: str) -> Panel:
        growth = data.revenue_growth(months_back)
        values = tuple(growth.get(month) for month in months.months)
        figure = monthly_bars(
            months, (Series(name, values, _signed_percent),), PERCENT_AXIS, height=_PANEL
        )
        return Panel(figure, caption)

    return Chart(
        "growth",
        findings.growth(data),
        "Growth of monthly revenue in percent, complete months only",
        (
            panel(1, "MoM", "Month over month, against the month before"),
            panel(12, "YoY", "Year over year, against the same month a year earlier"),
        ),
        (CHOSEN, OUTSIDE),
    )


def _new_customers(data: ExecutiveData) -> Chart:
    months = timeline(data.months)
    return Chart(
        "new_customers",
        findings.new_customers(data),
        "No marketing spend is in the data: the share of items shipped with free freight "
        "stands in for the cost of acquisition",
        (
            Panel(
                monthly_bars(
                    months,
                    (series(data.months, metrics.NEW_CUSTOMERS, "New customers", fmt.count),),
                    COUNT_AXIS,
                    height=_PANEL,
                ),
                "New customers: persons by month of their first sale",
            ),
            Panel(
                monthly_bars(
                    months,
                    (
                        series(
                            data.months,
                            metrics.FREE_FREIGHT_RATE,
                            "Free freight",
                            fmt.percent,
                            colour=theme.GREEN,
                            pale=theme.PALE_GREEN,
                        ),
                    ),
                    Axis(tick_format="~%", from_zero=True),
                    height=_PANEL,
                ),
                "Cost proxy: items shipped with free freight, % of items sold",
            ),
        ),
        legend(data.months, CHOSEN, OUTSIDE, incomplete=INCOMPLETE_BAR),
    )


def _order_value(data: ExecutiveData) -> Chart:
    figure = monthly_lines(
        timeline(data.months),
        (series(data.months, metrics.AVERAGE_ORDER_VALUE, "Average order value", _centavos),),
        Axis(prefix="R$ ", tick_format=",~f"),
        height=2 * _PANEL + 60,
    )
    return Chart(
        "average_order_value",
        findings.average_order_value(data),
        "Revenue per sale by month of purchase, in R$; the axis does not start at zero",
        (Panel(figure),),
        legend(data.months, CHOSEN_BAND, incomplete=INCOMPLETE_BAND),
    )


def _delivery(data: ExecutiveData) -> Chart:
    points = of_delivery(data.months)
    months = timeline(points)
    return Chart(
        "delivery",
        findings.delivery(data),
        "Delivered orders by month of purchase",
        (
            Panel(
                monthly_lines(
                    months,
                    (
                        series(
                            points,
                            metrics.PROMISED_DAYS,
                            "Promised",
                            fmt.days,
                            colour=theme.ORANGE,
                            dash="dot",
                        ),
                        series(points, metrics.DELIVERY_DAYS, "Actual", fmt.days),
                    ),
                    Axis(suffix=" d", tick_format="~f", from_zero=True),
                    height=_PANEL + 15,
                ),
                "Days from purchase to the door, and to the promised day",
            ),
            Panel(
                monthly_lines(
                    months,
                    (
                        series(
                            points,
                            metrics.PROMISE_KEPT_RATE,
                            "Promise kept",
                            fmt.percent,
                            colour=theme.GREEN,
                        ),
                    ),
                    PERCENT_AXIS,
                    height=_PANEL,
                ),
                "Delivered on or before the promised day, % of sales due, delivered or not",
            ),
        ),
        legend(
            points,
            Key("Actual days", theme.BLUE, "line"),
            Key("Promised days", theme.ORANGE, "line"),
            Key("Promise kept", theme.GREEN, "line"),
            CHOSEN_BAND,
            incomplete=INCOMPLETE_BAND,
        ),
    )


def _satisfaction(data: ExecutiveData) -> Chart:
    points = of_delivery(data.months)
    months = timeline(points)
    return Chart(
        "satisfaction",
        findings.satisfaction(data),
        "Reviews, by month of purchase",
        (
            Panel(
                monthly_lines(
                    months,
                    (series(points, metrics.REVIEW_SCORE, "Score", fmt.score),),
                    Axis(suffix=" \N{BLACK STAR}", tick_format="~f"),
                    height=_PANEL + 15,
                ),
                "Average score, 1 to 5 stars; the axis does not start at 1",
            ),
            Panel(
                monthly_lines(
                    months,
                    (
                        series(
                            points,
                            metrics.CSAT_RATE,
                            "CSAT",
                            fmt.percent,
                            colour=theme.PURPLE,
                        ),
                    ),
                    PERCENT_AXIS,
                    height=_PANEL,
                ),
                "CSAT: % of reviews with 4 or 5 stars",
            ),
        ),
        legend(points, CHOSEN_BAND, incomplete=INCOMPLETE_BAND),
    )


def _regions(data: ExecutiveData) -> Chart:
    ranks = []
    for row in data.regions:
        of_all = fmt.percent(share(row.measures, data.current))
        revenue = row.measures.revenue_amount
        ranks.append(
            Rank(
                row.region,
                revenue,
                of_all,
                f"{fmt.brl(revenue)}, {of_all} of revenue",
                theme.region_colour(row.region),
            )
        )
    return Chart(
        "regions",
        findings.regions(data),
        f"Revenue by region of the customer in R$, with its share, {data.period.label}",
        (Panel(ranked_rows(ranks, BRL_AXIS, row_height=52)),),
    )


def _states(data: ExecutiveData) -> Chart:
    shown, rest = data.states, data.states[:0]
    if len(data.states) > _MAX_STATES:
        shown, rest = data.states[: _MAX_STATES - 1], data.states[_MAX_STATES - 1 :]
    ranks = [
        _state_rank(data, row.state, row.region, row.measures, theme.region_colour(row.region))
        for row in shown
    ]
    keys = [
        Key(row.region, theme.region_colour(row.region))
        for row in data.regions
        if row.region in {state.region for state in shown}
    ]
    if rest:
        others = total([row.measures for row in rest])
        name = f"{len(rest)} others"
        ranks.append(_state_rank(data, name, "all regions", others, theme.INCOMPLETE))
        keys.append(Key(f"{name}: see the rows below", theme.INCOMPLETE))
    return Chart(
        "states",
        findings.states(data),
        f"Revenue by state of the customer in R$, {data.period.label}",
        (Panel(ranked_columns(ranks, BRL_AXIS, height=310)),),
        tuple(keys),
    )


def _state_rank(
    data: ExecutiveData, name: str, region: str, measures: Measures, colour: str
) -> Rank:
    of_all = fmt.percent(share(measures, data.current))
    words = f"{fmt.brl(measures.revenue_amount)}, {of_all} of revenue ({region})"
    return Rank(name, measures.revenue_amount, "", words, colour)


def _signed_percent(value: object) -> str:
    if not isinstance(value, float):
        return "not available"
    sign = "+" if value > 0 else ""
    return f"{sign}{fmt.percent(value)}"


def _centavos(value: fmt.Number | None) -> str:
    return fmt.brl(value, 2)
