"""The server that versions are served by: its address, sessions on it, its errors in words.

The only module that opens connections. What is done on them is in ``publication`` and
``access``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from orchestration.errors import PostgresError

try:
    import psycopg
    from psycopg.conninfo import conninfo_to_dict
except ImportError as missing:
    _MESSAGE = (
        "Publishing to PostgreSQL needs psycopg, which is not installed: "
        "pip install -c constraints.txt '.[postgres]'"
    )
    raise PostgresError(_MESSAGE) from missing

Connection = psycopg.Connection[tuple[Any, ...]]

_OLDEST = 15  # unique indexes that know nulls as equal
_CONNECT_SECONDS = 10
_UNANSWERED_SECONDS = 30

# A session that nobody holds any more is ended by the server, so that a publication that was
# killed frees its lock, also where it was in the middle of a long statement.
_SESSION = """
set lock_timeout = '5s';
set statement_timeout = 0;
set client_min_messages = error;
set timezone = 'UTC';
set datestyle = 'ISO, YMD';
set extra_float_digits = 1;
set client_connection_check_interval = '1s';
"""

_CREATE = (
    "create database NAME template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C.UTF-8'"
)


def shown(url: str) -> str:
    """The address without its password, as it may stand in messages."""
    parts = _parsed(url)
    user = f"{parts['user']}@" if "user" in parts else ""
    host, port = parts.get("host", "localhost"), parts.get("port", "5432")
    return f"postgresql://{user}{host}:{port}/{parts.get('dbname', '')}"


@contextlib.contextmanager
def session(url: str, *, purpose: str) -> Iterator[Connection]:
    """A connection on which each statement commits, unless it is in a transaction.

    Args:
        url: ``postgresql://user:password@host:port/database``; what it leaves out comes from
            libpq's own variables and ``~/.pgpass``.
        purpose: What pg_stat_activity calls the session.

    Raises:
        PostgresError: The server cannot be reached or used, or refuses what is done.
    """
    with in_words(url):
        connection = psycopg.connect(
            url,
            autocommit=True,
            application_name=purpose,
            connect_timeout=_CONNECT_SECONDS,
            keepalives_idle=_UNANSWERED_SECONDS,
            tcp_user_timeout=_UNANSWERED_SECONDS * 1000,
        )
        try:
            run(connection, _SESSION)
            yield connection
        finally:
            connection.close()


def run(connection: Connection, statement: str, *values: object) -> psycopg.Cursor[Any]:
    """Run a statement; values are bound where it has ``%s``."""
    return connection.execute(statement.encode(), values or None)


def rows(connection: Connection, query: str, *values: object) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    return run(connection, query, *values).fetchall()


def check_database(connection: Connection) -> None:
    """Refuse a database whose texts compare or change case in another way than DuckDB's.

    Raises:
        PostgresError: Says how to create one that fits.
    """
    version = connection.info.server_version // 10_000
    if version < _OLDEST:
        message = (
            f"is PostgreSQL {version}, but {_OLDEST} or newer is needed. Upgrade the server."
        )
        raise PostgresError(f"{_where(connection)} {message}")
    name, encoding, collate, character = rows(
        connection,
        "select datname, pg_encoding_to_char(encoding), datcollate, datctype"
        " from pg_database where datname = current_database()",
    )[0]
    is_utf8 = encoding == "UTF8" and character.lower().replace("-", "") == "c.utf8"
    if not is_utf8 or collate not in ("C", "POSIX"):
        message = (
            f"{_where(connection)}: the database {name} has encoding {encoding}, LC_COLLATE "
            f"{collate} and LC_CTYPE {character}; UTF8, C and C.UTF-8 are needed, or texts "
            "would be ordered and put into lower case otherwise than in DuckDB. Create one: "
            f"{_CREATE.replace('NAME', 'olist')}"
        )
        raise PostgresError(message)


@contextlib.contextmanager
def in_words(url: str) -> Iterator[None]:
    """Errors of the server and of the way to it as :class:`PostgresError`."""
    try:
        yield
    except psycopg.Error as error:
        message = f"PostgreSQL at {shown(url)}: {_reason(error)}. {_advice(error)}."
        raise PostgresError(message) from error


def _parsed(url: str) -> dict[str, Any]:
    try:
        return conninfo_to_dict(url)
    except psycopg.Error:
        # What libpq says of it may hold parts of the password.
        message = (
            "The address of PostgreSQL is not understood. Its form is "
            "postgresql://user:password@host:port/database, with %40 for @ in a password."
        )
        raise PostgresError(message) from None


def _where(connection: Connection) -> str:
    info = connection.info
    return f"PostgreSQL at postgresql://{info.user}@{info.host}:{info.port}/{info.dbname}"


def _reason(error: psycopg.Error) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__).rstrip(".")


_ADVICE = {
    "28": "Correct user and password, in OLIST_POSTGRES_URL, PGPASSWORD or ~/.pgpass",
    "3D": f"Create it: {_CREATE.replace('NAME', 'olist')}",
    "53100": "Free some space on the disk of the server, and publish again",
    "55P03": "A transaction there holds a table or schema for long. Publish again later",
    "57014": "A transaction there holds a table or schema for long. Publish again later",
    "42501": "Connect as a member of the role that publishes; see docs/operations/postgres.md",
}
# A server that refuses a session says why in words alone.
_REFUSALS = {"password": "28", "role ": "28", "database ": "3D"}


def _advice(error: psycopg.Error) -> str:
    text = _reason(error).lower()
    is_refusal = "fatal:" in text and not error.sqlstate
    state = next((_REFUSALS[word] for word in _REFUSALS if is_refusal and word in text), "")
    state = error.sqlstate or state
    if advice := _ADVICE.get(state) or _ADVICE.get(state[:2]):
        return advice
    if isinstance(error, psycopg.OperationalError):
        return "See that the server runs and can be reached, and publish again"
    return "Publish again; if it stays, the log of the server has the details"
