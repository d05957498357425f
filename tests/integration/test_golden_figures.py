"""The published figures of the real data, read from the warehouse, to the row and the centavo.

The figures and their queries are in ``tests.support.golden_figures``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from orchestration.warehouse.store import open_reader
from tests.support.golden_figures import CORE_ROWS, LAYER_ROWS, TABLES, VALUES

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def warehouse(real_warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_reader(real_warehouse) as connection:
        yield connection


def _one(warehouse: duckdb.DuckDBPyConnection, select: str) -> object:
    rows = warehouse.execute(f"select {select}").fetchall()
    assert len(rows) == 1
    return rows[0][0]


@pytest.mark.parametrize("table", LAYER_ROWS)
def test_every_row_of_a_file_is_in_raw_and_in_staging(
    warehouse: duckdb.DuckDBPyConnection, table: str
) -> None:
    model, rows = LAYER_ROWS[table]
    assert _one(warehouse, f"count(*) from raw.{table}") == rows
    assert _one(warehouse, f"count(*) from staging.{model}") == rows


@pytest.mark.parametrize("relation", CORE_ROWS)
def test_a_core_model_has_the_rows_of_its_grain(
    warehouse: duckdb.DuckDBPyConnection, relation: str
) -> None:
    assert _one(warehouse, f"count(*) from {relation}") == CORE_ROWS[relation]


@pytest.mark.parametrize("figure", VALUES)
def test_a_figure_is_as_counted(warehouse: duckdb.DuckDBPyConnection, figure: str) -> None:
    select, expected = VALUES[figure]
    found = _one(warehouse, select)
    assert (str(found) if isinstance(expected, str) else found) == expected


@pytest.mark.parametrize("figure", TABLES)
def test_a_breakdown_is_as_counted(warehouse: duckdb.DuckDBPyConnection, figure: str) -> None:
    query, expected = TABLES[figure]
    assert warehouse.execute(query).fetchall() == list(expected)
