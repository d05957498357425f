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

    from dashboards.lib import controls, page, result_parts
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
    mo.vstack(
        [
            page.header(sections.TITLE, outline.info, sections.QUESTION),
            sections.overview(outline),
        ]
    )
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
def _():
    view = sections.view_tabs()
    view
    return (view,)


@app.cell
def _(outline, view):
    mo.stop(view.value != sections.QUESTIONS)
    search = sections.controls(outline)
    controls.shown(search)
    return (search,)


@app.cell
def _(get_findings, outline, search):
    choice = sections.catalogue(outline, search.value, get_findings())
    choice
    return (choice,)


@app.cell
def _(choice, outline, published_path, search, version):
    mo.stop(not isinstance(choice, mo.ui.table))
    question = sections.chosen(outline, search.value, choice.value)
    mo.stop(question is None, sections.nothing_chosen(outline))
    result, _problem = page.attempt(lambda: sections.load_answer(outline, question))
    mo.stop(result is None, _problem)
    _newer = page.newer_version(published_path, version)
    result_parts.stacked(_newer, sections.answer(outline, question, result))
    return question, result


@app.cell
def _(outline, question, result):
    # By a name of its own: marimo says nothing of what happens in tabs that have none.
    rows = sections.rows(outline, question, result)
    rows
    return (rows,)


@app.cell
def _(version, view):
    mo.stop(view.value != sections.FREE_SQL)
    editor, run = free.editor(), free.run_button()
    mo.vstack([free.introduction(version), editor, run])
    return editor, run


@app.cell
def _(editor, run, runs):
    if run.value:
        runs.start(editor.value)
    return


@app.cell
def _(get_outcome, published_path, version, view):
    mo.stop(view.value != sections.FREE_SQL or get_outcome() is None)
    _newer = page.newer_version(published_path, version)
    result_parts.stacked(_newer, free.outcome_of(get_outcome()))
    return


@app.cell
def _(outline, set_findings):
    # The last cell: the list is there first, and its findings come to it.
    sections.find_all(outline, set_findings)
    page.footer(outline.info)
    return


if __name__ == "__main__":
    app.run()
