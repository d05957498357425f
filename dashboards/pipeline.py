"""The pipeline page: was last night good, how runs fare, what they leave out.

Cells only put together what dashboards/lib makes: alarm, then answer, why, rows. It reads the
log of runs, so it shows failed ones, too, and works before anything is published.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="full",
    app_title="Pipeline health · Olist DW",
    css_file="lib/assets/dashboard.css",
    html_head_file="lib/assets/head.html",
)

with app.setup:
    from datetime import timedelta

    from dashboards.lib import filters
    from dashboards.lib.pipeline import data as pipeline
    from dashboards.lib.pipeline import sections
    from orchestration.settings import load_settings


@app.cell
def _():
    settings = load_settings()
    return (settings,)


@app.cell
def _():
    num_runs = filters.one_filter(
        {f"the last {number}": number for number in pipeline.RUNS_SHOWN}, "Runs"
    )
    return (num_runs,)


@app.cell
def _(num_runs, settings):
    data = pipeline.load(
        settings.published_path,
        settings.runs_dir,
        timedelta(hours=settings.dashboards_fresh_hours),
        num_runs.value,
    )
    return (data,)


@app.cell
def _(data):
    sections.header(data)
    return


@app.cell
def _(data):
    sections.alarm(data)
    return


@app.cell
def _(num_runs):
    filters.shown(num_runs)
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
    sections.footer(data)
    return


if __name__ == "__main__":
    app.run()
