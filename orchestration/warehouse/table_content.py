"""What a database holds, in statements and in numbers: for copying one and comparing two.

Backup and restore are built on this. Nothing here knows a table of this project.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from orchestration.errors import WarehouseError
from orchestration.warehouse.files import first_line

# The types that Parquet keeps exactly; values of any other are written as text.
_KEPT_TYPES = re.compile(
    r"VARCHAR|BOOLEAN|U?(TINYINT|SMALLINT|INTEGER|BIGINT)|FLOAT|DOUBLE|DATE|TIMESTAMP|BLOB"
    r"|DECIMAL\(\d+,\d+\)"
)

# Kinds of objects that statements of tables and views do not bring back.
_OTHER_OBJECTS = (
    ("index", "select index_name from duckdb_indexes()"),
    ("sequence", "select sequence_name from duckdb_sequences()"),
    ("type", "select type_name from duckdb_types() where not internal"),
    ("macro", "select function_name from duckdb_functions() where not internal"),
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table, with its type as DuckDB writes it."""

    name: str
    type: str

    @property
    def is_kept_by_parquet(self) -> bool:
        """Whether a Parquet file gives back each value as it was."""
        return _KEPT_TYPES.fullmatch(self.type) is not None


@dataclass(frozen=True, slots=True)
class Table:
    """A table and its columns, in their order."""

    schema: str
    name: str
    columns: Sequence[Column]

    @property
    def full_name(self) -> str:
        """Schema and name, as SQL."""
        return f"{quoted(self.schema)}.{quoted(self.name)}"


@dataclass(frozen=True, slots=True)
class Content:
    """How many rows there are, and a number that changes with any value of any of them."""

    rows: int
    fingerprint: str


def quoted(name: str) -> str:
    """A name as an identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def tables(connection: duckdb.DuckDBPyConnection) -> list[Table]:
    """All tables of the database."""
    rows = connection.execute(
        "select c.schema_name, c.table_name, c.column_name, c.data_type"
        " from duckdb_columns() as c"
        " inner join duckdb_tables() as t"
        "     on c.database_oid = t.database_oid and c.table_oid = t.table_oid"
        " where not t.internal and not t.temporary"
        " order by c.schema_name, c.table_name, c.column_index"
    ).fetchall()
    found: dict[tuple[str, str], list[Column]] = {}
    for schema, name, column, data_type in rows:
        found.setdefault((schema, name), []).append(Column(column, data_type))
    return [Table(schema, name, columns) for (schema, name), columns in found.items()]


def views(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Schema and name of all views of the database."""
    return connection.execute(
        "select schema_name, view_name from duckdb_views()"
        " where not internal and not temporary order by all"
    ).fetchall()


def content(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[Column], relation: str
) -> Content:
    """The content of a table, or of anything that can be selected from.

    The fingerprint is the sum of a hash of each row, so the order of rows does not matter and
    repeated rows count. A row is hashed as text in which each value stands with its length, so
    no two different rows read alike; a null differs from every text.

    Args:
        connection: Open on the database.
        columns: The columns that count, each cast to its type.
        relation: What stands behind ``from``.
    """
    row_text = " || ".join(
        f"coalesce(length(v{n}) || ':' || v{n}, '-')" for n in range(len(columns))
    )
    values = ", ".join(
        f"cast(cast({quoted(column.name)} as {column.type}) as varchar) as v{n}"
        for n, column in enumerate(columns)
    )
    row = connection.execute(
        f"select count(*), coalesce(sum(md5_number_lower({row_text})), 0)"
        f" from (select {values} from {relation})"
    ).fetchone()
    if row is None:
        message = f"{relation} gave no count"
        raise WarehouseError(message)
    return Content(row[0], str(row[1]))


def refuse_other_objects(connection: duckdb.DuckDBPyConnection) -> None:
    """Do not go on where the statements below would lose something.

    Raises:
        WarehouseError: The database holds an index, a sequence, a type or a macro.
    """
    for kind, query in _OTHER_OBJECTS:
        row = connection.execute(query).fetchone()
        if row is not None:
            message = (
                f"The warehouse holds the {kind} {row[0]}, which a backup does not carry. "
                f"Teach table_content.py to carry it, or build without the {kind}."
            )
            raise WarehouseError(message)


def table_statements(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Statements that make all schemas and empty tables, with types, constraints, comments."""
    schemas = connection.execute(
        "select schema_name from duckdb_schemas() where not internal order by all"
    ).fetchall()
    statements = [f"create schema if not exists {quoted(schema)};" for (schema,) in schemas]
    created = connection.execute(
        "select schema_name, table_name, sql, comment from duckdb_tables()"
        " where not internal and not temporary order by all"
    ).fetchall()
    for schema, name, sql, comment in created:
        statements.append(sql)
        statements += _comments(connection, "table", schema, name, comment)
    return statements


def view_statements(connection: duckdb.DuckDBPyConnection, catalogue: str) -> list[str]:
    """Statements that make all views, with comments, each after those it reads.

    They are tried on an empty database, so what is returned is known to run after
    :func:`table_statements`.

    Args:
        connection: Open on the database.
        catalogue: Its name for itself, which views may use.

    Raises:
        WarehouseError: A table or view cannot be made again from what the database says of it.
    """
    waiting = connection.execute(
        "select schema_name, view_name, sql, comment from duckdb_views()"
        " where not internal and not temporary order by all"
    ).fetchall()
    statements: list[str] = []
    with duckdb.connect() as scratch:
        scratch.execute(f"attach ':memory:' as {quoted(catalogue)}; use {quoted(catalogue)}")
        for statement in table_statements(connection):
            scratch.execute(statement)
        while waiting:
            later, problem = [], ""
            for view in waiting:
                schema, name, sql, comment = view
                try:
                    scratch.execute(sql)
                except duckdb.Error as error:
                    later.append(view)
                    problem = f"{schema}.{name}: {first_line(error)}"
                else:
                    comments = _comments(connection, "view", schema, name, comment)
                    for statement in comments:
                        scratch.execute(statement)
                    statements += [sql, *comments]
            if len(later) == len(waiting):
                message = f"A view cannot be made from its own text: {problem}. Rebuild it."
                raise WarehouseError(message)
            waiting = later
    return statements


def _comments(
    connection: duckdb.DuckDBPyConnection,
    kind: str,
    schema: str,
    name: str,
    comment: str | None,
) -> list[str]:
    full_name = f"{quoted(schema)}.{quoted(name)}"
    statements = []
    if comment is not None:
        statements.append(f"comment on {kind} {full_name} is {literal(comment)};")
    columns = connection.execute(
        "select column_name, comment from duckdb_columns()"
        " where schema_name = ? and table_name = ? and comment is not null"
        " order by column_index",
        [schema, name],
    ).fetchall()
    statements += [
        f"comment on column {full_name}.{quoted(column)} is {literal(text)};"
        for column, text in columns
    ]
    return statements
