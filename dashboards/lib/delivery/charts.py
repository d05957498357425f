"""The why: the charts of the delivery dashboard, each with its finding as title."""

from __future__ import annotations

from dashboards.lib import format as fmt
from dashboards.lib import theme
from dashboards.lib.cards import Chart, Panel
from dashboards.lib.charts import (
    COUNT_AXIS,
    PERCENT_AXIS,
    Axis,
    Rank,
    monthly_bars,
    monthly_lines,
    ranked_rows,
)
from dashboards.lib.delivery import findings
from dashboards.lib.delivery import measures as m
from dashboards.lib.delivery.data import DeliveryData
from dashboards.lib.delivery.measures import DeliveryMeasures
from dashboards.lib.months import (
    CHOSEN_BAND,
    INCOMPLETE_BAND,
    OUTSIDE,
    complete_only,
    legend,
    series,
    timeline,
)
from dashboards.lib.plots import Grid, Part, grid, stacked_rows
from dashboards.lib.queries.delivery import CustomerState, Route
from dashboards.lib.tiles import Key

_PANEL = 170
_RANKED = 6
_WORST_ROUTES = 9
# Of the grid: so many fit a narrow screen. The table holds all routes.
_GRID_SELLERS = 9
_GRID_CUSTOMERS = 16
_DAYS = Axis(suffix=" d", tick_format="~f", from_zero=True)
_PERCENT = Axis(tick_format="~%", from_zero=True)
_GAP = " \N{MIDDLE DOT} "


def charts(data: DeliveryData) -> tuple[Chart, ...]:
    """The cards, in the order of the questions."""
    return (
        _promise(data),
        _lateness(data),
        _stages(data),
        _stars(data),
        _states(data),
        _worst_routes(data),
        _routes(data),
        _funnel(data),
        _stuck(data),
    )


def _promise(data: DeliveryData) -> Chart:
    months = timeline(data.months)
    days = monthly_lines(
        months,
        (
            series(
                data.months,
                m.PROMISED_DAYS,
                "Promised",
                fmt.days,
                colour=theme.ORANGE,
                dash="dot",
            ),
            series(data.months, m.DELIVERY_DAYS, "Actual", fmt.days),
        ),
        _DAYS,
        height=_PANEL + 20,
    )
    kept = monthly_lines(
        months,
        (series(data.months, m.PROMISE_KEPT, "Promise kept", fmt.percent, colour=theme.GREEN),),
        PERCENT_AXIS,
        height=_PANEL,
    )
    return Chart(
        "promise",
        findings.promise(data),
        "Delivered shipments by month of purchase",
        (
            Panel(days, "Days from purchase to the door, and to the promised day"),
            Panel(
                kept,
                "Delivered on or before the promised day, % of shipments due, delivered or not",
            ),
        ),
        legend(
            data.months,
            Key("Actual days", theme.BLUE, "line"),
            Key("Promised days", theme.ORANGE, "line"),
            Key("Promise kept", theme.GREEN, "line"),
            CHOSEN_BAND,
            incomplete=INCOMPLETE_BAND,
        ),
    )


def _lateness(data: DeliveryData) -> Chart:
    points = complete_only(data.months, DeliveryMeasures())
    figure = monthly_bars(
        timeline(points),
        (
            series(points, m.LATE_BY_CARRIER, "Late by the carrier", fmt.percent),
            series(
                points,
                m.LATE_BY_SELLER,
                "Late by the seller",
                fmt.percent,
                colour=theme.ORANGE,
                pale=theme.PALE_ORANGE,
            ),
            series(
                points,
                m.LATE_BY_PROMISE,
                "Late by the promise",
                fmt.percent,
                colour=theme.GREEN,
                pale=theme.PALE_GREEN,
            ),
        ),
        _PERCENT,
        height=2 * _PANEL + 40,
    )
    return Chart(
        "lateness",
        findings.lateness(data),
        "Late deliveries by complete month of purchase, % of deliveries. By the seller: "
        "dispatched after the shipping limit; by the carrier: dispatched in time; by the "
        "promise: in time and faster than the median of the route",
        (Panel(figure),),
        (
            Key("By the carrier", theme.BLUE),
            Key("By the seller", theme.ORANGE),
            Key("By the promise", theme.GREEN),
            OUTSIDE,
        ),
    )


