"""Replays of generated data: what holds in every drop, and that faults end well."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from extract.load import LoadMode
from extract.replay import Drop, replay
from extract.replay.timelines import MAX_DELAY_DROPS, Faults
from extract.sources import SourceFiles, open_source
from extract.tables import TABLES, TABLES_BY_NAME, SourceTable
from tests.support.replaying import (
    LIVING,
    Row,
    by_key,
    dicts_in,
    keys_in,
    load_drops,
    load_source,
    raw_rows,
    rows_in,
    rows_of,
)
from tests.support.tiny_source import tiny_source

START, END = date(2018, 3, 31), date(2018, 10, 31)
SOUND = Faults()
ALL_FAULTS = Faults(late=0.2, corrections=0.2, deletions=0.2)
# What a timestamp may lie ahead in: a promise and a deadline.
AHEAD = {"order_estimated_delivery_date", "shipping_limit_date"}
WRONG_COLUMNS = {
    "customers": "customer_city",
    "order_items": "price",
    "order_payments": "payment_value",
    "order_reviews": "review_score",
    "products": "product_category_name",
    "sellers": "seller_city",
}


@pytest.fixture(scope="module")
def source() -> Iterator[SourceFiles]:
    """A hundredth of Olist, generated."""
    with open_source("synthetic", scale=0.01, seed=5) as files:
        yield files


def replayed(
    source: SourceFiles, output: Path, faults: Faults = SOUND, mode: LoadMode = "snapshot"
) -> list[Drop]:
    return replay(
        source,
        output,
        start=START,
        end=END,
        every="month",
        mode=mode,
        seed=faults.seed,
        late=faults.late,
        corrections=faults.corrections,
        deletions=faults.deletions,
    )


@pytest.fixture(scope="module")
def snapshots(source: SourceFiles, tmp_path_factory: pytest.TempPathFactory) -> list[Drop]:
    """Eight month ends as whole files, nothing wrong in them."""
    return replayed(source, tmp_path_factory.mktemp("sound") / "drops")


@pytest.fixture(scope="module")
def faulty(source: SourceFiles, tmp_path_factory: pytest.TempPathFactory) -> list[Drop]:
    """The same with a fifth of the rows late, a fifth wrong, a fifth missing for a while."""
    return replayed(source, tmp_path_factory.mktemp("faulty") / "drops", ALL_FAULTS)


def checksums(drops: list[Drop]) -> dict[str, str]:
    return {
        str(path.relative_to(drop.directory.parent)): hashlib.sha256(
            path.read_bytes()
        ).hexdigest()
        for drop in drops
        for path in sorted(drop.directory.iterdir())
    }


def apply(held: dict[Row, object], delta: Drop, table: SourceTable) -> None:
    """Bring what is held up to date with a delta, as the load does: key by key."""
    held.update(by_key(delta, table))


def test_the_last_drop_is_the_dataset_row_for_row(
    source: SourceFiles, snapshots: list[Drop]
) -> None:
    assert snapshots[-1].is_whole
    for table in TABLES:
        assert rows_in(snapshots[-1], table.name) == rows_of(source.paths[table.name], table)


def test_no_drop_knows_a_time_after_its_day(snapshots: list[Drop]) -> None:
    num_checked = 0
    for drop in snapshots:
        end_of_day = datetime.combine(drop.day + timedelta(days=1), datetime.min.time())
        for table_name in ("orders", "order_reviews"):
            for row in dicts_in(drop, table_name):
                for column, value in row.items():
                    if column.endswith(("_at", "_timestamp", "_date")) and value:
                        num_checked += 1
                        is_past = datetime.fromisoformat(value) < end_of_day
                        assert is_past or column in AHEAD, (drop.day, table_name, row)
    assert num_checked > 1_000


def test_every_row_of_an_order_comes_no_earlier_than_the_order(snapshots: list[Drop]) -> None:
    for drop in snapshots:
        orders = {row["order_id"] for row in dicts_in(drop, "orders")}
        for table_name in ("order_items", "order_payments", "order_reviews"):
            assert {row["order_id"] for row in dicts_in(drop, table_name)} <= orders
        products = {row["product_id"] for row in dicts_in(drop, "products")}
        assert {row["product_id"] for row in dicts_in(drop, "order_items")} <= products


def test_deltas_taken_together_are_the_snapshot_of_each_day(
    source: SourceFiles, tmp_path: Path, snapshots: list[Drop]
) -> None:
    deltas = replayed(source, tmp_path / "drops", mode="delta")
    assert 0 < deltas[1].rows["orders"] < snapshots[1].rows["orders"] / 2
    for table in LIVING:
        held: dict[Row, object] = {}
        for delta, snapshot in zip(deltas, snapshots, strict=True):
            apply(held, delta, table)
            assert held == by_key(snapshot, table), (table.name, delta.day)


def test_a_delta_holds_no_row_that_was_in_the_drop_before(
    source: SourceFiles, tmp_path: Path, snapshots: list[Drop]
) -> None:
    deltas = replayed(source, tmp_path / "drops", mode="delta")
    for table in LIVING:
        for previous, delta in zip(snapshots, deltas[1:], strict=False):
            known = set(rows_in(previous, table.name))
            assert not known & set(rows_in(delta, table.name)), (table.name, delta.day)


def test_the_same_seed_writes_the_same_bytes(
    source: SourceFiles, tmp_path: Path, faulty: list[Drop]
) -> None:
    assert checksums(replayed(source, tmp_path / "drops", ALL_FAULTS)) == checksums(faulty)


def test_another_seed_strikes_other_rows(
    source: SourceFiles, tmp_path: Path, faulty: list[Drop]
) -> None:
    other = replayed(source, tmp_path / "drops", dataclasses.replace(ALL_FAULTS, seed=43))
    assert keys_in(other[0], TABLES_BY_NAME["orders"]) != keys_in(
        faulty[0], TABLES_BY_NAME["orders"]
    )


def test_faults_leave_the_last_drop_as_it_is(snapshots: list[Drop], faulty: list[Drop]) -> None:
    for table in TABLES:
        assert rows_in(faulty[-1], table.name) == rows_in(snapshots[-1], table.name)


def test_late_rows_are_missing_at_first_and_come_within_a_few_drops(
    source: SourceFiles, tmp_path: Path, snapshots: list[Drop]
) -> None:
    drops = replayed(source, tmp_path / "drops", Faults(late=0.2))
    for table in LIVING:
        due = keys_in(snapshots[0], table)
        missing = due - keys_in(drops[0], table)
        assert 0.02 < len(missing) / len(due) < 0.5, table.name
        assert due <= keys_in(drops[MAX_DELAY_DROPS], table)


def test_a_late_order_shows_its_state_of_the_day_it_arrives(
    source: SourceFiles, tmp_path: Path, snapshots: list[Drop]
) -> None:
    drops = replayed(source, tmp_path / "drops", Faults(late=0.5))
    for late, sound in zip(drops, snapshots, strict=True):
        assert set(rows_in(late, "orders")) <= set(rows_in(sound, "orders"))


def test_corrections_change_one_column_of_some_rows_and_end_right(
    source: SourceFiles, tmp_path: Path, snapshots: list[Drop]
) -> None:
    drops = replayed(source, tmp_path / "drops", Faults(corrections=0.2))
    for table in LIVING:
        num_wrong = 0
        for row, right in zip(
            dicts_in(drops[0], table.name), dicts_in(snapshots[0], table.name), strict=True
        ):
            differing = {column for column in row if row[column] != right[column]}
            assert differing <= {WRONG_COLUMNS.get(table.name)}
            num_wrong += bool(differing)
        if table.name in WRONG_COLUMNS:
            assert 0.02 < num_wrong / drops[0].rows[table.name] < 0.5, table.name
        corrected = rows_in(drops[-1], table.name)
        assert corrected == rows_in(snapshots[-1], table.name)


def test_wrong_values_are_of_the_kind_the_warehouse_accepts(
    source: SourceFiles, tmp_path: Path
) -> None:
    first, *_ = replayed(source, tmp_path / "drops", Faults(corrections=1.0))
    assert all(float(row["price"] or "x") > 0 for row in dicts_in(first, "order_items"))
    assert {row["review_score"] for row in dicts_in(first, "order_reviews")} <= set("12345")


def test_deleted_rows_are_gone_from_some_drops_and_come_back(
    source: SourceFiles, tmp_path: Path, snapshots: list[Drop]
) -> None:
    drops = replayed(source, tmp_path / "drops", Faults(deletions=0.3))
    for table in LIVING:
        assert keys_in(drops[0], table) == keys_in(snapshots[0], table)
        gone = {
            key
            for drop, sound in zip(drops, snapshots, strict=True)
            for key in keys_in(sound, table) - keys_in(drop, table)
        }
        assert gone, table.name
        assert gone <= keys_in(drops[-1], table)


@pytest.mark.parametrize("mode", ["snapshot", "delta"])
def test_loading_all_faulty_drops_in_order_ends_as_one_load_of_the_dataset(
    source: SourceFiles, tmp_path: Path, mode: LoadMode
) -> None:
    drops = replayed(source, tmp_path / "drops", ALL_FAULTS, mode)
    with duckdb.connect() as replayed_con, duckdb.connect() as at_once:
        load_drops(replayed_con, [drop.directory for drop in drops], mode)
        load_source(at_once, source)
        for table in TABLES:
            assert raw_rows(replayed_con, table) == raw_rows(at_once, table), table.name


@pytest.mark.parametrize("mode", ["snapshot", "delta"])
@pytest.mark.parametrize("seed", range(3))
def test_repeated_and_conflicting_rows_and_rows_without_key_end_as_one_load_too(
    tmp_path: Path, mode: LoadMode, seed: int
) -> None:
    header = (
        "order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,"
        "order_delivered_carrier_date,order_delivered_customer_date,"
        "order_estimated_delivery_date\n"
    )
    orders = header + (
        "o1,c1,created,2018-01-01 10:00:00,,,,2018-02-01 00:00:00\n"
        "o1,c1,shipped,2018-01-02 10:00:00,2018-01-04 10:00:00,2018-01-06 10:00:00,,\n"
        "o2,c2,approved,2018-01-03 10:00:00,2018-01-05 10:00:00,,,\n"
        "o2,c2,approved,2018-01-03 10:00:00,2018-01-05 10:00:00,,,\n"
        ",c3,approved,2018-01-03 10:00:00,2018-01-07 10:00:00,,,\n"
        ",c3,approved,2018-01-03 10:00:00,2018-01-07 10:00:00,,,\n"
    )
    source = tiny_source(tmp_path / "source", orders=orders)
    drops = replay(
        source,
        tmp_path / "drops",
        start=date(2018, 1, 1),
        end=date(2018, 1, 9),
        mode=mode,
        seed=seed,
        late=0.5,
        corrections=0.5,
        deletions=0.5,
        complete=True,
    )
    with duckdb.connect() as replayed_con, duckdb.connect() as at_once:
        load_drops(replayed_con, [drop.directory for drop in drops], mode)
        load_source(at_once, source)
        for table in TABLES:
            assert raw_rows(replayed_con, table) == raw_rows(at_once, table), table.name


def test_a_row_without_a_full_key_is_never_shown_wrong(tmp_path: Path) -> None:
    """Nothing could tell its correction from another row."""
    items = (
        "order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value\n"
        "o1,1,pr1,s1,2017-11-28 10:10:00,58.90,13.29\n"
        "o1,,pr1,s1,2017-11-28 10:10:00,58.90,13.29\n"
    )
    source = tiny_source(tmp_path / "source", order_items=items)
    first, *_ = replay(source, tmp_path / "drops", every="month", corrections=1.0, seed=1)
    with_key, without_key = dicts_in(first, "order_items")
    assert with_key["price"] != "58.90"
    assert without_key["price"] == "58.90"
