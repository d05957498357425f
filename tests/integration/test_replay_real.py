"""The real data replayed month by month: counted figures at one month end, and the end."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import duckdb
import pytest

from extract.replay import replay
from extract.sources import open_source
from extract.tables import TABLES
from tests.support.replaying import dicts_in, load_drops, load_source, raw_rows
from tests.support.slow_tests import slow


@slow
@pytest.mark.real_data
def test_the_real_data_month_by_month_ends_as_one_load(
    real_source: Path, tmp_path: Path
) -> None:
    with open_source(real_source) as source:
        drops = replay(
            source,
            tmp_path / "drops",
            start=date(2016, 9, 30),
            end=date(2018, 10, 31),
            every="month",
            mode="delta",
            late=0.01,
            corrections=0.01,
        )
        assert len(drops) == 26
        assert drops[-1].is_whole
        with duckdb.connect() as by_month, duckdb.connect() as at_once:
            load_drops(by_month, [drop.directory for drop in drops], "delta")
            load_source(at_once, source)
            for table in TABLES:
                if table.name == "geolocation":  # A million rows; one count tells.
                    counts = [
                        con.execute("select count(*) from raw.geolocation").fetchone()
                        for con in (by_month, at_once)
                    ]
                    assert counts == [(1_000_163,)] * 2
                else:
                    assert raw_rows(by_month, table) == raw_rows(at_once, table), table.name


@pytest.mark.real_data
def test_black_friday_night_shows_orders_as_they_stood(
    real_source: Path, tmp_path: Path
) -> None:
    """Counted in the source itself, by comparing timestamps as text."""
    night = date(2017, 11, 24)
    with open_source(real_source) as source:
        (drop,) = replay(source, tmp_path / "drops", start=night, end=night)
        orders = str(source.paths["orders"])
        with duckdb.connect() as con:
            counted = con.execute(
                """
                select
                    count(*),
                    count(*) filter (where order_delivered_customer_date < '2017-11-25'),
                    count(*) filter (where order_approved_at < '2017-11-25')
                from read_csv($orders, all_varchar = true)
                where order_purchase_timestamp < '2017-11-25'
                """,
                {"orders": orders},
            ).fetchone()
    rows = dicts_in(drop, "orders")
    delivered = sum(row["order_delivered_customer_date"] is not None for row in rows)
    approved = sum(row["order_approved_at"] is not None for row in rows)
    assert (len(rows), delivered, approved) == counted
    statuses = Counter(row["order_status"] for row in rows)
    # In all, 8 orders are delivered without a date and 6 canceled with one.
    assert delivered - 6 <= statuses["delivered"] <= delivered + 8
    assert statuses["created"] > 5
