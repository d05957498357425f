"""What is published of a version: which tables, their definition in PostgreSQL, their figures.

Reads DuckDB and the keys that the dbt project states; knows no server.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import yaml

from orchestration.errors import PostgresError
from orchestration.warehouse.table_content import literal, quoted

SCHEMAS = ("core", "marts", "ops")

# What readers may see of what runs leave about themselves. Rejected lines and quarantined rows
# are left out: they hold rows as delivered.
_OPS = (
    *("check_results", "load_audit", "source_profile", "source_quirks"),
    *("source_top_values", "warehouse_info"),
)

# Columns of facts by which rows are looked up or joined, and of how many rows a table is worth
# an index on them.
_INDEXED = ("order_key", "customer_key", "product_key", "seller_key", "order_date")
_WORTH_AN_INDEX = 10_000

_TYPES = {
    "BOOLEAN": "boolean",
    "SMALLINT": "smallint",
    "INTEGER": "integer",
    "BIGINT": "bigint",
    "HUGEINT": "numeric(38, 0)",
    "FLOAT": "real",
    "DOUBLE": "double precision",
    "VARCHAR": "text",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column; its types are as each of the two databases writes them."""

    name: str
    duckdb_type: str
    postgres_type: str
    is_required: bool
    comment: str | None


@dataclass(frozen=True, slots=True)
class Table:
    """A table to publish.

    Attributes:
        schema: One of :data:`SCHEMAS`.
        name: Its name.
        columns: In their order.
        comment: Its description.
        key: The columns that tell its rows apart; empty where none are stated.
        num_rows: How many rows it has.
        digest: Changes with any row and with anything above, whatever the order of rows.
    """

    schema: str
    name: str
    columns: Sequence[Column]
    comment: str | None
    key: Sequence[str]
    num_rows: int
    digest: str

    @property
    def full_name(self) -> str:
        """Schema and name, as SQL of both databases."""
        return f"{quoted(self.schema)}.{quoted(self.name)}"

    def column_names(self) -> set[str]:
        """The names of its columns."""
        return {column.name for column in self.columns}


def read_tables(source: duckdb.DuckDBPyConnection, project_dir: Path) -> list[Table]:
    """The tables of a version that are published, with the fingerprint of their rows.

    Args:
        source: Open on the version.
        project_dir: The dbt project, whose models state their keys.

    Raises:
        PostgresError: A column has a type that PostgreSQL does not have.
    """
    found = source.execute(
        "select t.schema_name, t.table_name, t.comment, c.column_name, c.data_type,"
        "     not c.is_nullable, c.comment"
        " from duckdb_tables() as t"
        " inner join duckdb_columns() as c"
        "     on c.database_oid = t.database_oid and c.table_oid = t.table_oid"
        " where t.schema_name in ('core', 'marts') or"
        "     (t.schema_name = 'ops' and list_contains(?, t.table_name))"
        " order by t.schema_name, t.table_name, c.column_index",
        [list(_OPS)],
    ).fetchall()
    columns: dict[tuple[str, str, str | None], list[Column]] = {}
    for schema, table, comment, name, kind, is_required, text in found:
        one = Column(
            name, kind, _postgres_type(f"{schema}.{table}.{name}", kind), is_required, text
        )
        columns.setdefault((schema, table, comment), []).append(one)
    keys = _stated_keys(project_dir, [table for _, table, _ in columns]) | _declared_keys(
        source
    )
    return [
        _table(source, schema, name, comment, parts, keys.get(name, ()))
        for (schema, name, comment), parts in columns.items()
    ]


def definition(table: Table, schema: str) -> list[str]:
    """Statements that make the empty table in a schema of PostgreSQL, with all comments."""
    target = f"{quoted(schema)}.{quoted(table.name)}"
    columns = ", ".join(
        f"{quoted(one.name)} {one.postgres_type}{' not null' if one.is_required else ''}"
        for one in table.columns
    )
    comments = [(f"column {target}.{quoted(one.name)}", one.comment) for one in table.columns]
    return [
        f"create table {target} ({columns})",
        *(
            f"comment on {what} is {literal(text)}"
            for what, text in [(f"table {target}", table.comment), *comments]
            if text is not None
        ),
    ]


