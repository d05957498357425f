"""The as-of date and the complete months of data as they looked at many moments.

The data are cut as a live source would have shown them, or as an extract made at the time. The
models' own SQL runs over the cut files. The second route computes the same rule in pandas
(`tests/support/independent_dates.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from extract.sources.synthetic import generate
from tests.support.moments import live_feed, public_extract


@dataclass(frozen=True)
class Found:
    """What the models say of some files."""

    as_of_date: date
    last_trade_date: date
    first_steady_date: date
    is_truncated: bool
    visible_rate: float | None
    complete: tuple[date, ...]
    mature: tuple[date, ...]


# What the models read of staging, from the files.
STAGED = {
    "stg_orders": (
        "olist_orders_dataset.csv",
        "order_id, order_status, order_purchase_timestamp::timestamp as purchased_at",
    ),
    "stg_order_reviews": (
        "olist_order_reviews_dataset.csv",
        "order_id, review_creation_date::date as creation_date",
    ),
}

Look = Callable[[Path], Found]


@pytest.fixture(scope="module")
def look(compiled_models: dict[str, str]) -> Look:
    def found(files: Path) -> Found:
        with duckdb.connect() as con:
            con.execute("create schema staging; create schema intermediate")
            for name, (file, columns) in STAGED.items():
                con.execute(
                    f"create table staging.{name} as select {columns} from "
                    f"read_csv('{files / file}', all_varchar = true, quote = '\"', "
                    "escape = '\"', header = true)"
                )
            for model, sql in compiled_models.items():
                con.execute(f"create table intermediate.{model} as {sql}")
            row = con.execute(
                "select as_of_date, last_trade_date, first_steady_date, is_truncated, "
                "visible_rate from intermediate.int_as_of_date"
            ).fetchone()
            months = [
                tuple(
                    month
                    for (month,) in con.execute(
                        f"select order_month from intermediate.int_order_months where {flag} "
                        "order by order_month"
                    ).fetchall()
                )
                for flag in ("is_complete", "is_complete and is_delivery_mature")
            ]
        assert row
        return Found(*row, *months)

    return found


@pytest.mark.real_data
def test_the_full_data_is_truncated_and_looks_back_from_the_last_day_that_shows_its_orders(
    real_files: Path, look: Look
) -> None:
    found = look(real_files)
    assert found.is_truncated
    assert found.last_trade_date == date(2018, 8, 31)
    assert found.as_of_date == date(2018, 8, 9)
    assert found.visible_rate == pytest.approx(0.956, abs=0.0005)
    assert found.first_steady_date == date(2017, 1, 5)
    assert (found.complete[0], found.complete[-1]) == (date(2017, 2, 1), date(2018, 7, 1))
    assert len(found.complete) == 18
    assert found.mature == found.complete


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("moment", "last_days"),
    [
        ("2018-05-10 00:00:00", (date(2018, 5, 9), date(2018, 4, 30))),
        # The Christmas dip, and the fading months of 2016 count as much for the median.
        ("2017-12-27 00:00:00", (date(2017, 12, 26), date(2017, 11, 30))),
        ("2018-02-14 12:00:00", (date(2018, 2, 14), date(2018, 1, 31))),
        ("2018-08-01 00:00:00", (date(2018, 7, 31), date(2018, 7, 31))),
    ],
)
def test_a_live_feed_looks_back_from_its_last_day(
    real_files: Path, look: Look, tmp_path: Path, moment: str, last_days: tuple[date, date]
) -> None:
    found = look(live_feed(real_files, tmp_path / "live", moment))
    as_of, last_of_complete = last_days
    assert not found.is_truncated
    assert (found.as_of_date, found.last_trade_date) == (as_of, as_of)
    assert found.visible_rate is None
    last_complete = last_of_complete.replace(day=1)
    assert (found.complete[0], found.complete[-1]) == (date(2017, 2, 1), last_complete)
    # The parcels of the last month are still on their way.
    assert last_complete not in found.mature


@pytest.mark.real_data
@pytest.mark.parametrize("day", [date(2017, 8, 31), date(2018, 3, 15), date(2018, 5, 31)])
def test_an_extract_of_surveyed_orders_looks_back_from_weeks_before_its_end(
    real_files: Path, look: Look, tmp_path: Path, day: date
) -> None:
    found = look(public_extract(real_files, tmp_path / "extract", f"{day} 23:00:00"))
    assert found.is_truncated
    assert 14 <= (day - found.as_of_date).days <= 45
    # What the full data say of that day; one day's surveys differ from those of five weeks.
    assert found.visible_rate is not None
    assert found.visible_rate >= 0.95
    with duckdb.connect() as con:
        shown, all_there = (
            con.execute(
                f"select count(*) from read_csv('{files}/olist_orders_dataset.csv') "
                "where order_purchase_timestamp::date = $day",
                {"day": found.as_of_date},
            ).fetchall()[0][0]
            for files in (tmp_path / "extract", real_files)
        )
    assert shown / all_there >= 0.85
    assert found.complete[-1] < found.as_of_date.replace(day=1)


def test_generated_data_are_truncated_as_the_public_extract_is(
    generated_files: Path, look: Look
) -> None:
    found = look(generated_files)
    assert found.is_truncated
    assert date(2018, 8, 1) <= found.as_of_date <= date(2018, 8, 14)
    assert found.complete[-1] == date(2018, 7, 1)


@pytest.mark.parametrize("day", [date(2017, 11, 27), date(2018, 5, 9)])
def test_generated_data_as_a_live_source_shows_them_look_back_from_the_last_day(
    tmp_path: Path, look: Look, day: date
) -> None:
    generate(tmp_path / "all", scale=0.02, truncated=False)
    moment = f"{day + timedelta(days=1)} 00:00:00"
    found = look(live_feed(tmp_path / "all", tmp_path / "live", moment))
    assert not found.is_truncated
    assert found.as_of_date == found.last_trade_date
    assert (day - found.as_of_date).days <= 1  # of two orders a day, one day may have none
