"""Who may read what: each group tries what it may not; rows of a policy; three clients."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pyodbc
import pytest

from orchestration.errors import PostgresError, SettingsError
from orchestration.postgres import publication
from orchestration.postgres.access import Access, Restriction, read_access
from tests.support import postgres

SALES = Restriction("sales", {"states": ("SP", "RJ")})
RESTRICTED = Access(postgres.ACCESS.roles, [SALES])
DENIED = psycopg.errors.InsufficientPrivilege
ORDERS = "select count(*) from core.fact_orders"
DRIVER = "/usr/lib/x86_64-linux-gnu/odbc/psqlodbcw.so"


def _as(url: str, user: str, query: str) -> list[tuple[Any, ...]]:
    return postgres.ask(postgres.address(url, user=user), query)


@pytest.fixture(scope="module")
def shared(module_database: str, built_warehouse: Path) -> str:
    """A database to which the restricted version is published; for reading."""
    postgres.publish(built_warehouse, module_database, RESTRICTED)
    return module_database


@pytest.mark.parametrize(
    ("user", "statement"),
    [
        ("lou", ORDERS),
        ("lou", "create schema mine"),
        ("ann", "update core.fact_orders set order_id = ''"),
        ("ann", "delete from marts.mart_executive_dashboard"),
        ("ann", "drop table core.fact_orders"),
        ("ann", "create table core.mine (a int)"),
        ("ann", "create schema mine"),
        ("ann", "truncate ops.load_audit"),
        ("ann", "select * from olist_publication.tables"),
        ("ann", "alter schema core rename to mine"),
        ("ann", "alter table core.fact_orders disable row level security"),
        ("ann", "set role olist_transformer"),
        ("tom", "create role more"),
        ("tom", "grant olist_analyst to lou"),
        ("tom", "set role olist_admin"),
        ("ada", "create role more superuser"),
        ("sally", "drop policy only_sales on core.dim_customer"),
    ],
)
def test_no_group_does_what_it_may_not(shared: str, user: str, statement: str) -> None:
    with pytest.raises(DENIED):
        _as(shared, user, statement)


def test_raw_is_not_there_for_anybody(shared: str) -> None:
    with pytest.raises(psycopg.errors.UndefinedTable):
        _as(shared, "ann", "select * from raw.orders")
    for table in ("ops.rejected_lines", "ops.quarantined_rows"):
        with pytest.raises(psycopg.errors.UndefinedTable):
            _as(shared, "ann", f"select * from {table}")


def test_each_group_does_what_it_may(versions: list[Path], database: str) -> None:
    as_tom = postgres.address(database, user="tom")
    for path in versions[:2]:
        postgres.publish(path, as_tom)
    assert postgres.served_number(postgres.address(database, user="ann")) == 2
    assert postgres.served_number(postgres.address(database, user="ada")) == 2
    publication.roll_back(postgres.address(database, user="ada"), postgres.ACCESS)
    assert postgres.served_number(postgres.address(database, user="ann")) == 1
    _as(database, "ada", "grant olist_analyst to lou")
    assert postgres.served_number(postgres.address(database, user="lou")) == 1
    _as(database, "ada", "revoke olist_analyst from lou")


def test_rows_and_grants_hold_after_three_switches(versions: list[Path], database: str) -> None:
    for path in versions:
        postgres.publish(path, database, RESTRICTED)
        _expect_restricted(database)
    publication.roll_back(database, RESTRICTED)
    _expect_restricted(database)


def _expect_restricted(url: str) -> None:
    everything = dict(
        _as(url, "ann", "select state, count(*) from core.dim_customer group by 1")
    )
    seen = dict(_as(url, "sally", "select state, count(*) from core.dim_customer group by 1"))
    assert seen == {state: everything[state] for state in ("SP", "RJ")}
    for table in ("fact_orders", "fact_reviews", "fact_payments", "fact_order_items"):
        (seen_rows,) = _as(url, "sally", f"select count(*) from core.{table}")[0]
        query = (
            f"select count(*) from core.{table} as t inner join core.fact_orders as o"
            " using (order_key) inner join core.dim_geography as g"
            " on o.geography_key = g.geography_key where g.state in ('SP', 'RJ')"
        )
        (expected,) = _as(url, "ann", query)[0]
        assert 0 < seen_rows == expected, table
    marts = _as(
        url, "sally", "select distinct customer_state from marts.mart_executive_dashboard"
    )
    assert {state for (state,) in marts} == {"SP", "RJ"}
    # Forced: the owner is no exception, and no policy lets anybody write.
    forced = postgres.ask(
        url,
        "select relrowsecurity and relforcerowsecurity from pg_class"
        " where oid = 'core.dim_customer'::regclass",
    )
    assert forced == [(True,)]
    with pytest.raises(DENIED):
        postgres.ask(
            postgres.address(url, user="tom"),
            "insert into core.dim_customer select * from core.dim_customer",
        )


def test_sellers_and_categories_restrict_by_name_and_by_key(
    built_warehouse: Path, database: str
) -> None:
    postgres.publish(built_warehouse, database)
    query = (
        "select s.seller_id, c.category_name_english from core.fact_order_items as i"
        " inner join core.dim_seller as s using (seller_key)"
        " inner join core.dim_category as c on i.category_key = c.category_key"
        " group by 1, 2 order by count(*) desc, 1, 2 limit 1"
    )
    ((seller, category),) = postgres.ask(database, query)
    sees = {"sellers": (str(seller),), "categories": (str(category),)}
    done = postgres.publish(
        built_warehouse, database, Access(RESTRICTED.roles, [Restriction("sales", sees)])
    )
    assert "core.fact_order_items" in done.kept, "rows that are there are not sent again"
    joined = query.partition(" group by")[0]
    assert set(_as(database, "sally", joined)) == {(seller, category)}
    scorecard = "select seller_id from marts.mart_seller_scorecard"
    assert _as(database, "sally", scorecard) == [(seller,)]
    assert "core.dim_date" in done.unrestricted


def test_a_policy_that_changed_holds_after_a_rollback(
    versions: list[Path], database: str
) -> None:
    for path in versions[:2]:
        postgres.publish(path, database)
    publication.roll_back(database, RESTRICTED)
    assert postgres.served_number(postgres.address(database, user="ann")) == 1
    _expect_restricted(database)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("roles: {sales: {state: [SP]}}", "state of sales"),
        ("roles: {sales: {states: SP}}", "list"),
        ("roles: {sales: {states: []}}", "at least 1"),
        ("roles: {sales: {states: [1]}}", "string"),
        ("roles: {sales: {}}", "names no states"),
        ("roles: {olist_analyst: {states: [SP]}}", "must see all rows"),
        ("rolls: {}", "roles"),
        ("roles: [", "flow"),
        ("", "the file"),
    ],
)
def test_a_policy_of_another_form_is_refused(tmp_path: Path, text: str, word: str) -> None:
    path = tmp_path / "policy.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"cannot be used") as caught:
        read_access("olist_", path)
    assert word in str(caught.value)


def test_a_policy_of_an_unknown_state_or_role_is_refused(
    built_warehouse: Path, database: str
) -> None:
    for restriction, error in (
        (Restriction("sales", {"states": ("São Paulo",)}), SettingsError),
        (Restriction("nobody_knows", {"states": ("SP",)}), PostgresError),
    ):
        access = Access(RESTRICTED.roles, [restriction])
        with pytest.raises(error, match=r"São Paulo|nobody_knows"):
            postgres.publish(built_warehouse, database, access)
    assert postgres.schemas(database) == set()


def test_psql_reads_as_analyst_and_is_refused_writes(shared: str) -> None:
    if (psql := shutil.which("psql")) is None:
        pytest.skip("psql is not installed (apt install postgresql-client)")
    url = postgres.address(shared, user="ann")

    def run(query: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [psql, url, "-Atc", query], capture_output=True, text=True, check=False
        )

    assert run(ORDERS).stdout.strip() == str(_as(shared, "ann", ORDERS)[0][0])
    for query in ("delete from core.fact_orders", "select * from raw.orders"):
        assert run(query).returncode != 0


def test_an_odbc_client_reads_as_analyst_and_is_refused_writes(shared: str) -> None:
    if not Path(DRIVER).exists():
        pytest.skip("psqlodbc is not installed (apt install odbc-postgresql)")
    parts = urlsplit(postgres.address(shared, user="ann"))
    login = (
        f"DRIVER={DRIVER};SERVER={parts.hostname};PORT={parts.port};DATABASE={parts.path[1:]};"
        f"UID={parts.username};PWD={parts.password}"
    )
    with pyodbc.connect(login, autocommit=True) as connection:
        assert connection.execute(ORDERS).fetchval() == _as(shared, "ann", ORDERS)[0][0]
        amount = "select sum(price_amount) from core.fact_order_items"
        assert connection.execute(amount).fetchval() == _as(shared, "ann", amount)[0][0]
        for query in ("delete from core.fact_orders", "select * from raw.orders"):
            with pytest.raises(pyodbc.Error):
                connection.execute(query)
