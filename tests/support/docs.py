"""The documentation as data: its code blocks, the figures under its queries, its links.

A query of the docs is followed by its result as a table. ``python -m tests.support.docs FILE
docs/page.md`` writes these tables again from a warehouse; the tests compare them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb

from orchestration.warehouse.versions import open_reader

PROJECT_ROOT = Path(__file__).resolve().parents[2]

_FENCE = re.compile(
    r"^```(?P<language>\w*)[^\n]*\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
_TABLE = re.compile(r"\n*((?:^\|[^\n]*\|\n)+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page.

    Attributes:
        page: The file, from the root of the project.
        line: Its first line, from 1.
        language: What the fence says: sql, console, python, ...
        text: What stands in it.
        table: For sql the Markdown table right after it, or None.
    """

    page: Path
    line: int
    language: str
    text: str
    table: str | None

    @property
    def place(self) -> str:
        """Where it is, for messages."""
        return f"{self.page.as_posix()}:{self.line}"


def pages() -> tuple[Path, ...]:
    """The README, the changelog and every page of docs/, from the root of the project."""
    found = (PROJECT_ROOT / "docs").rglob("*.md")
    return tuple(
        path.relative_to(PROJECT_ROOT)
        for path in (PROJECT_ROOT / "README.md", PROJECT_ROOT / "CHANGELOG.md", *sorted(found))
    )


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page."""
    text = (PROJECT_ROOT / page).read_text(encoding="utf-8")
    for match in _FENCE.finditer(text):
        table = _TABLE.match(text, match.end()) if match["language"] == "sql" else None
        yield Block(
            page=page,
            line=text[: match.start()].count("\n") + 1,
            language=match["language"],
            text=match["text"],
            table=table[1] if table else None,
        )


def without_blocks(text: str) -> str:
    """The prose of a page."""
    return _FENCE.sub("", text)


def make_targets() -> frozenset[str]:
    """The targets of the Makefile that a reader may name."""
    text = (PROJECT_ROOT / "Makefile").read_text(encoding="utf-8")
    return frozenset(re.findall(r"^([a-z][\w-]*):(?!=)", text, re.MULTILINE))


def result_table(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """The result of a query as the docs write it."""
    found = connection.execute(sql)
    names = [name for name, *_ in found.description or ()]
    rows = found.fetchall()
    is_number = [
        all(isinstance(row[n], int | float | Decimal) for row in rows)
        for n in range(len(names))
    ]
    lines = [
        _line(names),
        "|" + "|".join("---:" if number else "---" for number in is_number) + "|",
        *(_line([_cell(value) for value in row]) for row in rows),
    ]
    return "".join(f"{line}\n" for line in lines)


def write_results(warehouse: Path, page: Path) -> None:
    """Put the results of a warehouse under the queries of a page."""
    path = PROJECT_ROOT / page
    text = path.read_text(encoding="utf-8")
    with open_reader(warehouse) as connection:

        def with_result(match: re.Match[str]) -> str:
            if match["language"] != "sql":
                return match[0]
            return f"{match[0]}\n\n{result_table(connection, match['text'])}"

        without = re.sub(
            rf"({_FENCE.pattern})(?:{_TABLE.pattern})",
            lambda m: m[1] if m["language"] == "sql" else m[0],
            text,
            flags=re.MULTILINE | re.DOTALL,
        )
        path.write_text(_FENCE.sub(with_result, without), encoding="utf-8")


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float | Decimal):
        return f"{value:,}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


if __name__ == "__main__":
    write_results(Path(sys.argv[1]), Path(sys.argv[2]))
