"""The page /explore: any metric by any of its dimensions, with the orders behind a row.

Cells only put together what dashboards/lib makes: choices, then figures, rows and files.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="full",
    app_title="Explore · Olist DW",
    css_file="../lib/assets/dashboard.css",
    html_head_file="../lib/assets/head.html",
)

with app.setup:
    import marimo as mo

    from dashboards.lib import filters, page
    from dashboards.lib.explore import data as explore
    from dashboards.lib.explore import sections
    from orchestration.settings import load_settings


@app.cell
def _():
    settings = load_settings()
    published_path = settings.published_path
    version = page.version_now(published_path)
    with mo.status.spinner("Reading the metrics", remove_on_exit=True):
        outline, _problem = page.attempt(lambda: explore.load_outline(settings, version))
    mo.stop(outline is None, _problem)
    return outline, published_path, version


@app.cell
def _(outline):
    page.header(sections.TITLE, outline.info, sections.QUESTION)
    return


@app.cell
def _(outline):
    problem = sections.wrong_link(outline)
    return (problem,)


@app.cell
def _(outline):
    metrics = sections.metric_control(outline)
    filters.shown(metrics)
    return (metrics,)


@app.cell
def _(outline):
    time = sections.time_control(outline)
    filters.shown(time)
    return (time,)


@app.cell
def _(metrics, outline):
    first = sections.dimension_control(outline, metrics.value, "By", 0)
    filters.shown(first)
    return (first,)


@app.cell
def _(first, metrics, outline):
    second = sections.dimension_control(outline, metrics.value, "And by", 1, first.value)
    filters.shown(second)
    return (second,)


@app.cell
def _(outline):
    period = sections.period_control(outline)
    filters.shown(period)
    return (period,)


@app.cell
def _(outline, period):
    days = sections.days_control(outline, period.value)
    sections.shown(days) if days is not None else None
    return (days,)


@app.cell
def _(outline):
    compare = sections.compare_control(outline)
    filters.shown(compare)
    return (compare,)


@app.cell
def _(compare, metrics, outline):
    sort = sections.sort_control(outline, metrics.value, compare.value)
    filters.shown(sort)
    return (sort,)


@app.cell
def _(metrics, outline):
    names = sections.filter_control(outline, metrics.value)
    filters.shown(names)
    return (names,)


@app.cell
def _(metrics, names, outline):
    values = sections.value_controls(outline, metrics.value, names.value)
    sections.shown(values) if names.value else None
    return (values,)


@app.cell
def _(
    compare,
    days,
    first,
    metrics,
    outline,
    period,
    problem,
    second,
    sort,
    time,
    values,
):
    mo.stop(not metrics.value, sections.nothing_chosen(problem))
    view, _problem = page.attempt(
        lambda: explore.load_view(
            outline,
            sections.choose(
                outline,
                metrics.value,
                (time.value, first.value, second.value),
                values.value,
                (period.value, days.value if days is not None else None),
                compare.value,
                sort.value,
            ),
        )
    )
    mo.stop(view is None, _problem)
    return (view,)


@app.cell
def _(published_path, version, view):
    page.newer_version(published_path, version) if view else None
    return


@app.cell
def _(view):
    sections.answer(view)
    return


@app.cell
def _(view):
    mo.stop(not view.rows)
    sections.table_words(view)
    return


@app.cell
def _(view):
    mo.stop(not view.rows)
    table = sections.table(view)
    table
    return (table,)


@app.cell
def _(table, view):
    row = sections.row_chosen(view, table.value)
    mo.stop(row is None)
    orders, _problem = page.attempt(lambda: explore.load_orders(view, row))
    sections.orders(view, row, orders) if orders else _problem
    return


@app.cell
def _(view):
    mo.stop(not view.rows)
    sections.files(view)
    return


@app.cell
def _(outline):
    page.footer(outline.info)
    return


if __name__ == "__main__":
    app.run()
