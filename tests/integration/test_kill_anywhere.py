"""Killed at random moments (kill -9): whatever is published opens, is one version, and whole.

Every run here brings a source whose one product weight and one payment tell it from all others,
so a mixture of two runs cannot look like one of them. By default a few kills on a small dbt
project; ``OLIST_TEST_KILLS=50`` kills that often and on all models of this repository. Kills at
chosen places of the publishing code are in ``test_warehouse_kill``.
"""

from __future__ import annotations

import csv
import logging
import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from extract.sources.synthetic import generate
from orchestration.warehouse.store import Warehouse, open_reader
from tests.support import command, tiny

logger = logging.getLogger(__name__)

KILLS = int(os.environ.get("OLIST_TEST_KILLS", "0"))
SEED = int(os.environ.get("OLIST_TEST_SEED", "1"))
FEW_KILLS = 3
# The share of kills that are aimed at the stage publish: it is a hundredth of a run.
AT_PUBLISH = 0.3
WEIGHT, AMOUNT = 1000, 50

# With more kills it is this repository's project that is run.

_MODELS = {
    "dim_product": "select product_id, product_weight_g::int as weight_g from raw.products",
    "fact_payments": (
        "{{ config(materialized='incremental', unique_key=['order_id', 'n']) }} "
        "select order_id, payment_sequential as n, payment_value::decimal(18, 2) as "
        "payment_amount from raw.order_payments {% if is_incremental() %} "
        "where _loaded_at > (select max(_loaded_at) from raw.orders) {% endif %}"
    ),
    "fact_orders": "select o.*, n from raw.orders as o, range(300) as r(n)",
    "tests_of_it": "models: [{name: dim_product, columns: [{name: product_id, data_tests: "
    "[unique, not_null]}]}, {name: fact_payments, columns: [{name: order_id, data_tests: "
    "[not_null]}]}]",
}


@dataclass(frozen=True)
class Seen:
    """What a reader sees: the marks of the run that made it, and the rows of every table."""

    run_id: str
    marks: tuple[int, ...]
    rows: dict[str, int]


class Target:
    """A source that changes a little before every run, and the warehouse of the runs."""

    def __init__(self, directory: Path, project: Path | None) -> None:
        """Generate the source."""
        self.source = directory / "source"
        self.source.mkdir()
        generate(self.source, scale=0.002, seed=SEED)
        self.warehouse = Warehouse(directory / "dw", keep_versions=3)
        self._project = project
        self._product = self._change("olist_products_dataset.csv", "product_weight_g", "0")
        self._order = self._change("olist_order_payments_dataset.csv", "payment_value", "0.00")

    def mark(self, number: int) -> None:
        """Give the source its next state."""
        weight, amount = str(WEIGHT + number), f"{AMOUNT + number}.37"
        self._change("olist_products_dataset.csv", "product_weight_g", weight)
        self._change("olist_order_payments_dataset.csv", "payment_value", amount)

    def start(self) -> subprocess.Popen[str]:
        """Start a run."""
        arguments = ("--source", str(self.source), "--warehouse", str(self.warehouse.directory))
        settings = {"OLIST_KEEP_VERSIONS": "3"}
        return command.start(self._project, *arguments, settings=settings)

    def finish(self) -> float:
        """A run that nobody kills must publish. Returns its seconds."""
        started = time.monotonic()
        child = self.start()
        out, err = child.communicate()
        assert child.returncode == 0, out + err
        assert not self.warehouse.build_dir.exists()
        return time.monotonic() - started

    def look(self) -> Seen:
        """What a reader sees, which must be one version."""
        version = self.warehouse.current_version()
        assert version is not None
        product = f"where product_id = '{self._product}'"
        payment = f"where order_id = '{self._order}'"
        with open_reader(self.warehouse.published_path) as connection:
            values = connection.execute(
                "select i.run_id,"
                f" (select product_weight_g::int from raw.products {product}) - {WEIGHT},"
                f" (select weight_g from core.dim_product {product}) - {WEIGHT},"
                " (select payment_value::decimal(18, 2) - 0.37 from raw.order_payments"
                f" {payment} limit 1)::int - {AMOUNT},"
                " (select payment_amount - 0.37 from core.fact_payments"
                f" {payment} limit 1)::int - {AMOUNT}"
                " from ops.warehouse_info as i"
            ).fetchall()[0]
            names = connection.execute(
                "select schema_name || '.' || table_name from duckdb_tables()"
                " where schema_name in ('raw', 'core', 'marts')"
            ).fetchall()
            rows = {
                name: connection.execute(f"select count(*) from {name}").fetchall()[0][0]
                for (name,) in names
            }
        assert values[0] == version.run_id
        return Seen(values[0], values[1:], rows)

    def _change(self, file_name: str, column: str, value: str) -> str:
        """Write a value into the first row of a file; returns that row's id."""
        path = self.source / file_name
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        rows[0][column] = value
        key = next(iter(rows[0]))
        # The order's other payments would be other marks.
        rows = rows[:1] + [row for row in rows[1:] if row[key] != rows[0][key]]
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return rows[0][key]


