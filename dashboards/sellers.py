"""The sellers dashboard: tiers, concentration, dispatch lateness, one seller's page.

Cells only put together what dashboards/lib makes: filters, then answer, why, one
seller, rows.
"""

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

    from dashboards.lib import filters, page
    from dashboards.lib.queries import sellers as queries
    from dashboards.lib.sellers import data as sellers
    from dashboards.lib.sellers import sections
    from orchestration.settings import load_settings


@app.cell
def _():
    published_path = load_settings().published_path
    version = page.version_now(published_path)
    outline, _problem = page.attempt(lambda: sellers.load_outline(version))
    mo.stop(outline is None, _problem)
    return outline, published_path, version


@app.cell
def _(outline):
    page.header(sections.TITLE, outline.info, sections.QUESTION)
    return


@app.cell
def _(data, published_path, version):
    # Looked up at each choice, which is when a newer version would be missed.
    page.newer_version(published_path, version) if data else None
    return


@app.cell
def _(outline):
    get_period, set_period = mo.state(outline.calendar.default_period())
    get_own, set_own = mo.state({})
    return get_own, get_period, set_own, set_period


@app.cell
def _(get_own, get_period, outline, set_own, set_period):
    # A filter is shown by the cell that makes it: any other cell that names it would be drawn
    # again, and take the focus away, whenever it changes.
    preset = filters.preset_filter(
        outline.calendar, get_period(), get_own(), set_period, set_own
    )
    filters.shown(preset)
    return (preset,)


@app.cell
def _(get_period, outline, set_own):
    first_month = filters.month_filter(outline.calendar, "first", get_period(), set_own)
    filters.shown(first_month)
    return (first_month,)


@app.cell
def _(get_period, outline, set_own):
    last_month = filters.month_filter(outline.calendar, "last", get_period(), set_own)
    filters.shown(last_month)
    return (last_month,)


@app.cell
def _(get_own, get_period):
    period, _problem = page.attempt(lambda: filters.months_chosen(get_period(), get_own()))
    mo.stop(period is None, _problem)
    return (period,)


@app.cell
def _(outline):
    regions = filters.choice_filter(outline.regions, "Seller regions")
    filters.shown(regions)
    return (regions,)


@app.cell
def _(outline, regions):
    states = filters.choice_filter(outline.states_of(tuple(regions.value)), "Seller states")
    filters.shown(states)
    return (states,)


@app.cell
def _():
    tiers = filters.choice_filter(queries.TIERS, "Tiers")
    filters.shown(tiers)
    return (tiers,)


@app.cell
def _(outline):
    categories = filters.choice_filter(outline.categories, "Main categories")
    filters.shown(categories)
    return (categories,)


@app.cell
def _():
    activity = filters.one_filter(sellers.ACTIVITIES, "Activity")
    filters.shown(activity)
    return (activity,)


@app.cell
def _():
    min_orders = filters.one_filter(sellers.MINIMUM_ORDERS, "Orders of the seller")
    filters.shown(min_orders)
    return (min_orders,)


@app.cell
def _(activity, categories, min_orders, period, regions, states, tiers, version):
    scope = sellers.scope(
        period,
        regions=regions.value,
        states=states.value,
        tiers=tiers.value,
        categories=categories.value,
        activity=activity.value,
        min_orders=min_orders.value,
    )
    data, _problem = page.attempt(lambda: sellers.load(version, scope))
    mo.stop(data is None, _problem)
    return (data,)


@app.cell
def _(data):
    sections.answer(data)
    return


@app.cell
def _(data):
    sections.why(data)
    return


@app.cell
def _(data):
    chooser = sections.seller_filter(data)
    sections.seller_heading(chooser)
    return (chooser,)


@app.cell
def _(chooser, data, version):
    mo.stop(chooser is None)
    one_page, _problem = page.attempt(
        lambda: sellers.load_seller(version, chooser.value, data.period)
    )
    _problem or sections.one_seller(one_page)
    return


@app.cell
def _(data):
    sections.rows(data)
    return


@app.cell
def _(data):
    page.footer(data.info)
    return


if __name__ == "__main__":
    app.run()
