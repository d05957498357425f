"""The shop as a source: one moment, no row missed, deletions, waits, and where it goes on."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import duckdb
import psycopg
import pytest

from extract.raw.changes import read_position
from extract.sources import open_source
from extract.sources import postgres as source
from extract.sources.postgres import can_pass, open_store
from extract.store.postgres.database import StoreError
from orchestration.postgres import local
from tests.support.store import (
    Follower,
    Session,
    ask,
    execute,
    loaded,
    raw_differences,
    session,
)


@pytest.fixture
def follower(tmp_path: Path) -> Follower:
    return Follower(tmp_path / "follower.duckdb")


def _equals_one_load(follower: Follower, url: str, tmp_path: Path) -> None:
    at_once = loaded(url, tmp_path / f"at_once_{follower.nights}.duckdb")
    assert raw_differences(follower.path, at_once) == []


def _place(connection: Session, order_id: str, *, items: int = 1) -> None:
    connection.execute(
        "insert into sales.orders values (%s, 'c', 'created', '2018-09-01', null)", [order_id]
    )
    for number in range(1, items + 1):
        connection.execute(
            "insert into sales.order_items values (%s, %s, 'p', 's', null, 1, 1)",
            [order_id, number],
        )


def test_a_transaction_that_commits_late_is_not_missed(
    shop: str, follower: Follower, tmp_path: Path
) -> None:
    follower.load(shop)
    with session(shop) as slow:
        _place(slow, "late")  # its number is given, and it stays open
        with session(shop) as quick:
            _place(quick, "in time")
        report = follower.load(shop)
        assert report.num_changed_rows == 2
        ((seen,),) = follower.rows(
            "select order_id from raw.orders where order_id in ('late', 'in time')"
        )
        assert seen == "in time"
        slow.commit()
    ((late,), (quick_number,)) = ask(
        shop,
        "select row_xid::text::bigint from sales.orders"
        " where order_id in ('late', 'in time') order by order_id desc",
    )
    # What goes by the highest number that was seen would pass over it.
    assert late < quick_number
    follower.load(shop)
    _equals_one_load(follower, shop, tmp_path)
    assert follower.rows("select count(*) from raw.orders where order_id = 'late'") == [(1,)]


def test_a_subtransaction_and_one_that_is_taken_back_are_seen_as_they_end(
    shop: str, follower: Follower, tmp_path: Path
) -> None:
    follower.load(shop)
    with session(shop) as connection:
        _place(connection, "outer")
        with connection.transaction():
            _place(connection, "inner")
        with connection.transaction() as savepoint:
            _place(connection, "never")
            raise psycopg.Rollback(savepoint)
    follower.load(shop)
    _equals_one_load(follower, shop, tmp_path)
    rows = follower.rows(
        "select order_id from raw.orders where length(order_id) < 10 order by 1"
    )
    assert rows == [("inner",), ("outer",)]


def test_nine_tables_are_of_one_moment_while_the_shop_goes_on(
    shop: str, tmp_path: Path
) -> None:
    stop = threading.Event()

    def sell() -> None:
        with session(shop) as connection:
            number = 0
            while not stop.is_set():
                _place(connection, f"busy {number}", items=2)
                connection.commit()
                number += 1

    seller = threading.Thread(target=sell)
    seller.start()
    try:
        for night in range(4):
            path = loaded(shop, tmp_path / f"{night}.duckdb")
            with duckdb.connect(str(path)) as con:
                found = con.execute(
                    "select (select count(*) from raw.orders where order_id like 'busy%'),"
                    " (select count(*) from raw.order_items where order_id like 'busy%')"
                ).fetchall()
            ((orders, items),) = found
            assert items == 2 * orders
    finally:
        stop.set()
        seller.join()
    assert orders > 0


def test_what_was_deleted_goes_and_what_came_back_stays(
    shop: str, follower: Follower, tmp_path: Path
) -> None:
    follower.load(shop)
    ((order_id, review_id),) = ask(
        shop, "select order_id, review_id from sales.reviews limit 1"
    )
    ((other,),) = ask(
        shop, f"select order_id from sales.orders where order_id <> '{order_id}' limit 1"
    )
    execute(
        shop,
        f"delete from sales.reviews where review_id = '{review_id}'",
        f"delete from sales.orders where order_id = '{other}'",  # with all that is its own
        "with gone as (delete from marketplace.products where product_id ="
        " (select min(product_id) from marketplace.products) returning *)"
        " insert into store.exceptions (kind, entity_id, occurred_at, detail)"
        " select 'test', product_id, now(), '' from gone",
    )
    report = follower.load(shop)
    assert report.num_deleted_rows >= 4
    _equals_one_load(follower, shop, tmp_path)
    about = follower.rows("select count(*), count(distinct batch_id) from ops.deleted_rows")
    assert about == [(report.num_deleted_rows, 1)]
    assert follower.load(shop).num_deleted_rows == 0  # read twice, deleted once
    with session(shop) as connection:
        _place(connection, other)
    follower.load(shop)
    _equals_one_load(follower, shop, tmp_path)


def test_a_key_that_changes_is_another_row(
    shop: str, follower: Follower, tmp_path: Path
) -> None:
    follower.load(shop)
    execute(
        shop,
        "update sales.order_items set number = number + 100 where order_id ="
        " (select min(order_id) from sales.order_items)",
        "update marketplace.sellers set seller_id = seller_id where true",  # no change
    )
    assert follower.load(shop).num_deleted_rows > 0
    _equals_one_load(follower, shop, tmp_path)


def test_an_order_changes_with_its_delivery(
    shop: str, follower: Follower, tmp_path: Path
) -> None:
    follower.load(shop)
    ids = [one for (one,) in ask(shop, "select order_id from sales.orders order by 1 limit 2")]
    execute(
        shop,
        "update fulfillment.deliveries set delivered_at = '2018-09-09 09:09:09'"
        f" where order_id = '{ids[0]}'",
        f"delete from fulfillment.deliveries where order_id = '{ids[1]}'",
    )
    follower.load(shop)
    _equals_one_load(follower, shop, tmp_path)


def test_any_account_that_may_delete_leaves_a_tombstone(
    shop: str, follower: Follower, tmp_path: Path
) -> None:
    follower.load(shop)
    role = f"clerk_{urlsplit(shop).path[1:]}"
    execute(
        shop,
        f"create role {role}",
        f"grant usage on schema sales to {role}",
        f"grant select, delete on sales.reviews to {role}",
        f"set role {role}; delete from sales.reviews where score = 1",
    )
    assert follower.load(shop).num_deleted_rows > 0
    _equals_one_load(follower, shop, tmp_path)


def test_a_server_that_ends_idle_sessions_does_not_end_an_extraction(
    shop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = urlsplit(shop).path[1:]
    execute(
        shop,
        f"alter database {name} set idle_in_transaction_session_timeout = '100ms'",
        f"alter database {name} set statement_timeout = '1ms'",
    )
    copy = source._copy

    def slowly(*arguments: object) -> None:
        time.sleep(0.15)
        copy(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(source, "_copy", slowly)
    monkeypatch.setattr(source, "_ATTEMPTS", 1)
    loaded(shop, tmp_path / "slow.duckdb")


def test_truncate_is_refused_since_it_would_leave_no_tombstones(shop: str) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match="delete the rows instead"):
        execute(shop, "truncate sales.reviews")


def test_nothing_new_is_nothing_read(shop: str, follower: Follower) -> None:
    follower.load(shop)
    report = follower.load(shop)
    assert (report.mode, report.num_changed_rows) == ("delta", 0)
    assert sum(table.num_records for table in report.tables) == 0


@pytest.mark.parametrize("part", [0, 1, 2, 3])
def test_the_whole_is_taken_where_the_numbers_mean_something_else(
    shop: str, follower: Follower, part: int
) -> None:
    """Another shop, cluster, timeline or database."""
    follower.load(shop)
    with duckdb.connect(str(follower.path)) as con:
        ((origin, position),) = con.execute(
            "select origin, position from ops.source_position"
        ).fetchall()
        parts = origin.split(" ")
        assert len(parts) == 4
        parts[part] = "1234"
        position = json.dumps(json.loads(position) | {"origin": " ".join(parts)})
        con.execute("update ops.source_position set position = ?", [position])
    assert follower.load(shop).mode == "snapshot"


def test_the_whole_is_taken_where_the_numbers_ran_backwards(
    shop: str, follower: Follower
) -> None:
    follower.load(shop)
    with duckdb.connect(str(follower.path)) as con:
        con.execute(
            "update ops.source_position set position ="
            " json_merge_patch(position, '{\"xmin\": 99999999999}')"
        )
    assert follower.load(shop).mode == "snapshot"


def test_after_other_files_the_whole_is_taken_again(
    shop: str, follower: Follower, store_files: Path
) -> None:
    follower.load(shop)
    with open_source(shop) as opened:
        assert opened.changes is not None
        origin = opened.changes.origin
    assert read_position(follower.path, origin) is not None
    follower.load(store_files)
    assert read_position(follower.path, origin) is None
    assert follower.load(shop).mode == "snapshot"


def test_a_load_that_fails_keeps_the_position_and_loses_nothing(
    shop: str, follower: Follower, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    follower.load(shop)
    with session(shop) as connection:
        _place(connection, "new")
    with monkeypatch.context() as patch:
        patch.setattr("extract.load.write_audit", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            follower.load(shop)
    follower.load(shop)
    _equals_one_load(follower, shop, tmp_path)


def test_a_server_that_is_started_again_is_waited_for(
    new_database: Callable[[str], str],
    store_server: local.LocalServer,
    played_once: str,
    tmp_path: Path,
) -> None:
    shop = new_database(f"template {urlsplit(played_once).path[1:]}")
    store_server.stop()
    helper = threading.Timer(2.0, lambda: local.start(store_server.directory))
    helper.start()
    try:
        loaded(shop, tmp_path / "waited.duckdb")
    finally:
        helper.join()


def test_connections_that_are_ended_while_they_read_are_opened_again(
    shop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = source._copy
    ended: list[int] = []

    def end_first(reader: Session, *rest: object) -> None:
        if len(ended) < 2:
            ended.append(1)
            execute(shop, f"select pg_terminate_backend({reader.info.backend_pid})")
            time.sleep(0.05)
        copy(reader, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(source, "_copy", end_first)
    path = loaded(shop, tmp_path / "ended.duckdb")
    monkeypatch.undo()
    assert ended == [1, 1]
    assert raw_differences(path, loaded(shop, tmp_path / "whole.duckdb")) == []


def test_what_stays_wrong_is_said_at_once(shop: str, tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(StoreError, match="Correct user and password") as caught:
        open_store(shop.replace("olist:", "olist:not-"), tmp_path)
    assert "not-" not in str(caught.value)
    with pytest.raises(StoreError, match="Create the database"):
        open_store(shop.replace(urlsplit(shop).path, "/nowhere"), tmp_path)
    with pytest.raises(StoreError, match="is not understood"):
        open_store("postgresql://a:b@c:not a port/d", tmp_path)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (psycopg.errors.AdminShutdown(), True),
        (psycopg.errors.CannotConnectNow(), True),
        (psycopg.errors.TooManyConnections(), True),
        (psycopg.errors.SerializationFailure(), True),
        (psycopg.errors.DiskFull(), False),
        (psycopg.errors.UndefinedTable(), False),
        (psycopg.errors.InsufficientPrivilege(), False),
        (psycopg.OperationalError("connection refused"), True),
        (psycopg.OperationalError("server closed the connection unexpectedly"), True),
        (psycopg.OperationalError('password authentication failed for user "x"'), False),
        (psycopg.OperationalError('database "x" does not exist'), False),
        (OSError("no route"), False),
    ],
)
def test_only_what_can_pass_is_tried_again(error: BaseException, passes: bool) -> None:
    assert can_pass(error) is passes


def test_waits_grow_and_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", waits.append)
    with pytest.raises(StoreError, match="server runs"):
        open_store("postgresql://olist@127.0.0.1:1/shop", tmp_path)
    assert len(waits) == 5
    for number, wait in enumerate(waits):
        assert 0 <= wait <= 0.5 * 2**number


_MOMENT = datetime.fromisoformat("2018-09-02 10:00")


def _something_happens(connection: Session, dice: random.Random, number: int) -> None:
    """One change of any kind, to rows that a die chooses."""
    offset = dice.randrange(1_000)

    def pick(column: str, table: str) -> str:
        row = connection.execute(
            f"select {column} from {table} order by md5({column} || %s) limit 1".encode(),
            [str(offset)],
        ).fetchone()
        return str(row[0]) if row else ""

    kind = dice.choice(
        [
            *("place", "price", "score", "status", "delivery", "city", "category", "refund"),
            *("delete review", "delete order", "delete payment", "back"),
        ]
    )
    if kind in {"place", "back"}:
        name = f"new {number}" if kind == "place" else "comes and goes"
        connection.execute("delete from sales.orders where order_id = %s", [name])
        _place(connection, name, items=dice.randrange(3))
        return
    order = pick("order_id", "sales.orders")
    statements = {
        "price": "update sales.order_items set price = price + 1 where order_id = %s",
        "score": "update sales.reviews set score = 6 - score where order_id = %s",
        "status": "update sales.orders set status = 'canceled' where order_id = %s",
        "delivery": "update fulfillment.deliveries set delivered_at = '2018-09-03'"
        " where order_id = %s",
        "delete review": "delete from sales.reviews where order_id = %s",
        "delete order": "delete from sales.orders where order_id = %s",
        "delete payment": "delete from sales.payments where order_id = %s",
        "refund": "insert into sales.refunds select order_id, sequential, amount, now()"
        " from sales.payments where order_id = %s on conflict do nothing",
    }
    if kind == "city":
        person = pick("customer_id", "customer.accounts")
        connection.execute(
            "update customer.accounts set city = city || '*' where customer_id = %s", [person]
        )
    elif kind == "category":
        product = pick("product_id", "marketplace.products")
        connection.execute(
            "update marketplace.products set category = null where product_id = %s", [product]
        )
    else:
        connection.execute(statements[kind].encode(), [order])


def random_nights(shop: str, follower: Follower, seed: int, *, nights: int = 6) -> None:
    """Nights at random moments, with some transactions open over several of them."""
    dice = random.Random(seed)  # noqa: S311 - a test
    open_ones: list[tuple[int, Session]] = []
    number = 0
    for night in range(nights):
        for _ in range(dice.randrange(1, 5)):
            connection = psycopg.connect(shop)
            connection.execute("set lock_timeout = '50ms'")
            for _ in range(dice.randrange(1, 4)):
                number += 1
                try:
                    with connection.transaction():
                        _something_happens(connection, dice, number)
                except psycopg.errors.LockNotAvailable:
                    pass  # an open transaction has the row: somebody else's turn
            open_ones.append((night + dice.choice([0, 0, 1, 2]), connection))
        dice.shuffle(open_ones)
        for ends, connection in list(open_ones):
            if ends <= night:
                (connection.rollback if dice.random() < 0.1 else connection.commit)()
                connection.close()
                open_ones.remove((ends, connection))
        follower.load(shop)
    for _, connection in open_ones:
        connection.commit()
        connection.close()
    follower.load(shop)


@pytest.mark.parametrize("seed", range(4))
def test_random_nights_end_as_one_load_at_the_end(
    shop: str, follower: Follower, tmp_path: Path, seed: int
) -> None:
    random_nights(shop, follower, seed)
    _equals_one_load(follower, shop, tmp_path)
    modes = follower.rows("select distinct mode from ops.load_audit")
    assert ("delta",) in modes
