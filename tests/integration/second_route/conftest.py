"""A warehouse and the second route from the files it was built from.

The second route is pandas on the nine files (``tests.support.second_route``). All of it runs on
generated data, and again on the real data where there is some. What it computes is shared by
the tests of this package.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from dashboards.lib.query import Asker
from orchestration.warehouse.store import open_reader
from tests.support.asking import asker_of
from tests.support.second_route import SecondRoute

_NAMES = {
    "generated": ("built_warehouse", "generated_files"),
    "real": ("real_warehouse", "real_files"),
}


@pytest.fixture(
    scope="package", params=["generated", pytest.param("real", marks=pytest.mark.real_data)]
)
def both_sides(
    request: pytest.FixtureRequest,
) -> Iterator[tuple[duckdb.DuckDBPyConnection, SecondRoute]]:
    """A reader of one warehouse, and the second route."""
    warehouse_name, files_name = _NAMES[request.param]
    warehouse: Path = request.getfixturevalue(warehouse_name)
    files: Path = request.getfixturevalue(files_name)
    with open_reader(warehouse) as connection:
        yield connection, SecondRoute(files)


@pytest.fixture(scope="package")
def metrics_of(
    both_sides: tuple[duckdb.DuckDBPyConnection, SecondRoute], built_warehouse: Path
) -> Asker:
    """Asks the same warehouse for metrics."""
    return asker_of(both_sides[0], built_warehouse)
