"""What a publication leaves: keys, indexes, comments; what changed alone is sent; rollbacks."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import duckdb
import psycopg
import pytest

from orchestration.cli import main as olist
from orchestration.errors import EXIT_BUSY, EXIT_DONE, PostgresBusyError, PostgresError
from orchestration.postgres import publication
from orchestration.warehouse.versions import Version, open_reader
from tests.support import postgres

SERVED = {"core", "marts", "ops"}


def test_keys_indexes_comments_and_statistics_are_there(
    built_warehouse: Path, database: str
) -> None:
    postgres.publish(built_warehouse, database)
    keys = dict(
        postgres.ask(
            database,
            "select conrelid::regclass::text, pg_get_constraintdef(oid) from pg_constraint"
            " where contype = 'p' and connamespace::regnamespace::text in ('core', 'ops')",
        )
    )
    assert keys["core.fact_orders"] == "PRIMARY KEY (order_key)"
    assert keys["core.dim_customer"] == "PRIMARY KEY (customer_key)"
    assert keys["ops.source_quirks"] == "PRIMARY KEY (quirk)"
    unique = dict(
        postgres.ask(
            database,
            "select tablename, indexdef from pg_indexes where schemaname = 'marts'"
            " and indexdef like '%UNIQUE%'",
        )
    )
    marts = postgres.ask(database, "select tablename from pg_tables where schemaname = 'marts'")
    assert set(unique) == {name for (name,) in marts}, "each mart has a key"
    with open_reader(built_warehouse) as source:
        comments = source.execute(
            "select schema_name || '.' || table_name, column_name, comment"
            " from duckdb_columns()"
            " where schema_name in ('core', 'marts') and comment is not null"
        ).fetchall()
    found = postgres.ask(
        database,
        "select a.attrelid::regclass::text, a.attname, col_description(a.attrelid, a.attnum)"
        " from pg_attribute as a inner join pg_class as c on a.attrelid = c.oid"
        " where relnamespace::regnamespace::text in ('core', 'marts') and relkind = 'r'"
        " and attnum > 0 and col_description(a.attrelid, a.attnum) is not null",
    )
    assert sorted(found) == sorted(comments)
    ((rows,),) = postgres.ask(
        database, "select reltuples from pg_class where oid = 'core.fact_orders'::regclass"
    )
    assert rows > 0


def test_money_is_exact_and_times_have_no_zone(built_warehouse: Path, database: str) -> None:
    postgres.publish(built_warehouse, database)
    types = dict(
        postgres.ask(
            database,
            "select attname, format_type(atttypid, atttypmod) from pg_attribute"
            " where attrelid = 'core.fact_order_items'::regclass and attnum > 0",
        )
    )
    assert types["price_amount"] == "numeric(18,2)"
    assert types["shipping_limit_at"] == "timestamp without time zone"
    assert types["distance_km"] == "double precision"
    assert types["order_id"] == "text"
    assert types["is_sale"] == "boolean"
    assert types["order_date"] == "date"


def test_a_second_publication_without_changes_sends_and_copies_nothing(
    versions: list[Path], database: str
) -> None:
    first = postgres.publish(versions[0], database)
    assert first.unchanged == []
    tables = "select oid from pg_class where relkind = 'r' order by oid"
    before = postgres.ask(database, tables)
    second = postgres.publish(versions[0], database)
    assert (second.copied, second.kept, set(second.unchanged)) == ([], [], SERVED)
    assert postgres.ask(database, tables) == before


def test_only_tables_that_changed_are_sent(versions: list[Path], database: str) -> None:
    postgres.publish(versions[0], database)
    second = postgres.publish(versions[1], database)
    assert second.copied == [
        *("core.fact_orders", "marts.mart_executive_dashboard", "ops.warehouse_info")
    ]
    assert "core.fact_order_items" in second.kept
    assert postgres.served_number(database) == 2
    everything = postgres.publish(versions[1], database, everything=True)
    assert everything.kept == []
    assert len(everything.copied) == len(second.copied) + len(second.kept)


def test_a_schema_without_changes_stays_in_its_place(
    versions: list[Path], database: str, tmp_path: Path
) -> None:
    postgres.publish(versions[0], database)
    path = tmp_path / "20181231t000000z_000009" / "olist.duckdb"
    path.parent.mkdir()
    shutil.copy(versions[0], path)
    with duckdb.connect(str(path)) as connection:
        connection.execute("update ops.warehouse_info set run_id = ?", [path.parent.name])
    second = postgres.publish(Version(path), database)
    assert set(second.unchanged) == {"core", "marts"}
    assert postgres.schemas(database) == {*SERVED, "ops_before", "olist_publication"}
    assert publication.roll_back(database, postgres.ACCESS) == versions[0].parent.name
    assert postgres.served_number(database) == 1


def test_two_versions_are_kept_and_a_rollback_is_a_switch_back(
    versions: list[Path], database: str
) -> None:
    for path in versions:
        postgres.publish(path, database)
    before = {f"{schema}_before" for schema in SERVED}
    assert postgres.schemas(database) == {*SERVED, *before, "olist_publication"}
    assert postgres.served_number(database) == 3
    for number in (2, 3, 2):
        publication.roll_back(database, postgres.ACCESS)
        assert postgres.served_number(database) == number
    # What is kept needs not be sent again.
    assert postgres.publish(versions[2], database).copied == []
    assert postgres.served_number(database) == 3


def test_there_is_nothing_to_roll_back_to_after_the_first_publication(
    versions: list[Path], database: str
) -> None:
    postgres.publish(versions[0], database)
    with pytest.raises(PostgresError, match="keeps no version before"):
        publication.roll_back(database, postgres.ACCESS)


def test_of_two_publications_at_once_the_second_says_so(
    built_warehouse: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publication, "_LOCK_SECONDS", 0.3)
    with psycopg.connect(database, autocommit=True) as other:
        other.execute("select pg_advisory_lock(hashtext('olist publish'))")
        with pytest.raises(PostgresBusyError, match="Another publication"):
            postgres.publish(built_warehouse, database)
        here = ["--to", database, "--warehouse", str(built_warehouse.parent)]
        assert olist(["publish", *here]) == EXIT_BUSY
    assert postgres.schemas(database) == set()


def test_the_command_publishes_and_rolls_back(
    built_warehouse: Path, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    here = ["--to", database, "--warehouse", str(built_warehouse.parent)]
    assert olist(["publish", *here]) == EXIT_DONE
    assert olist(["publish", *here, "--all"]) == EXIT_DONE
    assert olist(["publish", *here, "--rollback"]) == EXIT_DONE
    said = capsys.readouterr()
    assert said.err == ""
    assert f"-> version {built_warehouse.resolve().parent.name}" in said.out
    password = psycopg.conninfo.conninfo_to_dict(database)["password"]
    assert str(password) not in said.out


def test_remains_of_a_killed_publication_are_removed(
    versions: list[Path], database: str
) -> None:
    postgres.publish(versions[0], database)
    postgres.ask(
        database,
        "set role olist_transformer;"
        "create schema core_build; create table core_build.half (a int);"
        "create schema core_dropped_1; create table core_dropped_1.half (a int)",
    )
    postgres.publish(versions[1], database)
    assert not {"core_build", "core_dropped_1"} & postgres.schemas(database)


def test_a_version_that_is_read_for_long_holds_up_no_publication_and_goes_later(
    versions: list[Path], database: str
) -> None:
    postgres.publish(versions[0], database)
    with psycopg.connect(database) as reader:
        reader.execute("set transaction isolation level repeatable read")
        ((before, *_),) = reader.execute(postgres.READERS_QUERY).fetchall()
        done = threading.Event()

        def publish_twice() -> None:
            postgres.publish(versions[1], database)
            postgres.publish(versions[2], database)
            done.set()

        thread = threading.Thread(target=publish_twice)
        thread.start()
        thread.join(120)
        assert done.is_set()
        assert before == 1
        assert postgres.served_number(database) == 3
        assert any("_dropped_" in name for name in postgres.schemas(database))
    postgres.publish(versions[2], database)
    assert not any("_dropped_" in name for name in postgres.schemas(database))


def test_a_view_that_somebody_made_is_not_removed_with_an_old_version(
    versions: list[Path], database: str
) -> None:
    postgres.publish(versions[0], database)
    postgres.ask(database, "create view public.mine as select order_id from core.fact_orders")
    for path in versions[1:]:
        postgres.publish(path, database)
    assert postgres.ask(database, "select count(*) > 0 from public.mine") == [(True,)]
