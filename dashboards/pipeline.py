"""The pipeline page: was last night good, how runs fare, what they leave out.

It reads the log of runs, so it shows failed ones, too, and works before anything is published.
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

    import marimo as mo

    from dashboards.lib import address, controls, page
    from dashboards.lib.parts import pipeline, runs
    from dashboards.lib.tiles import message
    from orchestration.settings import load_settings

    TITLE = "Pipeline health"
    QUESTION = "Was last night good: did the run publish, in time, of good data?"
    # How many runs the page can look back on; the first is what it opens with.
    CHOICES = {f"the last {number}": number for number in (30, 10, 50)}
    FIRST = next(iter(CHOICES))


@app.cell
def _():
    settings = load_settings()
    return (settings,)


@app.cell
def _():
    _asked = mo.query_params().get("runs")
    num_runs = mo.ui.dropdown(
        options=CHOICES,
        value=next((words for words in CHOICES if words.endswith(f" {_asked}")), FIRST),
        allow_select_none=False,
        label="Runs",
        full_width=True,
    )
    return (num_runs,)


@app.cell
def _(num_runs, settings):
    address.keep(runs="" if num_runs.value == CHOICES[FIRST] else str(num_runs.value))
    log = pipeline.load(
        settings.published_path,
        settings.runs_dir,
        timedelta(hours=settings.dashboards_fresh_hours),
        num_runs.value,
    )
    return (log,)


@app.cell
def _(log):
    page.header(TITLE, log.info, QUESTION)
    return


@app.cell
def _(log):
    # Before the first run the summary says what to do.
    _problem = log.problem if log.history.runs else None
    mo.Html(message("Nothing can be read", _problem, "warn")) if _problem else None
    return


@app.cell
def _(log):
    _alarm = pipeline.alarm(log)
    mo.Html(_alarm) if _alarm else None
    return


@app.cell
def _(num_runs):
    controls.shown(num_runs)
    return


@app.cell
def _(log):
    runs.summary(log)
    return


@app.cell
def _(log):
    runs.trends(log)
    return


@app.cell
def _(log):
    runs.data(log)
    return


@app.cell
def _(log):
    page.footer(log.info) if log.info else None
    return


if __name__ == "__main__":
    app.run()
