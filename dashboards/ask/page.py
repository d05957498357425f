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
    from dashboards.lib.ask import sections
    from dashboards.lib.ask.catalogue import find
    from orchestration.settings import load_settings


@app.cell
def _():
    settings = load_settings()
    published_path = settings.published_path
    version = page.version_now(published_path)
    with mo.status.spinner("Reading the questions", remove_on_exit=True):
        outline, _problem = page.attempt(lambda: sections.load_outline(settings, version))
    mo.stop(outline is None, _problem)
    return outline, published_path, version


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
    view = mo.ui.tabs(dict.fromkeys(sections.VIEWS, ""))
    view
    return (view,)


@app.cell
def _():
    asked_number = mo.query_params().get("q")
    return (asked_number,)


@app.cell
def _(view):
    mo.stop(view.value != "Questions")
    search = mo.ui.text(label="Search", placeholder="late, repeat, freight ...", debounce=300)
    filters.shown(search)
    return (search,)


@app.cell
def _(outline, view):
    mo.stop(view.value != "Questions")
    areas = filters.choice_filter(sections.area_options(outline), "Areas")
    filters.shown(areas)
    return (areas,)


@app.cell
def _(view):
    mo.stop(view.value != "Questions")
    tiers = mo.ui.multiselect(sections.tier_options(), label="Tiers")
    filters.shown(tiers)
    return (tiers,)


@app.cell
def _(asked_number, outline):
    sections.unknown_number(outline, asked_number)
    return


@app.cell
def _(areas, asked_number, outline, search, tiers):
    found = find(outline.questions, search=search.value, areas=areas.value, tiers=tiers.value)
    mo.stop(not found, sections.nothing_found(search.value))
    choice = sections.catalogue(found, sections.number_in(outline, asked_number))
    choice
    return (choice,)


@app.cell
def _(choice, outline, version):
    question = sections.chosen(outline.questions, choice.value)
    mo.stop(question is None, sections.nothing_chosen())
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
def _(view):
    mo.stop(view.value != "Free SQL")
    sections.sql_words()
    return


@app.cell
def _(view):
    mo.stop(view.value != "Free SQL")
    editor = sections.sql_editor()
    editor
    return (editor,)


@app.cell
def _(view):
    mo.stop(view.value != "Free SQL")
    run = sections.run_button()
    run
    return (run,)


@app.cell
def _(version):
    get_outcome, _set_outcome = mo.state(None)
    runs = sections.FreeRuns(version, _set_outcome)
    return get_outcome, runs


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
    mo.stop(view.value != "Free SQL")
    sections.free_answer(get_outcome())
    return


@app.cell
def _(version, view):
    mo.stop(view.value != "Free SQL")
    sections.tables_words(version)
    return


@app.cell
def _(outline):
    page.footer(outline.info)
    return


if __name__ == "__main__":
    app.run()
