"""A dataset into a shop: batch by batch, each one transaction with its position.

A play that was stopped or killed goes on after the last batch that was committed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import duckdb
from sqlalchemy import Connection, Table, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from extract.sources import SourceFiles
from extract.store.play.player import Player
from extract.store.play.timeline import Timeline
from extract.store.postgres import schema
from extract.store.postgres.database import StoreError, engine, in_words, migrate
from extract.store.postgres.repositories import PostgresShop, append, columns_of

# Steps of one transaction: enough for COPY to pay, few enough that little is done twice.
BATCH_STEPS = 10_000
_PURPOSE = "olist store play"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a play is.

    Attributes:
        position: The last step played.
        last: The last step to play.
        clock: The shop's time.
        events: Events of the batch, by kind.
        exceptions: Exceptions of the batch, by kind.
    """

    position: int
    last: int
    clock: datetime | None
    events: Counter[str]
    exceptions: Counter[str]


def play(
    url: str,
    source: SourceFiles,
    *,
    until: date | None = None,
    on_batch: Callable[[Progress], None] = lambda _: None,
    batch_steps: int = BATCH_STEPS,
) -> int:
    """Play a dataset into a shop, from where the last play of it ended.

    Args:
        url: The shop's database; its tables are made or brought to this version first.
        source: The nine files.
        until: The last day to play; None plays all.
        on_batch: Called after each transaction.
        batch_steps: Steps of a transaction.

    Returns:
        The number of steps played.

    Raises:
        StoreError: The database cannot be reached or used, or holds another dataset.
        SourceError: A file cannot be read.
    """
    with duckdb.connect() as files, in_words(url, "while it was played"):
        timeline = Timeline(files, source)
        end = None if until is None else datetime.combine(until + timedelta(days=1), time())
        last = timeline.last_position(end)
        with engine(url, _PURPOSE).connect() as connection:
            with connection.begin():
                migrate(connection)
                first = _begin(connection, timeline, source)
            player = Player(shop := PostgresShop(connection))
            for steps in timeline.batches(first, last, batch_steps):
                with connection.begin():
                    _hold_position(connection, steps[0].position - 1)
                    events, violations = player.play(steps)
                    shop.flush(events, violations)
                    position, clock = steps[-1].position, steps[-1].at
                    connection.execute(
                        update(schema.PLAYBACK).values(position=position, clock=clock)
                    )
                on_batch(
                    Progress(
                        position,
                        last,
                        clock,
                        Counter(one.kind for one in events),
                        Counter(one.kind.value for one in violations),
                    )
                )
    return max(0, last - first)


def _begin(connection: Connection, timeline: Timeline, source: SourceFiles) -> int:
    """The position to go on from; a new shop gets its reference data first."""
    playback = schema.PLAYBACK
    known = connection.execute(select(playback.c.dataset, playback.c.position)).first()
    if known is not None and known.dataset != timeline.dataset:
        message = (
            f"The shop was played from another dataset than {source.label}. Go on with that "
            "one, or play into an empty database."
        )
        raise StoreError(message)
    if known is not None:
        return int(known.position)
    if connection.execute(select(func.count()).select_from(schema.ORDERS)).scalar_one():
        raise StoreError("The shop has orders of its own already: play into an empty database.")
    connection.execute(
        insert(playback).values(
            is_the_only_one=True,
            dataset=timeline.dataset,
            position=0,
            num_steps=timeline.last_position(),
        )
    )
    connection.execute(update(schema.IDENTITY).values(is_synthetic=source.is_synthetic))
    for table, name in (
        (schema.CATEGORIES, "product_category_name_translation"),
        (schema.GEOGRAPHY, "geolocation"),
    ):
        append(connection, table, columns_of(table), timeline.reference_rows(name))
    return 0


def _hold_position(connection: Connection, expected: int) -> None:
    """See that nobody else plays: the position is where this play left it, and stays locked."""
    query = select(schema.PLAYBACK.c.position).with_for_update()
    found = int(connection.execute(query).scalar_one())
    if found != expected:
        message = (
            f"Another play has taken the shop from step {expected:,} to {found:,} meanwhile. "
            "Wait for it to end, then start again."
        )
        raise StoreError(message)


@dataclass(frozen=True, slots=True)
class Status:
    """What a shop holds.

    Attributes:
        position: The last step played; None where nothing was played.
        num_steps: Steps of its dataset.
        clock: The shop's time.
        rows: Rows by table.
        events: Events by kind.
        exceptions: Exceptions by kind and, where few differ, what was found.
    """

    position: int | None
    num_steps: int | None
    clock: datetime | None
    rows: dict[str, int]
    events: dict[str, int]
    exceptions: dict[str, int]


def status(url: str) -> Status:
    """Look at a shop.

    Raises:
        StoreError: It cannot be reached, or there is none.
    """
    with in_words(url, "when it was asked"), engine(url, "olist store status").connect() as con:
        con.execute(text("set transaction isolation level repeatable read"))
        playback = con.execute(select(schema.PLAYBACK)).first()
        tables = [
            *(schema.ORDERS, schema.ITEMS, schema.PAYMENTS, schema.REFUNDS, schema.REVIEWS),
            *(schema.PERSONS, schema.ACCOUNTS, schema.PRODUCTS, schema.SELLERS),
            *(schema.DELIVERIES, schema.GEOGRAPHY, schema.CATEGORIES),
        ]
        return Status(
            position=playback.position if playback else None,
            num_steps=playback.num_steps if playback else None,
            clock=playback.clock if playback else None,
            rows={one.fullname: _count(con, one) for one in tables},
            events=_numbers(con, "kind", "store.outbox", "count(*)"),
            exceptions=_numbers(con, _WHAT, "store.exceptions", "count(distinct entity_id)"),
        )


# Of steps that are not allowed also which ones: they are few.
_WHAT = "kind || case when kind = 'step_not_allowed' then ' ' || detail else '' end"


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _numbers(connection: Connection, what: str, table: str, number: str) -> dict[str, int]:
    query = (
        f"select {what} as what, {number} as number from {table} group by what order by what"
    )
    return {row.what: row.number for row in connection.execute(text(query))}
