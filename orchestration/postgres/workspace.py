"""Where models are built in PostgreSQL: raw rows in, the finished tables out.

::

    olist_build_raw, olist_build_ops       what was loaded, sent from the build file
    olist_build_staging ... _marts         what dbt makes of it
    olist_build.state                      the version that all of this belongs to

Readers see none of it: what is built comes back into the build file, and is published from
there like any other. A workspace is continued where it belongs to the version that a run starts
from; while a run works it belongs to none, so that whatever ends a run, the next one starts
over.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

import duckdb

from extract.tables import TABLES, SourceTable
from orchestration.errors import PostgresBusyError
from orchestration.postgres.content import postgres_type
from orchestration.postgres.server import Connection, check_database, rows, run, session
from orchestration.postgres.stream import copy_rows, fetch_rows
from orchestration.warehouse.table_content import quoted

PREFIX = "olist_build_"
_STATE = "olist_build"
# What dbt makes; predictions are made in the build file, of what comes back.
_BUILT = ("history", "intermediate", "staging", "core", "marts", "ops")
# Kept by snapshots across loads: sent, too, where a workspace is filled anew.
_HISTORY = "history"
_AUDIT = "load_audit"
_LOADED_AT = "_loaded_at"


class Workspace:
    """The schemas of one database that models are built in; made by :func:`open_workspace`."""

    def __init__(self, server: Connection) -> None:
        """Take the session, which holds the lock of the workspace."""
        self._server = server

    def belongs_to(self) -> str | None:
        """The run whose version the workspace goes with; None after a run without an end."""
        found = rows(self._server, f"select run_id from {_STATE}.state where is_finished")
        return str(found[0][0]) if found else None

    def begin(self, run_id: str) -> None:
        """A run takes it over; it goes with no version before :meth:`finish`."""
        with self._server.transaction():
            run(self._server, f"delete from {_STATE}.state")
            run(self._server, f"insert into {_STATE}.state values (%s, false)", run_id)

    def finish(self, run_id: str, base: str | None) -> bool:
        """It goes with the version of a run that built here or changed nothing of ``base``.

        Returns:
            False where another run has taken it over since, or built elsewhere.
        """
        done = run(
            self._server,
            f"update {_STATE}.state set run_id = %s, is_finished = true"
            " where run_id = %s and not is_finished or run_id = %s and is_finished",
            *(run_id, run_id, base),
        )
        return done.rowcount == 1

    def fill(self, build: duckdb.DuckDBPyConnection) -> None:
        """Make it again from a build file: all raw rows, the audit, the history."""
        for schema in ("raw", *_BUILT):
            run(self._server, f"drop schema if exists {PREFIX}{schema} cascade")
        wanted = [("raw", table.name) for table in TABLES] + [("ops", _AUDIT)]
        wanted += [(_HISTORY, name) for name in _tables(build, _HISTORY)]
        for schema, name in wanted:
            self._send_table(build, schema, name)

    def update(self, build: duckdb.DuckDBPyConnection) -> None:
        """Bring raw up to date: rows loaded since replace what was there of their keys."""
        self._send_table(build, "ops", _AUDIT)
        for table in TABLES:
            self._merge(build, table)

    def fetch(self, build: duckdb.DuckDBPyConnection) -> int:
        """Put what was built into the tables of a build file that have its names.

        Args:
            build: Has the tables; their rows are replaced.

        Returns:
            How many rows.
        """
        number = 0
        for schema in _BUILT:
            there = set(_tables(build, schema))
            for (name,) in rows(
                self._server,
                "select tablename from pg_tables where schemaname = %s order by 1",
                PREFIX + schema,
            ):
                if name in there and name != _AUDIT:
                    source = f"{PREFIX}{schema}.{quoted(name)}"
                    number += fetch_rows(
                        self._server, source, build, f"{schema}.{quoted(name)}"
                    )
        return number

    def missing(self, build: duckdb.DuckDBPyConnection) -> list[str]:
        """The models that were built and that a build file has no table of."""
        return [
            f"{schema}.{name}"
            for schema in _BUILT
            for (name,) in rows(
                self._server,
                "select tablename from pg_tables where schemaname = %s order by 1",
                PREFIX + schema,
            )
            if name not in _tables(build, schema)
        ]

    def environment(self) -> Mapping[str, str]:
        """How dbt reaches it: the variables that profiles.yml reads."""
        info = self._server.info
        return {
            "OLIST_DBT_HOST": info.host,
            "OLIST_DBT_PORT": str(info.port),
            "OLIST_DBT_USER": info.user,
            "OLIST_DBT_PASSWORD": info.password,
            "OLIST_DBT_NAME": info.dbname,
            "OLIST_DBT_SCHEMA_PREFIX": PREFIX,
        }

    def _send_table(self, build: duckdb.DuckDBPyConnection, schema: str, name: str) -> None:
        target = f"{PREFIX}{schema}.{quoted(name)}"
        with self._server.transaction():
            run(self._server, f"create schema if not exists {PREFIX}{schema}")
            run(self._server, f"drop table if exists {target}")
            run(self._server, f"create table {target} ({_columns(build, schema, name)})")
            copy_rows(build, f"{schema}.{quoted(name)}", self._server, target)
        run(self._server, f"analyze {target}")

    def _merge(self, build: duckdb.DuckDBPyConnection, table: SourceTable) -> None:
        target = f"{PREFIX}raw.{table.name}"
        mark = rows(self._server, f"select max({_LOADED_AT}) from {target}")[0][0]
        since = f"where {_LOADED_AT} > timestamp '{mark}'" if mark else ""
        count = build.execute(f"select count(*) from raw.{table.name} {since}").fetchone()
        if not count or not count[0]:
            return
        with self._server.transaction():
            columns = _columns(build, "raw", table.name)
            run(self._server, f"create temp table arriving ({columns}) on commit drop")
            relation = f"(select * from raw.{table.name} {since})"
            copy_rows(build, relation, self._server, "arriving")
            if table.key:
                # A key with a null is none: such rows are only ever added.
                same = " and ".join(f"held.{key} = arriving.{key}" for key in table.key)
                run(self._server, "analyze arriving")
                run(self._server, f"delete from {target} as held using arriving where {same}")
            run(self._server, f"insert into {target} select * from arriving")
        run(self._server, f"analyze {target}")


@contextlib.contextmanager
def open_workspace(url: str) -> Iterator[Workspace]:
    """The workspace of a database; one run at a time has it.

    Raises:
        PostgresBusyError: Another run builds there.
        PostgresError: The server cannot be used.
    """
    with session(url, purpose="olist build") as server:
        check_database(server)
        if not rows(server, "select pg_try_advisory_lock(hashtext('olist build'))")[0][0]:
            message = (
                f"Another run builds in the database {server.info.dbname}. Wait for it, or "
                "look for it in pg_stat_activity: it is called `olist build`."
            )
            raise PostgresBusyError(message)
        run(
            server,
            f"create schema if not exists {_STATE};"
            f"create table if not exists {_STATE}.state"
            " (run_id text primary key, is_finished boolean not null)",
        )
        yield Workspace(server)


def _columns(build: duckdb.DuckDBPyConnection, schema: str, name: str) -> str:
    described = build.execute(f"describe {schema}.{quoted(name)}").fetchall()
    return ", ".join(
        f"{quoted(column)} {postgres_type(f'{schema}.{name}.{column}', kind)}"
        for column, kind, *_ in described
    )


def _tables(build: duckdb.DuckDBPyConnection, schema: str) -> list[str]:
    found = build.execute(
        "select table_name from duckdb_tables() where schema_name = ? order by 1", [schema]
    ).fetchall()
    return [name for (name,) in found]
