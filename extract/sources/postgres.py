"""The shop's database as a source: its nine tables by COPY, all of one moment.

The first extraction takes everything. A later one takes the rows whose transaction may not have
been visible to the one before, by the number of the transaction that wrote them (``row_xid``).

Why no row is missed. An extraction sees a snapshot, whose xmin is the oldest transaction that
was still open: all before it had ended, and what they had committed was seen. A row that this
extraction sees and the one before did not see was written by a transaction that was open or not
begun then, so its number is that xmin or above, however late it committed. So each extraction
takes ``row_xid >= xmin of the one before``. Rows of transactions that ended in between are read
twice, which the load, comparing by key and contents, does not mind.

A deletion leaves a tombstone, which is a row with a ``row_xid`` like any other. Numbers mean
something only in the cluster that gave them: after a restore the whole is taken again.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extract.errors import ExtractError
from extract.sources.files import Changes, SourceFiles
from extract.store.postgres.database import connect, in_words, shown
from extract.tables import TABLES

try:
    import psycopg
    from psycopg import sql
    from tenacity import (
        RetryCallState,
        Retrying,
        retry_if_exception,
        stop_after_attempt,
        wait_random_exponential,
    )
except ImportError as missing:
    _MESSAGE = "Reading the shop needs tenacity: pip install -c constraints.txt '.[store]'"
    raise ExtractError(_MESSAGE) from missing

PositionOf = Callable[[str, bool], str | None]

# Waits of a random time below 0.5, 1, 2, 4 and 8 seconds: a server that is started again is
# back by then, and many loaders do not come back at once.
_ATTEMPTS = 6
_FIRST_WAIT_SECONDS = 0.5
_LONGEST_WAIT_SECONDS = 8
# One connection holds the snapshot, these read.
_READERS = 2
_PURPOSE = "olist run"

_logger = logging.getLogger(__name__)

# Table and, for each column of the file, the column of the shop.
_PLAIN: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "customers": (
        "customer.accounts",
        ("customer_id", "person_id", "zip_code_prefix", "city", "state"),
    ),
    "order_items": (
        "sales.order_items",
        (
            *("order_id", "number", "product_id", "seller_id", "dispatch_by"),
            *("price", "freight"),
        ),
    ),
    "order_payments": (
        "sales.payments",
        ("order_id", "sequential", "method", "installments", "amount"),
    ),
    "order_reviews": (
        "sales.reviews",
        (
            *("review_id", "order_id", "score", "title", "message"),
            *("asked_at", "answered_at"),
        ),
    ),
    "products": (
        "marketplace.products",
        (
            *("product_id", "category", "name_length", "description_length", "num_photos"),
            *("weight_g", "length_cm", "height_cm", "width_cm"),
        ),
    ),
    "sellers": (
        "marketplace.sellers",
        ("seller_id", "zip_code_prefix", "city", "state"),
    ),
    "geolocation": (
        "marketplace.geography",
        ("zip_code_prefix", "latitude", "longitude", "city", "state"),
    ),
    "product_category_name_translation": ("marketplace.categories", ("name", "english")),
}
# An order is a row of sales with the dates of its delivery: it changed if either did.
_ORDERS = """
    select
        o.order_id, o.customer_id, o.status as order_status,
        o.placed_at as order_purchase_timestamp, o.approved_at as order_approved_at,
        d.handed_over_at as order_delivered_carrier_date,
        d.delivered_at as order_delivered_customer_date,
        d.promised_for as order_estimated_delivery_date
    from sales.orders as o
    left join fulfillment.deliveries as d on o.order_id = d.order_id
"""
_CHANGED_ORDERS = """
    where o.order_id in (
        select order_id from sales.orders where row_xid >= {since}
        union all
        select order_id from fulfillment.deliveries where row_xid >= {since}
        union all
        select key[1] from store.tombstones
        where table_name = 'deliveries' and row_xid >= {since}
    )
"""
_MOMENT = """
    select
        concat_ws(' ', i.store_id, s.system_identifier, c.timeline_id, d.oid),
        i.is_synthetic, pg_export_snapshot(), pg_snapshot_xmin(pg_current_snapshot())::text
    from store.identity as i, pg_control_system() as s, pg_control_checkpoint() as c,
        pg_database as d
    where d.datname = current_database()
