"""Directories and specifications: what is found, and what is said when it is not."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from extract.errors import ContractError, SourceError
from extract.sources import open_source
from tests.support.tiny_source import write_tiny_source

NOBODY = 65_534


@contextmanager
def without_privileges() -> Iterator[None]:
    """Let file permissions count, also for root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A directory that other users can reach (those of tmp_path they cannot)."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        place.chmod(0o755)
        yield place


def error_of(spec: Path | str) -> str:
    with pytest.raises((SourceError, ContractError)) as caught, open_source(spec):
        pass
    return str(caught.value)


def test_a_directory_is_used_where_it_lies(tmp_path: Path) -> None:
    write_tiny_source(tmp_path)
    with open_source(str(tmp_path)) as source:
        assert source.kind == "directory"
        assert source.directory == tmp_path
        assert source.label == f"the directory {tmp_path}"
        assert source.paths["sellers"] == tmp_path / "olist_sellers_dataset.csv"
        assert not source.is_synthetic
    assert len(list(tmp_path.iterdir())) == 9


def test_other_files_and_zips_beside_the_nine_do_not_matter(tmp_path: Path) -> None:
    write_tiny_source(tmp_path)
    (tmp_path / "notes.csv").write_text("a\n")
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as packed:
        packed.writestr("x", "y")
    with open_source(tmp_path) as source:
        assert source.kind == "directory"


def test_a_home_directory_is_spelled_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    write_tiny_source(tmp_path / "olist")
    with open_source("~/olist") as source:
        assert source.directory == tmp_path / "olist"


def test_a_missing_file_is_named_with_what_was_found(tmp_path: Path) -> None:
    text = error_of(write_tiny_source(tmp_path, sellers=None, orders=None))
    assert "lacks 2 of the nine source files: olist_orders_dataset.csv, olist_sellers_d" in text
    assert "Found there: olist_customers_dataset.csv, " in text


@pytest.mark.parametrize("name", ["olist_orders.csv", "Olist_Orders_Dataset.CSV", "orders.csv"])
def test_a_misnamed_file_is_offered_for_the_missing_one(tmp_path: Path, name: str) -> None:
    write_tiny_source(tmp_path)
    (tmp_path / "olist_orders_dataset.csv").rename(tmp_path / name)
    assert f"{name} looks like a misnamed olist_orders_dataset.csv" in error_of(tmp_path)


def test_a_path_that_does_not_exist_is_said_so(tmp_path: Path) -> None:
    text = error_of(tmp_path / "nowhere")
    assert "nowhere does not exist" in text
    assert "`kaggle` or `synthetic`" in text


def test_an_empty_directory_holds_nothing_of_use(tmp_path: Path) -> None:
    assert "holds neither the nine CSV files nor a zip" in error_of(tmp_path)


def test_files_one_directory_deeper_are_pointed_out(tmp_path: Path) -> None:
    write_tiny_source(tmp_path / "brazilian-ecommerce")
    assert f"The files are in {tmp_path / 'brazilian-ecommerce'}" in error_of(tmp_path)


def test_several_zips_leave_open_which_one_is_meant(tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        with zipfile.ZipFile(tmp_path / name, "w") as packed:
            packed.writestr("x", "y")
    assert "holds 2 zip files and no CSV files (a.zip, b.zip)" in error_of(tmp_path)


def test_a_directory_in_the_place_of_a_file_is_no_file(tmp_path: Path) -> None:
    write_tiny_source(tmp_path, sellers=None)
    (tmp_path / "olist_sellers_dataset.csv").mkdir()
    assert "olist_sellers_dataset.csv is not a file" in error_of(tmp_path)


def test_a_csv_alone_is_not_a_source(tmp_path: Path) -> None:
    write_tiny_source(tmp_path)
    text = error_of(tmp_path / "olist_sellers_dataset.csv")
    assert "neither a directory nor a zip" in text


@pytest.mark.parametrize("closed", ["directory", "file", "parent"])
def test_missing_permission_is_said_with_the_remedy(open_place: Path, closed: str) -> None:
    source = write_tiny_source(open_place / "a" / "b")
    target = {
        "directory": source,
        "file": source / "olist_sellers_dataset.csv",
        "parent": source.parent,
    }[closed]
    mode = target.stat().st_mode
    target.chmod(0o000)
    try:
        with without_privileges():
            text = error_of(source)
    finally:
        target.chmod(mode)
    assert "cannot be read: permission denied" in text.lower()
    assert "read access" in text


def test_a_zip_without_permission_is_said_so(open_place: Path) -> None:
    path = open_place / "olist.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("x", "y")
    path.chmod(0o000)
    with without_privileges():
        text = error_of(path)
    assert "permission denied" in text


def test_the_generator_is_a_source_like_the_others() -> None:
    with open_source("synthetic", scale=0.01, seed=7) as source:
        assert (source.kind, source.is_synthetic) == ("synthetic", True)
        assert source.label == "generated data (scale 0.01, seed 7)"
        assert all(path.stat().st_size > 0 for path in source.paths.values())
        directory = source.directory
    assert not directory.exists()
