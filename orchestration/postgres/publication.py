"""Publishing a version to PostgreSQL: built aside, checked, switched to in one transaction.

::

    core, marts, ops                      what readers name
    core_build, marts_build, ops_build    while a version is copied
    core_before, ...                      the version before, for a rollback
    core_dropped_<n>, ...                 what still waits to be removed
    olist_publication                     what each table was made of

A schema none of whose tables has changed is left in its place, and belongs to both versions.
Within another one, tables that have not changed are copied inside the database. Schemas are
renamed; tables are never moved, which would wait for each transaction that has read them.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import psycopg

from orchestration.errors import PostgresBusyError, PostgresError
from orchestration.postgres.access import Access, check_roles, check_values, renew
from orchestration.postgres.content import (
    SCHEMAS,
    Table,
    are_alike,
    definition,
    figures,
    keys_and_indexes,
    read_tables,
)
from orchestration.postgres.server import Connection, check_database, rows, run, session
from orchestration.postgres.stream import copy_rows
from orchestration.warehouse.table_content import quoted
from orchestration.warehouse.versions import Version, open_reader

logger = logging.getLogger(__name__)

_STATE = "olist_publication"
_LOCK_SECONDS = 5.0  # the session of a publication that was killed ends within a second or two
# How the switch waits for readers: see _swap.
_STEP = "60ms"
_LOCKED_ATTEMPTS = 20
_ATTEMPTS = 20
_PAUSE_SECONDS = 0.25

Rename = tuple[str, str]
MadeOf = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a publication did.

    Attributes:
        run_id: The version that is served.
        copied: Tables that were sent, as ``schema.table``.
        kept: Tables that were copied inside the database.
        unchanged: Schemas that stayed in their place.
        num_rows: Rows of all tables.
        swap_seconds: How long the transaction took that switched readers.
        unrestricted: Tables of which a restricted role sees all rows.
    """

    run_id: str
    copied: Sequence[str]
    kept: Sequence[str]
    unchanged: Sequence[str]
    num_rows: int
    swap_seconds: float
    unrestricted: Sequence[str]


def publish(
    version: Version, url: str, access: Access, project_dir: Path, *, everything: bool = False
) -> Outcome:
    """Serve a version: core, marts and what readers may see of ops.

    Args:
        version: What is published.
        url: The database.
        access: Who may read what.
        project_dir: The dbt project, whose models state the keys.
        everything: Send tables that have not changed, too.

    Raises:
        PostgresBusyError: Another publication is at work.
        PostgresError: The server cannot be used, or has other figures than the version.
        SettingsError: The policy names what the version does not have.
    """
    with open_reader(version.path) as source:
        check_values(source, access.restrictions)
        with _publisher(url, access) as server:
            tables = read_tables(source, project_dir)
            wanted = {table.full_name: _made_of(table, access) for table in tables}
            known = {} if everything else _known(server)
            changed = [
                schema
                for schema in SCHEMAS
                if {name: known.get(name) for name in _full_names(server, schema)}
                != {t.full_name: wanted[t.full_name] for t in tables if t.schema == schema}
            ]
            origins = {content: name for name, (content, _) in known.items()}
            copied: list[str] = []
            kept: list[str] = []
            for schema in changed:
                run(server, f"create schema {quoted(_build(schema))}")
            for table in (table for table in tables if table.schema in changed):
                origin = origins.get(table.digest)
                _make_table(source, server, table, origin, wanted[table.full_name])
                (copied if origin is None else kept).append(f"{table.schema}.{table.name}")
            _open_and_restrict(server, [t for t in tables if t.schema in changed], access)
            renames = [one for schema in changed for one in _to_front(server, schema)]
            seconds = _swap(server, changed, renames)
            _remove_dropped(server)
    return Outcome(
        run_id=version.run_id,
        copied=copied,
        kept=kept,
        unchanged=[schema for schema in SCHEMAS if schema not in changed],
        num_rows=sum(table.num_rows for table in tables),
        swap_seconds=seconds,
        unrestricted=_unrestricted(tables, access),
    )