_STAGES = (
    ("Approval", m.APPROVAL_DAYS, "approval_share", theme.GREEN, theme.PALE_GREEN),
    ("Handling", m.HANDLING_DAYS, "handling_share", theme.ORANGE, theme.PALE_ORANGE),
    ("Transit", m.TRANSIT_DAYS, "transit_share", theme.BLUE, theme.PALE_BLUE),
)
_NARROW_PART = 0.08  # of the whole: too narrow for a label of its own


def _stages(data: DeliveryData) -> Chart:
    now = data.current
    parts = []
    for name, metric, share_name, colour, _ in _STAGES:
        share = getattr(now, share_name)
        value = metric.value(now)
        days = fmt.days(None if value is None else float(value))
        label = fmt.percent(share, 0) if (share or 0) >= _NARROW_PART else ""
        words = f"{days}, {fmt.percent(share)} of the whole"
        parts.append(Part(name, (share,), (label,), (words,), colour))
    points = complete_only(data.months, DeliveryMeasures())
    monthly = monthly_bars(
        timeline(points),
        tuple(
            series(points, metric, name, fmt.days, colour=colour, pale=pale)
            for name, metric, _, colour, pale in _STAGES
        ),
        _DAYS,
        height=2 * _PANEL - 80,
    )
    return Chart(
        "stages",
        findings.stages(data),
        f"{fmt.count(now.num_with_stages)} deliveries with every stage dated, "
        f"{data.period.label}, and by complete month of purchase",
        (
            Panel(stacked_rows(("",), parts, _PERCENT), "Parts of the time to the door, %"),
            Panel(monthly, "Average days by stage; together the days to the door"),
        ),
        (
            Key("Approval", theme.GREEN),
            Key("Handling by the seller", theme.ORANGE),
            Key("Transit by the carrier", theme.BLUE),
            OUTSIDE,
        ),
    )


def _stars(data: DeliveryData) -> Chart:
    figure = monthly_lines(
        timeline(data.months),
        (
            series(
                data.months,
                m.ON_TIME_SCORE,
                "On time",
                fmt.score,
                colour=theme.GREEN,
            ),
            series(data.months, m.LATE_SCORE, "Late", fmt.score, colour=theme.VERMILION),
        ),
        Axis(suffix=" \N{BLACK STAR}", tick_format="~f"),
        height=2 * _PANEL + 110,
    )
    return Chart(
        "stars",
        findings.stars(data),
        "Average stars of the order's latest review, by month of purchase; the axis does not "
        "start at 1",
        (Panel(figure),),
        legend(
            data.months,
            Key("Not late", theme.GREEN, "line"),
            Key("Late", theme.VERMILION, "line"),
            CHOSEN_BAND,
            incomplete=INCOMPLETE_BAND,
        ),
    )


def _late_rank(name: str, measures: DeliveryMeasures, colour: str) -> Rank:
    label = fmt.percent(measures.late_rate)
    return Rank(
        name,
        measures.late_rate,
        label,
        f"{label} of {fmt.count(measures.num_deliveries)} deliveries late, "
        f"{fmt.days(measures.average_delivery_days)} to the door",
        colour,
    )


