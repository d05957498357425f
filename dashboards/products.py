"""The products dashboard: what sells, what grows, and what no longer does.

Cells only put together what dashboards/lib makes: filters, then answer, why, rows.
"""

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

    from dashboards.lib import filters, page
    from dashboards.lib.products import data as products
    from dashboards.lib.products import sections
    from orchestration.settings import load_settings


@app.cell
def _():
    published_path = load_settings().published_path
    version = page.version_now(published_path)
    outline, _problem = page.attempt(lambda: products.load_outline(version))
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
    regions = filters.region_filter(outline.regions)
    filters.shown(regions)
    return (regions,)


@app.cell
def _(outline, regions):
    states = filters.state_filter(outline.states_of(regions.value))
    filters.shown(states)
    return (states,)


@app.cell
def _(outline):
    groups = filters.choice_filter(outline.groups, "Groups")
    filters.shown(groups)
    return (groups,)


@app.cell
def _(groups, outline):
    categories = filters.choice_filter(
        filters.by_name(outline.categories_of(groups.value)), "Categories"
    )
    filters.shown(categories)
    return (categories,)


@app.cell
def _(outline):
    stages = filters.choice_filter(filters.by_name(outline.stages), "Stages")
    filters.shown(stages)
    return (stages,)


@app.cell
def _():
    classes = filters.choice_filter(products.CLASSES, "ABC classes")
    filters.shown(classes)
    return (classes,)


@app.cell
def _(period, regions, states):
    sales = products.sales_scope(
        period,
        regions.value,
        states.value,
    )
    return (sales,)


@app.cell
def _(categories, classes, groups, sales, stages):
    scope = products.scope(sales, groups.value, categories.value, stages.value, classes.value)
    return (scope,)


@app.cell
def _(scope, version):
    data, _problem = page.attempt(lambda: products.load(version, scope))
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
    sections.rows(data)
    return


@app.cell
def _(data):
    page.footer(data.info)
    return


if __name__ == "__main__":
    app.run()
