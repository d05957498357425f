"""Products and sellers as of a day: what a load corrected or took away stays readable."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.dbt.results import explain
from orchestration.dbt.runner import Dbt
from tests.support.nightly import FILE_NAME, FIRST_LOAD, load_drop, request_for
from tests.support.random_drops import Night, Row
from tests.support.random_drops import first_night as the_first_night
from tests.support.shared_setup import made_once

# Loads are a day apart.
BEFORE, FIRST, SECOND, THIRD = (FIRST_LOAD + timedelta(days=n, hours=1) for n in range(-1, 3))


def _product(product_id: str, **columns: str | None) -> Row:
    rows = the_first_night().rows["products"]
    return {**next(row for row in rows if row["product_id"] == product_id), **columns}


def _seller(seller_id: str, **columns: str | None) -> Row:
    rows = the_first_night().rows["sellers"]
    return {**next(row for row in rows if row["seller_id"] == seller_id), **columns}


# pr1 is corrected twice, pr2 cannot be used for a night; s1 moves away and back.
NIGHTS = (
    Night(
        "delta",
        {
            "products": (
                _product("pr1", product_category_name="perfumaria"),
                _product("pr2", product_weight_g="heavy"),
            ),
            "sellers": (_seller("s1", seller_zip_code_prefix="69005"),),
        },
    ),
    Night(
        "delta",
        {
            "products": (_product("pr1", product_category_name=None), _product("pr2")),
            "sellers": (_seller("s1"),),
        },
    ),
)


@pytest.fixture(scope="module")
def warehouse(first_night: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    def build(directory: Path) -> None:
        path = Path(shutil.copy(first_night / FILE_NAME, directory))
        dbt = Dbt(request_for(path, select="+dim_product_history +dim_seller_history"))
        for number, night in enumerate(NIGHTS, 1):
            load_drop(path, number, night.write(directory / f"drop_{number}"), night.mode)
            result = dbt.build()
            assert not result.failed, explain(result)

    return made_once(tmp_path_factory, "history", build) / FILE_NAME


def _as_of(warehouse: Path, moment: datetime, table: str, member: str) -> list[tuple[Any, ...]]:
    key, column = {
        "dim_product_history": ("product_id", "category_name"),
        "dim_seller_history": ("seller_id", "zip_code_prefix"),
    }[table]
    with duckdb.connect(str(warehouse), read_only=True) as con:
        return con.execute(
            f"""
            select {column} from history.{table}
            where
                {key} = $member and valid_from <= $moment
                and ($moment < valid_to or valid_to is null)
            """,
            {"member": member, "moment": moment},
        ).fetchall()


@pytest.mark.parametrize(
    ("moment", "category"),
    [(BEFORE, "bebes"), (FIRST, "bebes"), (SECOND, "perfumaria"), (THIRD, None)],
)
def test_a_corrected_product_is_read_as_it_was_on_each_day(
    warehouse: Path, moment: datetime, category: str | None
) -> None:
    assert _as_of(warehouse, moment, "dim_product_history", "pr1") == [(category,)]


@pytest.mark.parametrize(
    ("moment", "found"), [(FIRST, [("bebes",)]), (SECOND, []), (THIRD, [("bebes",)])]
)
def test_a_product_in_quarantine_is_missing_on_those_days_only(
    warehouse: Path, moment: datetime, found: list[tuple[Any, ...]]
) -> None:
    assert _as_of(warehouse, moment, "dim_product_history", "pr2") == found


def test_a_product_that_never_changed_has_one_state(warehouse: Path) -> None:
    with duckdb.connect(str(warehouse), read_only=True) as con:
        rows = con.execute(
            "select version_number, is_current from history.dim_product_history "
            "where product_id = 'pr3'"
        ).fetchall()
    assert rows == [(1, True)]


@pytest.mark.parametrize(
    ("moment", "prefix"), [(FIRST, "01037"), (SECOND, "69005"), (THIRD, "01037")]
)
def test_a_seller_that_moved_is_read_where_it_was_on_each_day(
    warehouse: Path, moment: datetime, prefix: str
) -> None:
    assert _as_of(warehouse, moment, "dim_seller_history", "s1") == [(prefix,)]


def test_states_begin_and_end_with_the_loads_that_brought_them(warehouse: Path) -> None:
    with duckdb.connect(str(warehouse), read_only=True) as con:
        rows = con.execute(
            """
            select product_id, valid_from, valid_to from history.dim_product_history
            where product_id in ('pr1', 'pr2') order by all
            """
        ).fetchall()
    loads = [FIRST_LOAD + timedelta(days=number) for number in range(3)]
    ever = datetime(1900, 1, 1)  # noqa: DTZ001 - naive UTC, as the column is
    assert rows == [
        ("pr1", ever, loads[1]),
        ("pr1", loads[1], loads[2]),
        ("pr1", loads[2], None),
        ("pr2", ever, loads[1]),
        ("pr2", loads[2], None),
    ]
