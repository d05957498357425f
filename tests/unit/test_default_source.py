"""What is loaded when nobody says: never generated data where something else may be meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from extract.errors import SourceError
from orchestration.pipeline.default_source import default_source
from orchestration.settings import Settings
from tests.support.unreadable import unreadable

ORDERS = "olist_orders_dataset.csv"


@pytest.mark.parametrize("name", ["archive.zip", ORDERS])
def test_the_raw_directory_is_taken_if_a_file_or_a_zip_lies_in_it(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / name).touch()
    assert default_source(tmp_path, is_named=True) == str(tmp_path)


@pytest.mark.parametrize("name", ["README.md", ".gitkeep", "notes.txt", "Thumbs.db"])
def test_for_a_first_look_data_are_generated_where_there_are_none(
    tmp_path: Path, name: str
) -> None:
    assert default_source(tmp_path / "missing") == "synthetic"
    (tmp_path / name).touch()
    (tmp_path / "empty folder").mkdir()
    assert default_source(tmp_path) == "synthetic"


@pytest.mark.parametrize(
    "name",
    [
        f"archive/{ORDERS}",
        f"archive/olist/{ORDERS}",
        "ARCHIVE.ZIP",
        "archive.zip.crdownload",
        f"{ORDERS}.gz",
        "OLIST_ORDERS_DATASET.CSV",
        "olist_orders_dataset (1).csv",
        "orders.csv",
        "olist.parquet",
    ],
)
def test_what_may_be_meant_is_named_and_nothing_is_generated(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    with pytest.raises(SourceError, match="No source was named") as caught:
        default_source(tmp_path)
    assert name in str(caught.value)
    if "/" in name:
        assert f"--source {path.parent}" in str(caught.value)


def test_a_link_to_nothing_is_named_with_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / ORDERS).symlink_to("/share/orders.csv")
    with pytest.raises(SourceError, match=f"{ORDERS} .a link to /share/orders.csv, which"):
        default_source(tmp_path)
    link = tmp_path / "raw"
    link.symlink_to("/share")
    with pytest.raises(SourceError, match="is a link to /share, which is not there"):
        default_source(link, is_named=True)


def test_a_raw_directory_that_somebody_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="does not exist"):
        default_source(tmp_path / "missing", is_named=True)
    (tmp_path / "file").touch()
    with pytest.raises(SourceError, match="is a file"):
        default_source(tmp_path / "file", is_named=True)
    assert Settings.model_fields["raw_dir"].default.name == "raw"


def test_a_raw_directory_that_cannot_be_listed_is_not_taken_for_an_empty_one(
    tmp_path: Path,
) -> None:
    with unreadable(tmp_path), pytest.raises(SourceError, match="cannot be read: Permission"):
        default_source(tmp_path)


def test_many_files_are_named_up_to_a_limit(tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"part_{number:02}.csv").touch()
    with pytest.raises(SourceError, match=r"part_09\.csv and 2 more"):
        default_source(tmp_path)
