"""The generator as a machine: same seed, same bytes; any scale; files as the source has them.

What the numbers in the files are is in ``test_synthetic_marginals``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import pytest

from extract.errors import SourceError
from extract.sources.synthetic import generate, generator
from extract.tables import TABLES, TABLES_BY_NAME

SCALE = 0.01


def _fingerprints(directory: Path) -> Mapping[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(directory.iterdir())
    }


def _bytes_of(directory: Path, table: str) -> bytes:
    return (directory / TABLES_BY_NAME[table].file_name).read_bytes()


def _open(directory: Path) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    for table in TABLES:
        con.execute(
            f"create table {table.name} as from read_csv(?, all_varchar = true, "
            "header = true, quote = '\"', escape = '\"', delim = ',')",
            [str(directory / table.file_name)],
        )
    return con


def _number(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = con.execute(sql).fetchone()
    assert row is not None
    return int(row[0])


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("small")
    generate(directory, scale=SCALE)
    return directory


@pytest.fixture(scope="module")
def smallest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    directory = tmp_path_factory.mktemp("smallest")
    generate(directory, scale=generator.SMALLEST_SCALE)
    with _open(directory) as con:
        yield con


@pytest.fixture(scope="module")
def in_batches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give the small dataset again, made in four batches instead of one."""
    directory = tmp_path_factory.mktemp("in_batches")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generator, "_BATCH_ORDERS", 300)
        generate(directory, scale=SCALE)
    with _open(directory) as con:
        yield con


def test_the_same_seed_gives_the_same_bytes_on_any_number_of_threads(
    small: Path, tmp_path: Path
) -> None:
    generate(tmp_path, scale=SCALE, threads=1)

    assert _fingerprints(tmp_path) == _fingerprints(small)


def test_a_memory_limit_changes_no_byte(small: Path, tmp_path: Path) -> None:
    generate(tmp_path, scale=SCALE, memory_limit="150MB", threads=3)

    assert _fingerprints(tmp_path) == _fingerprints(small)


def test_another_seed_gives_other_rows_in_every_file_but_the_translation(
    small: Path, tmp_path: Path
) -> None:
    generate(tmp_path, scale=SCALE, seed=7)

    before, after = _fingerprints(small), _fingerprints(tmp_path)
    same = {name for name in before if before[name] == after[name]}
    assert same == {"product_category_name_translation.csv"}


def test_a_second_run_replaces_the_files_of_the_first(small: Path, tmp_path: Path) -> None:
    generate(tmp_path, scale=2 * SCALE, seed=1)
    generate(tmp_path, scale=SCALE)

    assert _fingerprints(tmp_path) == _fingerprints(small)


def test_nothing_but_the_nine_files_is_left_behind(small: Path) -> None:
    assert set(_fingerprints(small)) == {table.file_name for table in TABLES}


@pytest.mark.parametrize("table", [table.name for table in TABLES])
def test_the_header_is_the_one_of_the_contract(small: Path, table: str) -> None:
    header = _bytes_of(small, table).removeprefix(b"\xef\xbb\xbf").splitlines()[0]

    assert tuple(header.decode().split(",")) == TABLES_BY_NAME[table].columns


def test_only_the_translation_starts_with_a_byte_order_mark(small: Path) -> None:
    marked = {
        table.name for table in TABLES if _bytes_of(small, table.name)[:3] == b"\xef\xbb\xbf"
    }

    assert marked == {"product_category_name_translation"}


def test_lines_end_as_in_the_source(small: Path) -> None:
    crlf = {table.name for table in TABLES if b"\r\n" in _bytes_of(small, table.name)}
    bare = {
        table.name
        for table in TABLES
        if b"\n" in _bytes_of(small, table.name).replace(b"\r\n", b"")
    }

    assert crlf == {"order_reviews", "product_category_name_translation"}
    assert bare == {table.name for table in TABLES} - crlf


@pytest.mark.parametrize("table", [table.name for table in TABLES])
def test_the_smallest_dataset_has_rows_in_every_file(
    smallest: duckdb.DuckDBPyConnection, table: str
) -> None:
    assert _number(smallest, f"select count(*) from {table}") > 0


def test_the_smallest_dataset_has_about_a_hundred_orders(
    smallest: duckdb.DuckDBPyConnection,
) -> None:
    assert _number(smallest, "select count(*) from orders") == 99


@pytest.mark.parametrize(
    ("child", "column", "parent"),
    [
        ("orders", "customer_id", "customers"),
        ("order_items", "order_id", "orders"),
        ("order_items", "product_id", "products"),
        ("order_items", "seller_id", "sellers"),
        ("order_payments", "order_id", "orders"),
        ("order_reviews", "order_id", "orders"),
    ],
)
def test_every_reference_resolves(small: Path, child: str, column: str, parent: str) -> None:
    with _open(small) as con:
        orphans = _number(
            con,
            f"select count(*) from {child} anti join {parent} using ({column})",
        )

    assert orphans == 0


@pytest.mark.parametrize("table", [table.name for table in TABLES if table.key])
def test_no_key_stands_twice_even_when_made_in_several_batches(
    in_batches: duckdb.DuckDBPyConnection, table: str
) -> None:
    key = ", ".join(TABLES_BY_NAME[table].key)

    assert _number(in_batches, f"select count(*) - count(distinct ({key})) from {table}") == 0


@pytest.mark.parametrize("table", ["orders", "products", "sellers", "geolocation"])
def test_batches_add_up_to_the_same_number_of_rows(
    small: Path, in_batches: duckdb.DuckDBPyConnection, table: str
) -> None:
    sql = f"select count(*) from {table}"

    with _open(small) as whole:
        assert _number(in_batches, sql) == _number(whole, sql)


def test_the_geography_is_shared_by_all_batches(
    small: Path, in_batches: duckdb.DuckDBPyConnection
) -> None:
    sql = "select count(distinct geolocation_zip_code_prefix) from geolocation"

    with _open(small) as whole:
        assert _number(in_batches, sql) == _number(whole, sql)


@pytest.mark.parametrize("scale", [0.0, -1.0, 0.0004, float("nan"), float("inf")])
def test_a_scale_that_makes_no_dataset_is_refused(tmp_path: Path, scale: float) -> None:
    with pytest.raises(SourceError, match=r"give 0\.001"):
        generate(tmp_path, scale=scale)

    assert list(tmp_path.iterdir()) == []


def test_a_directory_with_a_quote_in_its_name_is_written_to(tmp_path: Path) -> None:
    directory = tmp_path / "maria's data"
    generate(directory, scale=generator.SMALLEST_SCALE)

    assert len(list(directory.iterdir())) == len(TABLES)


def test_an_end_that_is_not_truncated_has_the_slow_arrivals_too(
    small: Path, tmp_path: Path
) -> None:
    generate(tmp_path, scale=SCALE, truncated=False)
    late = (
        "select count(*) from orders where order_delivered_customer_date::date > '2018-08-31'"
    )
    surveys = "select count(*) from order_reviews where review_creation_date > '2018-09-01'"
    with _open(small) as cut, _open(tmp_path) as whole:
        assert _number(cut, surveys) == 0
        assert _number(whole, surveys) > 0
        assert _number(whole, late) > _number(cut, late)
        # The same orders: a truncated end changes when they arrive, not how many there are.
        for sql in ("select count(*) from orders", "select count(*) from order_items"):
            assert _number(cut, sql) == _number(whole, sql)
