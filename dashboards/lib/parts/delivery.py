"""What only the delivery page has: the grid of routes, the funnel, and what is stuck."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dashboards.lib import format as fmt
from dashboards.lib import render, theme, words
from dashboards.lib.cards import Chart, Panel
from dashboards.lib.charts import Rank, ranked_rows
from dashboards.lib.figures import figure
from dashboards.lib.periods import Period
from dashboards.lib.plots import Grid, grid
from dashboards.lib.spec import Ranking, Rows
from dashboards.lib.tables import Table
from dashboards.lib.tiles import Tile
from dashboards.lib.view import Values, View

_FUNNEL = "mart_order_funnel"
_LATE, _DAYS = "shipment_late_rate", "average_shipment_delivery_days"
_ENDS = ("seller_state", "customer_state")
_MOST = {"seller_state": 9, "customer_state": 16}  # fit a narrow screen; the table has all
ROUTES = Ranking(
    "worst_routes",
    _LATE,
    _ENDS,
    subtitle="Late deliveries by route, from the seller's state to the customer's, % of "
    "deliveries, {period}",
    most=9,
    least="least",
)
# Where orders ended or stand, and the share of each among the orders placed.
_LOST = {
    "num_not_approved": "not_approved_rate",
    "num_approved_not_shipped": "approved_not_shipped_rate",
    "num_shipped_not_delivered": "shipped_not_delivered_rate",
}
_STUCK = ("num_stuck", "num_overdue", "average_standing_days", "max_standing_days")


def routes(view: View) -> Chart:
    """How often late by both ends of a route, where there are enough deliveries."""
    metric, least = view.metric(_LATE), render.least(view, ROUTES)
    volume, now = str(metric.volume), view.ask((_LATE,))[0]
    rows = [row for row in view.ask((_LATE, _DAYS), _ENDS) if row[volume] >= least]
    by_route = {tuple(row[end] for end in _ENDS): row for row in rows}

    def largest(end: str) -> tuple[str, ...]:
        sizes: Counter[str] = Counter()
        for row in rows:
            sizes[row[end]] += row[volume]
        return tuple(sorted(sizes, key=lambda state: (-sizes[state], state))[: _MOST[end]])

    def in_words(route: tuple[str, ...]) -> str:
        name, row = words.ARROW.join(route), by_route.get(route)
        if row is None:
            return f"{name}: fewer than {least} deliveries"
        return f"{name}: {_in_words(view, row, (_LATE, volume, _DAYS))}"

    sellers, customers = (largest(end) for end in _ENDS)
    fields = [[(seller, customer) for customer in customers] for seller in sellers]
    rates = [[by_route.get(one, {}).get(_LATE) for one in line] for line in fields]
    drawn = grid(
        Grid(
            sellers,
            customers,
            tuple(map(tuple, rates)),
            tuple(tuple(in_words(one) for one in line) for line in fields),
            tuple(
                tuple("" if one is None else fmt.number(100 * one) for one in line)
                for line in rates
            ),
        ),
        render.axis(metric, from_zero=True),
        row_height=32,
        columns_title="To the state of the customer",
    )
    later = [row for row in rows if row[_LATE] > now[_LATE] and words.differ(metric, row, now)]
    finding = f"No route carried {least} deliveries"
    if rows:
        finding = (
            f"{len(later)} of {len(rows)} routes are later than the average of "
            f"{figure(metric, now[_LATE])} by more than chance explains"
        )
    return Chart(
        "routes",
        finding,
        f"Late deliveries, % of deliveries, {view.period.label}; rows: state of the seller, "
        f"columns: of the customer, the largest first. Grey: fewer than {least} deliveries",
        (Panel(drawn),) if rows else (),
        is_wide=True,
    )


def funnel(view: View) -> Chart:
    """Which orders did not reach the customer, by how far they came."""
    reached = view.metric("reached_delivered_rate")
    [now] = view.ask((reached.name, *_LOST, *_LOST.values()), mart=_FUNNEL)
    ranks = [
        Rank(
            view.metric(name).label.removeprefix("Orders ").capitalize(),
            now[name],
            f"{fmt.count(now[name])} ({figure(view.metric(share), now[share])})",
            _in_words(view, now, (name, share)),
            theme.VERMILION,
        )
        for name, share in _LOST.items()
    ]
    finding = f"{figure(reached, now[reached.name])} of orders reached the customer"
    most = max(_LOST, key=lambda name: now[name])
    if now[most]:
        label = view.metric(most).label.lower()
        finding += f"; the largest group of the others: {label} ({fmt.count(now[most])})"
    axis = render.axis(view.metric(most), from_zero=True)
    return Chart(
        "funnel",
        finding,
        "Orders that did not reach the customer, and their share of all placed, "
        f"{view.period.label}, as of {_as_of(view)}; canceled ones included, from all sellers",
        (Panel(ranked_rows(ranks, axis, 84, name_margin=170, label_room=0.4)),),
    )


def stuck(view: View) -> Chart:
    """The orders that are stuck by status: how many, and for how long."""
    ever, status = _ever(view), ("order_status",)
    number, days = (
        render.ranking(ever, Ranking("stuck", name, status, least=1, mart=_FUNNEL))
        for name in ("num_stuck", "average_standing_days")
    )
    [total], rows = ever.ask(_STUCK, mart=_FUNNEL), ever.ask(_STUCK, status, mart=_FUNNEL)
    most = max(rows, key=lambda row: row["num_stuck"])
    finding = "No order is stuck"
    if total["num_stuck"]:
        average = view.metric("average_standing_days")
        finding = (
            f"{fmt.count(total['num_stuck'])} orders are stuck, "
            f"{figure(average, total[average.name])} on average; "
            f"{fmt.count(most['num_stuck'])} of them are {most['order_status']}"
        )
    return replace(
        number,
        finding=finding,
        subtitle="Orders whose status is not final, all months of purchase, and days from the "
        f"last dated step to {_as_of(view)}; from all sellers",
        panels=tuple(
            replace(one, caption=caption)
            for card, caption in ((number, "Orders by status"), (days, "Days, average"))
            for one in card.panels
        ),
    )


def stuck_orders(view: View) -> Table:
    """The orders that are stuck by status, as a table."""
    spec = Rows(
        "stuck_orders", "Stuck orders, all months", ("order_status",), _STUCK, mart=_FUNNEL
    )
    table, as_of = render.table(_ever(view), spec), view.source.info.as_of_date
    rows = tuple(row for row in table.rows if row[1])
    return replace(table, rows=rows, period=Period(as_of, as_of))


def stuck_tile(view: View) -> Tile:
    """How many orders are stuck, and how many of them are overdue."""
    [total] = _ever(view).ask((*_STUCK, "num_orders"), mart=_FUNNEL)
    return Tile(
        "stuck",
        view.metric("num_stuck").label,
        fmt.count(total["num_stuck"]),
        f"of {fmt.count(total['num_orders'])} orders ever placed, as of {_as_of(view)}",
        note=f"Overdue: {fmt.count(total['num_overdue'])}. The status is not final; from all "
        "sellers, whatever months are chosen. No earlier count to compare with.",
    )


def stuck_sentence(view: View) -> str:
    """How many orders are stuck."""
    [total] = _ever(view).ask(_STUCK, mart=_FUNNEL)
    return f"{fmt.count(total['num_stuck'])} orders are stuck as of {_as_of(view)}."


def _ever(view: View) -> View:
    return replace(view, period=view.calendar.whole_months)


def _as_of(view: View) -> str:
    return fmt.day(view.source.info.as_of_date)


def _in_words(view: View, row: Values, names: Sequence[str]) -> str:
    """Figures with their labels, for a hover text."""
    metrics: list[Any] = [view.metric(name) for name in names]
    return ", ".join(f"{one.label.lower()}: {figure(one, row[one.name])}" for one in metrics)
