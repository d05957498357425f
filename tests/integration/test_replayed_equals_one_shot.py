"""A dataset that arrives drop by drop ends in the warehouse that one load of the whole builds.

Faults on the way (late rows, rows that are first wrong, rows that are missing for a while)
leave no trace in core and marts. The real data, month by month and its last month day by day,
takes some fifty runs: ``OLIST_SLOW_TESTS=1`` with ``OLIST_REAL_DATA`` runs it. So does the
command on two drops.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import pytest

from extract.load import LoadMode
from extract.replay import Drop, Every, replay
from extract.sources import open_source
from extract.sources.synthetic import generate
from tests.support import command
from tests.support.nightly import build_drops
from tests.support.same_tables import differences
from tests.support.slow_tests import slow


@pytest.mark.parametrize(
    ("every", "mode", "start"),
    [
        ("month", "snapshot", date(2018, 2, 28)),
        pytest.param("day", "delta", date(2018, 8, 24), marks=slow),
    ],
)
def test_generated_data_with_faults_ends_as_if_loaded_at_once(
    tmp_path: Path, every: Every, mode: LoadMode, start: date
) -> None:
    generate(tmp_path / "files", scale=0.003, seed=7)
    with open_source(tmp_path / "files") as source:
        drops = replay(
            source,
            tmp_path / "drops",
            start=start,
            end=date(2018, 8, 31),
            every=every,
            mode=mode,
            complete=True,
            late=0.1,
            corrections=0.1,
            deletions=0.1,
        )
    replayed = build_drops(tmp_path / "replayed", (drop.directory for drop in drops), mode)
    at_once = build_drops(tmp_path / "at_once", [tmp_path / "files"], "snapshot")
    assert len(drops) >= 7
    assert not differences(at_once, replayed)


@slow
def test_the_command_ends_as_if_all_had_been_loaded_at_once(
    built_warehouse: Path, generated_files: Path, tmp_path: Path
) -> None:
    with open_source(generated_files) as source:
        drops = replay(
            source,
            tmp_path / "drops",
            start=date(2018, 7, 31),
            end=date(2018, 8, 31),
            every="month",
            mode="delta",
            complete=True,
            late=0.02,
            corrections=0.02,
        )
    _run_all(tmp_path / "dw", drops, "delta")
    assert len(drops) == 2
    assert not differences(built_warehouse.resolve(), _published(tmp_path / "dw"))


@pytest.mark.real_data
@pytest.mark.timeout(7200)
@slow
def test_the_real_data_by_months_and_days_ends_as_if_loaded_at_once(
    real_warehouse: Path, real_files: Path, tmp_path: Path
) -> None:
    last_of_july, last_of_august = date(2018, 7, 31), date(2018, 8, 31)
    with open_source(real_files) as source:
        months = replay(
            source,
            tmp_path / "months",
            # Before, a file is still empty, which the gate at raw takes for a broken delivery.
            start=date(2016, 10, 31),
            end=last_of_july,
            every="month",
            late=0.01,
            corrections=0.01,
            deletions=0.01,
        )
        days = replay(
            source,
            tmp_path / "days",
            start=last_of_july,
            end=last_of_august,
            every="day",
            mode="delta",
            complete=True,
        )
    gates = {"OLIST_QUALITY_GATES": "true"}
    _run_all(tmp_path / "dw", months, "snapshot", gates)
    _run_all(tmp_path / "dw", days, "delta", gates)
    assert len(months) + len(days) > 50
    assert not differences(real_warehouse.resolve(), _published(tmp_path / "dw"))


def _published(warehouse: Path) -> Path:
    return (warehouse / "olist.duckdb").resolve()


def _run_all(
    warehouse: Path,
    drops: Iterable[Drop],
    mode: LoadMode,
    settings: Mapping[str, str] | None = None,
) -> None:
    """Give one drop after the other to the real command."""
    for drop in drops:
        arguments = ("--source", str(drop.directory), "--warehouse", str(warehouse))
        child = command.start(None, *arguments, "--mode", mode, settings=settings)
        out, err = child.communicate()
        if child.returncode != 0:
            pytest.fail(f"{drop.day}: exit code {child.returncode}\n{out[-3000:]}\n{err}")
        summary = max(warehouse.glob("runs/*/summary.json"))
        assert json.loads(summary.read_text(encoding="utf-8"))["status"] == "done"
