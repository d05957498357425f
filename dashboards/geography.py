"""The geography dashboard: where trade is, where there is room, what distance costs."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="full",
    app_title="Geography dashboard · Olist DW",
    css_file="lib/assets/dashboard.css",
    html_head_file="lib/assets/head.html",
)

with app.setup:
    import marimo as mo

    from dashboards.lib import controls, shell
    from dashboards.lib import format as fmt
    from dashboards.lib.growth import growth_card
    from dashboards.lib.parts import geography as parts
    from dashboards.lib.parts import geography_distance, geography_maps
    from dashboards.lib.parts.geography import CITIES, REGIONS, STATES
    from dashboards.lib.spec import (
        REGION,
        Filter,
        Option,
        Page,
        Ranking,
        Rows,
        Special,
        SpecialTile,
        Tile,
    )

    PAGE = Page(
        slug="geography",
        mart="mart_executive_dashboard",
        filters=(
            REGION,
            Filter("state", "States", "mart_executive_dashboard", ("customer_state", "state")),
        ),
        options=(
            Option(
                "cities",
                "Cities with",
                {
                    f"{parts.LEAST} orders or more": parts.LEAST,
                    "All cities with an order": 1,
                    **{f"{least} orders or more": least for least in (50, 100, 500)},
                },
            ),
            Option("map", "Map of states shows", geography_maps.MAP_MEASURES),
        ),
        lead=(
            parts.where,
            lambda view: f"{growth_card(view, parts.GROWTH).finding}.",
            geography_distance.far,
        ),
        tiles=(
            Tile("revenue", "revenue_amount", "GMV and freight of {num_sales} sales"),
            SpecialTile(
                parts.per_head(
                    "revenue_per_head", "revenue_amount", lambda value: fmt.brl(value, 2)
                )
            ),
            SpecialTile(
                parts.per_head(
                    "sales_per_head", "num_sales", lambda value: fmt.number(value, 2)
                )
            ),
            SpecialTile(parts.top_region),
            SpecialTile(parts.fastest_region),
            SpecialTile(parts.cities_reached),
            Tile(
                "capitals",
                "capital_revenue_rate",
                "of {city_revenue_amount.short}",
                mart=CITIES,
            ),
            Tile(
                "distance",
                parts.DISTANCE,
                "{num_shipments_with_distance} shipments",
                label="Distance to the customer",
                note="As the crow flies, from the seller.",
                mart=parts.ROUTES,
            ),
            Tile("delivery_days", "average_delivery_days", "{num_delivered} delivered orders"),
            Tile("review_score", "average_review_score", "stars of 5, {num_reviews} reviews"),
        ),
        about_charts="The chosen days act on all charts but those of cities and capitals, "
        f"whose mart has no dates. States are coloured by a rate from {parts.LEAST} orders on.",
        charts=(
            Special(geography_maps.states),
            Special(geography_maps.city_map),
            Special(parts.regions),
            parts.GROWTH,
            Special(geography_distance.distance),
            Special(geography_distance.states_by_distance),
            Special(parts.capitals),
            Ranking(
                "freight",
                "freight_share",
                REGIONS,
                subtitle="By region of the customer, {period}. A proxy of unit economics: no "
                "costs are in the data",
                beside=("average_order_value",),
            ),
        ),
        tables=(
            Rows(
                "by_city",
                "By city",
                ("city", "state", "region", "is_capital"),
                (
                    *("revenue_amount", "num_orders", "num_city_customers", "num_city_sellers"),
                    *("average_order_value", "freight_share", "average_delivery_days"),
                    *("on_time_rate", "average_city_distance_km", "average_review_score"),
                    "num_reviews",
                ),
                least=("num_orders", "cities"),
                mart=CITIES,
            ),
            parts.area_table("by_state", "By state", STATES),
            parts.area_table("by_region", "By region", REGIONS),
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
