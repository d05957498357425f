"""The spoilt dataset through the whole pipeline once: the outcome of every case, and totals."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from orchestration.warehouse.store import open_reader
from tests.support import command
from tests.support.shared_setup import made_once
from tests.support.spoilt_dataset import (
    CONFLICT,
    CONFLICTING,
    KEPT,
    QUARANTINED,
    REJECTED,
    REPEATED,
    Kept,
    Quarantined,
    Rejected,
    write_spoilt_dataset,
)

Rows = dict[str, list[dict[str, str]]]


def _make(directory: Path) -> None:
    source = directory / "source"
    source.mkdir()
    sound = write_spoilt_dataset(source)
    (directory / "sound.json").write_text(json.dumps(sound), encoding="utf-8")
    arguments = ("--source", str(source), "--warehouse", str(directory / "dw"))
    # A third of some tables is spoilt on purpose.
    settings = {"OLIST_MAX_QUARANTINED_SHARE": "1"}
    child = command.start(None, *arguments, settings=settings)
    out, err = child.communicate()
    if child.returncode != 0:
        pytest.fail(f"exit code {child.returncode}\n{out[-3000:]}\n{err[-3000:]}")


@pytest.fixture(scope="session")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_once(tmp_path_factory, "spoilt_warehouse", _make)


@pytest.fixture(scope="session")
def sound(spoilt: Path) -> Rows:
    rows: Rows = json.loads((spoilt / "sound.json").read_text(encoding="utf-8"))
    return rows


@pytest.fixture(scope="module")
def connection(spoilt: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_reader(spoilt / "dw" / "olist.duckdb") as opened:
        yield opened


def _reason(case: Quarantined) -> str:
    value = f" ({case.value})" if case.value.strip() else ""
    return f"{case.column}: {case.reason}{value}"


@pytest.mark.parametrize("case", QUARANTINED, ids=lambda case: f"{case.column}={case.value}")
def test_a_value_that_cannot_be_used_is_quarantined(
    connection: duckdb.DuckDBPyConnection, case: Quarantined
) -> None:
    found = connection.execute(
        "select reason from ops.quarantined_rows where table_name = ?", [case.table]
    ).fetchall()
    assert (_reason(case),) in found


def test_nothing_else_is_quarantined(connection: duckdb.DuckDBPyConnection) -> None:
    found = connection.execute("select table_name, reason from ops.quarantined_rows").fetchall()
    expected = Counter((case.table, _reason(case)) for case in QUARANTINED)
    expected.update({(table, CONFLICT): 2 for table in CONFLICTING})
    assert Counter(found) == expected


@pytest.mark.parametrize("case", KEPT, ids=lambda case: case.name)
def test_a_row_that_is_merely_odd_is_published(
    connection: duckdb.DuckDBPyConnection, case: Kept
) -> None:
    assert connection.execute(case.query).fetchall() == [case.expected]


@pytest.mark.parametrize("case", REJECTED, ids=lambda case: case.name)
def test_a_line_that_cannot_be_read_is_rejected(
    connection: duckdb.DuckDBPyConnection, case: Rejected
) -> None:
    found = connection.execute(
        "select reason from ops.rejected_lines where table_name = ?", [case.table]
    ).fetchall()
    assert len(found) == 1
    assert case.reason in found[0][0]


def test_rows_that_stand_three_times_count_once(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    found = connection.execute(
        "select table_name, num_exact_duplicates from ops.load_audit"
        " where num_exact_duplicates > 0"
    ).fetchall()
    assert dict(found) == dict.fromkeys(REPEATED, 2)


@pytest.mark.parametrize(
    ("table", "in_source", "in_fact"),
    [
        ("order_items", "price", "core.fact_order_items.price_amount"),
        ("order_payments", "payment_value", "core.fact_payments.payment_amount"),
        ("order_reviews", "review_score", "core.fact_reviews.review_score"),
    ],
)
def test_totals_are_those_of_the_sound_rows_and_of_the_odd_ones(
    connection: duckdb.DuckDBPyConnection, sound: Rows, table: str, in_source: str, in_fact: str
) -> None:
    fact, column = in_fact.rsplit(".", 1)
    values = [Decimal(row[in_source]) for row in _published(sound, table)]
    values += [Decimal(case.amount) for case in KEPT if case.table == table]
    found = connection.execute(f"select count(*), sum({column}) from {fact}").fetchall()
    assert found == [(len(values), sum(values))]


def test_every_usable_order_is_published_once(
    connection: duckdb.DuckDBPyConnection, sound: Rows
) -> None:
    expected = len(_published(sound, "orders")) + sum(case.table == "orders" for case in KEPT)
    found = connection.execute(
        "select count(*), count(distinct order_id) from core.fact_orders"
    )
    assert found.fetchall() == [(expected, expected)]


def _published(sound: Rows, table: str) -> list[dict[str, str]]:
    """The sound rows, and the one that was appended three times under a new key."""
    return sound[table] + ([sound[table][0]] if table in REPEATED else [])


def test_the_run_says_that_rows_were_left_out(spoilt: Path) -> None:
    (record,) = (spoilt / "dw" / "runs").glob("*/summary.json")
    summary = json.loads(record.read_text(encoding="utf-8"))
    assert summary["status"] == "done"
    assert summary["checks"]["failed"] == 0
    notices = " ".join(summary["notices"])
    assert "no_row_of_the_source_is_quarantined warns" in notices
    assert "stg_orders_order_status_is_a_known_one warns" in notices
    assert "stg_order_payments_payment_type_is_a_known_one warns" in notices
