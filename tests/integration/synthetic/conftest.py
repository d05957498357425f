"""The dataset the figures are held against: generated at scale 1, and the real one.

With OLIST_REAL_DATA every test here runs on the real files too. A figure that does not hold
there is wrong in the test, whatever the generator does.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from extract.sources.synthetic import generate
from tests.integration.synthetic.reading import read_files
from tests.support.shared_setup import made_once


@pytest.fixture(
    scope="session", params=["generated", pytest.param("real", marks=pytest.mark.real_data)]
)
def olist(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give the nine files as tables, with typed views over them; read only."""
    if request.param == "real":
        directory = request.getfixturevalue("real_files")
    else:
        directory = made_once(tmp_path_factory, "olist_at_scale_one", generate)
    read = made_once(
        tmp_path_factory,
        f"olist_{request.param}_as_read",
        lambda made: read_files(directory, made / "olist.duckdb"),
    )
    with duckdb.connect(str(read / "olist.duckdb"), read_only=True) as con:
        yield con
