"""What git keeps: a known root, no data, no path or host of one machine, pins that fit."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conventions.project import PROJECT_ROOT, assert_none

AT_THE_ROOT = {
    *("README.md", "CHANGELOG.md", "pyproject.toml", "run_pipeline.py"),
    *("data", "extract", "olist_dw_dbt", "dashboards", "orchestration", "tests", "docs"),
    # What tools want there.
    *("Makefile", "constraints.txt", "LICENSE", ".env.example", ".gitignore", ".ci"),
    *(".sqlfluff", ".gitattributes"),
}
DATA_SUFFIXES = {
    *(".csv", ".tsv", ".zip", ".gz", ".parquet", ".arrow", ".feather", ".duckdb", ".db"),
    *(".sqlite", ".wal", ".xlsx", ".xls", ".pkl", ".npy"),
}
# The seeds, and the figures the generator is calibrated with.
DATA_FOLDERS = ("olist_dw_dbt/seeds", "extract/sources/synthetic/figures", "tests")
TEXT_SUFFIXES = {
    *("", ".py", ".sql", ".yml", ".yaml", ".toml", ".md", ".txt", ".cfg", ".ini", ".sh"),
    *(".css", ".html", ".js", ".json", ".csv", ".example", ".mmd", ".sqlfluff"),
}
MAX_BYTES = 1_000_000

MACHINE_PATH = re.compile(
    r"(?<![\w.~*])/(home|Users|root|work|mnt|private|opt|srv)/\w+|\b[A-Z]:\\\w"
)
REGISTRY = re.compile(
    r"https?://[^\s\"']*(pypi|pythonhosted|npmjs|artifactory|nexus|jfrog|devpi|conda|/simple\b)"
    r"|--(extra-)?index-url|--find-links|--trusted-host",
    re.IGNORECASE,
)
SOURCE_ID = re.compile(r"\b[0-9a-f]{32}\b")


def _texts(kept_files: tuple[Path, ...]) -> Iterator[tuple[Path, str]]:
    for path in kept_files:
        if path.suffix in TEXT_SUFFIXES and path != Path(__file__):
            yield path.relative_to(PROJECT_ROOT), path.read_text(encoding="utf-8")


def _found(kept_files: tuple[Path, ...], pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path}:{text[: match.start()].count(chr(10)) + 1}: {match.group()}"
        for path, text in _texts(kept_files)
        for match in pattern.finditer(text)
    ]


def test_nothing_else_lies_at_the_root(kept_files: tuple[Path, ...]) -> None:
    names = {path.relative_to(PROJECT_ROOT).parts[0] for path in kept_files}
    assert_none(names - AT_THE_ROOT)


def test_no_data_is_kept_but_seeds_and_what_tests_need(kept_files: tuple[Path, ...]) -> None:
    assert_none(
        path.relative_to(PROJECT_ROOT)
        for path in kept_files
        if path.suffix.lower() in DATA_SUFFIXES
        and not path.relative_to(PROJECT_ROOT).as_posix().startswith(DATA_FOLDERS)
    )


def test_no_file_is_large(kept_files: tuple[Path, ...]) -> None:
    assert_none(path for path in kept_files if path.stat().st_size > MAX_BYTES)


def test_no_path_of_one_machine_is_written_down(kept_files: tuple[Path, ...]) -> None:
    assert_none(_found(kept_files, MACHINE_PATH))


def test_no_package_registry_is_named(kept_files: tuple[Path, ...]) -> None:
    assert_none(_found(kept_files, REGISTRY))


@pytest.mark.real_data
def test_no_row_of_the_real_data_is_kept(
    kept_files: tuple[Path, ...], real_files: Path
) -> None:
    kept = {
        match.group(): path
        for path, text in _texts(kept_files)
        for match in SOURCE_ID.finditer(text)
    }
    names = ("orders", "customers", "products", "sellers", "order_reviews")
    for name in names:
        frame = pd.read_csv(real_files / f"olist_{name}_dataset.csv", usecols=[0, 1], dtype=str)
        for column in frame.columns:
            known = set(frame[column]) & kept.keys()
            assert_none(f"{kept[value]}: {column} {value}" for value in known)


def _requirements() -> dict[str, list[Requirement]]:
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"].values()
    lines = [*project["project"]["dependencies"], *(line for extra in extras for line in extra)]
    found: dict[str, list[Requirement]] = {}
    for line in lines:
        requirement = Requirement(line)
        found.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return found


def _pins() -> dict[str, list[str]]:
    pins: dict[str, list[str]] = {}
    for line in (PROJECT_ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            name, version = line.split(";")[0].strip().split("==")
            pins.setdefault(canonicalize_name(name), []).append(version)
    return pins


def test_every_requirement_is_pinned() -> None:
    assert_none(_requirements().keys() - _pins().keys())


def test_every_pin_fits_what_the_project_asks_for() -> None:
    pins = _pins()
    assert_none(
        f"{requirement} is pinned to {version}"
        for name, requirements in _requirements().items()
        for requirement in requirements
        for version in pins.get(name, [])
        if version not in requirement.specifier
    )
