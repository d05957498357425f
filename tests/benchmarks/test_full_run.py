"""How long the main job takes on the real data, stage by stage, beside DuckDB alone.

The bare load reads the same nine files with DuckDB's own reader into a file and checkpoints it:
what no pipeline on DuckDB can undercut. Prints a table; docs/performance.md keeps the figures.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from extract.tables import TABLES
from orchestration.runs.events import STAGES

pytestmark = [pytest.mark.benchmark, pytest.mark.real_data, pytest.mark.timeout(300)]

PROJECT_ROOT = Path(__file__).resolve().parents[2]

# The whole command, cold (nothing published, nothing cached), on two cores.
MOST_SECONDS = 25.0
# What both quality gates may add to it.
MOST_SECONDS_OF_GATES = 3.0
# The best of some runs counts: the machine may be busy.
ROUNDS = 3


def test_the_main_job_takes_at_most_25_seconds_cold(
    real_source: Path, real_files: Path, tmp_path: Path
) -> None:
    bare = min(_bare_load(real_files, tmp_path / f"bare_{n}.duckdb") for n in range(ROUNDS))
    runs = [_whole_run(real_source, tmp_path / f"warehouse_{n}") for n in range(ROUNDS)]
    whole, stages = min(runs, key=lambda run: run[0])

    rows = {"bare load in DuckDB": bare, **stages, "whole command": whole}
    table = "\n".join(f"{name:<22}{s:>6.1f} s{s / bare:>8.1f} x" for name, s in rows.items())
    sys.stdout.write(f"\n{table}\n")

    assert tuple(stages) == STAGES
    assert whole <= MOST_SECONDS, f"took {whole:.1f} s"


def test_both_gates_add_at_most_three_seconds(real_source: Path, tmp_path: Path) -> None:
    seconds: dict[str, list[float]] = {"true": [], "false": []}
    for number in range(ROUNDS):  # in turns, so that a busy minute strikes both alike
        for gates, found in seconds.items():
            warehouse = tmp_path / f"{gates}_{number}"
            found.append(_whole_run(real_source, warehouse, OLIST_QUALITY_GATES=gates)[0])
    on, off = min(seconds["true"]), min(seconds["false"])
    sys.stdout.write(f"\ngates on {on:.1f} s, off {off:.1f} s, so they add {on - off:.1f} s\n")
    assert on - off <= MOST_SECONDS_OF_GATES


def _bare_load(files: Path, database: Path) -> float:
    started = time.perf_counter()
    with duckdb.connect(str(database), config={"threads": 2}) as connection:
        for table in TABLES:
            columns = dict.fromkeys(table.columns, "VARCHAR")
            connection.execute(
                f"create table {table.name} as "
                "select * from read_csv(?, columns = ?, header = true, auto_detect = false, "
                "delim = ',', quote = '\"', escape = '\"')",
                [str(files / table.file_name), columns],
            )
        connection.execute("checkpoint")
    return time.perf_counter() - started


def _whole_run(
    source: Path, warehouse: Path, **settings: str
) -> tuple[float, dict[str, float]]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("OLIST_")}
    started = time.perf_counter()
    subprocess.run(
        [
            *(sys.executable, "run_pipeline.py", "--quiet"),
            *("--source", str(source.resolve()), "--warehouse", str(warehouse)),
        ],
        cwd=PROJECT_ROOT,
        env=environment | settings,
        check=True,
    )
    whole = time.perf_counter() - started
    (summary,) = warehouse.glob("runs/*/summary.json")
    stages = json.loads(summary.read_text(encoding="utf-8"))["stages"]
    return whole, {stage["name"]: stage["seconds"] for stage in stages}
