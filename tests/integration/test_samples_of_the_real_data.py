"""An honest small part of the orders is published: no gate asks for the size of Olist."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from extract.sources import open_source
from extract.tables import TABLES
from tests.support import command

# What is kept of each file: the orders of the sample, and what they need.
_OF_ORDERS = ("orders", "order_items", "order_payments", "order_reviews")
_KEPT = {
    **dict.fromkeys(_OF_ORDERS, " semi join ids using (order_id)"),
    "customers": " semi join ids using (customer_id)",
    "products": " semi join sold using (product_id)",
    "sellers": " semi join sold using (seller_id)",
}


# What is picked of the joined orders and customers.
_PICKED = {
    "a few at random": "order by md5('one' || order_id) limit 1500",
    "more at random": "order by md5(order_id) limit 6000",
    # Every customer is NEW there, and none came back.
    "one month": "where order_purchase_timestamp like '2018-03%'",
    "one state": "where customer_state = 'SP'",
}


@pytest.mark.real_data
@pytest.mark.parametrize("picked", _PICKED)
def test_a_part_of_the_orders_passes_both_gates(
    real_source: Path, tmp_path: Path, picked: str
) -> None:
    cut = tmp_path / "sample"
    cut.mkdir()
    with open_source(real_source) as source, duckdb.connect() as con:
        for table in TABLES:
            con.execute(
                f"create table {table.name} as from read_csv($1, all_varchar = true, "
                "header = true, quote = '\"', escape = '\"')",
                [str(source.paths[table.name])],
            )
        con.execute(
            "create table ids as select order_id, customer_id from orders "
            f"join customers using (customer_id) {_PICKED[picked]}"
        )
        con.execute("create table sold as from order_items semi join ids using (order_id)")
        for table in TABLES:
            name = table.name
            kept = f"from {name}" + _KEPT.get(name, "")
            con.execute(f"copy ({kept}) to '{cut / source.paths[name].name}' (header)")
    child = command.start(None, "--source", str(cut), "--warehouse", str(tmp_path / "dw"))
    out, err = child.communicate()
    assert child.returncode == 0, out + err
