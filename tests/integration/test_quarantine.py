"""Corrupted rows through the real staging models: quarantined with the reason, nothing lost.

The rules one by one are in the unit tests of the staging models; here is what holds over all
tables at once, on a warehouse built from sound rows and from copies with one value spoilt.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from extract.tables import TABLES, TABLES_BY_NAME
from orchestration.dbt.runner import Dbt, TransformRequest
from tests.support.shared_setup import made_once

DBT_PROJECT = Path(__file__).resolve().parents[2] / "olist_dw_dbt"
STAGING = {
    **{table.name: f"stg_{table.name}" for table in TABLES},
    "product_category_name_translation": "stg_category_translation",
}

SOUND: Mapping[str, Mapping[str, str | None]] = {
    "customers": {
        "customer_id": "c",
        "customer_unique_id": "p",
        "customer_zip_code_prefix": "01037",
        "customer_city": "sao paulo",
        "customer_state": "SP",
    },
    "orders": {
        "order_id": "o",
        "customer_id": "c",
        "order_status": "delivered",
        "order_purchase_timestamp": "2017-10-02 10:56:33",
        "order_approved_at": None,
        "order_estimated_delivery_date": "2017-10-18 00:00:00",
    },
    "order_items": {
        "order_id": "o",
        "order_item_id": "1",
        "product_id": "x",
        "seller_id": "s",
        "shipping_limit_date": "2017-10-06 11:07:15",
        "price": "58.90",
        "freight_value": "0.00",
    },
    "order_payments": {
        "order_id": "o",
        "payment_sequential": "1",
        "payment_type": "boleto",
        "payment_installments": "1",
        "payment_value": "58.90",
    },
    "order_reviews": {"review_id": "r", "order_id": "o", "review_score": "4"},
    "products": {"product_id": "x", "product_category_name": "perfumaria"},
    "sellers": {"seller_id": "s", "seller_zip_code_prefix": "4195"},
    "geolocation": {
        "geolocation_zip_code_prefix": "01037",
        "geolocation_lat": "-23.5",
        "geolocation_lng": "-46.6",
    },
    "product_category_name_translation": {
        "product_category_name": "perfumaria",
        "product_category_name_english": "perfumery",
    },
}


@dataclass(frozen=True, slots=True)
class Spoilt:
    """A sound row of a table with one value replaced, and what quarantine must say of it."""

    table: str
    column: str
    value: str | None
    reason: str


SPOILT = (
    Spoilt("customers", "customer_unique_id", None, "missing"),
    Spoilt("customers", "customer_zip_code_prefix", "123456", "not 1 to 5 digits (123456)"),
    Spoilt("orders", "order_id", "", "missing"),
    Spoilt(
        "orders",
        "order_purchase_timestamp",
        "2017-10-02 10:56:33+00",
        "not a time like 2017-10-02 10:56:33 (2017-10-02 10:56:33+00)",
    ),
    Spoilt(
        "orders",
        "order_approved_at",
        "20018-01-01 00:00:00",
        "not a time like 2017-10-02 10:56:33 (20018-01-01 00:00:00)",
    ),
    Spoilt(
        "orders",
        "order_estimated_delivery_date",
        "1970-01-01",
        "before 2016-01-01 (1970-01-01)",
    ),
    Spoilt("order_items", "price", "-3.00", "negative (-3.00)"),
    Spoilt("order_items", "freight_value", "1e5", "not an amount (1e5)"),
    Spoilt("order_items", "order_item_id", "one", "not a whole number (one)"),
    Spoilt("order_payments", "payment_value", "-0.01", "negative (-0.01)"),
    Spoilt("order_reviews", "review_score", "0", "below 1 (0)"),
    Spoilt("order_reviews", "review_score", "6", "above 5 (6)"),
    Spoilt("products", "product_weight_g", "2.5", "not a whole number (2.5)"),
    Spoilt("sellers", "seller_id", "  ", "missing"),
    Spoilt("geolocation", "geolocation_lat", "NaN", "missing"),
    Spoilt("geolocation", "geolocation_lng", "-Infinity", "below -180 (-Infinity)"),
    Spoilt("product_category_name_translation", "product_category_name", None, "missing"),
)


def _build(directory: Path) -> None:
    """Load the sound and the spoilt rows, build staging, keep what dbt said of each node."""
    database = directory / "olist.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema raw")
        for table in TABLES:
            columns = ", ".join(f"{column} varchar" for column in table.columns)
            connection.execute(
                f"create table raw.{table.name} ({columns}, _source_file varchar,"
                " _loaded_at timestamp, _batch_id varchar, _row_hash varchar,"
                " _has_conflict boolean)"
            )
            _insert(connection, table.name, SOUND[table.name], "sound")
        for number, spoilt in enumerate(SPOILT):
            row = dict(SOUND[spoilt.table])
            for key in TABLES_BY_NAME[spoilt.table].key:
                # Another key than the sound row's, of the same kind.
                row[key] = f"{row[key]}{number + 1}"
            _insert(connection, spoilt.table, row | {spoilt.column: spoilt.value}, str(number))
        twice = {**SOUND["customers"], "customer_id": "twice", "_has_conflict": "true"}
        _insert(connection, "customers", twice, "conflict")
    request = TransformRequest(DBT_PROJECT, database, directory / "cache", select="staging")
    result = Dbt(request).build()
    statuses = {node.name: node.status for node in result.nodes}
    (directory / "statuses.json").write_text(json.dumps(statuses), encoding="utf-8")


def _insert(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    row: Mapping[str, str | None],
    batch: str,
) -> None:
    values = {
        **row,
        "_batch_id": batch,
        "_source_file": f"{table}.csv",
        "_loaded_at": "2018-09-01",
    }
    connection.execute(
        f"insert into raw.{table} ({', '.join(values)})"
        f" values ({', '.join('?' for _ in values)})",
        list(values.values()),
    )


def _statuses(directory: Path) -> dict[str, str]:
    """Outcome of each node by name. Tests that also read later layers cannot pass here."""
    statuses: dict[str, str] = json.loads(
        (directory / "statuses.json").read_text(encoding="utf-8")
    )
    return statuses


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_once(tmp_path_factory, "quarantine", _build)


def test_every_row_is_staged_or_quarantined_and_none_is_both(built: Path) -> None:
    with duckdb.connect(str(built / "olist.duckdb"), read_only=True) as connection:
        for table, model in STAGING.items():
            raw, staged, quarantined = connection.execute(
                f"select (select count(*) from raw.{table}),"
                f" (select count(*) from staging.{model}),"
                " (select count(*) from ops.quarantined_rows where table_name = ?)",
                [table],
            ).fetchall()[0]
            assert (staged, quarantined) == (1, raw - 1), table


@pytest.mark.parametrize("spoilt", SPOILT, ids=lambda spoilt: f"{spoilt.column}={spoilt.value}")
def test_a_spoilt_value_is_quarantined_by_name(built: Path, spoilt: Spoilt) -> None:
    with duckdb.connect(str(built / "olist.duckdb"), read_only=True) as connection:
        found = connection.execute(
            "select table_name, reason, source_file from ops.quarantined_rows"
            " where batch_id = ?",
            [str(SPOILT.index(spoilt))],
        ).fetchall()
    reason = f"{spoilt.column}: {spoilt.reason}"
    assert found == [(spoilt.table, reason, f"{spoilt.table}.csv")]


def test_conflicting_rows_of_one_key_are_quarantined(built: Path) -> None:
    with duckdb.connect(str(built / "olist.duckdb"), read_only=True) as connection:
        found = connection.execute(
            "select row_key, reason from ops.quarantined_rows where batch_id = 'conflict'"
        ).fetchall()
    reason = "key: repeated with other contents in the same file"
    assert found == [("customer_id=twice", reason)]


def test_staging_adds_up_in_its_own_test_too(built: Path) -> None:
    assert _statuses(built)["rows_staged_plus_quarantined_equal_raw"] == "ok"


def test_quarantined_rows_warn_and_do_not_fail(built: Path) -> None:
    assert _statuses(built)["no_row_of_the_source_is_quarantined"] == "warned"
