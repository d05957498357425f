"""The executive dashboard: the seven questions of the weekly review, on one page."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="full",
    app_title="Executive dashboard · Olist DW",
    css_file="lib/assets/dashboard.css",
    html_head_file="lib/assets/head.html",
)

with app.setup:
    import marimo as mo

    from dashboards.lib import controls, shell
    from dashboards.lib.spec import (
        REGION,
        STATE,
        Line,
        Months,
        Page,
        Panel,
        Ranking,
        Rows,
        Tile,
    )
    from dashboards.lib.theme import GREEN, ORANGE

    MEASURES = (
        "revenue_amount",
        "gmv_amount",
        "freight_amount",
        "num_orders",
        "num_sales",
        "average_order_value",
        "num_new_customers",
        "free_freight_rate",
        "not_fulfilled_rate",
        "cancellation_rate_of_all_orders",
        "average_delivery_days",
        "average_promised_days",
        "promise_kept_rate",
        "on_time_rate",
        "average_review_score",
        "csat_rate",
        "nps",
    )
    PAGE = Page(
        slug="executive",
        mart="mart_executive_dashboard",
        filters=(REGION, STATE),
        lead=(
            "Revenue was {revenue_amount.short} {when}{revenue_amount.moved}.",
            (
                "Parcels took {average_delivery_days}, promised were {average_promised_days}; "
                "{promise_kept_rate} of what was due came as promised ({on_time_rate} of the "
                "delivered)."
            ),
            "Customers gave {average_review_score} of 5 stars.",
        ),
        tiles=(
            Tile("revenue", "revenue_amount", "GMV and freight"),
            Tile("latest_month", "revenue_amount", of_latest_month=True),
            Tile("gmv", "gmv_amount", "price of the items sold"),
            Tile("average_order_value", "average_order_value", "revenue per sale with items"),
            Tile("new_customers", "num_new_customers", "customers with their first sale"),
            Tile(
                "not_fulfilled_rate",
                "not_fulfilled_rate",
                "canceled or unavailable, of {num_orders} orders",
                note="Canceled: {cancellation_rate_of_all_orders} of all orders, "
                "{cancellation_rate_of_orders_with_items} of those with items.",
            ),
            Tile(
                "delivery_days",
                "average_delivery_days",
                "promised {average_promised_days}; {num_delivered} delivered orders",
            ),
            Tile(
                "promise_kept_rate",
                "promise_kept_rate",
                "of {num_due} sales due, delivered or not",
            ),
            Tile("on_time_rate", "on_time_rate", "of {num_delivered} delivered orders"),
            Tile("review_score", "average_review_score", "stars of 5, {num_reviews} reviews"),
            Tile("csat_rate", "csat_rate", "4 or 5 stars of {num_reviews} reviews"),
        ),
        charts=(
            Months("gmv", (Panel((Line("gmv_amount"), Line("freight_amount")), height=370),)),
            Months(
                "growth",
                (
                    Panel((Line("revenue_amount"),), "month_growth"),
                    Panel((Line("revenue_amount"),), "year_growth"),
                ),
                subtitle="Complete months only",
            ),
            Months(
                "new_customers",
                (
                    Panel((Line("num_new_customers"),)),
                    Panel((Line("free_freight_rate", colour=GREEN),), "lines"),
                ),
                subtitle="No marketing spend is in the data: free freight, {free_freight_rate} "
                "of items, stands in for the cost of acquisition",
            ),
            Months(
                "average_order_value",
                (Panel((Line("average_order_value"),), "lines", height=370),),
            ),
            Months(
                "delivery",
                (
                    Panel(
                        (
                            Line("average_delivery_days", "Actual"),
                            Line("average_promised_days", "Promised", ORANGE, "dot"),
                        ),
                        "lines",
                        "Days to the door, and to the promised day",
                    ),
                    Panel((Line("promise_kept_rate", colour=GREEN),), "lines"),
                ),
            ),
            Months(
                "satisfaction",
                (
                    Panel((Line("average_review_score"),), "lines"),
                    Panel((Line("csat_rate", colour=GREEN),), "lines"),
                ),
            ),
            Ranking("regions", "revenue_amount", ("region",)),
            Ranking("states", "revenue_amount", ("customer_state",), most=27, is_columns=True),
        ),
        tables=(
            Rows(
                "by_state",
                "By state",
                ("customer_state", "region"),
                MEASURES,
                share="revenue_amount",
                change="revenue_amount",
            ),
            Rows(
                "by_region",
                "By region",
                ("region",),
                MEASURES,
                share="revenue_amount",
                change="revenue_amount",
            ),
            Rows("by_month", "By month", ("order_month",), MEASURES, change="revenue_amount"),
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
