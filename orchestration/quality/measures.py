"""The measures of a gate: the SQL of ``olist_dw_dbt/quality``, run on a file that is attached.

Each table has one template, which gives one row; its columns are the measures. One that is
null is held to nothing. Whether the others lie within their bounds is for ``runner`` to find.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import duckdb
import jinja2

from extract.raw.schema import RAW_COLUMNS
from extract.tables import TABLES
from orchestration.dbt.variables import project_vars
from orchestration.quality.bounds import EVERY_TABLE, QUALITY_DIR, tables_of
from orchestration.runs.summary import GateName

# What must be there for a table to be measured at all; its measure is taken here.
PRESENCE: Mapping[GateName, str] = {"raw": "has_its_columns", "marts": "is_there"}

# Measures by table, without its schema, and name.
Values = dict[tuple[str, str], float]


class Templates:
    """The templates of a gate, with the vars of the dbt project."""

    def __init__(self, gate: GateName) -> None:
        """Read what they share."""
        self._gate = gate
        self._environment = jinja2.Environment(  # noqa: S701 - SQL of our own, not HTML
            loader=jinja2.FileSystemLoader(QUALITY_DIR), undefined=jinja2.StrictUndefined
        )
        seed = QUALITY_DIR.parent / "seeds" / "brazilian_states.csv"
        with seed.open(encoding="utf-8", newline="") as lines:
            states = [row["state"] for row in csv.DictReader(lines)]
        self._environment.globals |= {"var": project_vars().__getitem__, "states": states}
        shared = self._environment.get_template("_macros.sql").module
        self._environment.globals |= vars(shared)

    def measures(self, subject: str, tables: Sequence[str]) -> str:
        """The query of one table's measures, or of every one of ``tables``."""
        return str(self._module(subject, tables))

    def rows(self, table: str) -> str:
        """The query of a table's rows with their flags."""
        return str(self._module(table).rows)

    def _module(self, subject: str, tables: Sequence[str] = ()) -> Any:  # noqa: ANN401 - jinja's
        template = self._environment.get_template(f"{self._gate}/{subject}.sql")
        return template.make_module({"tables": tables})


def find_missing(connection: duckdb.DuckDBPyConnection, gate: GateName) -> dict[str, list[str]]:
    """Tables of the gate that are not whole: columns of raw that are missing, or the mart."""
    added = tuple(name for name, _, _ in RAW_COLUMNS)
    columns = {table.name: (*table.columns, *added) for table in TABLES}
    found = connection.execute(
        "select distinct table_name, column_name from duckdb_columns() "
        "where database_name = 'warehouse' and schema_name = ?",
        [gate],
    ).fetchall()
    there = {table for table, _ in found} | {f"{table}.{name}" for table, name in found}
    missing = {}
    for table in tables_of(gate):
        wanted = [f"{table}.{name}" for name in columns[table]] if gate == "raw" else [table]
        absent = [name for name in wanted if name not in there]
        if absent:
            missing[table] = absent
    return missing


def measure(
    connection: duckdb.DuckDBPyConnection,
    templates: Templates,
    subjects: Iterable[str],
    tables: Sequence[str],
) -> tuple[Values, dict[str, str]]:
    """Run templates on the database in use.

    Args:
        connection: Its schemas are those of a warehouse.
        templates: Those of the gate.
        subjects: Names of templates: tables, or ``every_table``.
        tables: What every table is.

    Returns:
        The measures, and by its name why a template could not be run.
    """
    values: Values = {}
    broken = {}
    for subject in subjects:
        try:
            found = connection.execute(templates.measures(subject, tables))
            names = [column[0] for column in found.description or ()]
            for row in found.fetchall():
                measured = dict(zip(names, row, strict=True))
                table = measured.pop("table_name") if subject == EVERY_TABLE else subject
                values |= {
                    (table, name): float(value)
                    for name, value in measured.items()
                    if value is not None
                }
        except duckdb.Error as error:
            broken[subject] = str(error).partition("\n")[0]
    return values, broken
