"""The page /ask: the hundred questions with their answers, and free SQL.

Cells only put together what dashboards/lib makes: the catalogue, the answer, or free SQL.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="full",
    app_title="Ask · Olist DW",
    css_file="../lib/assets/dashboard.css",
    html_head_file="../lib/assets/head.html",
)

with app.setup:
    import marimo as mo

    from dashboards.lib import filters, page
    from dashboards.lib.ask import free_sections as free
    from dashboards.lib.ask import sections
    from orchestration.settings import load_settings


@app.cell
def _():
    settings = load_settings()
    published_path = settings.published_path
    version = page.version_now(published_path)
    with mo.status.spinner("Reading the questions", remove_on_exit=True):
        outline, _problem = page.attempt(lambda: sections.load_outline(settings, version))
    mo.stop(outline is None, _problem)
    get_findings, set_findings = mo.state(outline.known_findings)
    get_outcome, _set_outcome = mo.state(None)
    runs = free.Runs(version, _set_outcome)
    return (
        get_findings,
        get_outcome,
        outline,
        published_path,
        runs,
        set_findings,
        version,
    )


@app.cell
def _(outline):
    page.header(sections.TITLE, outline.info, sections.QUESTION)
    return


@app.cell
def _(outline):
    sections.overview(outline)
    return


@app.cell
def _():
    view = sections.view_tabs()
    view
    return (view,)


@app.cell
def _(outline, view):
    mo.stop(view.value != sections.QUESTIONS)
    controls = sections.controls(outline)
    filters.shown_together(controls)
    return (controls,)


@app.cell
def _(controls, get_findings, outline):
    choice = sections.catalogue(outline, controls.value, get_findings())
    choice
    return (choice,)


@app.cell
def _(choice, controls, outline, version):
    mo.stop(not isinstance(choice, mo.ui.table))
    question = sections.chosen(outline, controls.value, choice.value)
    mo.stop(question is None, sections.nothing_chosen(outline))
    result, _problem = page.attempt(lambda: sections.load_answer(version, question))
    mo.stop(result is None, _problem)
    return question, result


@app.cell
def _(published_path, question, version):
    page.newer_version(published_path, version) if question else None
    return


@app.cell
def _(outline, question, result):
    sections.answer(question, result, outline.info)
    return


@app.cell
def _(question, result, version):
    sections.rows(version, question, result)
    return


@app.cell
def _(version, view):
    mo.stop(view.value != sections.FREE_SQL)
    free.introduction(version)
    return


@app.cell
def _(view):
    mo.stop(view.value != sections.FREE_SQL)
    editor = free.editor()
    editor
    return (editor,)


@app.cell
def _(view):
    mo.stop(view.value != sections.FREE_SQL)
    run = free.run_button()
    run
    return (run,)


@app.cell
def _(editor, run, runs):
    if run.value:
        runs.start(editor.value)
    return


@app.cell
def _(get_outcome, published_path, version):
    page.newer_version(published_path, version) if get_outcome() else None
    return


@app.cell
def _(get_outcome, view):
    mo.stop(view.value != sections.FREE_SQL)
    free.outcome_of(get_outcome())
    return


@app.cell
def _(outline):
    page.footer(outline.info)
    return


@app.cell
def _(outline, set_findings):
    # The last cell: the list is there first, and its findings come to it.
    sections.find_all(outline, set_findings)
    return


if __name__ == "__main__":
    app.run()
