"""The geography dashboard: where trade is, where there is room, what distance costs.

Cells only put together what dashboards/lib makes: filters, then answer, why, rows.
"""

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

    from dashboards.lib import filters, page
    from dashboards.lib.executive.data import load_outline
    from dashboards.lib.geography import data as geography
    from dashboards.lib.geography import sections
    from orchestration.settings import load_settings


@app.cell
def _():
    published_path = load_settings().published_path
    version = page.version_now(published_path)
    outline, _problem = page.attempt(lambda: load_outline(version))
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
def _(get_period, set_own):
    first_day = filters.day_filter("first", get_period(), set_own)
    filters.shown(first_day)
    return (first_day,)


@app.cell
def _(get_period, set_own):
    last_day = filters.day_filter("last", get_period(), set_own)
    filters.shown(last_day)
    return (last_day,)


@app.cell
def _(get_own, get_period, outline):
    period, _problem = page.attempt(
        lambda: filters.days_chosen(outline.calendar, get_period(), get_own())
    )
    mo.stop(period is None, _problem)
    return (period,)


@app.cell
def _(outline):
    regions = filters.region_filter(outline.regions)
    filters.shown(regions)
    return (regions,)


@app.cell
def _(outline, regions):
    states = filters.state_filter(outline.states_of(tuple(regions.value)))
    filters.shown(states)
    return (states,)


@app.cell
def _():
    minimum = sections.city_minimum_filter()
    filters.shown(minimum)
    return (minimum,)


@app.cell
def _():
    measure = sections.map_filter()
    filters.shown(measure)
    return (measure,)


@app.cell
def _(minimum, outline, period, regions, states, version):
    scope = filters.scope(period, regions.value, states.value)
    data, _problem = page.attempt(lambda: geography.load(version, scope, minimum.value))
    mo.stop(data is None, _problem)
    return (data,)


@app.cell
def _(data):
    sections.answer(data)
    return


@app.cell
def _(data, measure):
    sections.why(data, measure.value)
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
