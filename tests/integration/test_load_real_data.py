"""The real nine files, loaded whole: every row arrives."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from extract.load import load
from extract.sources import open_source
from tests.support.loading import DAY_ONE, DAY_TWO, assert_accounted

ROWS = {
    "customers": 99_441,
    "orders": 99_441,
    "order_items": 112_650,
    "order_payments": 103_886,
    "order_reviews": 99_224,
    "products": 32_951,
    "sellers": 3_095,
    "geolocation": 1_000_163,
    "product_category_name_translation": 71,
}


@pytest.mark.real_data
def test_every_row_of_the_real_files_arrives_once(tmp_path: Path, real_source: Path) -> None:
    with (
        open_source(real_source) as source,
        duckdb.connect(str(tmp_path / "w.duckdb")) as con,
    ):
        report = load(con, source, batch_id="one", loaded_at=DAY_ONE)
        again = load(con, source, batch_id="two", loaded_at=DAY_TWO)
        in_raw = {
            name: con.execute(f"select count(_row_hash) from raw.{name}").fetchone()
            for name in ROWS
        }
    assert {table.table_name: table.num_records for table in report.tables} == ROWS
    assert in_raw == {name: (rows,) for name, rows in ROWS.items()}
    assert report.notices == ()
    for table in report.tables:
        assert_accounted(table)
        assert table.num_inserted == table.num_records
    assert all(table.is_skipped for table in again.tables)
