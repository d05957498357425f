"""The sellers dashboard: tiers, concentration, dispatch lateness, one seller's page."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="full",
    app_title="Sellers · Olist DW",
    css_file="lib/assets/dashboard.css",
    html_head_file="lib/assets/head.html",
)

with app.setup:
    import marimo as mo

    from dashboards.lib import controls, shell, words
    from dashboards.lib.parts import sellers as parts
    from dashboards.lib.spec import (
        Filter,
        Line,
        Listing,
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
    from dashboards.lib.theme import GREEN, ORANGE, PURPLE
    from orchestration.dbt.variables import var

    CARDS = parts.CARDS
    MEASURES = (
        *("gmv_amount", "num_seller_orders", "num_seller_sales", "num_items"),
        *("seller_review_score", "num_reviewed_seller_orders", "seller_on_time_rate"),
        *("num_seller_deliveries", "seller_dispatch_late_rate", "num_seller_dispatched"),
        "seller_cancellation_rate",
    )
    DISPATCHES = Ranking(
        "dispatch_ranking",
        "seller_dispatch_late_rate",
        ("seller_id", "state"),
        lambda view: parts.never_late(view, DISPATCHES),
        "Dispatched late, % of shipments handed over, {period}",
        most=6,
        is_both_ends=True,
        least=parts.ENOUGH,
    )
    PAGE = Page(
        slug="sellers",
        mart="mart_seller_months",
        is_monthly=True,
        nothing="sellers",
        volume="num_seller_orders",
        filters=(
            Filter("seller_region", "Seller regions", CARDS, ("region",)),
            Filter("seller_state", "Seller states", CARDS, ("state",)),
            Filter("tier", "Tiers", CARDS, ("seller_tier",), "seller_key"),
            Filter("category", "Main categories", CARDS, ("main_category",), "seller_key"),
        ),
        options=(
            Option(
                "activity",
                "Activity",
                {
                    "All sellers": "",
                    "Active sellers": "is_active",
                    "Inactive sellers": "not is_active",
                },
                CARDS,
                "seller_key",
            ),
            Option(
                "orders",
                "Orders of the seller",
                {"Any number of orders": ""}
                | {f"{n} orders or more": f"num_orders >= {n}" for n in (5, 20, 50, 100, 500)},
                CARDS,
                "seller_key",
            ),
        ),
        lead=(
            (
                "{num_selling_sellers} sellers had a sale {when}{num_selling_sellers.moved}, "
                "with {gmv_per_seller} of GMV each."
            ),
            lambda view: f"The best tenth brought {parts.top_share(view).value} of it.",
            "{seller_dispatch_late_rate} of shipments were dispatched late.",
            lambda view: words.said(
                view, "{num_active_sellers} sellers are active as of {as_of}.", CARDS
            ),
        ),
        tiles=(
            Tile("num_sellers", "num_selling_sellers", "sellers", "Sellers with a sale"),
            Tile(
                "num_active",
                "num_active_sellers",
                f"with a sale in the last {var('seller_active_within_days')} days",
                note="{active_seller_rate} of {num_sellers_to_date} that ever sold. Known for "
                "that day alone, so there is no change.",
                mart=CARDS,
            ),
            Tile("num_new_sellers", "num_new_sellers", "sellers with their first sale"),
            Tile(
                "gmv_per_seller",
                "gmv_per_seller",
                "of {gmv_amount.short} over sellers with a sale",
            ),
            SpecialTile(parts.top_share),
            Tile(
                "dispatch_late_rate",
                "seller_dispatch_late_rate",
                "of {num_seller_dispatched} shipments handed over",
                "Dispatched late",
            ),
            Tile(
                "on_time_rate",
                "seller_on_time_rate",
                "of {num_seller_deliveries} delivered shipments",
                "Delivered on time",
            ),
            Tile(
                "review_score",
                "seller_review_score",
                "stars of 5, {num_reviewed_seller_orders} reviewed orders",
                "Review score",
            ),
            Tile(
                "cancellation_rate",
                "seller_cancellation_rate",
                "of {num_seller_orders} orders with an item",
                "Canceled orders",
            ),
            SpecialTile(parts.median_score),
        ),
        about_charts="Months are those of the purchase; monthly charts show all of them for "
        "the chosen sellers, and months without complete data are grey and never compared. "
        "Tier, score and activity are as of the data's last day.",
        charts=(
            Months(
                "sellers",
                (
                    Panel(
                        (
                            Line("num_known_sellers", "Sold before"),
                            Line("num_new_sellers", "New", GREEN),
                        ),
                        height=340,
                    ),
                ),
                parts.sellers_of_months,
                "Sellers with a sale by month; new are those with their first sale",
            ),
            Months(
                "gmv_per_seller",
                (Panel((Line("gmv_per_seller"),), "lines", height=340),),
                subtitle="GMV in R$ for each seller with a sale in the month; the axis does "
                "not start at zero",
            ),
            parts.TIER_GROUPS,
            Special(parts.lacking),
            Special(parts.pareto),
            Special(parts.scores),
            Months(
                "lateness",
                (
                    Panel(
                        (Line("seller_dispatch_late_rate", colour=ORANGE),),
                        "lines",
                        "Handed over after the shipping limit, % of shipments handed over",
                        225,
                    ),
                    Panel(
                        (Line("seller_review_score", colour=PURPLE),),
                        "lines",
                        "Average stars of reviewed orders; the axis does not start at 1",
                        225,
                    ),
                ),
                subtitle="By month of purchase, the chosen sellers together; "
                "{seller_dispatch_late_rate} of the shipments of {period}",
            ),
            DISPATCHES,
        ),
        tables=(
            Listing(
                "scorecard",
                "Scorecard",
                CARDS,
                (
                    *(
                        "gmv_rank",
                        "seller_id",
                        "city",
                        "state",
                        "seller_tier_12m",
                        "seller_tier",
                    ),
                    *("is_active", "main_category", "gmv_12m_amount", "gmv_amount"),
                    *("num_orders", "num_sales", "average_review_score", "num_reviewed_orders"),
                    *("on_time_rate", "num_deliveries", "dispatch_late_rate", "num_dispatched"),
                    # Sorting by the score ranks by it, so that it is shown where it may be.
                    *("cancellation_rate", "case when is_rankable then score end as score"),
                    *("first_sale_date", "last_sale_date"),
                ),
                "gmv_rank",
            ),
            SpecialRows(lambda view: parts.in_period(view, MEASURES)),
            Rows(
                "by_month",
                "By month",
                ("order_month",),
                ("num_selling_sellers", "num_new_sellers", "gmv_per_seller", *MEASURES),
            ),
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
    chooser = parts.chooser(view)
    parts.chooser_section(chooser)
    return (chooser,)


@app.cell
def _(chooser, view):
    parts.one_seller(view, chooser.value) if chooser is not None else None
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
