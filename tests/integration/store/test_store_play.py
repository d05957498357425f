"""A dataset played through the aggregates: nothing lost or doubled, exceptions counted."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from extract.sources import open_source
from extract.store.play.progress import Progress, play, status
from extract.store.postgres.database import StoreError, engine, migrate
from extract.store.postgres.schema import METADATA, VERSION_TABLE
from extract.tables import TABLES_BY_NAME
from tests.support.store import ask, execute, loaded, raw_differences

CUT = date(2018, 3, 10)
_CONTENT = (
    "select * from {table} order by 1, 2, 3",
    [
        *("sales.refunds", "customer.persons", "marketplace.offers", "marketplace.ratings"),
        "fulfillment.deliveries",
    ],
)

# Each exception counted again, from the files alone. A step out of order is one whose moment
# lies before that of the step that should have come first.
_EXCEPTIONS = """
with
life as (
    select order_id, order_status as status,
        order_purchase_timestamp::timestamp as bought,
        order_approved_at::timestamp as approved,
        order_delivered_carrier_date::timestamp as taken,
        order_delivered_customer_date::timestamp as came
    from orders
),
total as (
    select order_id, sum(price::decimal(18, 2) + freight_value::decimal(18, 2)) as due
    from order_items group by order_id
),
paid as (
    select order_id, sum(payment_value::decimal(18, 2)) as amount
    from order_payments group by order_id
)
select 'delivered_before_shipped', count(*) from life where came < taken
union all
select 'delivered_without_date', count(*) from life where status = 'delivered' and came is null
union all
select 'order_without_items', count(*) from life anti join total using (order_id)
union all
select 'order_without_payment', count(*)
from life semi join total using (order_id) anti join paid using (order_id)
where approved is not null
union all
select 'payments_differ', count(*)
from life join total using (order_id) join paid using (order_id)
where approved is not null and abs(due - amount) > 0.01
union all
select 'reviewed_before_purchase', count(distinct (review_id, order_id))
from order_reviews join life using (order_id)
where review_creation_date::timestamp < bought
union all
select 'shipped_before_purchase', count(*) from life where taken < bought
union all
select 'step_not_allowed created -> shipped', count(*) from life
where taken is not null
    and greatest(taken, bought)
        < case when approved is null then 'infinity' else greatest(approved, bought) end
    and greatest(taken, bought)
        <= case when came is null then 'infinity' else greatest(came, bought) end
