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

    from dashboards.lib import controls, page, result_parts
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
    problem = sections.wrong_link(outline)
    page.header(sections.TITLE, outline.info, sections.QUESTION)
    return outline, problem, published_path, version


@app.cell
def _(outline):
    first = sections.first_controls(outline)
    controls.shown(first)
    return (first,)


@app.cell
def _(first, outline):
    second = sections.second_controls(outline, first.value)
    controls.shown(second)
    return (second,)


@app.cell
def _(first, outline, second):
    third = sections.third_controls(outline, first.value, second.value)
    controls.shown(third)
    return (third,)


@app.cell
def _(first, outline, problem, published_path, second, third, version):
    mo.stop(not first.value["metrics"], sections.nothing_chosen(problem))
    view, _problem = page.attempt(
        lambda: explore.load_view(
            outline, sections.choose(outline, first.value, second.value, third.value)
        )
    )
    mo.stop(view is None, _problem)
    result_parts.stacked(page.newer_version(published_path, version), sections.answer(view))
    return (view,)


@app.cell
def _(view):
    mo.stop(not view.rows)
    table = sections.table(view)
    mo.vstack([sections.table_words(view), table])
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
    sections.take_away(view)
    return


@app.cell
def _(outline):
    page.footer(outline.info)
    return


if __name__ == "__main__":
    app.run()