def roll_back(url: str, access: Access) -> str:
    """Serve the version before; a second time, the one that was served first.

    Returns:
        The run of the version that is served now.

    Raises:
        PostgresBusyError: A publication is at work.
        PostgresError: There is none before, or the server cannot be used.
    """
    with _publisher(url, access) as server:
        kept = [schema for schema in SCHEMAS if _exists(server, f"{schema}_before")]
        if not kept:
            message = "PostgreSQL keeps no version before the one that is served."
            raise PostgresError(message)
        for before in (f"{schema}_before" for schema in kept):
            with server.transaction():
                for name in _tables(server, before):
                    renew(server, access, before, name)
                for statement in access.of_schema(before):
                    run(server, statement)
        renames = [
            one
            for schema in kept
            for one in (
                (schema, _build(schema)),
                (f"{schema}_before", schema),
                (_build(schema), f"{schema}_before"),
            )
        ]
        _swap(server, kept, renames)
        return str(rows(server, "select run_id from ops.warehouse_info")[0][0])


@contextlib.contextmanager
def _publisher(url: str, access: Access) -> Iterator[Connection]:
    """A session that alone may publish, as the group that owns what is served."""
    with session(url, purpose="olist publish") as server:
        check_database(server)
        check_roles(server, access)
        _lock(server)
        run(server, f"set role {quoted(access.roles.transformer)}")
        run(
            server,
            f"create schema if not exists {_STATE};"
            f"create table if not exists {_STATE}.tables"
            " (table_oid oid primary key, content text, definition text)",
        )
        for schema in SCHEMAS:  # of a publication that was killed
            run(server, f"drop schema if exists {quoted(_build(schema))} cascade")
        _remove_dropped(server)
        yield server


def _lock(server: Connection) -> None:
    until = time.monotonic() + _LOCK_SECONDS
    while not rows(server, "select pg_try_advisory_lock(hashtext('olist publish'))")[0][0]:
        if time.monotonic() > until:
            message = (
                f"Another publication to the database {server.info.dbname} is at work. Wait "
                "for it, or look for it in pg_stat_activity: it is called `olist publish`."
            )
            raise PostgresBusyError(message)
        time.sleep(0.2)


def _make_table(
    source: duckdb.DuckDBPyConnection,
    server: Connection,
    table: Table,
    origin: str | None,
    made_of: MadeOf,
) -> None:
    """Make, fill, check and index a table, in one transaction."""
    schema = _build(table.schema)
    target = f"{quoted(schema)}.{quoted(table.name)}"
    with server.transaction():
        for statement in definition(table, schema):
            run(server, statement)
        if origin is None:
            copy_rows(source, table.full_name, server, target)
        else:
            names = ", ".join(quoted(column.name) for column in table.columns)
            run(server, f"insert into {target} select {names} from {origin}")
        _check(source, server, table, target)
        for statement in keys_and_indexes(table, schema):
            run(server, statement)
        state = f"insert into {_STATE}.tables values (%s::regclass, %s, %s)"
        run(server, state, target, *made_of)


def _open_and_restrict(server: Connection, tables: Sequence[Table], access: Access) -> None:
    """Give readers what they may see of tables that are all made, by policies on each other."""
    with server.transaction():
        for table in tables:
            schema = _build(table.schema)
            for statement in access.of_table(schema, table.name, table.column_names()):
                run(server, statement)
        for schema in {table.schema for table in tables}:
            for statement in access.of_schema(_build(schema)):
                run(server, statement)


def _check(
    source: duckdb.DuckDBPyConnection, server: Connection, table: Table, target: str
) -> None:
    query = f"select {figures(table, of_postgres=False)} from {table.full_name}"
    expected = source.execute(query).fetchone() or ()
    found = rows(server, f"select {figures(table, of_postgres=True)} from {target}")[0]
    if not are_alike(expected, found):
        message = (
            f"{table.schema}.{table.name} has other counts or sums in PostgreSQL than in the "
            f"version: {found} instead of {expected}. Publish again with --all."
        )
        raise PostgresError(message)


