"""What is said of PostgreSQL without a server: addresses, types, figures, policies."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from orchestration.errors import PostgresError
from orchestration.postgres.access import Access, Restriction, Roles, read_access
from orchestration.postgres.content import are_alike, read_tables
from orchestration.postgres.server import shown

ACCESS = Access(
    Roles.with_prefix("olist_"),
    [Restriction("sales", {"states": ("SP",), "sellers": ("a'b",)})],
)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://etl:s3cret@db:5433/olist",
        "postgres://etl@db:5433/olist?password=s3cret&sslmode=require",
    ],
)
def test_an_address_is_shown_without_its_password(url: str) -> None:
    assert shown(url) == "postgresql://etl@db:5433/olist"


def test_an_address_that_is_not_understood_is_not_repeated() -> None:
    with pytest.raises(PostgresError) as caught:
        shown("postgresql://etl:s3cret@db/olist?s3cret")
    assert "s3cret" not in str(caught.value)


def test_a_type_that_postgres_has_not_is_named_with_its_column(tmp_path: Path) -> None:
    with duckdb.connect() as source:
        source.execute("create schema core; create table core.a (id int, tags varchar[])")
        with pytest.raises(PostgresError, match=r"core\.a\.tags is of type VARCHAR\[\]"):
            read_tables(source, tmp_path)


def test_a_digest_changes_with_a_value_a_comment_and_a_null_but_not_with_the_order(
    tmp_path: Path,
) -> None:
    def digest(*statements: str) -> str:
        with duckdb.connect() as source:
            source.execute("create schema core; create table core.a (x int, y int)")
            for statement in statements:
                source.execute(statement)
            (table,) = read_tables(source, tmp_path)
            return table.digest

    first = digest("insert into core.a values (1, 2), (3, null)")
    assert first == digest("insert into core.a values (3, null), (1, 2)")
    others = {
        digest("insert into core.a values (1, 2), (null, 3)"),
        digest("insert into core.a values (1, 2), (3, 0)"),
        digest("insert into core.a values (2, 1), (3, null)"),
        digest("insert into core.a values (1, 2), (3, null), (3, null)"),
        digest("insert into core.a values (1, 2), (3, null)", "comment on table core.a is 'a'"),
    }
    assert len(others - {first}) == 5


def test_figures_are_alike_to_the_centavo_and_doubles_to_nine_digits() -> None:
    day = date(2018, 8, 1)
    assert are_alike((3, Decimal("10.10"), 0.1 + 0.2, day), (3, Decimal("10.1"), 0.3, day))
    assert are_alike((None,), (None,))
    for one, other in (
        (3, 4),
        (Decimal("10.10"), Decimal("10.11")),
        (1.0, 1.00001),
        (None, 0),
        (day, date(2018, 8, 2)),
    ):
        assert not are_alike((one,), (other,))


def test_a_table_is_restricted_by_the_first_column_that_it_has() -> None:
    def restricted(schema: str, name: str, *columns: str) -> str:
        return " ".join(ACCESS.of_table(schema, name, columns)[2:])

    by_customer = restricted("marts", "m", "seller_state", "customer_state", "seller_id")
    assert "\"customer_state\" in ('SP') and \"seller_id\" in ('a''b')" in by_customer
    assert "seller_state" not in by_customer
    by_key = restricted("core_build", "fact_order_items", "geography_key", "seller_key")
    assert 'from "core_build"."dim_geography"' in by_key
    assert 'from "core_build"."dim_seller"' in by_key
    assert ACCESS.of_table("marts", "m", ["order_key", "order_date"]) == []
    assert ACCESS.unrestricted("marts.m", ["order_date"]) == ["sales"]


def test_no_policy_file_restricts_nobody() -> None:
    assert read_access("olist_", None).restrictions == ()
