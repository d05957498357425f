"""What a night costs: it follows what changed, and not the history it is added to.

A night without change is compared with the full run before it, in seconds of a processor (user
and system, of all processes of the command). The same drop of one day is
added to a history as large as the real data and to one of ten times that; compared are the
load and the models of the facts, which touch only what changed. Copying the file and the marts
follow the history and are printed beside. docs/performance.md keeps the figures.

The large history takes some minutes and 8 GB of disk.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from extract.sources.synthetic import generate
from extract.tables import TABLES
from orchestration.settings import PROJECT_ROOT
from tests.support.command import environment

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(1800)]

MOST_OF_A_FULL_RUN = 0.1
MOST_OF_THE_SMALL_HISTORY = 1.5
SMALL, LARGE = 1.0, 10.0
SEED = 42
# Orders of other ids than those of the histories.
OTHER_SEED = 7
DAY = date(2018, 8, 20)
# The best of some drops counts: the machine may be busy.
NIGHTS = 3
# Which rows a drop of one day holds, each from those before: its orders and all that belongs to
# them, so that it is whole on any history.
OF_THE_DAY = {
    "orders": "order_purchase_timestamp[:10] = '{day}'",
    "order_items": "order_id in (from (select order_id from orders_of_day))",
    "customers": "customer_id in (from (select customer_id from orders_of_day))",
    "order_payments": "order_id in (from (select order_id from orders_of_day))",
    "order_reviews": "order_id in (from (select order_id from orders_of_day))",
    "products": "product_id in (from (select product_id from order_items_of_day))",
    "sellers": "seller_id in (from (select seller_id from order_items_of_day))",
    "geolocation": "false",
    "product_category_name_translation": "false",
}


@dataclass(frozen=True)
class Night:
    """A run of the command: seconds in all, of a processor, by stage, and in the facts."""

    whole: float
    processor: float
    stages: dict[str, float]
    facts: float

    @property
    def following_the_change(self) -> float:
        """Seconds of what a night may only pay for its change."""
        return self.stages["extract"] + self.facts


@pytest.fixture(scope="module")
def small_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("small")
    generate(directory, scale=SMALL, seed=SEED)
    return directory


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Some drops of one day, each with orders, items, payments and reviews of its own."""
    directory = tmp_path_factory.mktemp("drops")
    generate(directory / "files", scale=SMALL, seed=OTHER_SEED)
    days = [DAY + timedelta(days=number) for number in range(NIGHTS)]
    return [_cut(directory / "files", directory / str(day), day) for day in days]


def _cut(files: Path, drop: Path, day: date) -> Path:
    drop.mkdir()
    file_names = {table.name: table.file_name for table in TABLES}
    with duckdb.connect() as con:
        for name, condition in OF_THE_DAY.items():
            con.execute(
                f"create table {name}_of_day as "
                f"from read_csv('{files / file_names[name]}', all_varchar = true) "
                f"where {condition.format(day=day)}"
            )
            con.execute(f"copy {name}_of_day to '{drop / file_names[name]}' (header)")
    return drop


def test_a_night_without_change_costs_at_most_a_tenth_of_a_full_run(
    small_files: Path, tmp_path: Path
) -> None:
    full = _run(tmp_path, small_files)
    nights = [_run(tmp_path, small_files) for _ in range(NIGHTS)]
    best = min(nights, key=lambda night: night.processor)
    _print({"full run": full, "night without change": best})
    assert best.processor <= MOST_OF_A_FULL_RUN * full.processor


def test_a_day_costs_the_load_and_the_facts_no_more_on_ten_times_the_history(
    small_files: Path, days: list[Path], tmp_path: Path
) -> None:
    large_files = tmp_path / "files"
    generate(large_files, scale=LARGE, seed=SEED)
    nights = {
        f"one day on scale {scale:g}": _cheapest_day(tmp_path / f"scale_{scale:g}", files, days)
        for scale, files in ((SMALL, small_files), (LARGE, large_files))
    }
    _print(nights)
    small, large = (night.following_the_change for night in nights.values())
    assert large <= MOST_OF_THE_SMALL_HISTORY * small


def _cheapest_day(warehouse: Path, files: Path, days: list[Path]) -> Night:
    _run(warehouse, files)
    nights = [_run(warehouse, day, "--mode", "delta") for day in days]
    return min(nights, key=lambda night: night.following_the_change)


def _run(warehouse: Path, source: Path, *arguments: str) -> Night:
    started, used = time.perf_counter(), _processor_seconds()
    subprocess.run(
        [
            *(sys.executable, "run_pipeline.py", "--quiet", *arguments),
            *("--source", str(source), "--warehouse", str(warehouse)),
        ],
        cwd=PROJECT_ROOT,
        env=environment({"OLIST_QUALITY_GATES": "true"}),
        check=True,
    )
    whole, processor = time.perf_counter() - started, _processor_seconds() - used
    newest = max(warehouse.glob("runs/*/summary.json"))
    summary = json.loads(newest.read_text(encoding="utf-8"))
    facts = [
        node["seconds"]
        for node in summary["nodes"]
        if node["kind"] == "model" and node["name"].startswith("fact_")
    ]
    stages = {stage["name"]: stage["seconds"] for stage in summary["stages"]}
    return Night(whole, processor, stages, sum(facts))


def _processor_seconds() -> float:
    """User and system seconds of all commands that have ended, and of their processes."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _print(nights: dict[str, Night]) -> None:
    stages = list(next(iter(nights.values())).stages)
    names = [*stages, "facts", "whole", "processor"]
    width = max(map(len, nights))
    lines = [" ".join([" " * width, *(f"{name:>11}" for name in names)])]
    for title, night in nights.items():
        figures = [night.stages[name] for name in stages]
        figures += [night.facts, night.whole, night.processor]
        lines.append(" ".join([f"{title:<{width}}", *(f"{s:>9.2f} s" for s in figures)]))
    sys.stdout.write("\n" + "\n".join(lines) + "\n")