def _swap(server: Connection, served: Sequence[str], renames: Iterable[Rename]) -> float:
    """Rename schemas in one transaction; returns its seconds.

    A statement that names two tables looks them up one after the other. So that none finds one
    of each version, readers are kept out for the moment: the tables that are served are locked.
    As long as readers hold them for longer than ``_STEP``, the swap steps back and lets
    them go on. After ``_LOCKED_ATTEMPTS`` it is made without the lock, which no reader can hold
    up.

    Args:
        server: Of the publisher.
        served: The schemas that readers name and that are replaced.
        renames: In their order.
    """
    tables = [name for schema in served for name in _full_names(server, schema)]
    renaming = "; ".join(
        f"alter schema {quoted(name)} rename to {quoted(new)}" for name, new in renames
    )
    for attempt in range(_LOCKED_ATTEMPTS + _ATTEMPTS):
        started = time.perf_counter()
        try:
            with server.transaction():
                run(server, f"set local statement_timeout = '{_STEP}'")
                if tables and attempt < _LOCKED_ATTEMPTS:
                    run(server, f"lock table {', '.join(tables)} in access exclusive mode")
                run(server, renaming)
        except (psycopg.errors.QueryCanceled, psycopg.errors.DeadlockDetected):
            if attempt + 1 == _LOCKED_ATTEMPTS + _ATTEMPTS:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            break
    return time.perf_counter() - started


def _to_front(server: Connection, schema: str) -> list[Rename]:
    renames = []
    if _exists(server, f"{schema}_before"):
        renames.append((f"{schema}_before", f"{schema}_dropped_{time.time_ns()}"))
    if _exists(server, schema):
        renames.append((schema, f"{schema}_before"))
    return [*renames, (_build(schema), schema)]


def _remove_dropped(server: Connection) -> None:
    """Remove versions that are no longer kept; one that is still read stays for now."""
    found = rows(server, "select nspname from pg_namespace where nspname ~ '_dropped_[0-9]+$'")
    for (schema,) in found:
        tables = _full_names(server, schema)
        try:
            with server.transaction():
                if tables:  # without cascade: a view that somebody made is not removed
                    run(server, f"drop table {', '.join(tables)}")
                run(server, f"drop schema {quoted(schema)}")
        except psycopg.errors.LockNotAvailable:
            logger.info("%s is still being read and is removed by the next publication", schema)
        except psycopg.errors.DependentObjectsStillExist as error:
            logger.warning("%s cannot be removed: %s", schema, str(error).replace("\n", " "))
    run(
        server,
        f"delete from {_STATE}.tables where table_oid not in (select oid from pg_class)",
    )


def _known(server: Connection) -> Mapping[str, MadeOf]:
    """The digests of each table that is served or was before, by its full name."""
    return {
        f"{quoted(schema)}.{quoted(name)}": (content, definition)
        for schema, name, content, definition in rows(
            server,
            "select n.nspname, c.relname, s.content, s.definition from pg_class as c"
            " inner join pg_namespace as n on c.relnamespace = n.oid"
            f" inner join {_STATE}.tables as s on c.oid = s.table_oid"
            " where n.nspname !~ '_dropped_[0-9]+$'"
            " order by n.nspname desc",  # of two that are alike, the one that is served
        )
    }


def _full_names(server: Connection, schema: str) -> list[str]:
    return [f"{quoted(schema)}.{quoted(name)}" for name in _tables(server, schema)]


def _tables(server: Connection, schema: str) -> list[str]:
    query = "select tablename from pg_tables where schemaname = %s order by tablename"
    return [name for (name,) in rows(server, query, schema)]


def _exists(server: Connection, schema: str) -> bool:
    return bool(rows(server, "select from pg_namespace where nspname = %s", schema))


def _build(schema: str) -> str:
    return f"{schema}_build"


def _made_of(table: Table, access: Access) -> MadeOf:
    """Digests of a table's content, and of its keys, indexes and access."""
    statements = [
        *keys_and_indexes(table, table.schema),
        *access.of_table(table.schema, table.name, table.column_names()),
        *access.of_schema(table.schema),
    ]
    return table.digest, hashlib.sha256(repr(statements).encode()).hexdigest()


def _unrestricted(tables: Sequence[Table], access: Access) -> list[str]:
    names = {f"{table.schema}.{table.name}": table.column_names() for table in tables}
    return [name for name, columns in names.items() if access.unrestricted(name, columns)]
