"""What ``olist ask`` does: ask one of the hundred questions in a terminal.

It writes docs/questions.md, too: every question with its finding on one warehouse. That page
is made of findings alone: no row of the data, no id of an order, a customer, a seller or a
product.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.markup import escape
from rich.padding import Padding

from dashboards.lib import console
from dashboards.lib import format as fmt
from dashboards.lib.ask.catalogue import MARK_WORDS, TIER_WORDS, area_like, find
from dashboards.lib.ask.findings import all_findings, finding
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
    PublishedInfo,
    published,
    read_info,
    source_words,
)
from orchestration.settings import PROJECT_ROOT, Settings, load_settings

_TEMPLATE = Path(__file__).with_name("questions_page.md")
_GENERATED = "generated data, which describe no real sale"
_MOST_ROWS = 30
_PAGE = PROJECT_ROOT / "docs" / "questions.md"
_MARK_LETTERS = {"answerable": "A", "proxy": "P", "not in data": "U"}


class _AskError(Exception):
    """What was asked does not exist; the text says what does."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for.

    Attributes:
        words: The number of a question, or words to search for.
        csv: Write all rows, and only them.
        sql: Write the query.
        full_list: Write the list behind the answer as CSV.
        area: List the questions of an area only.
        search: List those that hold these words only.
        write_docs: Write docs/questions.md.
    """

    words: tuple[str, ...] = ()
    csv: bool = False
    sql: bool = False
    full_list: bool = False
    area: str | None = None
    search: str | None = None
    write_docs: bool = False


def ask(asked: Asked) -> int:
    """Do what is asked; returns the exit code."""
    return console.answering(lambda: _ask(asked, load_settings()), _AskError)


def _ask(options: Asked, settings: Settings) -> None:
    with published(settings.published_path):
        pass  # to read the questions would make a cache in a directory that is no warehouse
    asked = load_questions(settings, _say_that_it_takes_seconds)
    number, words = _number_or_words(options)
    if options.write_docs:
        _PAGE.write_text(page(settings.published_path, asked), encoding="utf-8")
        sys.stdout.write(f"Written: {_PAGE}\n")
    elif number is None:
        _list(asked, words, options.area)
    else:
        _answer(options, settings.published_path, _question(asked, number))


def _answer(options: Asked, path: Path, question: Question) -> None:
    if options.full_list and not question.list_sql:
        message = f"Question {question.number} has no list behind its answer. Take --csv."
        raise _AskError(message)
    if options.sql:
        sys.stdout.write(f"{question.sql.strip()}\n")
        return
    with published(path) as connection:
        info = read_info(connection)
        result = (run_list if options.full_list else run_question)(connection, question)
    if options.csv or options.full_list:
        console.write_csv(result.taken)
    else:
        _show(question, result, info)


def _number_or_words(options: Asked) -> tuple[int | None, str]:
    """The number that was asked, or else all words to search for."""
    given = " ".join(options.words).strip()
    if given.lstrip("-").isdecimal() and not options.search:
        return int(given), ""
    return None, " ".join((given, options.search or "")).strip()


def _question(asked: Sequence[Question], number: int) -> Question:
    found = next((one for one in asked if one.number == number), None)
    if found is None:
        message = f"There is no question {number}: they are 1 to {len(asked)}. See --list."
        raise _AskError(message)
    return found


def _list(asked: Sequence[Question], words: str, area: str | None) -> None:
    """The questions that were searched for, one a line."""
    chosen = None if area is None else area_like(asked, area)
    if area is not None and chosen is None:
        message = f"{area!r} names no one area. There are: {'; '.join(areas(asked))}."
        raise _AskError(message)
    found = find(asked, search=words, areas=() if chosen is None else (chosen,))
    if not found:
        message = "No question matches. Leave words out, or see all of them with --list."
        raise _AskError(message)
    table = console.grid("No.", "Question", "Area", "Tier", "Answer")
    for one in found:
        row = (str(one.number), escape(one.text), one.area, str(one.tier), one.mark)
        table.add_row(*row)
    console.console().print(table)


def _show(question: Question, result: Result, info: PublishedInfo) -> None:
    """Finding, rows, how to read them, and where they come from."""
    out = console.console()
    out.print(
        f"[bold]{question.number}. {escape(question.text)}[/]  "
        f"[dim]{escape(question.area)}, {TIER_WORDS[question.tier]}[/]"
    )
    if info.is_synthetic:
        out.print("[bold red]Synthetic data:[/] these figures describe no real sale.")
    if question.mark != "answerable":
        out.print(f"[yellow]{MARK_WORDS[question.mark]}.[/]")
    out.print(f"\n[bold green]{escape(finding(question, result))}[/]\n")
    console.show(out, result.shown, _MOST_ROWS)
    out.print()
    source = (
        f"{', '.join(question.reads)}; data as of {fmt.day(info.as_of_date)}, "
        f"{source_words(info)}, version {info.run_id}"
    )
    for name, text in (
        ("How to read it", question.how_to_read),
        ("Its limit", result.limit),
        ("Rows", question.description),
        ("Source", source),
    ):
        if text:
            out.print(Padding(f"[bold]{name}:[/] {escape(text)}", (0, 0, 0, 2)))


def page(published_path: Path, asked: Sequence[Question]) -> str:
    """The text of docs/questions.md; the same warehouse gives the same one."""
    with published(published_path) as connection:
        info = read_info(connection)
    findings = all_findings(published_path, asked)
    parts = [_introduction(asked, info)]
    for area in areas(asked):
        parts += [f"## {area}\n", _table([one for one in asked if one.area == area], findings)]
    return "\n".join(parts)


def _introduction(asked: Sequence[Question], info: PublishedInfo) -> str:
    counts = Counter(one.mark for one in asked)
    return _TEMPLATE.read_text(encoding="utf-8").format(
        data=_GENERATED if info.is_synthetic else "the Olist data",
        as_of=fmt.day(info.as_of_date),
        marks=", ".join(f"{counts[mark]} **{_MARK_LETTERS[mark]}**" for mark in MARKS),
    )


def _table(asked: Sequence[Question], findings: Mapping[int, str]) -> str:
    lines = ["| | question | tier | mark | finding |", "|---:|---|:-:|:-:|---|"]
    for one in asked:
        text, said = (words.replace("|", "\\|") for words in (one.text, findings[one.number]))
        letter = _MARK_LETTERS[one.mark]
        lines.append(f"| {one.number} | {text} | {one.tier} | {letter} | {said} |")
    return "\n".join(lines) + "\n"


def _say_that_it_takes_seconds() -> None:
    sys.stderr.write("Reading the questions (once after each change of the project) ...\n")
    sys.stderr.flush()
