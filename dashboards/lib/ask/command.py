"""``python -m dashboards.ask``: ask one of the hundred questions in a terminal.

Arguments, exit codes and errors; the answer is laid out by ``terminal``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from dashboards.lib.ask.catalogue import area_like, find
from dashboards.lib.ask.questions_page import write_page
from dashboards.lib.ask.terminal import show_answer, show_list
from dashboards.lib.queries.questions import (
    Question,
    areas,
    load_questions,
    run_list,
    run_question,
)
from dashboards.lib.queries.warehouse import DashboardDataError, published, read_info
from orchestration.entry import guarded, print_error, start
from orchestration.errors import EXIT_DONE, EXIT_FAILED, EXIT_WRONG_USE
from orchestration.printable import printable
from orchestration.settings import PROJECT_ROOT, Settings, load_settings
from orchestration.terminal import Terminal

_PAGE = PROJECT_ROOT / "docs" / "questions.md"
# Narrower than this, a table of ten columns is not readable; a pipe has no width of its own.
_WIDTH_OF_A_PIPE = 160


class _AskError(Exception):
    """What was asked does not exist; the text says what does."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say; returns the exit code."""
    options = _parser().parse_args(arguments)
    return guarded(lambda: _answer(options, load_settings()))


def _answer(options: argparse.Namespace, settings: Settings) -> int:
    try:
        return _ask(options, settings)
    except _AskError as error:
        print_error(str(error))
        return EXIT_WRONG_USE
    except DashboardDataError as error:
        print_error(str(error).replace("reload this page", "ask again"))
        return EXIT_FAILED


def _ask(options: argparse.Namespace, settings: Settings) -> int:
    with published(settings.published_path):
        pass  # to read the questions would make a cache in a directory that is no warehouse
    asked = load_questions(settings, _say_that_it_takes_seconds)
    if options.write_docs is not None:
        write_page(options.write_docs, settings.published_path, asked)
        sys.stdout.write(f"Written: {options.write_docs}\n")
        return EXIT_DONE
    number, words = _number_or_words(options)
    if number is None:
        area = () if options.area is None else (_area(asked, options.area),)
        found = find(asked, search=words, areas=area)
        if not found:
            message = "No question matches. Leave words out, or see all of them with --list."
            raise _AskError(message)
        show_list(_console(), found)
        return EXIT_DONE
    question = _question(asked, number)
    if options.full_list and not question.list_sql:
        message = f"Question {question.number} has no list behind its answer. Take --csv."
        raise _AskError(message)
    if options.sql:
        sys.stdout.write(f"{question.sql.strip()}\n")
        return EXIT_DONE
    with published(settings.published_path) as connection:
        info = read_info(connection)
        result = (run_list if options.full_list else run_question)(connection, question)
    if options.csv or options.full_list:
        # Exact for a program; on a terminal nothing in it may be a command.
        text = result.csv()
        sys.stdout.write(printable(text) if sys.stdout.isatty() else text)
    else:
        show_answer(_console(), question, result, info)
    return EXIT_DONE


def _number_or_words(options: argparse.Namespace) -> tuple[int | None, str]:
    """The number that was asked, or else all words to search for."""
    given = " ".join(options.question).strip()
    if given.lstrip("-").isdecimal() and not options.search:
        return int(given), ""
    return None, " ".join((given, options.search or "")).strip()


def _console() -> Console:
    return Terminal(width=None if sys.stdout.isatty() else _WIDTH_OF_A_PIPE, highlight=False)


def _question(asked: Sequence[Question], number: int) -> Question:
    found = next((one for one in asked if one.number == number), None)
    if found is None:
        message = f"There is no question {number}: they are 1 to {len(asked)}. See --list."
        raise _AskError(message)
    return found


def _area(asked: Sequence[Question], text: str) -> str:
    found = area_like(asked, text)
    if found is None:
        message = f"{text!r} names no one area. There are: {'; '.join(areas(asked))}."
        raise _AskError(message)
    return found


def _say_that_it_takes_seconds() -> None:
    sys.stderr.write("Reading the questions (once after each change of the project) ...\n")
    sys.stderr.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m dashboards.ask",
        description="Ask one of the hundred business questions of the published warehouse "
        "(OLIST_WAREHOUSE_DIR). Without a number: list them.",
    )
    parser.add_argument(
        "question",
        nargs="*",
        help="number of the question, 1 to 100; or words, to list the questions about them",
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--csv", action="store_true", help="write all rows as CSV, and only them")
    how.add_argument(
        "--full-list",
        action="store_true",
        help="write the full list behind the answer as CSV, where there is one",
    )
    how.add_argument("--sql", action="store_true", help="write the query instead of asking it")
    how.add_argument("--list", action="store_true", help="list the questions (the default)")
    parser.add_argument("--area", help="list only those of an area; part of its name will do")
    parser.add_argument("--search", help="list only those that hold all these words")
    parser.add_argument(
        "--write-docs",
        nargs="?",
        type=Path,
        const=_PAGE,
        metavar="FILE",
        help="write the page of all findings (default: docs/questions.md)",
    )
    return parser


if __name__ == "__main__":
    start(main)