def _states(data: DeliveryData) -> Chart:
    ranked = data.ranked_states
    # No state stands on both sides: with few of them, the worse half and the better half.
    size = min(_RANKED, (len(ranked) + 1) // 2)

    def panel(rows: tuple[CustomerState, ...], colour: str, caption: str) -> Panel:
        ranks = [_late_rank(row.state, row.measures, colour) for row in rows]
        figure = ranked_rows(ranks, _PERCENT, row_height=30)
        # One scale for both panels.
        figure.update_xaxes(range=[0, (ranked[0].measures.late_rate or 0.01) * 1.25])
        return Panel(figure, caption)

    worst = ranked[:size]
    best = tuple(reversed(ranked[size:][-size:])) if size else ()
    panels = [panel(worst, theme.VERMILION, "Most often late")] if worst else []
    if best:
        panels.append(panel(best, theme.GREEN, "Least often late"))
    return Chart(
        "states",
        findings.states(data),
        f"Late deliveries by state of the customer, % of deliveries, {data.period.label}; "
        f"states with {data.minimum} deliveries or more ({len(ranked)} of {len(data.states)})",
        tuple(panels),
    )


def _worst_routes(data: DeliveryData) -> Chart:
    ranked = data.ranked_routes
    ranks = [
        _late_rank(row.name, row.measures, theme.VERMILION) for row in ranked[:_WORST_ROUTES]
    ]
    return Chart(
        "worst_routes",
        findings.worst_routes(data),
        f"Late deliveries by route (seller's state to customer's), % of deliveries, "
        f"{data.period.label}; routes with {data.minimum} deliveries or more "
        f"({len(ranked)} of {len(data.routes)})",
        (Panel(ranked_rows(ranks, _PERCENT, row_height=46)),) if ranks else (),
    )


def _routes(data: DeliveryData) -> Chart:
    ranked = data.ranked_routes
    sellers = _largest(ranked, "seller_state", _GRID_SELLERS)
    customers = _largest(ranked, "customer_state", _GRID_CUSTOMERS)
    by_name = {(row.seller_state, row.customer_state): row for row in ranked}

    def words(seller: str, customer: str) -> str:
        row = by_name.get((seller, customer))
        if row is None:
            return f"{seller} to {customer}: fewer than {data.minimum} deliveries"
        return (
            f"{row.name}: {fmt.percent(row.measures.late_rate)} of "
            f"{fmt.count(row.measures.num_deliveries)} deliveries late"
            f"{_GAP}{fmt.days(row.measures.average_delivery_days)}"
        )

    cells = Grid(
        sellers,
        customers,
        tuple(
            tuple(
                row.measures.late_rate if (row := by_name.get((seller, customer))) else None
                for customer in customers
            )
            for seller in sellers
        ),
        tuple(tuple(words(seller, customer) for customer in customers) for seller in sellers),
    )
    figure = grid(cells, _PERCENT, columns_title="To the state of the customer", row_height=32)
    return Chart(
        "routes",
        findings.routes(data),
        f"Late deliveries, % of deliveries, {data.period.label}; rows: state of the seller, "
        f"columns: state of the customer, the largest first. Grey: fewer than {data.minimum} "
        "deliveries",
        (Panel(figure),) if ranked else (),
        is_wide=True,
    )


def _largest(routes: tuple[Route, ...], side: str, most: int) -> tuple[str, ...]:
    """The states on one side of the routes with the most deliveries on them."""
    volumes: dict[str, int] = {}
    for row in routes:
        state = getattr(row, side)
        volumes[state] = volumes.get(state, 0) + row.measures.num_deliveries
    return tuple(sorted(volumes, key=lambda state: (-volumes[state], state))[:most])


def _funnel(data: DeliveryData) -> Chart:
    now = data.funnel
    ranks = [
        Rank(
            name,
            count,
            fmt.percent(share),
            f"{fmt.count(count)} orders, {fmt.percent(share)} of those placed",
            colour,
        )
        for name, count, share, colour in (
            ("Purchased", now.num_orders, 1.0, theme.BLUE),
            ("Approved", now.num_reached_approved, now.approved_rate, theme.BLUE),
            ("Shipped", now.num_reached_shipped, now.shipped_rate, theme.BLUE),
            ("Delivered", now.num_reached_delivered, now.delivered_rate, theme.GREEN),
        )
    ]
    return Chart(
        "funnel",
        findings.funnel(data),
        f"Orders that came at least that far, and their share of all placed, "
        f"{data.period.label}, as of {fmt.day(data.info.as_of_date)}; from all sellers",
        (Panel(ranked_rows(ranks, COUNT_AXIS, row_height=84)),),
    )


def _stuck(data: DeliveryData) -> Chart:
    def hover(row: m.FunnelMeasures) -> str:
        return (
            f"{fmt.count(row.num_stuck)} orders, {fmt.count(row.num_overdue)} overdue, "
            f"{fmt.number(row.average_standing_days)} days on average, "
            f"{fmt.count(row.max_standing_days)} at most"
        )

    orders = [
        Rank(
            row.status.capitalize(),
            row.measures.num_stuck,
            fmt.count(row.measures.num_stuck),
            hover(row.measures),
        )
        for row in data.stuck
    ]
    days = [
        Rank(
            row.status.capitalize(),
            row.measures.average_standing_days,
            fmt.number(row.measures.average_standing_days),
            hover(row.measures),
            theme.PURPLE,
        )
        for row in data.stuck
    ]
    day = fmt.day(data.info.as_of_date)
    return Chart(
        "stuck",
        findings.stuck(data),
        f"Orders whose status is not final, all months of purchase, as of {day}; "
        "from all sellers",
        (
            Panel(ranked_rows(orders, COUNT_AXIS, row_height=26), "Orders by status"),
            Panel(
                ranked_rows(days, Axis(tick_format=",~f"), row_height=26),
                f"Days from the last dated step to {day}, average",
            ),
        )
        if data.stuck
        else (),
    )
