"""The executive dashboard: the seven questions of the weekly review, on one page.

Cells only put together what dashboards/lib makes: filters, then answer, why, rows.
"""

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

    from dashboards.lib import filters, page
    from dashboards.lib.executive import data as executive
    from dashboards.lib.executive import sections
    from orchestration.settings import load_settings


@app.cell
def _():
    published_path = load_settings().published_path
    outline, _problem = page.attempt(lambda: executive.load_outline(published_path))
    mo.stop(outline is None, _problem)
    return outline, published_path


@app.cell
def _(outline):
    preset = filters.preset_filter(outline.calendar)
    regions = filters.region_filter(outline.regions)
    return preset, regions


@app.cell
def _(outline, preset):
    days = filters.date_filter(outline.calendar, preset.value)
    return (days,)


@app.cell
def _(outline, regions):
    states = filters.state_filter(outline.states_of(tuple(regions.value)))
    return (states,)


@app.cell
def _(days, published_path, regions, states):
    scope = filters.scope(days.value, regions.value, states.value)
    data, _problem = page.attempt(lambda: executive.load(published_path, scope))
    mo.stop(data is None, _problem)
    return (data,)


@app.cell
def _(data):
    page.header(sections.TITLE, data.info, sections.QUESTION)
    return


@app.cell
def _(days, preset, regions, states):
    filters.filter_bar(preset, days, regions, states)
    return


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