"""


def _second_count(files: Path) -> dict[str, int]:
    with duckdb.connect() as con:
        for name in ("orders", "order_items", "order_payments", "order_reviews"):
            path = files / TABLES_BY_NAME[name].file_name
            con.execute(
                f"create view {name} as from read_csv('{path}', all_varchar = true,"
                " delim = ',', quote = '\"', escape = '\"', header = true)"
            )
        return {kind: number for kind, number in con.execute(_EXCEPTIONS).fetchall() if number}


def _play(url: str, files: Path | str, until: date | None = None, **options: Any) -> int:  # noqa: ANN401
    with open_source(files) as source:
        return play(url, source, until=until, **options)


def _content(url: str) -> dict[str, list[tuple[Any, ...]]]:
    query, tables = _CONTENT
    found = {table: ask(url, query.format(table=table)) for table in tables}
    found["fulfillment.deliveries"] = [row[:-1] for row in found["fulfillment.deliveries"]]
    found["sales.refunds"] = [row[:-1] for row in found["sales.refunds"]]
    found["events"] = ask(
        url,
        "select kind, aggregate_id, occurred_at, payload::text from store.outbox"
        " order by event_id",
    )
    found["exceptions"] = ask(
        url,
        "select kind, entity_id, occurred_at, detail from store.exceptions"
        " order by exception_id",
    )
    return found


def test_what_was_played_is_extracted_as_it_was_delivered(
    played_once: str, store_files: Path, tmp_path: Path
) -> None:
    ours = loaded(played_once, tmp_path / "shop.duckdb")
    theirs = loaded(store_files, tmp_path / "files.duckdb")
    assert raw_differences(ours, theirs) == []


def test_every_exception_is_recorded_and_no_other(played_once: str, store_files: Path) -> None:
    found = status(played_once).exceptions
    expected = _second_count(store_files)
    assert {kind: found.get(kind, 0) for kind in expected} == expected
    others = {kind for kind in found if not kind.startswith("step_not_allowed")}
    assert others <= expected.keys()


def test_every_canceled_order_that_was_paid_is_refunded_and_no_other(played_once: str) -> None:
    assert (
        ask(
            played_once,
            """
        select order_id, sequential, amount from sales.refunds
        except all
        select order_id, sequential, amount from sales.payments
        inner join sales.orders using (order_id) where status = 'canceled' and amount > 0
        """,
        )
        == []
    )
    (refunds,) = ask(played_once, "select count(*) from sales.refunds")
    (paid,) = ask(
        played_once,
        "select count(*) from sales.payments inner join sales.orders using (order_id)"
        " where status = 'canceled' and amount > 0",
    )
    assert refunds == paid
    assert refunds[0] > 0


def test_a_play_in_parts_ends_like_one_in_one_go(
    played_once: str, empty_database: str, store_files: Path
) -> None:
    first = _play(empty_database, store_files, CUT, batch_steps=77)
    assert ask(empty_database, "select max(placed_at)::date <= '2018-03-10' from sales.orders")[
        0
    ][0]
    rest = _play(empty_database, store_files, batch_steps=400)
    assert first > 500
    assert rest > 500
    assert _play(empty_database, store_files) == 0
    assert _content(empty_database) == _content(played_once)


def test_a_play_that_breaks_off_anywhere_goes_on_from_its_last_batch(
    played_once: str, empty_database: str, store_files: Path
) -> None:
    class StopError(Exception):
        pass

    def after(number: int) -> Callable[[Progress], None]:
        def stop(_: Progress) -> None:
            nonlocal number
            number -= 1
            if number == 0:
                raise StopError

        return stop

    for batches in (1, 3, 2):
        with pytest.raises(StopError):
            _play(empty_database, store_files, batch_steps=300, on_batch=after(batches))
    _play(empty_database, store_files, batch_steps=900)
    assert _content(empty_database) == _content(played_once)


def test_a_shop_is_not_played_from_two_datasets(shop: str, tmp_path: Path) -> None:
    with (
        open_source("synthetic", scale=0.001, temp_dir=tmp_path) as other,
        pytest.raises(StoreError, match="another dataset"),
    ):
        play(shop, other)


def test_two_plays_at_once_do_not_play_a_step_twice(
    empty_database: str, store_files: Path, played_once: str
) -> None:
    def meanwhile(progress: Progress) -> None:
        if progress.position == 500:
            _play(empty_database, store_files, date(2018, 1, 1))

    with pytest.raises(StoreError, match="Another play"):
        _play(empty_database, store_files, batch_steps=500, on_batch=meanwhile)
    _play(empty_database, store_files)
    assert _content(empty_database) == _content(played_once)


def test_what_is_no_value_is_kept_with_its_source_row(
    empty_database: str, tmp_path: Path
) -> None:
    files = tmp_path / "files"
    files.mkdir()
    with open_source("synthetic", scale=0.001, temp_dir=tmp_path) as source:
        for path in source.paths.values():
            shutil.copy(path, files)
    spoilt = {
        "order_payments": ("order_id,payment_sequential", ",1,boleto,1,12.345\n"),
        "sellers": ("seller_id", "nowhere,01037,sao paulo,XX\n"),
        "order_items": ("order_id", "no order,1,p,s,2018-01-01 00:00:00,1.00,1.00\n"),
        "products": ("product_id", "heavy,casa,1,1,1,many,1,1,1\n"),
    }
    some_order = next(_first_values(files / TABLES_BY_NAME["orders"].file_name))
    for name, (_, line) in spoilt.items():
        with (files / TABLES_BY_NAME[name].file_name).open("a", encoding="utf-8") as file:
            file.write(f"{some_order}{line}" if line.startswith(",") else line)
    _play(empty_database, files)
    found = dict(
        ask(
            empty_database,
            "select entity_id, detail from store.exceptions where kind = 'invalid_value'",
        )
    )
    assert found.keys() == {some_order, "nowhere", "no order", "heavy"}
    assert "12.345" in found[some_order] or "came before" in found[some_order]
    assert "27 states" in found["nowhere"]
    rows = ask(
        empty_database,
        "select source ->> 'seller_state' from store.exceptions where entity_id = 'nowhere'",
    )
    assert rows == [("XX",)]
    (number,) = ask(empty_database, "select count(*) from sales.orders")
    assert number == (99,)


def _first_values(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8") as file:
        next(file)
        for line in file:
            yield line.split(",")[0].strip('"')


def test_the_migrations_make_the_tables_that_the_code_knows(empty_database: str) -> None:
    with engine(empty_database, "tests").begin() as connection:
        migrate(connection)
        migrate(connection)
        options = {
            "include_schemas": True,
            "version_table": VERSION_TABLE,
            "version_table_schema": "store",
            "include_name": lambda name, kind, _: kind != "schema" or name in _SCHEMAS,
            "include_object": lambda _, __, kind, ___, ____: (
                kind not in {"index", "foreign_key_constraint"}
            ),
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, METADATA) == []


_SCHEMAS = {"sales", "customer", "marketplace", "fulfillment", "store"}


def test_the_first_migration_can_be_taken_back(empty_database: str) -> None:
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    from extract.store.postgres import migrations  # noqa: PLC0415

    with engine(empty_database, "tests").begin() as connection:
        migrate(connection)
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert not _SCHEMAS & set(inspect(connection).get_schema_names()) - {"store"}
        migrate(connection)


def test_errors_name_the_shop_and_what_to_do_but_no_password(
    empty_database: str, store_files: Path
) -> None:
    with pytest.raises(StoreError, match="olist store play"):
        status(empty_database)
    wrong = empty_database.replace("127.0.0.1", "localhost").replace("olist:", "olist:secret-")
    with pytest.raises(StoreError, match="Correct user and password") as caught:
        _play(wrong, store_files)
    assert "secret-" not in str(caught.value)
    execute(empty_database, "select 1")


@pytest.mark.real_data
@pytest.mark.timeout(1200)  # a history of 99,441 orders is played first
def test_the_real_history_breaks_the_rules_as_often_as_was_counted(
    real_shop: str, real_files: Path, tmp_path: Path
) -> None:
    found = status(real_shop).exceptions
    assert found["payments_differ"] == 303
    assert found["order_without_items"] == 775
    assert found["shipped_before_purchase"] == 166
    assert found["delivered_before_shipped"] == 23
    assert found["delivered_without_date"] == 8
    assert found["reviewed_before_purchase"] == 74
    expected = _second_count(real_files)
    assert {kind: found.get(kind, 0) for kind in expected} == expected
    ours = loaded(real_shop, tmp_path / "shop.duckdb")
    theirs = loaded(real_files, tmp_path / "files.duckdb")
    assert raw_differences(ours, theirs) == []
