"""The delivery dashboard: the promise, causes of lateness, stages, routes, what is stuck."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="full",
    app_title="Delivery and operations · Olist DW",
    css_file="lib/assets/dashboard.css",
    html_head_file="lib/assets/head.html",
)

with app.setup:
    from dataclasses import replace

    import marimo as mo

    from dashboards.lib import controls, shell
    from dashboards.lib.parts import delivery
    from dashboards.lib.spec import (
        REGION,
        STATE,
        Filter,
        Line,
        Months,
        Option,
        Page,
        Panel,
        Ranking,
        Rows,
        Special,
        SpecialRows,
        SpecialTile,
        Tile,
    )
    from dashboards.lib.theme import GREEN, ORANGE, VERMILION

    MART = "mart_delivery_metrics"
    MEASURES = (
        *("num_shipments", "num_shipments_delivered", "shipment_promise_kept_rate"),
        *("num_shipments_late", "shipment_late_rate", "num_shipments_late_by_seller"),
        *("num_shipments_late_by_carrier", "num_shipments_late_by_promise"),
        *("average_shipment_delivery_days", "average_shipment_promised_days"),
        *("average_shipment_late_days", "average_shipment_approval_days"),
        *("average_shipment_handling_days", "average_shipment_transit_days"),
        *("shipment_dispatch_late_rate", "average_shipment_distance_km"),
        *("freight_per_shipment", "late_shipment_review_score"),
        *("on_time_shipment_review_score", "late_shipment_review_score_after_delivery"),
        "on_time_shipment_review_score_after_delivery",
    )
    LATE_BY = tuple(Line(f"late_by_{who}_rate") for who in ("carrier", "seller", "promise"))
    STAGES = {
        "transit": "Transit by the carrier",
        "handling": "Handling by the seller",
        "approval": "Approval",
    }
    # Deliveries that a state or a route needs to be ranked: below fifty one late parcel moves a
    # rate by more than two points.
    LEAST = {f"{number} deliveries": number for number in (50, 20, 100, 500)}
    PAGE = Page(
        slug="delivery",
        mart=MART,
        is_monthly=True,
        is_of_delivery=True,
        nothing="shipments",
        volume="num_shipments",
        filters=(
            replace(REGION, label="Customer regions"),
            replace(STATE, label="Customer states"),
            Filter("seller_state", "Seller states", MART, ("seller_state",), words="from"),
        ),
        options=(Option("least", "Ranked from", LEAST),),
        lead=(
            (
                "{shipment_promise_kept_rate} of the shipments ordered {when} and due came as "
                "promised{shipment_promise_kept_rate.moved}; of the delivered, "
                "{shipment_on_time_rate}."
            ),
            (
                "They took {average_shipment_delivery_days}, {average_shipment_transit_days} "
                "with the carrier."
            ),
            "Of the late ones, {carrier_share_of_late} were late by the carrier.",
            delivery.stuck_sentence,
        ),
        tiles=(
            Tile("promise_kept_rate", "shipment_promise_kept_rate"),
            Tile("on_time_rate", "shipment_on_time_rate"),
            Tile("delivery_days", "average_shipment_delivery_days"),
            Tile(
                "days_early",
                "average_shipment_days_early",
                "promised {average_shipment_promised_days} less actual",
                note="Neither better nor worse: a longer promise is easier to keep.",
            ),
            Tile("late_days", "average_shipment_late_days"),
            Tile(
                "carrier_share",
                "carrier_share_of_late",
                "of {num_shipments_late} late deliveries; by the seller "
                "{num_shipments_late_by_seller}, by a promise too short "
                "{num_shipments_late_by_promise}",
            ),
            Tile("dispatch_late_rate", "shipment_dispatch_late_rate"),
            Tile("handling_days", "average_shipment_handling_days"),
            Tile("transit_days", "average_shipment_transit_days"),
            Tile(
                "stars_lost",
                "stars_lost_when_late",
                "of 5: {late_shipment_review_score} when late, "
                "{on_time_shipment_review_score} on time",
                note="{stars_lost_when_late_after_delivery} among those who answered once they "
                "had the parcel: most customers of late orders answer while they wait.",
            ),
            SpecialTile(delivery.stuck_tile),
        ),
        about_charts="A shipment is what one seller sends of one order. Charts by month of "
        "purchase show all months for the chosen filters. Months without complete data, or "
        "whose parcels are under way, are grey and never compared.",
        charts=(
            Months(
                "promise",
                (
                    Panel(
                        (
                            Line("average_shipment_delivery_days", "Actual"),
                            Line("average_shipment_promised_days", "Promised", ORANGE, "dot"),
                        ),
                        "lines",
                        "Days from purchase to the door, and to the promised day",
                    ),
                    Panel((Line("shipment_promise_kept_rate", colour=GREEN),), "lines"),
                ),
                "Parcels take {average_shipment_delivery_days} on average, "
                "{average_shipment_promised_days} are promised",
                "Delivered shipments, and promises kept of shipments due, delivered or not, by "
                "month of purchase",
            ),
            Months(
                "lateness",
                (Panel(LATE_BY, height=380),),
                "{shipment_late_rate} of delivered shipments came late, "
                "{carrier_share_of_late} of these by the carrier; the worst month was "
                "{shipment_late_rate.highest}",
                "Late deliveries by complete month of purchase, % of deliveries. By the "
                "seller: dispatched after the shipping limit; by the carrier: in time; by the "
                "promise: in time and faster than the median of the route",
            ),
            Months(
                "stages",
                (
                    Panel(
                        tuple(
                            Line(f"{s}_share_of_delivery", name) for s, name in STAGES.items()
                        ),
                        "parts",
                        "Parts of the time to the door, %",
                    ),
                    Panel(
                        tuple(
                            Line(f"average_shipment_{s}_days", name)
                            for s, name in STAGES.items()
                        ),
                        caption="Average days by stage; together the days to the door",
                        height=260,
                    ),
                ),
                "{transit_share_of_delivery} of the time to the door passes with the carrier, "
                "{handling_share_of_delivery} with the seller, {approval_share_of_delivery} "
                "before the approval",
                "{num_shipments_with_stages} deliveries with every stage dated, {period}, and "
                "by complete month of purchase",
            ),
            Months(
                "stars",
                (
                    Panel(
                        (
                            Line("on_time_shipment_review_score", "On time", GREEN),
                            Line("late_shipment_review_score", "Late", VERMILION),
                        ),
                        "lines",
                        height=450,
                    ),
                ),
                "Late orders get {late_shipment_review_score} stars, those on time "
                "{on_time_shipment_review_score}; {late_shipment_review_score_after_delivery} "
                "where the parcel came before the answer",
                "Average stars of the order's latest review, by month of purchase; the axis "
                "does not start at 1",
            ),
            Ranking(
                "states",
                "shipment_late_rate",
                ("customer_state",),
                subtitle="Late deliveries by state of the customer, % of deliveries, {period}",
                most=6,
                is_both_ends=True,
                least="least",
            ),
            delivery.ROUTES,
            Special(delivery.routes),
            Special(delivery.funnel),
            Special(delivery.stuck),
        ),
        tables=(
            Rows("by_route", "By route", ("seller_state", "customer_state"), MEASURES),
            Rows(
                "by_state",
                "By state of the customer",
                ("customer_state", "customer_region"),
                MEASURES,
                change="shipment_late_rate",
            ),
            Rows("by_month", "By month", ("order_month",), MEASURES),
            SpecialRows(delivery.stuck_orders),
        ),
    )


@app.cell
def _():
    source, _problem = shell.open_page(PAGE)
    mo.stop(source is None, _problem)
    return (source,)


@app.cell
def _(source):
    shell.header(source)
    return


@app.cell
def _(source, view):
    # Looked up at each choice, which is when a newer version would be missed.
    shell.newer_version(source) if view else None
    return


@app.cell
def _(source):
    _period, _own = controls.chosen_before(source)
    get_period, set_period = mo.state(_period)
    get_own, set_own = mo.state(_own)
    return get_own, get_period, set_own, set_period


@app.cell
def _(get_own, get_period, set_own, set_period, source):
    # A filter is shown by the cell that makes it: any other cell that names it would be drawn
    # again, and take the focus away, whenever it changes.
    preset = controls.period_control(source, get_period(), get_own(), set_period, set_own)
    controls.shown(preset)
    return (preset,)


@app.cell
def _(get_own, get_period, set_own, source):
    first = controls.end_control(source, "first", get_period(), get_own(), set_own)
    controls.shown(first)
    return (first,)


@app.cell
def _(get_own, get_period, set_own, source):
    last = controls.end_control(source, "last", get_period(), get_own(), set_own)
    controls.shown(last)
    return (last,)


@app.cell
def _(source):
    others = controls.other_controls(source)
    controls.shown(others)
    return (others,)


@app.cell
def _(get_own, get_period, others, source):
    view, _problem = shell.look(source, get_period(), get_own(), others.value)
    mo.stop(view is None, _problem)
    return (view,)


@app.cell
def _(view):
    shell.summary(view)
    return


@app.cell
def _(view):
    shell.charts(view)
    return


@app.cell
def _(view):
    shell.rows(view)
    return


@app.cell
def _(source):
    shell.footer(source)
    return


if __name__ == "__main__":
    app.run()
