"""What distance costs, for the geography page: stars and lateness by the length of the way."""

from __future__ import annotations

from typing import Any

from dashboards.lib import format as fmt
from dashboards.lib import theme, words
from dashboards.lib.cards import Chart, Panel
from dashboards.lib.charts import Axis, Series
from dashboards.lib.figures import figure
from dashboards.lib.parts.geography import DISTANCE, LEAST, PERCENT, ROUTES, people, shipments
from dashboards.lib.points import Bubble, bubbles, class_lines
from dashboards.lib.render import writer
from dashboards.lib.tiles import Key
from dashboards.lib.view import Values, View
from orchestration.dbt import variables as rules

_STARS = Axis(suffix=" \N{BLACK STAR}", tick_format="~f")
_SCORE, _NOT_LATE = "shipment_review_score", "not_late_shipment_review_score"
_LATE = "shipment_late_rate"


def bands(view: View) -> list[dict[str, Any]]:
    """The routes by their average distance, near to far.

    Each row has ``label`` for an axis, ``words`` for a sentence, and its metrics.
    """
    view, starts = view.of(ROUTES), rules.var("distance_band_starts")
    metrics = (
        *(_SCORE, _NOT_LATE, _LATE),
        *("num_shipments", "num_shipment_reviews", "num_not_late_shipment_reviews"),
    )
    columns, condition = view.source.columns[ROUTES], view.condition(ROUTES, view.period)
    write = view.source.definitions.sql
    sums = ", ".join(f"{write(name, ROUTES, columns)} as {name}" for name in metrics)
    distance = write("average_shipment_distance_km", ROUTES, columns)
    rows = view.source.rows(
        f"""
        with routes as (
            select seller_state, customer_state, {distance} as distance_km
            from marts.{ROUTES} where {condition[0]} group by all
        )
        select len(list_filter($starts, lambda x: distance_km >= x)) as band, {sums}
        from marts.{ROUTES} inner join routes using (seller_state, customer_state)
        where {condition[0]} and distance_km is not null group by band order by band
        """,
        condition[1] | {"starts": starts},
    )
    for row in rows:
        low, high = ([0, *starts][row["band"]], [*starts, None][row["band"]])
        row["label"] = f"{low:,}+"
        row["words"] = f"{low:,} km and more" if high is None else f"{low:,} to {high:,} km"
        if not low:
            row["words"] = f"under {high:,} km"
    return rows


def _ends(view: View) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The nearest and the farthest band with enough reviews to speak of."""
    least = view.metric(_NOT_LATE).least_volume
    rows = [row for row in bands(view) if row["num_not_late_shipment_reviews"] >= least]
    return (rows[0], rows[-1]) if len(rows) > 1 else None


def far(view: View) -> str | None:
    """A sentence on what distance costs in stars, and what of it is lateness."""
    ends = _ends(view)
    if ends is None or ends[0][_SCORE] <= ends[1][_SCORE]:
        return None
    if not words.differ(view.metric(_SCORE), *ends):
        return None
    lost, rest = (fmt.change_stars(ends[0][one] - ends[1][one]) for one in (_SCORE, _NOT_LATE))
    return (
        f"The longest routes score {lost} less than the shortest; where nothing came late, the "
        f"gap is {rest}."
    )


def distance(view: View) -> Chart:
    """What distance does to stars, with and without lateness."""
    rows, ends, (whole,) = bands(view), _ends(view), shipments(view, ())
    finding = f"Shipments travel {figure(view.metric(DISTANCE), whole[DISTANCE])} on average"
    if ends is not None:
        finding = "; ".join(
            f"Routes {one['words']} score {fmt.score(one[_SCORE])} and come late in "
            f"{fmt.percent(one[_LATE])} ({fmt.count(one['num_shipments'])} shipments)"
            for one in ends
        )
    lines = [
        Series(
            label,
            tuple(row[name] for row in rows),
            writer(view.metric(name)),
            colour,
            dash=dash,
        )
        for name, label, colour, dash in (
            (_SCORE, "All shipments", theme.BLUE, "solid"),
            (_NOT_LATE, "Not late", theme.GREEN, "dot"),
            (_LATE, "Late", theme.VERMILION, "solid"),
        )
    ]
    labels = [row["label"] for row in rows]
    title = "Average distance of the route, km and more, up to the next"
    return Chart(
        "distance",
        finding.replace("; Routes", "; those"),
        "Routes from the seller's state to the customer's, by their average distance as "
        f"the crow flies; shipments of {view.of(ROUTES).period.label}, by whole months",
        (
            Panel(
                class_lines(labels, lines[:2], _STARS, title),
                "Review score, 1 to 5 stars; the axis does not start at 1",
            ),
            Panel(
                class_lines(labels, lines[2:], PERCENT, title, height=190),
                "Delivered after the promised day, % of delivered shipments",
            ),
        ),
        tuple(Key(line.name, line.colour, "line") for line in lines),
    )


def states_by_distance(view: View) -> Chart:
    """How far each state is, and what it thinks of it."""
    names = {one["state"]: one["state_name"] for one in people(view)}
    shown = [
        row
        for row in shipments(view, ("customer_state", "customer_region"))
        if row["num_shipment_reviews"] >= LEAST and row[DISTANCE] is not None
    ]
    shown.sort(key=lambda row: float(row[DISTANCE]))
    most = max((row["num_shipments"] for row in shown), default=1)
    metrics = [view.metric(one) for one in (DISTANCE, _SCORE, _LATE)]

    def name(row: Values) -> str:
        return str(names.get(row["customer_state"], row["customer_state"]))

    def in_words(row: Values) -> str:
        far_off, score, late = (figure(one, row[one.name]) for one in metrics)
        reviews = fmt.count(row["num_shipment_reviews"])
        return (
            f"<b>{name(row)}</b> ({row['customer_region']})<br>{far_off} on average<br>"
            f"{score} stars of {reviews} reviewed shipments<br>{late} late"
        )

    ends = [
        f"{figure(metrics[0], row[DISTANCE])} to {name(row)}"
        for row in (*shown[:1], *shown[1:][-1:])
    ]
    points = [
        Bubble(
            row["customer_state"],
            row[DISTANCE],
            row[_SCORE],
            row["num_shipments"] / most,
            theme.region_colour(row["customer_region"]),
            in_words(row),
        )
        for row in shown
    ]
    x_axis = Axis(tick_format=",~f", suffix=" km", title="Average distance, km")
    return Chart(
        "states_by_distance",
        f"A shipment travels {' and '.join(ends)}"
        if ends
        else "No state has enough reviewed shipments",
        f"States of the customer with {LEAST} reviewed shipments or more: distance in km "
        "against review score in stars of 5; size is shipments, "
        f"{view.of(ROUTES).period.label}",
        (Panel(bubbles(points, x_axis, _STARS, height=430)),),
        tuple(
            Key(region, theme.region_colour(region))
            for region in dict.fromkeys(row["customer_region"] for row in shown)
        ),
    )
