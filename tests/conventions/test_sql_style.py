"""SQL looks as docs/contributing.md asks, as far as a cheap look can tell."""

from __future__ import annotations

import re
from pathlib import Path

from tests.conventions.project import DBT_PROJECT, PUBLIC, Manifest, assert_none

MAX_LINE = 100
FOLDERS = ("models", "macros", "tests", "snapshots", "analyses")
KEYWORDS = re.compile(
    r"\b(SELECT|FROM|WHERE|JOIN|LEFT|INNER|OUTER|GROUP|ORDER|BY|HAVING|UNION|ALL|AS|ON|AND|OR|"
    r"NOT|NULL|CASE|WHEN|THEN|ELSE|END|WITH|OVER|PARTITION|COUNT|SUM|CAST|COALESCE|BETWEEN|IN)\b"
)
WALL_CLOCK = re.compile(
    r"\b(current_date|current_timestamp|localtimestamp|getdate|today|now|sysdate|"
    r"run_started_at|modules\.datetime)\b\s*(\(|\b)"
)


def _sql_files() -> list[Path]:
    return [
        path for folder in FOLDERS for path in sorted((DBT_PROJECT / folder).rglob("*.sql"))
    ]


def _code(sql: str) -> str:
    """SQL without its comments, Jinja comments and quoted texts."""
    sql = re.sub(r"\{#.*?#\}", "", sql, flags=re.DOTALL)
    sql = re.sub(r"--[^\n]*", "", sql)
    return re.sub(r"'[^'\n]*'|\"[^\"\n]*\"", "''", sql)


def _without_config(sql: str) -> str:
    """SQL from its first line after a config block, over several lines perhaps."""
    return re.sub(r"^\s*\{\{\s*config\(.*?\)\s*\}\}\s*", "", sql, flags=re.DOTALL)


def _find(pattern: re.Pattern[str]) -> list[str]:
    """Where a pattern stands in the code of any SQL file."""
    return [
        f"{path.relative_to(DBT_PROJECT)}: {match.group()}"
        for path in _sql_files()
        for match in pattern.finditer(_code(path.read_text(encoding="utf-8")))
    ]


def test_there_is_sql_to_look_at() -> None:
    assert len(_sql_files()) > 30


def test_lines_are_short_and_clean() -> None:
    assert_none(
        f"{path.relative_to(DBT_PROJECT)}:{number}"
        for path in _sql_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > MAX_LINE or line != line.rstrip() or "\t" in line
    )


def test_keywords_are_lower_case() -> None:
    assert_none(_find(KEYWORDS))


def test_the_wall_clock_is_never_asked() -> None:
    assert_none(_find(WALL_CLOCK))


def test_qualify_is_not_used_for_it_is_not_portable() -> None:
    assert_none(_find(re.compile(r"\bqualify\b")))


def test_every_model_opens_with_its_grain(manifest: Manifest) -> None:
    assert_none(
        node.name
        for node in manifest.models
        if not _without_config(node.sql).startswith(("-- One row", '"""One row'))
    )


def test_core_and_marts_name_the_columns_they_give(manifest: Manifest) -> None:
    offenders = []
    for node in manifest.in_layers(PUBLIC):
        last_select = re.split(r"^select\b", _code(node.sql), flags=re.MULTILINE)[-1]
        columns = re.split(r"^from\b", last_select, flags=re.MULTILINE)[0]
        if re.search(r"(^|,|\.)\s*\*", columns.strip()):
            offenders.append(node.name)
    assert_none(offenders)


def test_every_singular_test_opens_with_its_claim() -> None:
    singular = sorted((DBT_PROJECT / "tests").glob("*.sql"))
    assert singular
    assert_none(
        path.name
        for path in singular
        if not _without_config(path.read_text(encoding="utf-8")).startswith("-- ")
    )
