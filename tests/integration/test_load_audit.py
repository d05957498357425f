"""What a load leaves in ops, and that a failed one leaves nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from extract.errors import ContractError, ExtractError
from extract.load import check_contract, load
from extract.raw.tolerant_reader import MAX_REJECTED_TEXT
from extract.results import TableLoad
from extract.tables import TABLES
from tests.support.loading import DAY_ONE, DAY_TWO, Loader, of
from tests.support.tiny_source import TINY_FILES, tiny_source

SELLERS = TINY_FILES["sellers"]
HEADER = SELLERS.splitlines()[0] + "\n"


@pytest.fixture
def loader(tmp_path: Path) -> Iterator[Loader]:
    fresh = Loader(tmp_path)
    yield fresh
    fresh.con.close()


def test_the_audit_says_what_the_report_says(loader: Loader) -> None:
    loader.load()
    spoiled = SELLERS.replace("campinas", "jundiai") + "s4\ns5,1,a,SP\ns5,1,a,SP\n"
    report = loader.load(loaded_at=DAY_TWO, mode="delta", sellers=spoiled)
    sellers = of(report, "sellers")
    audit = loader.con.execute(
        "select * from ops.load_audit where table_name = 'sellers' and batch_id = 'batch-2'"
    ).df()
    (row,) = audit.to_dict("records")
    for name in TableLoad.__dataclass_fields__:
        if name not in ("notices", "extra_columns"):
            assert row[name] == getattr(sellers, name), name
    assert (row["source_kind"], row["mode"]) == ("directory", "delta")
    assert (row["num_inserted"], row["num_updated"], row["num_exact_duplicates"]) == (1, 1, 1)
    assert row["loaded_at"] == DAY_TWO


def test_the_audit_has_one_row_for_each_table_and_load(loader: Loader) -> None:
    loader.load()
    loader.load()
    assert loader.rows(
        "select batch_id, count(*), count(distinct table_name) from ops.load_audit "
        "group by all order by 1"
    ) == [("batch-1", 9, 9), ("batch-2", 9, 9)]


def test_the_audit_knows_the_file_by_its_bytes(loader: Loader) -> None:
    sellers = of(loader.load(), "sellers")
    assert sellers.file_sha256 == hashlib.sha256(SELLERS.encode()).hexdigest()
    assert sellers.file_bytes == len(SELLERS.encode())


def test_a_rejected_line_names_file_line_column_and_text(loader: Loader) -> None:
    loader.load(sellers=(HEADER + 's1,1,"a,SP\ns2,13023,são,SP\n').encode("latin-1"))
    assert loader.rows(
        "select batch_id, table_name, source_file, line_number, column_name, reason, "
        "line_text, loaded_at from ops.rejected_lines order by line_number"
    ) == [
        (
            "batch-1", "sellers", "olist_sellers_dataset.csv", 2, "seller_city",
            "a quote is opened and not closed", 's1,1,"a,SP', DAY_ONE,
        ),
        (
            "batch-1", "sellers", "olist_sellers_dataset.csv", 3, "seller_city",
            "it is not UTF-8 text (Latin-1?)", "s2,13023,s\\xe3o,SP", DAY_ONE,
        ),
    ]  # fmt: skip


def test_line_numbers_count_lines_inside_records(loader: Loader) -> None:
    loader.load(sellers=HEADER + 's1,1,"a\nb\nc",SP\n\ns2,1\n')
    assert loader.value("select line_number from ops.rejected_lines") == 6


def test_the_text_of_a_long_rejected_line_is_shortened(loader: Loader) -> None:
    loader.load(sellers=HEADER + "ç" * 3_000_000 + "\n")
    assert loader.value("select line_text from ops.rejected_lines") == (
        "ç" * MAX_REJECTED_TEXT + "…"
    )


def test_rejects_and_blank_lines_are_told(loader: Loader) -> None:
    report = loader.load(sellers=SELLERS + "\ns4\n")
    assert report.notices == (
        (
            "olist_sellers_dataset.csv: 1 of 4 records could not be read; they are in "
            "ops.rejected_lines with line number and reason."
        ),
        "olist_sellers_dataset.csv: 1 blank lines were passed over.",
    )


def test_damage_in_several_files_of_one_load_is_told_apart(loader: Loader) -> None:
    # Mixed line ends make DuckDB's reader raise, which costs the transaction: two such files
    # make the load begin again twice.
    mixed = {
        name: TINY_FILES[name].replace("\n", "\r\n", 2) + "x\n"
        for name in ("customers", "sellers", "geolocation")
    }
    seen: list[str] = []
    source = tiny_source(loader.directory / "source", **mixed)
    report = load(
        loader.con, source, batch_id="b", loaded_at=DAY_ONE,
        on_table=lambda table: seen.append(table.table_name),
    )  # fmt: skip
    assert seen == [table.name for table in TABLES]
    assert {t.table_name for t in report.tables if t.num_rejected_lines} == set(mixed)
    assert loader.value("select count(*) from ops.rejected_lines") == 3
    assert loader.value("select count(*) from ops.load_audit") == 9


def test_the_tables_of_ops_and_all_their_columns_are_described(loader: Loader) -> None:
    loader.load()
    assert loader.rows("select table_name from duckdb_tables() where comment is null") == []
    assert (
        loader.rows(
            "select table_name, column_name from duckdb_columns() "
            "where comment is null and not internal"
        )
        == []
    )


def test_all_broken_headers_are_named_at_once(tmp_path: Path) -> None:
    source = tiny_source(tmp_path, sellers="", orders=TINY_FILES["orders"].replace(",", ";"))
    with pytest.raises(ContractError) as caught:
        check_contract(source)
    assert len(caught.value.problems) == 2
    assert "olist_orders_dataset.csv is separated by semicolons" in str(caught.value)
    assert "olist_sellers_dataset.csv is empty" in str(caught.value)


def test_check_contract_reports_what_is_odd_but_allowed(tmp_path: Path) -> None:
    source = tiny_source(tmp_path, sellers=HEADER.replace("\n", ",extra\n"))
    assert check_contract(source) == [
        "olist_sellers_dataset.csv: not loaded, since not in the contract: column extra.",
        "olist_sellers_dataset.csv: has a header and no rows.",
    ]


def test_a_load_that_breaks_off_leaves_raw_as_it_was(loader: Loader) -> None:
    loader.load()

    def stop(table: TableLoad) -> None:
        if table.table_name == "sellers":
            raise KeyboardInterrupt

    changed = tiny_source(
        loader.directory / "source",
        customers=TINY_FILES["customers"].replace("sao paulo", "osasco"),
    )
    with pytest.raises(KeyboardInterrupt):
        load(loader.con, changed, batch_id="b", loaded_at=DAY_TWO, on_table=stop)
    assert loader.value("select count(*) from raw.customers where _batch_id = 'b'") == 0
    assert loader.value("select count(*) from ops.load_audit where batch_id = 'b'") == 0


def test_a_load_that_broke_off_can_be_done_again(loader: Loader) -> None:
    def stop(_: TableLoad) -> None:
        raise KeyboardInterrupt

    source = tiny_source(loader.directory / "source")
    with pytest.raises(KeyboardInterrupt):
        load(loader.con, source, batch_id="b", loaded_at=DAY_ONE, on_table=stop)
    assert loader.load().num_changed_rows == 25


def test_a_table_of_another_version_is_not_written_to(loader: Loader) -> None:
    loader.con.execute("create schema raw; create table raw.sellers (seller_id varchar)")
    with pytest.raises(ExtractError, match=r"raw\.sellers .* made by another version"):
        loader.load()


def test_a_warehouse_opened_to_read_only_is_told_in_words(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    duckdb.connect(str(path)).close()
    with (
        duckdb.connect(str(path), read_only=True) as con,
        pytest.raises(ExtractError, match="DuckDB could not load the directory"),
    ):
        load(con, tiny_source(tmp_path / "source"), batch_id="b", loaded_at=DAY_ONE)


def test_a_directory_with_pattern_characters_in_its_name_loads(tmp_path: Path) -> None:
    strange = tmp_path / "a [1-2] * 'q'?"
    with duckdb.connect() as con:
        report = load(con, tiny_source(strange), batch_id="b", loaded_at=DAY_ONE)
    assert report.num_changed_rows == 25


def test_a_directory_called_like_a_column_changes_no_row(tmp_path: Path) -> None:
    directory = tmp_path / "c0=yy"
    directory.mkdir()
    loader = Loader(directory)
    loader.load()
    found = loader.value("select count(*) from raw.sellers where seller_id = 'yy'")
    loader.con.close()
    assert found == 0