def _kill_at(child: subprocess.Popen[str], stage: str | None, seconds: float) -> str:
    """Kill a run some seconds after it began, or after a stage began.

    Returns:
        The last line it showed, or "done" if it was faster.
    """
    if stage is not None:
        command.says(child, stage)
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.kill()
    out, err = child.communicate()
    if child.returncode == 0:
        return "done"
    assert child.returncode == -9, out + err
    lines = out.strip().splitlines()
    return lines[-1].strip() if lines else f"{stage or 'python'} starts"


@pytest.mark.timeout(3600 if KILLS else 240)
def test_a_run_killed_at_any_moment_leaves_one_whole_version_and_the_next_one_works(
    tmp_path: Path,
) -> None:
    project = None if KILLS else tiny.write_project(tmp_path / "project", **_MODELS)
    target = Target(tmp_path, project)
    dice = random.Random(SEED)  # noqa: S311 - moments, no secret
    target.mark(0)
    target.finish()
    target.mark(1)
    duration = target.finish()  # the second run is the usual one: dbt has its cache
    before = target.look()
    assert before.marks == (1, 1, 1, 1)
    rows = before.rows

    number, num_killed = 1, 0
    while num_killed < (KILLS or FEW_KILLS):
        number += 1
        target.mark(number)
        if dice.random() < AT_PUBLISH:
            last = _kill_at(target.start(), "publish", dice.uniform(0, 0.4))
        else:
            last = _kill_at(target.start(), None, dice.uniform(0, duration))
        num_killed += last != "done"  # it was faster than the dice
        seen = target.look()
        logger.info("kill %d: after %r, published is %s", num_killed, last, seen.run_id)
        assert len(set(seen.marks)) == 1, f"a mixture after {last!r}: {seen.marks}"
        assert seen.rows == rows, f"rows were lost after {last!r}"
        if seen.run_id == before.run_id:
            assert seen.marks == before.marks
            assert last != "done"
        else:
            assert seen.marks[0] == number
        before = seen
        if number % 10 == 0:
            target.finish()
            before = target.look()
            assert before.marks == (number,) * 4

    target.mark(number + 1)
    target.finish()
    after = target.look()
    assert after.marks == (number + 1,) * 4
    assert after.rows == rows


# Publishes, rolls back, restores, again and again; what it publishes says so in two tables.
_BUSY = """
import sys
from pathlib import Path
from orchestration.warehouse.backup import BackupDirectory, read_backup
from orchestration.warehouse.restore import restore
from orchestration.warehouse.store import Warehouse
from tests.support import tiny

warehouse = Warehouse(Path(sys.argv[1]), keep_versions=3)
backups = BackupDirectory(Path(sys.argv[2]), keep=2)
first = int(sys.argv[3])
print("here", flush=True)
for value in range(first, first + 100000):
    tiny.publish(warehouse, tiny.numbered_run(value), value)
    with warehouse.lock("x"):
        warehouse.rollback()
    if value % 4 == 0:
        backup = backups.write(warehouse.current_version())
        tiny.publish(warehouse, tiny.numbered_run(value, 1), value)
        with warehouse.lock("x"):
            restore(read_backup(backup.path), warehouse)
"""


def test_publish_rollback_and_restore_killed_at_any_moment_leave_one_version(
    tmp_path: Path,
) -> None:
    dice = random.Random(SEED)  # noqa: S311 - moments, no secret
    warehouse = Warehouse(tmp_path / "dw", keep_versions=3)
    tiny.publish(warehouse, tiny.numbered_run(1), 1)
    tiny.publish(warehouse, tiny.numbered_run(2), 2)
    for attempt in range(1, 1 + (KILLS or FEW_KILLS)):
        child = subprocess.Popen(
            [
                *(sys.executable, "-c", _BUSY, str(warehouse.directory)),
                # Of their own: two backups of one version in one second would be refused.
                *(str(tmp_path / f"backups_{attempt}"), str(attempt * 1000)),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        assert child.stdout.readline() == "here\n"
        with pytest.raises(subprocess.TimeoutExpired):
            child.wait(dice.uniform(0.2, 1.2))
        child.kill()
        child.communicate()
        version = warehouse.current_version()
        assert version is not None
        with open_reader(warehouse.published_path) as connection:
            run_id, value = connection.execute(
                "select run_id, value from ops.warehouse_info, core.a"
            ).fetchall()[0]
        assert run_id == version.run_id
        assert run_id.startswith(tiny.numbered_run(value)[:16])
    last = 1000 * (KILLS or FEW_KILLS) + 999
    tiny.publish(warehouse, tiny.numbered_run(last), last)
    left = {path.name for path in warehouse.directory.iterdir()}
    assert left <= {"olist.duckdb", "versions", ".lock"}
