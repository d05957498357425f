"""The products dashboard: what sells, what grows, and what no longer does."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="full",
    app_title="Products · Olist DW",
    css_file="lib/assets/dashboard.css",
    html_head_file="lib/assets/head.html",
)

with app.setup:
    import marimo as mo

    from dashboards.lib import controls, shell
    from dashboards.lib.parts import products as parts
    from dashboards.lib.parts.products import CATALOGUE, CATEGORY
    from dashboards.lib.spec import (
        REGION,
        STATE,
        Filter,
        Line,
        Listing,
        Months,
        Page,
        Panel,
        Ranking,
        Rows,
        Special,
        SpecialTile,
        Tile,
    )
    from orchestration.dbt import variables as rules

    MEASURES = (
        "gmv_amount",
        "num_items",
        "average_item_price",
        "freight_amount",
        "freight_share",
        "category_review_score",
        "num_reviewed_category_orders",
        "num_category_orders",
        "category_cancellation_rate",
    )
    PAGE = Page(
        slug="products",
        mart="mart_category_performance",
        volume="num_category_orders",
        nothing="sales",
        also={CATALOGUE: ("num_products", "products")},
        is_monthly=True,
        filters=(
            REGION,
            STATE,
            Filter("category_group", "Groups", CATALOGUE, ("category_group",)),
            Filter("category", "Categories", CATALOGUE, CATEGORY),
            Filter("stage", "Stages", CATALOGUE, ("lifecycle_stage",)),
            Filter("abc_class", "ABC classes", CATALOGUE, ("abc_class",)),
        ),
        lead=(
            "Products were sold for {gmv_amount.short} {when}{gmv_amount.moved}.",
            parts.largest,
            parts.behind_most,
        ),
        tiles=(
            Tile("gmv", "gmv_amount", "price of the units sold"),
            Tile("units", "num_items", "units of sales"),
            Tile("average_price", "average_item_price", "GMV per unit sold"),
            Tile("freight_rate", "freight_share", "freight of revenue"),
            Tile(
                "review_score",
                "category_review_score",
                "stars of 5, {num_reviewed_category_orders} reviewed orders",
                label="Review score",
            ),
            SpecialTile(parts.growing),
            Tile(
                "cancellation_rate",
                "category_cancellation_rate",
                "of {num_category_orders} orders by category",
                label="Orders canceled",
            ),
            Tile("products", "num_products", "ever listed", mart=CATALOGUE),
            Tile(
                "recently_sold",
                "recently_sold_product_rate",
                "{num_recently_sold_products} of {num_products} products",
                label=f"Sold in the last {rules.var('recent_days')} days",
                mart=CATALOGUE,
            ),
            SpecialTile(parts.concentration),
        ),
        about_charts="Period, regions and states act on sales by category, stages and ABC "
        "classes on products. Months without complete data are grey and never compared.",
        charts=(
            Months("gmv", (Panel((Line("gmv_amount"), Line("freight_amount")), height=438),)),
            parts.CATEGORIES,
            parts.GROWTH,
            Ranking(
                "freight",
                "freight_share",
                CATEGORY,
                is_both_ends=True,
                least=rules.var("min_units_for_ranking"),
            ),
            Special(parts.curve),
            Ranking(
                "stages",
                "num_products",
                ("lifecycle_stage",),
                "{discontinued_product_rate} of the products have not been sold for "
                f"{rules.var('discontinued_after_days')} days; they made "
                "{discontinued_gmv_rate} of all GMV",
                f"Stages of life as of {{as_of}}; {parts.NO_PERIOD}",
                mart=CATALOGUE,
                beside=("gmv_of_products_amount",),
            ),
            Ranking("category_stars", "category_review_score", CATEGORY, is_both_ends=True),
            parts.PRODUCT_STARS,
        ),
        tables=(
            Listing(
                "products",
                "Products",
                CATALOGUE,
                (
                    *("product_id", "category_name_english"),
                    "coalesce(abc_class_12m, 'not sold') as abc_class_12m",
                    *("abc_class", "lifecycle_stage", "gmv_rank", "gmv_amount"),
                    *("num_units", "num_recent_units", "num_previous_units"),
                    *("average_price as average_price_amount", "freight_rate"),
                    *("average_review_score", "num_reviewed_orders", "cancellation_rate"),
                    *("num_sellers", "first_sale_date", "last_sale_date"),
                ),
                order="gmv_rank",
            ),
            Rows(
                "by_category",
                "By category",
                ("category_name_english", "category_group"),
                MEASURES,
                share="gmv_amount",
                change="gmv_amount",
            ),
            Rows("by_month", "By month", ("order_month",), MEASURES, change="gmv_amount"),
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