def keys_and_indexes(table: Table, schema: str) -> list[str]:
    """Statements that give a filled table its key and indexes, and collect statistics.

    A key with a column that may be null is a unique index to which two nulls are alike.
    """
    target = f"{quoted(schema)}.{quoted(table.name)}"
    statements = []
    if table.key:
        key = ", ".join(map(quoted, table.key))
        required = {column.name for column in table.columns if column.is_required}
        statements.append(
            f"alter table {target} add primary key ({key})"
            if required.issuperset(table.key)
            else f"create unique index on {target} ({key}) nulls not distinct"
        )
    if table.num_rows >= _WORTH_AN_INDEX:
        statements += [
            f"create index on {target} ({quoted(name)})"
            for name in _INDEXED
            if name in table.column_names() and name != next(iter(table.key), None)
        ]
    return [*statements, f"analyze {target}"]


def figures(table: Table, *, of_postgres: bool) -> str:
    """A select list of counts and sums that both databases compute, exactly but for doubles."""
    length = "octet_length" if of_postgres else "strlen"
    parts = ["count(*)"]
    for column in table.columns:
        name = quoted(column.name)
        parts.append(f"count({name})")
        match column.postgres_type:
            case "boolean":
                parts.append(f"count(*) filter (where {name})")
            case "text":
                parts.append(f"sum({length}({name}))")
            case "date" | "timestamp" | "timestamptz":
                parts += [f"min({name})", f"max({name})"]
            case _:
                parts.append(f"sum({name})")
    return ", ".join(parts)


def are_alike(one: Iterable[Any], other: Iterable[Any]) -> bool:
    """Whether two rows of figures agree: sums of doubles to nine digits, all else exactly."""
    return all(_is_alike(a, b) for a, b in zip(one, other, strict=True))


def _is_alike(one: Any, other: Any) -> bool:  # noqa: ANN401 - values of any type
    if isinstance(one, float) and isinstance(other, float):
        are_nan = math.isnan(one) and math.isnan(other)
        return are_nan or math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-6)
    if isinstance(one, (int, Decimal)) and isinstance(other, (int, Decimal)):
        return Decimal(one) == Decimal(other)
    return bool(one == other)


def _table(  # noqa: PLR0913, PLR0917 - the parts of a table
    source: duckdb.DuckDBPyConnection,
    schema: str,
    name: str,
    comment: str | None,
    columns: Sequence[Column],
    key: Sequence[str],
) -> Table:
    # Two hashes of DuckDB, the second of the row turned round: fast, and read again by the same
    # version of DuckDB only, so that version is part of the digest.
    names = [quoted(column.name) for column in columns]
    forth, back = ", ".join(names), ", ".join(reversed(names))
    row = source.execute(
        f"select count(*), sum(hash({forth})::hugeint), bit_xor(hash({back}))"
        f" from {quoted(schema)}.{quoted(name)}"
    ).fetchone()
    what = repr((duckdb.__version__, row, comment, key, columns))
    digest = hashlib.sha256(what.encode()).hexdigest()
    return Table(schema, name, columns, comment, key, row[0] if row else 0, digest)


def _postgres_type(where: str, kind: str) -> str:
    if re.fullmatch(r"DECIMAL\(\d+,\d+\)", kind):
        return kind.replace("DECIMAL", "numeric").lower()
    if kind not in _TYPES:
        message = (
            f"{where} is of type {kind}, for which no type of PostgreSQL is named here. Cast "
            "it in its model, or name its type in orchestration/postgres/content.py."
        )
        raise PostgresError(message)
    return _TYPES[kind]


def _stated_keys(project_dir: Path, names: Iterable[str]) -> dict[str, Sequence[str]]:
    """The first key of each model: what its ``keys_are_unique`` of all rows names first."""
    paths = {path.stem: path for path in (project_dir / "models").rglob("*.yml")}
    keys: dict[str, Sequence[str]] = {}
    for name in names:
        if name not in paths:
            continue
        content = yaml.load(paths[name].read_text(encoding="utf-8"), yaml.CSafeLoader)
        for model in content.get("models", []):
            for test in model.get("data_tests", []):
                stated = test.get("keys_are_unique") if isinstance(test, dict) else None
                if stated and "where" not in stated.get("config", {}):
                    keys.setdefault(model["name"], tuple(stated["arguments"]["keys"][0]))
    return keys


def _declared_keys(source: duckdb.DuckDBPyConnection) -> dict[str, Sequence[str]]:
    """The primary keys that tables of DuckDB have themselves: those of ``ops``."""
    return {
        name: tuple(columns)
        for name, columns in source.execute(
            "select table_name, constraint_column_names from duckdb_constraints()"
            " where constraint_type = 'PRIMARY KEY' and schema_name = 'ops'"
        ).fetchall()
    }
