"""Two warehouses compared table by table: same columns, same rows, same values."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb

# Says when a run saw a change, and so differs between one run and many.
TECHNICAL = frozenset({"source_changed_at"})
_SHOWN = 5


def differences(
    one: Path, other: Path, schemas: Iterable[str] = ("core", "marts")
) -> list[str]:
    """Name every table of the schemas that differs, with rows that only one file has.

    Floating point sums may be added up in another order, so doubles are compared to twelve
    digits; everything else must be equal.
    """
    with duckdb.connect() as con:
        con.execute(f"attach '{one}' as one (read_only)")
        con.execute(f"attach '{other}' as other (read_only)")
        wanted = ", ".join(f"'{schema}'" for schema in schemas)
        tables = [
            {
                (schema, table)
                for schema, table in con.execute(
                    f"""
                    select schema_name, table_name from duckdb_tables()
                    where database_name = '{database}' and schema_name in ({wanted})
                    """
                ).fetchall()
            }
            for database in ("one", "other")
        ]
        assert tables[0], f"{one} has no tables to compare"
        found = [f"only in one of the files: {name}" for name in sorted(tables[0] ^ tables[1])]
        for schema, table in sorted(tables[0] & tables[1]):
            found += _difference(con, f"{schema}.{table}")
    return found


def _difference(con: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    columns = {
        database: con.execute(f"select * from {database}.{table} limit 0").description or []
        for database in ("one", "other")
    }
    described = {
        database: [(column[0], str(column[1])) for column in of if column[0] not in TECHNICAL]
        for database, of in columns.items()
    }
    if described["one"] != described["other"]:
        return [f"{table}: other columns or types"]
    wanted = ", ".join(
        f"printf('%.12g', {name}) as {name}" if kind == "DOUBLE" else name
        for name, kind in described["one"]
    )
    found = []
    numbers = [
        con.execute(f"select count(*) from {database}.{table}").fetchone()
        for database in ("one", "other")
    ]
    for here, there in (("one", "other"), ("other", "one")):
        only = (
            f"select {wanted} from {here}.{table} except all "
            f"select {wanted} from {there}.{table}"
        )
        row = con.execute(f"select count(*) from ({only})").fetchone()
        if row and row[0]:
            sample = con.execute(
                f"select * from ({only}) order by all limit {_SHOWN}"
            ).fetchall()
            rows = "".join(f"\n    {row}" for row in sample)
            found.append(f"{table}: {row[0]} rows only in the {here}:{rows}")
        elif numbers[0] == numbers[1]:
            break  # as many rows, and all of one side in the other
    return found
