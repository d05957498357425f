"""The parts of the page /ask that show questions: the list, an answer, where it comes from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from html import escape
from pathlib import Path
from typing import Any

import marimo as mo

from dashboards.lib import address, files, result_parts
from dashboards.lib import format as fmt
from dashboards.lib.ask.catalogue import MARK_WORDS, TIER_WORDS, find
from dashboards.lib.ask.charts import draw
from dashboards.lib.ask.findings import all_findings, finding
from dashboards.lib.cards import chart_cards
from dashboards.lib.queries.questions import (
    MARKS,
    Question,
    Result,
    areas,
    load_questions,
    run_list,
    run_question,
)
from dashboards.lib.queries.warehouse import (
    DashboardDataError,
    PublishedInfo,
    published,
    read_info,
)
from dashboards.lib.tiles import Tile, heading, message, tile_grid
from orchestration.settings import Settings

TITLE = "Ask"
QUESTION = "The hundred questions of the business, each with its answer and how far it holds."
QUESTIONS = "Questions"
FREE_SQL = "Free SQL"
# Pixels of the list's columns.
_WIDTHS = {"No.": 50, "Question": 260, "Finding": 520, "Area": 190, "Tier": 60, "Answer": 130}
_TILES: dict[str, tuple[str, str]] = {
    "answerable": ("Answered", "from the data"),
    "proxy": ("By a proxy", "which names its limit"),
    "not in data": ("Not in the data", "with the nearest answer"),
}


@dataclass(frozen=True)
class Outline:
    """What the page needs before anything is asked, of one version."""

    path: Path
    info: PublishedInfo
    questions: tuple[Question, ...]

    @cached_property
    def findings(self) -> Mapping[int, str]:
        """The finding of each question; the first time, it takes two seconds."""
        return all_findings(self.path, self.questions)

    @property
    def known_findings(self) -> Mapping[int, str]:
        """The same, as far as somebody has waited for them."""
        known: Mapping[int, str] = vars(self).get("findings", {})
        return known


@lru_cache(maxsize=4)
def load_outline(settings: Settings, path: Path) -> Outline:
    """The version behind a path and all questions; read once for all readers of a version.

    Raises:
        DashboardDataError: Nothing is published, or dbt cannot compile the questions.
    """
    with published(path) as connection:
        return Outline(path, read_info(connection), load_questions(settings))


def find_all(outline: Outline, show: Callable[[Mapping[int, str]], None]) -> None:
    """Show the findings as soon as they are there; the page does not wait for them."""

    def work() -> None:
        with suppress(DashboardDataError):  # the version is gone: the page says so itself
            show(outline.findings)

    if not outline.known_findings:
        mo.Thread(target=work, daemon=True).start()


def overview(outline: Outline) -> mo.Html:
    """How many questions are answered, and how far."""
    counts = Counter(one.mark for one in outline.questions)
    tiles = [
        Tile(f"mark_{mark.replace(' ', '_')}", name, str(counts[mark]), words)
        for mark, (name, words) in ((mark, _TILES[mark]) for mark in MARKS)
    ]
    return mo.Html(tile_grid(tiles))


def view_tabs() -> mo.ui.tabs:
    """The two ways to ask."""
    return _tabs(dict.fromkeys((QUESTIONS, FREE_SQL), ""), "tab")


def controls(outline: Outline) -> mo.ui.dictionary:
    """What narrows the list: words, areas, tiers."""
    wanted = address.read()
    tiers = {words: tier for tier, words in TIER_WORDS.items()}
    chosen = wanted.get("tier", "").split(",")
    return mo.ui.dictionary(
        {
            "search": mo.ui.text(
                wanted.get("search", ""),
                label="Search",
                placeholder="late, repeat, freight ...",
                debounce=300,
            ),
            "areas": mo.ui.multiselect(
                names := areas(outline.questions),
                [one for one in wanted.get("area", "").split(",") if one in names],
                label="Areas (empty: all)",
                full_width=True,
            ),
            "tiers": mo.ui.multiselect(
                tiers,
                [words for words, tier in tiers.items() if str(tier) in chosen],
                label="Tiers",
            ),
        }
    )


def catalogue(
    outline: Outline, given: Mapping[str, Any], findings: Mapping[int, str]
) -> mo.ui.table | mo.Html:
    """The questions that were searched for, each with its finding; one of them chosen."""
    found = _found(outline, given)
    if not found:
        return mo.Html(message("No question matches", _nothing_words(given["search"].strip())))
    asked = address.read().get("q", "")
    numbers = [str(one.number) for one in found]
    # A number that does not exist chooses none, until something is searched for.
    first = [] if asked and not _known(outline, asked) and not any(given.values()) else [0]
    lines = [
        (one.number, one.text, findings.get(one.number, "..."), one.area, one.tier, one.mark)
        for one in found
    ]
    return mo.ui.table(
        [dict(zip(_WIDTHS, line, strict=True)) for line in lines],
        selection="single",
        initial_selection=[numbers.index(asked)] if asked in numbers else first,
        pagination=False,
        wrapped_columns=["Question", "Finding", "Area"],
        column_widths=_WIDTHS,
        max_height=330,
        show_column_summaries=False,
        show_data_types=False,
        show_download=False,
        show_search=False,
        label="Choose a question",
    )


def _found(outline: Outline, given: Mapping[str, Any]) -> tuple[Question, ...]:
    return find(
        outline.questions, search=given["search"], areas=given["areas"], tiers=given["tiers"]
    )


def _known(outline: Outline, asked: str) -> bool:
    return asked in {str(one.number) for one in outline.questions}


def _nothing_words(search: str) -> str:
    quoted = f"\N{LEFT DOUBLE QUOTATION MARK}{search}\N{RIGHT DOUBLE QUOTATION MARK} "
    return (
        f"Nothing was found {f'for {quoted}' if search else ''}in the areas and tiers that are "
        "chosen. Take words or filters away; English and Portuguese words are understood."
    )


def chosen(
    outline: Outline, given: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]
) -> Question | None:
    """The question of the row that was chosen; the address says it from now on."""
    number = rows[0]["No."] if rows else None
    found = next((one for one in outline.questions if one.number == number), None)
    listed, asked = _found(outline, given), address.read().get("q", "")
    if found is not None and str(found.number) != asked:  # the first is where a list begins
        asked = "" if found == listed[0] else str(found.number)
    address.keep(
        q=asked,
        search=given["search"].strip(),
        area=",".join(given["areas"]),
        tier=",".join(map(str, given["tiers"])),
    )
    return found


def nothing_chosen(outline: Outline) -> mo.Html:
    """A word where no question is chosen, or the address asks for one that does not exist."""
    asked = address.read().get("q", "")
    if not asked or _known(outline, asked):
        return mo.Html(message("No question is chosen", "Choose a question in the list."))
    text = (
        f"The address asks for question {asked[:40]!r}. They are numbered 1 to "
        f"{len(outline.questions)}: choose one in the list."
    )
    return mo.Html(message("There is no such question", text, "warn"))


def load_answer(outline: Outline, question: Question) -> Result:
    """The result of a question.

    Raises:
        DashboardDataError: The published warehouse lacks what the question reads.
    """
    with published(outline.path) as connection:
        return run_question(connection, question)


def answer(outline: Outline, question: Question, result: Result) -> mo.Html:
    """The finding, the chart, and how to read them."""
    notes = {"How to read it": question.how_to_read, "Its limit": result.limit}
    parts = [
        f'<section class="dw-answer" data-question="{question.number}">',
        heading(
            f"{question.number}. {question.text}",
            f"{question.area}, {TIER_WORDS[question.tier]}. {MARK_WORDS[question.mark]}.",
        ),
        f'<p class="dw-lead" data-finding>{escape(finding(question, result))}</p>',
        *(
            f'<p class="dw-note"><b>{name}.</b> {escape(text)}</p>'
            for name, text in notes.items()
            if text
        ),
        "</section>",
    ]
    as_of = f"{question.description} Data as of {fmt.day(outline.info.as_of_date)}."
    chart = draw(question, result.shown, as_of)
    return mo.Html("".join(parts) + (chart_cards([chart]) if chart else ""))


def rows(outline: Outline, question: Question, result: Result) -> mo.ui.tabs:
    """The rows to sort and to take away, the query, and where it all comes from."""

    def full_list() -> Result:
        with published(outline.path) as connection:
            return run_list(connection, question)

    parts = [
        result_parts.table(result.shown),
        files.downloads(question.name, lambda: result.taken),
    ]
    if question.list_sql:
        parts.append(files.downloads(f"{question.name}_full", full_list, "full list"))
    meanings = {one.label: (name, one.description) for name, one in question.columns.items()}
    steps = {
        "Source tables": question.sources,
        "By way of": question.through,
        "Read by the query": question.reads,
        "Metrics": question.metrics,
    }
    lineage = _words_table(
        {name: (", ".join(found),) for name, found in steps.items() if found}
    )
    return _tabs(
        {
            "Rows": mo.vstack(parts),
            # An editor that takes no key: it has a button that copies all of it.
            "SQL": mo.ui.code_editor(
                value=question.sql.strip(), language="sql", disabled=True, max_height=520
            ),
            "Columns": mo.Html(_words_table(meanings)),
            "Lineage": mo.Html(
                f'<div data-lineage>{lineage}</div><p class="dw-note">Every one of them is '
                'described in the <a href="/catalog/">data catalogue</a>.</p>'
            ),
        },
        "part",
    )


def _words_table(lines: Mapping[str, Sequence[str]]) -> str:
    """Lines of words, each under a name, as HTML."""
    made = ""
    for name, words in lines.items():
        cells = "".join(f"<td>{escape(one)}</td>" for one in words)
        made += f"<tr><th>{escape(name)}</th>{cells}</tr>"
    return f'<table class="dw-words">{made}</table>'


def _tabs(contents: Mapping[str, object], parameter: str) -> mo.ui.tabs:
    """Tabs of which the address keeps the chosen one; the first is where they begin."""
    first, *_ = contents
    wanted = address.read().get(parameter, "")
    return mo.ui.tabs(
        contents,
        value=wanted if wanted in contents else first,
        on_change=lambda name: address.keep(**{parameter: "" if name == first else name}),
    )
