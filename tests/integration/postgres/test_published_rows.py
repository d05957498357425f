"""What PostgreSQL serves equals the version row for row, to the last digit of each value."""

from __future__ import annotations

from pathlib import Path

import duckdb
import psycopg
import pytest

from orchestration.postgres.content import Table, read_tables
from orchestration.warehouse.table_content import quoted
from orchestration.warehouse.versions import open_reader
from tests.support import postgres

_AT_ONCE = 20_000


def test_all_tables_are_equal_row_for_row(built_warehouse: Path, database: str) -> None:
    _publish_and_compare(built_warehouse, database)


@pytest.mark.real_data
@pytest.mark.timeout(900)
def test_all_tables_of_the_real_data_are_equal_row_for_row(
    real_warehouse: Path, database: str
) -> None:
    _publish_and_compare(real_warehouse, database)
    query = (
        "select comment_message from core.fact_reviews where comment_message like E'%\\r\\n%'"
    )
    assert len(postgres.ask(database, query)) == 2_710


def test_texts_that_csv_could_spoil_arrive_as_they_are(
    built_warehouse: Path, database: str, tmp_path: Path
) -> None:
    version = postgres.numbered(built_warehouse, tmp_path, 7)
    texts = ["", "NULL", "\\N", "\\.", 'a "b", c', "x\r\ny", "line\n", " Águas ", "'", "\t;"]
    with duckdb.connect(str(version.path)) as connection:
        connection.execute(
            "update core.fact_reviews set comment_message ="
            " list_extract(?::varchar[], (hash(review_key) % 11)::int)",
            [texts],
        )
    postgres.publish(version, database)
    _compare(version.path, database)
    found = postgres.ask(database, "select distinct comment_message from core.fact_reviews")
    assert {text for (text,) in found} == {*texts, None}


def _publish_and_compare(warehouse: Path, url: str) -> None:
    outcome = postgres.publish(warehouse, url)
    assert _compare(warehouse, url) == outcome.num_rows


def _compare(warehouse: Path, url: str) -> int:
    with open_reader(warehouse) as source, psycopg.connect(url) as server:
        tables = read_tables(source, postgres.PROJECT)
        assert {table.schema for table in tables} == {"core", "marts", "ops"}
        return sum(_compare_table(table, source, server) for table in tables)


def _compare_table(
    table: Table,
    source: duckdb.DuckDBPyConnection,
    server: psycopg.Connection[tuple[object, ...]],
) -> int:
    """Compare in the order of the key, else of all columns, a part at a time; returns rows."""
    columns = [quoted(column.name) for column in table.columns]
    order = ", ".join(
        f"{name} nulls last" for name in (map(quoted, table.key) if table.key else columns)
    )
    query = f"select {', '.join(columns)} from {table.full_name} order by {order}"
    expected = source.cursor().execute(query)
    num_rows = 0
    with server.cursor(name="rows", binary=True) as found:
        found.execute(query.encode())
        while rows := expected.fetchmany(_AT_ONCE):
            assert found.fetchmany(_AT_ONCE) == rows, table.full_name
            num_rows += len(rows)
        assert found.fetchmany(1) == []
    assert num_rows == table.num_rows
    return num_rows
