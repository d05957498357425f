"""The page of forecasts: demand ahead with its intervals, and days that stand out."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="full",
    app_title="Forecasts and anomalies · Olist DW",
    css_file="lib/assets/dashboard.css",
    html_head_file="lib/assets/head.html",
)

with app.setup:
    import marimo as mo

    from dashboards.lib import controls, shell
    from dashboards.lib.parts import anomalies, forecast_tables, forecasts
    from dashboards.lib.spec import (
        STATE,
        Filter,
        Option,
        Page,
        Special,
        SpecialRows,
        SpecialTile,
    )

    CATEGORIES = "mart_category_performance"
    PAGE = Page(
        slug="forecasts",
        # Its days and months are those of the page; forecasts have days of their own.
        mart="mart_executive_dashboard",
        filters=(
            STATE,
            Filter("category", "Categories", CATEGORIES, ("category_name_english",)),
        ),
        options=(Option("metric", "Forecast of", forecasts.METRICS),),
        lead=(),
        tiles=(
            SpecialTile(forecasts.quarter_tile),
            SpecialTile(forecasts.week_tile),
            SpecialTile(forecasts.error_tile),
            SpecialTile(anomalies.alarm_tile),
        ),
        about_charts="A forecast is the mean of eight weeks with a quarter of the trend: it "
        "sees no change coming. Plan for the interval, not for the line.",
        charts=(
            Special(forecasts.forecast),
            Special(forecasts.days_ahead),
            Special(forecasts.black_friday),
            Special(anomalies.anomalies),
        ),
        tables=(
            SpecialRows(forecast_tables.by_state),
            SpecialRows(forecast_tables.by_category),
            SpecialRows(forecast_tables.weeks),
            SpecialRows(anomalies.days_that_stand_out),
            SpecialRows(forecast_tables.tests),
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
    others = controls.other_controls(source)
    controls.shown(others)
    return (others,)


@app.cell
def _(others, source):
    # No period is chosen: a forecast is of the days after the as-of date.
    view, _problem = shell.look(source, source.calendar.default_period(), {}, others.value)
    mo.stop(view is None, _problem)
    return (view,)


@app.cell
def _(view):
    forecasts.summary(view)
    return


@app.cell
def _(view):
    shell.charts(view)
    return


@app.cell
def _(view):
    forecast_tables.rows(view)
    return


@app.cell
def _(source):
    shell.footer(source)
    return


if __name__ == "__main__":
    app.run()
