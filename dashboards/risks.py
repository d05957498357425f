"""The page of risks: orders, sellers and customers by score, with reason, step and worth."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="full",
    app_title="Risks · Olist DW",
    css_file="lib/assets/dashboard.css",
    html_head_file="lib/assets/head.html",
)

with app.setup:
    import marimo as mo

    from dashboards.lib import page
    from dashboards.lib.catalogue import DASHBOARDS
    from dashboards.lib.parts import risks as parts
    from orchestration.settings import load_settings

    DASHBOARD = next(one for one in DASHBOARDS if one.slug == "risks")


@app.cell
def _():
    _path = page.version_now(load_settings().published_path)
    risks, _problem = page.attempt(lambda: parts.load(_path))
    mo.stop(risks is None, _problem)
    return (risks,)


@app.cell
def _(risks):
    page.header(DASHBOARD.title, risks.info, DASHBOARD.question)
    return


@app.cell
def _(risks):
    parts.summary(risks)
    return


@app.cell
def _(risks):
    parts.backtests(risks)
    return


@app.cell
def _(risks):
    parts.rows(risks)
    return


@app.cell
def _(risks):
    page.footer(risks.info)
    return


if __name__ == "__main__":
    app.run()