"""
_READING = "set transaction isolation level repeatable read, read only"


@dataclass(frozen=True, slots=True)
class Position:
    """Where an extraction ended and the next one goes on.

    Attributes:
        origin: The shop, its cluster, the timeline of that, the database: where the number
            means something.
        xmin: The oldest transaction that was open.
    """

    origin: str
    xmin: int

    def as_text(self) -> str:
        """As a warehouse keeps it."""
        return json.dumps({"origin": self.origin, "xmin": self.xmin})

    @classmethod
    def from_text(cls, text: str) -> Position:
        """As it was kept."""
        values = json.loads(text)
        return cls(values["origin"], int(values["xmin"]))


def open_store(
    url: str, directory: Path, position_of: PositionOf = lambda *_: None
) -> SourceFiles:
    """Extract the shop into CSV files; what can pass is tried again with growing waits.

    Args:
        url: The shop's database.
        directory: Empty; the caller removes it.
        position_of: Given the origin and whether its rows are generated, where the extraction
            before ended; None takes everything.

    Raises:
        StoreError: The shop cannot be reached or read.
    """
    with in_words(url, "while it was read"):
        for attempt in Retrying(
            retry=retry_if_exception(can_pass),
            wait=wait_random_exponential(_FIRST_WAIT_SECONDS, max=_LONGEST_WAIT_SECONDS),
            stop=stop_after_attempt(_ATTEMPTS),
            before_sleep=_note_retry,
            reraise=True,
        ):
            with attempt:
                return _extract(url, directory, position_of)
    raise AssertionError  # the last attempt raises


def can_pass(error: BaseException) -> bool:
    """Whether the same may succeed in a moment: the server restarts, or the network is down."""
    if not isinstance(error, psycopg.OperationalError):
        return False
    state, text = error.sqlstate, str(error).lower()
    if state is not None:
        # Connections lost or too many; restarts; snapshots in conflict with recovery.
        return state[:2] in {"08", "53", "57", "40", "55"} and state != "53100"
    lasting = ("password", "does not exist", "no pg_hba.conf entry", "not permitted")
    return not any(one in text for one in lasting)


def _note_retry(state: RetryCallState) -> None:
    error = state.outcome and state.outcome.exception()
    wait = state.next_action.sleep if state.next_action else 0
    text = str(error).strip().partition("\n")[0]
    _logger.warning("The shop did not answer (%s); again in %.1f s.", text, wait)


def _extract(url: str, directory: Path, position_of: PositionOf) -> SourceFiles:
    """One attempt: a connection holds the snapshot, others read what it sees."""
    with connect(url, _PURPOSE) as holder:
        holder.execute(_READING)
        row = holder.execute(_MOMENT).fetchone()
        assert row is not None  # noqa: S101 - the migration put the one row there
        origin, is_synthetic, snapshot, xmin = row
        known = position_of(origin, is_synthetic)
        since = _since(known, Position(origin, int(xmin)))
        queries = [*_table_queries(since), *_tombstone_queries(since)]

        def read(name: str, query: sql.Composed) -> None:
            with connect(url, _PURPOSE) as reader:
                reader.execute(_READING)
                reader.execute(sql.SQL("set transaction snapshot {}").format(snapshot))
                _copy(reader, query, directory / name)

        with ThreadPoolExecutor(_READERS) as pool:
            for done in [pool.submit(read, name, query) for name, query in queries]:
                done.result()
    deleted = {
        table.name: directory / _deleted(table.file_name) for table in TABLES if table.key
    }
    return SourceFiles(
        kind="postgres",
        label=f"the shop at {shown(url)}",
        is_synthetic=is_synthetic,
        directory=directory,
        paths={table.name: directory / table.file_name for table in TABLES},
        changes=Changes(
            origin=origin,
            position=Position(origin, int(xmin)).as_text(),
            is_whole=since is None,
            deleted=deleted,
        ),
    )


def _since(known: str | None, now: Position) -> int | None:
    """From which transaction on rows are taken; None takes all."""
    if known is None:
        return None
    before = Position.from_text(known)
    # Numbers that ran backwards were not given by the cluster that it was.
    return before.xmin if before.origin == now.origin and before.xmin <= now.xmin else None


def _table_queries(since: int | None) -> list[tuple[str, sql.Composed]]:
    bound = {"since": _xid(since)}
    queries = []
    for table in TABLES:
        if table.name == "orders":
            text = _ORDERS + ("" if since is None else _CHANGED_ORDERS)
        else:
            relation, columns = _PLAIN[table.name]
            pairs = zip(columns, table.columns, strict=True)
            wanted = ", ".join(f"{here} as {there}" for here, there in pairs)
            text = f"select {wanted} from {relation}"
            text += "" if since is None else " where row_xid >= {since}"
        queries.append((table.file_name, sql.SQL(text).format(**bound)))
    # The largest first, so that both readers end at about the same time.
    return sorted(queries, key=lambda one: "geolocation" not in one[0])


def _tombstone_queries(since: int | None) -> list[tuple[str, sql.Composed]]:
    """Keys that were deleted and have not come back."""
    queries = []
    for table in TABLES:
        if not table.key:
            continue
        keys = [f"key[{place}] as {name}" for place, name in enumerate(table.key, 1)]
        relation, columns = _PLAIN.get(table.name, ("sales.orders", table.columns))
        same = " and ".join(
            f"live.{columns[table.columns.index(name)]}::text = key[{place}]"
            for place, name in enumerate(table.key, 1)
        )
        text = (
            f"select distinct {', '.join(keys)} from store.tombstones"
            f" where table_name = '{table.name}'"
            + ("" if since is None else " and row_xid >= {since}")
            + f" and not exists (select from {relation} as live where {same})"
        )
        queries.append((_deleted(table.file_name), sql.SQL(text).format(since=_xid(since))))
    return queries


def _xid(since: int | None) -> sql.Composable:
    return sql.SQL("{}::xid8").format(str(since))


def _deleted(file_name: str) -> str:
    return f"deleted_{file_name}"


def _copy(reader: psycopg.Connection[Any], query: sql.Composed, path: Path) -> None:
    command = sql.SQL("copy ({}) to stdout (format csv, header)").format(query)
    with path.open("wb") as file, reader.cursor().copy(command) as copy:
        for block in copy:
            file.write(block)
