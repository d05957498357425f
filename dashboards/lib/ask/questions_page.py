"""docs/questions.md: every question with its finding on one warehouse, as a page.

The page is made of findings alone: no row of the data, no id of an order, a customer, a seller
or a product. The same warehouse gives the same text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from dashboards.lib import format as fmt
from dashboards.lib.ask.findings import finding
from dashboards.lib.queries.questions import (
    MARKS,
    Question,
    areas,
    run_question,
)
from dashboards.lib.queries.warehouse import PublishedInfo, published, read_info

_MARK_LETTERS = {"answerable": "A", "proxy": "P", "not in data": "U", "waits for a model": "W"}
_TITLE = "# The hundred questions\n"


def write_page(path: Path, published_path: Path, asked: Sequence[Question]) -> None:
    """Write the page of a warehouse.

    Raises:
        DashboardDataError: Nothing is published.
    """
    path.write_text(page(published_path, asked), encoding="utf-8")


def page(published_path: Path, asked: Sequence[Question]) -> str:
    """The text of the page."""
    with published(published_path) as connection:
        info = read_info(connection)
        findings = {one.number: finding(one, run_question(connection, one)) for one in asked}
    parts = [_TITLE, _introduction(asked, info)]
    for area in areas(asked):
        parts += [f"## {area}\n", _table([one for one in asked if one.area == area], findings)]
    return "\n".join(parts)


def _introduction(asked: Sequence[Question], info: PublishedInfo) -> str:
    counts = Counter(one.mark for one in asked)
    how_many = ", ".join(f"{counts[mark]} **{_MARK_LETTERS[mark]}**" for mark in MARKS)
    data = (
        "generated data, which describe no real sale" if info.is_synthetic else "the Olist data"
    )
    return (
        f"What the warehouse answers, with the finding of each question on {data}, "
        f"as of {fmt.day(info.as_of_date)}. This page is generated "
        "(`python -m dashboards.ask --write-docs`); do not edit it.\n\n"
        "Ask any of them again with `python -m dashboards.ask 36`, or on the page `/ask` of "
        "the dashboards, which has the rows, a chart, the SQL, how to read the result and what "
        "a proxy cannot say.\n\n"
        f"Marks ({how_many}): **A** answered from the data; **P** answered by a proxy, which "
        "the result names with its limit; **U** not answerable from this data: the nearest "
        "thing that is; **W** waits for a predictive model: the history it would start from. "
        "Tier 1 is the weekly review, 2 the monthly, 3 the quarterly planning, 4 ad hoc.\n"
    )


def _table(asked: Sequence[Question], findings: dict[int, str]) -> str:
    lines = ["| | question | tier | mark | finding |", "|---:|---|:-:|:-:|---|"]
    lines += [
        f"| {one.number} | {_cell(one.text)} | {one.tier} | {_MARK_LETTERS[one.mark]} "
        f"| {_cell(findings[one.number])} |"
        for one in asked
    ]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
