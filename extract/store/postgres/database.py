"""The database of the shop: connecting, bringing it to its tables, errors in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from extract.errors import SourceError

try:
    import psycopg
    from alembic import command
    from alembic.config import Config
    from psycopg.conninfo import conninfo_to_dict
    from sqlalchemy import Connection, Engine, create_engine, text
    from sqlalchemy.pool import NullPool
except ImportError as missing:
    _MESSAGE = (
        "The shop needs psycopg, SQLAlchemy and Alembic, which are not all installed: "
        "pip install -c constraints.txt '.[store]'"
    )
    raise SourceError(_MESSAGE) from missing

_CONNECT_SECONDS = 10
_UNANSWERED_SECONDS = 30
# What values look like as text must not depend on the server's own settings; and a server that
# ends idle or long sessions must not end the one that holds the snapshot for the others.
_OPTIONS = (
    "-c datestyle=ISO,YMD -c timezone=UTC -c extra_float_digits=1"
    " -c idle_in_transaction_session_timeout=0 -c statement_timeout=0"
)
# Any number, the same in every process: one migrates at a time.
_MIGRATING = 2016_09_04


class StoreError(SourceError):
    """The shop's database cannot be reached or used as asked."""


def shown(url: str) -> str:
    """The address without its password, as it may stand in messages.

    Raises:
        StoreError: It is not understood.
    """
    try:
        parts = conninfo_to_dict(url)
    except psycopg.Error:
        # What libpq says of it may hold parts of the password.
        message = (
            "The address of the shop is not understood. Its form is "
            "postgresql://user:password@host:port/database, with %40 for @ in a password."
        )
        raise StoreError(message) from None
    user = f"{parts['user']}@" if "user" in parts else ""
    host, port = parts.get("host", "localhost"), parts.get("port", "5432")
    return f"postgresql://{user}{host}:{port}/{parts.get('dbname', '')}"


def connect(url: str, purpose: str) -> psycopg.Connection[tuple[Any, ...]]:
    """Open a connection; a server that falls silent is given up after half a minute.

    Raises:
        psycopg.Error: The server does not take it.
    """
    return psycopg.connect(
        url,
        application_name=purpose,
        connect_timeout=_CONNECT_SECONDS,
        keepalives_idle=_UNANSWERED_SECONDS,
        tcp_user_timeout=_UNANSWERED_SECONDS * 1000,
        options=_OPTIONS,
    )


def engine(url: str, purpose: str) -> Engine:
    """SQLAlchemy on the same connections."""
    return create_engine(
        "postgresql+psycopg://", creator=lambda: connect(url, purpose), poolclass=NullPool
    )


def migrate(connection: Connection) -> None:
    """Bring the database to the tables of this version, within the open transaction."""
    connection.execute(text("select pg_advisory_xact_lock(:n)"), {"n": _MIGRATING})
    connection.execute(text("create schema if not exists store"))
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


@contextmanager
def in_words(url: str, doing: str) -> Iterator[None]:
    """Errors of the server and of the way to it as :class:`StoreError`.

    Args:
        url: Of the shop.
        doing: What was done, as in "while reading orders".
    """
    try:
        yield
    except Exception as error:
        cause = getattr(error, "orig", error)  # SQLAlchemy wraps those of psycopg
        if not isinstance(cause, psycopg.Error):
            raise
        lines = [line.strip() for line in str(cause).splitlines() if line.strip()]
        reason = (lines[0] if lines else type(cause).__name__).rstrip(".")
        message = f"The shop at {shown(url)} failed {doing}: {reason}. {_advice(cause)}"
        raise StoreError(message) from error


def _advice(error: psycopg.Error) -> str:
    message, state = str(error).lower(), error.sqlstate or ""
    if "password" in message or state.startswith("28"):
        return "Correct user and password, in OLIST_STORE_URL, PGPASSWORD or ~/.pgpass."
    if state in {"42P01", "3F000"}:
        return "There is no shop in that database yet: `olist store play` makes one."
    if state == "3D000" or (not state and "database" in message and "exist" in message):
        return "Create the database first, or start a server of its own by `make store`."
    if state == "42501":
        return "Give that user the right to read (to play: to write) the shop's schemas."
    if state in {"53100", "58030"}:
        return "Free some space on the disk of the server, and start again."
    return "See that the server runs and can be reached, and start again."
