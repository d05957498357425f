"""Whatever the nights bring, incremental runs end where one full refresh would.

dbt builds each night, as in a run: five seconds of a processor. Sequences are random but the
same in every run of the tests. `make test` has two of them, `make test-slow` forty; more by
``OLIST_RANDOM_SEQUENCES=200 pytest tests/integration/test_incremental_equals_full.py``.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, note, settings

from tests.support.nightly import FILE_NAME, build_models, load_drop
from tests.support.random_drops import Night, Row, nights
from tests.support.random_drops import first_night as the_first_night
from tests.support.same_tables import differences

# dbt builds some forty times in all, and the machine may be busy.
pytestmark = pytest.mark.timeout(600)
NUM_SEQUENCES = int(os.environ.get("OLIST_RANDOM_SEQUENCES", "2"))


def _differences_after(
    first: Path, sequence: Sequence[Night], *, without_facts: int | None = None
) -> list[str]:
    """Differences after nights, of which one (by number, from 1) may build no fact."""
    with tempfile.TemporaryDirectory(dir=first) as scratch:
        nightly = Path(scratch, "nightly", FILE_NAME)
        nightly.parent.mkdir()
        shutil.copy(first / FILE_NAME, nightly)
        for number, night in enumerate(sequence, 1):
            drop = night.write(Path(scratch, f"drop_{number}"))
            load_drop(nightly, number, drop, night.mode)
            before = Path(scratch, "before.duckdb")
            if number == without_facts:
                shutil.copy(nightly, before)
            build_models(nightly)
            if number == without_facts:
                _put_back_facts(nightly, before)
        refreshed = Path(scratch, "refreshed", FILE_NAME)
        refreshed.parent.mkdir()
        shutil.copy(nightly, refreshed)
        build_models(refreshed, full_refresh=True)
        return differences(
            nightly, refreshed, ("ops", "staging", "core", "predictive", "marts")
        )


def _put_back_facts(warehouse: Path, before: Path) -> None:
    with duckdb.connect(str(warehouse)) as con:
        con.execute(f"attach '{before}' as before (read_only)")
        facts = con.execute(
            "select schema_name || '.' || table_name from duckdb_tables() "
            "where database_name = 'before' and table_name like 'fact_%'"
        ).fetchall()
        assert facts
        for (fact,) in facts:
            con.execute(f"delete from {fact}")
            con.execute(f"insert into {fact} by name from before.{fact}")


@pytest.mark.timeout(120 * (NUM_SEQUENCES + 3))
@given(sequence=nights(at_most=3))
@settings(
    max_examples=NUM_SEQUENCES,
    derandomize=True,
    deadline=None,
    database=None,
    # A sequence takes seconds: the failing one is shown as it is.
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
def test_random_nights_end_where_a_full_refresh_does(
    first_night: Path, sequence: list[Night]
) -> None:
    note("\n".join(repr(night) for night in sequence))
    assert not _differences_after(first_night, sequence)


def _changed(table: str, key: str, value: str, **columns: str | None) -> Row:
    """A row of the first night with some columns changed."""
    rows = the_first_night().rows[table]
    (found,) = [row for row in rows if row[key] == value][:1]
    return {**found, **columns}


def _delta(**rows: Sequence[Row]) -> Night:
    return Night("delta", {table: tuple(of) for table, of in rows.items()})


# What the sequences above may miss in a short run, one suspect each.
CASES: dict[str, list[Night]] = {
    "a product's correction cannot be used": [
        _delta(products=[_changed("products", "product_id", "pr1", product_weight_g="heavy")])
    ],
    "a product comes back from quarantine with a category": [
        _delta(products=[_changed("products", "product_id", "pr4", product_weight_g="heavy")]),
        _delta(
            products=[
                _changed("products", "product_id", "pr4", product_category_name="perfumaria")
            ]
        ),
    ],
    "a seller's prefix cannot be used": [
        _delta(sellers=[_changed("sellers", "seller_id", "s1", seller_zip_code_prefix="x")])
    ],
    "a seller moves": [
        _delta(sellers=[_changed("sellers", "seller_id", "s1", seller_zip_code_prefix="69005")])
    ],
    "a seller stands twice with other contents": [
        _delta(
            sellers=[
                _changed("sellers", "seller_id", "s2"),
                _changed("sellers", "seller_id", "s2", seller_city="campinas"),
            ]
        )
    ],
    "a customer cannot be used, and the person has other orders": [
        _delta(customers=[_changed("customers", "customer_id", "c01", customer_unique_id=None)])
    ],
    "a customer is another person": [
        _delta(customers=[_changed("customers", "customer_id", "c05", customer_unique_id="p2")])
    ],
    "the only order of a new person turns out to be another's": [
        _delta(
            customers=[_changed("customers", "customer_id", "c05", customer_unique_id="p9")]
        ),
        _delta(
            customers=[_changed("customers", "customer_id", "c05", customer_unique_id="p1")]
        ),
    ],
    "a late order splits the address versions of a person": [
        _delta(
            customers=[
                _changed(
                    "customers",
                    "customer_id",
                    "c05",
                    customer_id="c13",
                    customer_zip_code_prefix="69005",
                )
            ],
            orders=[
                _changed(
                    "orders",
                    "order_id",
                    "o01",
                    order_id="o13",
                    customer_id="c13",
                    order_purchase_timestamp="2018-01-06 00:00:00",
                )
            ],
        )
    ],
    "an order goes to quarantine and comes back": [
        _delta(orders=[_changed("orders", "order_id", "o01", order_status="")]),
        _delta(orders=[_changed("orders", "order_id", "o01", order_status="canceled")]),
    ],
    "the last item of an order cannot be used": [
        _delta(order_items=[_changed("order_items", "order_id", "o01", price="-3.00")])
    ],
    "items, payments and reviews come before their order": [
        _delta(
            order_items=[_changed("order_items", "order_id", "o01", order_id="o14")],
            order_payments=[_changed("order_payments", "order_id", "o01", order_id="o14")],
            order_reviews=[_changed("order_reviews", "order_id", "o01", order_id="o14")],
        ),
        _delta(orders=[_changed("orders", "order_id", "o01", order_id="o14")]),
    ],
    "a place gets its first point": [
        _delta(
            customers=[
                _changed("customers", "customer_id", "c02", customer_zip_code_prefix="99999")
            ]
        ),
        _delta(
            geolocation=[
                _changed(
                    "geolocation",
                    "geolocation_zip_code_prefix",
                    "01037",
                    geolocation_zip_code_prefix="99999",
                )
            ]
        ),
    ],
    "a night brings nothing": [_delta()],
    "the first night comes again": [
        _delta(
            products=[_changed("products", "product_id", "pr1", product_category_name=None)]
        ),
        the_first_night(),
    ],
}


# A case is a change to rows of the first night, so that cases can follow each other. Some in a
# row share one full refresh, which is what takes the time.
TOGETHER = 5
CHAINS = [tuple(CASES)[start : start + TOGETHER] for start in range(0, len(CASES), TOGETHER)]


@pytest.mark.parametrize("cases", CHAINS, ids="; then ".join)
def test_nights_with_one_suspect_change_each_end_where_a_full_refresh_does(
    first_night: Path, cases: tuple[str, ...]
) -> None:
    chain = [night for case in cases for night in CASES[case]]
    assert not _differences_after(first_night, chain)


def test_facts_that_missed_a_night_catch_up(first_night: Path) -> None:
    """As after a run that selected some models: the changes before are not the facts' own."""
    twice = [
        _delta(
            order_items=[_changed("order_items", "order_id", "o01", price=price)],
            orders=[_changed("orders", "order_id", "o01", order_status=status)],
        )
        for price, status in (("7.00", "shipped"), ("8.00", "canceled"))
    ]
    assert not _differences_after(first_night, twice, without_facts=1)
