"""What engines spell differently stands in one file of macros for each, and nowhere else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conventions.project import DBT_PROJECT

ENGINES = ("duckdb", "postgres")
MACROS = DBT_PROJECT / "macros"
_MACRO = re.compile(r"\{%-?\s*macro\s+([a-z_]+?)\(")
_DISPATCHED = re.compile(r"adapter\.dispatch\('([a-z_]+)'\)")


def _macros(path: Path) -> list[str]:
    return _MACRO.findall(path.read_text(encoding="utf-8"))


def _of_engines(names: list[str]) -> list[str]:
    return [name for name in names if name.startswith(tuple(f"{e}__" for e in ENGINES))]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_file_of_an_engine_holds_its_macros_alone(engine: str) -> None:
    names = _macros(MACROS / "engines" / f"{engine}.sql")
    assert names
    assert [name for name in names if not name.startswith(f"{engine}__")] == []


def test_macros_of_an_engine_stand_in_no_other_file() -> None:
    elsewhere = {
        path.name: _of_engines(_macros(path))
        for path in DBT_PROJECT.rglob("*.sql")
        if path.parent != MACROS / "engines" and "target" not in path.parts
    }
    assert {name: found for name, found in elsewhere.items() if found} == {}


def test_what_is_dispatched_is_there_for_every_engine() -> None:
    paths = list(MACROS.rglob("*.sql"))
    known = {name for path in paths for name in _macros(path)}
    missing = [
        f"{engine}__{name}"
        for path in paths
        for name in _DISPATCHED.findall(path.read_text(encoding="utf-8"))
        for engine in ENGINES
        if not known & {f"{engine}__{name}", f"default__{name}"}
    ]
    assert missing == []
