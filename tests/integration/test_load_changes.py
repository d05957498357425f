"""Change detection: what a second and a third file do to raw, row by row and in the counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from extract.results import TableLoad
from tests.support.loading import DAY_ONE, DAY_TWO, Loader, assert_accounted, of
from tests.support.tiny_source import TINY_COUNTS, TINY_FILES

SELLERS = TINY_FILES["sellers"]
HEADER = SELLERS.splitlines()[0] + "\n"
GEO = TINY_FILES["geolocation"]
GEO_HEADER = GEO.splitlines()[0] + "\n"
POINT = "01037,-23.5,-46.6,sao paulo,SP\n"


@pytest.fixture
def loader(tmp_path: Path) -> Iterator[Loader]:
    fresh = Loader(tmp_path)
    yield fresh
    fresh.con.close()


def changes(table: TableLoad) -> tuple[int, int, int, int]:
    """Give inserted, updated, unchanged and missing, after checking that all adds up."""
    assert_accounted(table)
    return table.num_inserted, table.num_updated, table.num_unchanged, table.num_missing


def test_the_first_load_brings_every_row(loader: Loader) -> None:
    report = loader.load()
    assert {table.table_name: table.num_rows_after for table in report.tables} == TINY_COUNTS
    for table in report.tables:
        assert changes(table) == (TINY_COUNTS[table.table_name], 0, 0, 0)


def test_every_row_carries_its_load(loader: Loader) -> None:
    loader.load()
    assert loader.rows(
        "select distinct _source_file, _loaded_at, _batch_id, _has_conflict from raw.orders"
    ) == [("olist_orders_dataset.csv", DAY_ONE, "batch-1", False)]


def test_rows_keep_the_order_of_the_file(loader: Loader) -> None:
    loader.load(sellers=HEADER + "s9,1,a,SP\ns1,2,b,SP\ns5,3,c,SP\n")
    assert loader.rows("select seller_id from raw.sellers") == [("s9",), ("s1",), ("s5",)]


def test_text_is_kept_as_it_stands(loader: Loader) -> None:
    loader.load(sellers=HEADER + 's1,"", NULL ,\n')
    assert loader.rows(
        "select seller_id, seller_zip_code_prefix, seller_city, seller_state from raw.sellers"
    ) == [("s1", "", " NULL ", None)]


def test_a_row_is_found_again_by_a_key_that_is_spelled_otherwise(loader: Loader) -> None:
    loader.load()
    again = TINY_FILES["order_items"].replace('"o1",1,', '" o1 ",01.0,')
    assert again != TINY_FILES["order_items"]
    assert changes(of(loader.load(order_items=again), "order_items"))[:2] == (0, 0)


def test_a_line_end_inside_a_comment_is_kept(loader: Loader) -> None:
    loader.load()
    assert (
        loader.value("select review_comment_message from raw.order_reviews limit 1")
        == "chegou antes,\r\ne bem embalado"
    )


def test_the_hash_tells_null_from_empty_and_one_column_from_the_next(loader: Loader) -> None:
    loader.load(
        sellers=HEADER + 's1,,a,\ns1,"",a,\ns1,a,,\ns1,,,a\ns1,"=",a,\ns1,a,"",\ns1,,"",a\n'
    )
    assert loader.rows("select count(*), count(distinct _row_hash) from raw.sellers") == [
        (7, 7)
    ]


def test_the_hash_does_not_follow_the_order_of_columns(loader: Loader) -> None:
    loader.load(sellers=HEADER + "s1,13023,campinas,SP\n")
    turned = "seller_state,seller_city,seller_id,seller_zip_code_prefix\nSP,campinas,s1,13023\n"
    assert changes(of(loader.load(sellers=turned), "sellers")) == (0, 0, 1, 0)


def test_an_extra_column_is_reported_and_kept_out(loader: Loader) -> None:
    wider = (
        SELLERS.replace('"seller_state"\n', '"seller_state","rating"\n')
        .replace("SP\n", "SP,5\n")
        .replace("RJ\n", "RJ,4\n")
    )
    sellers = of(loader.load(sellers=wider), "sellers")
    assert sellers.extra_columns == ("rating",)
    assert sellers.notices == (
        "olist_sellers_dataset.csv: not loaded, since not in the contract: column rating.",
    )
    assert changes(of(loader.load(), "sellers")) == (0, 0, 3, 0)


def test_the_same_files_again_are_skipped(loader: Loader) -> None:
    loader.load()
    report = loader.load(loaded_at=DAY_TWO)
    assert all(table.is_skipped for table in report.tables)
    assert all(
        changes(table) == (0, 0, TINY_COUNTS[table.table_name], 0) for table in report.tables
    )
    assert loader.value("select max(_loaded_at) from raw.orders") == DAY_ONE


def test_a_skipped_file_keeps_the_figures_that_describe_it(loader: Loader) -> None:
    spoiled = SELLERS + SELLERS.splitlines()[1] + "\ns7,1,a,SP\ns7,2,a,SP\ns8\n"
    for _ in range(3):
        sellers = of(loader.load(sellers=spoiled), "sellers")
        assert (sellers.num_records, sellers.num_exact_duplicates) == (7, 1)
        assert (sellers.num_conflicting, sellers.num_rejected_lines) == (2, 1)
        assert_accounted(sellers)
    assert sellers.is_skipped


def test_force_reads_a_known_file_again_and_finds_nothing_new(loader: Loader) -> None:
    loader.load()
    report = loader.load(force=True)
    assert not any(table.is_skipped for table in report.tables)
    assert report.num_changed_rows == 0


def test_a_known_file_in_another_mode_is_read(loader: Loader) -> None:
    loader.load()
    assert not of(loader.load(mode="delta"), "sellers").is_skipped


def test_a_file_older_than_the_last_is_read_again(loader: Loader) -> None:
    loader.load()
    loader.load(sellers=SELLERS.replace("campinas", "sao paulo"))
    assert changes(of(loader.load(), "sellers")) == (0, 1, 2, 0)
    assert (
        loader.value("select seller_city from raw.sellers where seller_id='s1'") == "campinas"
    )


def test_a_raw_table_changed_behind_the_audit_is_read_again(loader: Loader) -> None:
    loader.load()
    loader.con.execute("delete from raw.sellers where seller_id = 's1'")
    assert changes(of(loader.load(), "sellers")) == (1, 0, 2, 0)


def test_a_changed_row_is_replaced_and_moved_to_this_load(loader: Loader) -> None:
    loader.load()
    changed = SELLERS.replace("campinas", "jundiai")
    sellers = of(loader.load(loaded_at=DAY_TWO, sellers=changed), "sellers")
    assert changes(sellers) == (0, 1, 2, 0)
    assert loader.rows(
        "select seller_id, seller_city, _loaded_at, _batch_id from raw.sellers order by 1"
    ) == [
        ("s1", "jundiai", DAY_TWO, "batch-2"),
        ("s2", "rio de janeiro", DAY_ONE, "batch-1"),
        ("s3", "sao paulo", DAY_ONE, "batch-1"),
    ]


def test_a_new_row_is_inserted_beside_the_others(loader: Loader) -> None:
    loader.load()
    assert changes(of(loader.load(sellers=SELLERS + "s4,1,a,SP\n"), "sellers")) == (1, 0, 3, 0)


def test_a_row_that_a_snapshot_lacks_is_kept_and_counted(loader: Loader) -> None:
    loader.load()
    shorter = "".join(SELLERS.splitlines(keepends=True)[:-1])
    sellers = of(loader.load(sellers=shorter), "sellers")
    assert changes(sellers) == (0, 0, 2, 1)
    assert sellers.num_rows_after == 3


def test_a_row_that_a_delta_lacks_is_not_missing(loader: Loader) -> None:
    loader.load()
    sellers = of(loader.load(mode="delta", sellers=HEADER + "s4,1,a,SP\n"), "sellers")
    assert changes(sellers) == (1, 0, 0, 0)
    assert sellers.num_rows_after == 4


def test_a_header_without_rows_empties_nothing(loader: Loader) -> None:
    loader.load()
    report = loader.load(sellers=HEADER, geolocation=GEO_HEADER)
    assert changes(of(report, "sellers")) == (0, 0, 0, 3)
    assert changes(of(report, "geolocation")) == (0, 0, 0, 4)
    assert "olist_sellers_dataset.csv: has a header and no rows." in report.notices


def test_rows_arrive_after_a_file_without_rows(loader: Loader) -> None:
    loader.load(sellers=HEADER)
    assert changes(of(loader.load(), "sellers")) == (3, 0, 0, 0)


def test_exact_duplicates_of_a_key_collapse(loader: Loader) -> None:
    twice = SELLERS + SELLERS.splitlines()[1] + "\n" + SELLERS.splitlines()[1] + "\n"
    sellers = of(loader.load(sellers=twice), "sellers")
    assert (sellers.num_records, sellers.num_inserted, sellers.num_exact_duplicates) == (
        5,
        3,
        2,
    )
    assert loader.value("select count(*) from raw.sellers where _has_conflict") == 0


def test_exact_duplicates_collapse_in_a_later_file_too(loader: Loader) -> None:
    loader.load()
    twice = SELLERS + 2 * "s4,1,a,SP\n" + SELLERS.splitlines()[1] + "\n"
    sellers = of(loader.load(sellers=twice), "sellers")
    assert changes(sellers) == (1, 0, 3, 0)
    assert sellers.num_exact_duplicates == 2


@pytest.mark.parametrize("loads_before", [0, 1])
def test_a_key_with_differing_contents_keeps_all_rows_marked(
    loader: Loader, loads_before: int
) -> None:
    for _ in range(loads_before):
        loader.load()
    sellers = of(loader.load(sellers=SELLERS + '"s1",2,b,SP\n"s1",2,b,SP\n'), "sellers")
    assert (sellers.num_conflicting, sellers.num_exact_duplicates) == (2, 1)
    assert loader.rows(
        "select seller_id, seller_city, _has_conflict from raw.sellers order by 1, 2"
    ) == [
        ("s1", "b", True),
        ("s1", "campinas", True),
        ("s2", "rio de janeiro", False),
        ("s3", "sao paulo", False),
    ]
    assert_accounted(sellers)


def test_a_conflict_is_gone_when_a_later_file_settles_it(loader: Loader) -> None:
    loader.load(sellers=SELLERS + '"s1",2,b,SP\n')
    sellers = of(loader.load(loaded_at=DAY_TWO), "sellers")
    assert changes(sellers) == (0, 1, 2, 0)
    assert loader.rows(
        "select seller_city, _has_conflict, _loaded_at from raw.sellers where seller_id = 's1'"
    ) == [("campinas", False, DAY_TWO)]
    assert sellers.num_rows_after == 3


def test_an_unchanged_conflict_is_left_alone(loader: Loader) -> None:
    doubled = SELLERS + '"s1",2,b,SP\n'
    loader.load(sellers=doubled)
    assert changes(of(loader.load(sellers=doubled, force=True), "sellers")) == (0, 0, 4, 0)
    assert loader.value("select count(*) from raw.sellers where _has_conflict") == 2


def test_the_same_key_twice_in_different_columns_of_a_key_is_no_conflict(
    loader: Loader,
) -> None:
    # order_items has the key (order_id, order_item_id); the tiny file repeats order o1.
    assert of(loader.load(), "order_items").num_conflicting == 0


def test_rows_without_a_key_are_all_kept_and_not_repeated_by_a_reload(loader: Loader) -> None:
    keyless = SELLERS + ",1,a,SP\n,1,a,SP\n,2,b,SP\n"
    sellers = of(loader.load(sellers=keyless), "sellers")
    assert (sellers.num_rows_after, sellers.num_exact_duplicates) == (6, 0)
    again = of(loader.load(sellers=keyless + ",1,a,SP\n"), "sellers")
    assert changes(again) == (1, 0, 6, 0)
    assert again.num_rows_after == 7
    assert loader.value("select count(*) from raw.sellers where _has_conflict") == 0


def test_repeated_points_of_geolocation_are_all_kept(loader: Loader) -> None:
    loader.load(geolocation=GEO_HEADER + 3 * POINT)
    assert loader.value("select count(*) from raw.geolocation") == 3


@pytest.mark.parametrize(
    ("copies", "expected", "rows_after"),
    [(5, (2, 0, 3, 0), 5), (3, (0, 0, 3, 0), 3), (1, (0, 0, 1, 2), 3), (0, (0, 0, 0, 3), 3)],
)
def test_a_row_without_a_key_has_as_many_copies_as_any_file_had(
    loader: Loader, copies: int, expected: tuple[int, int, int, int], rows_after: int
) -> None:
    loader.load(geolocation=GEO_HEADER + 3 * POINT)
    table = of(loader.load(geolocation=GEO_HEADER + copies * POINT), "geolocation")
    assert changes(table) == expected
    assert table.num_rows_after == rows_after


def test_a_later_load_is_never_stamped_before_an_earlier_one(loader: Loader) -> None:
    loader.load(loaded_at=DAY_TWO)
    report = loader.load(loaded_at=DAY_ONE, sellers=SELLERS + "s4,1,a,SP\n")
    assert report.loaded_at == DAY_TWO + timedelta(microseconds=1)
    assert loader.value("select max(_loaded_at) from raw.sellers") == report.loaded_at


def test_large_inserts_into_a_table_of_this_transaction_are_found(loader: Loader) -> None:
    # In DuckDB 2.0.0 an insert of no rows hides a large one after it in one transaction; the
    # rows are counted but no query finds them. More than one row group (122,880 rows) shows it.
    rows = [f"{n:05d},-23.{n},-46.5,sao paulo,SP\n" for n in range(150_000)]
    loader.load(geolocation=GEO_HEADER + "".join(rows))
    rows[70_000] = "changed,-1,-1,sao paulo,SP\n"
    table = of(loader.load(geolocation=GEO_HEADER + "".join(rows)), "geolocation")
    assert changes(table) == (1, 0, 149_999, 1)
    assert loader.rows(
        "select count(*), count(distinct _row_hash) from raw.geolocation "
        "where geolocation_state = 'SP'"
    ) == [(150_001, 150_001)]


def test_good_rows_behind_a_damaged_start_of_a_large_file_are_found(loader: Loader) -> None:
    # Here the direct reader finds no row at all (the open quote takes the whole file), and the
    # careful one brings all of them in the same transaction.
    rows = "".join(f"{n:05d},-23.{n},-46.5,sao paulo,SP\n" for n in range(150_000))
    table = of(
        loader.load(geolocation=GEO_HEADER.replace('"', "") + '"1,1,1,a,SP\n' + rows),
        "geolocation",
    )
    assert changes(table) == (150_000, 0, 0, 0)
    assert loader.value(
        "select count(*) from raw.geolocation where geolocation_state='SP'"
    ) == (150_000)
