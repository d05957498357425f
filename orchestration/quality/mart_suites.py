"""What the marts gate asks after dbt, before anything is published."""

from __future__ import annotations

from orchestration.quality.spec import Check, Suite

_MARTS = ("mart_executive_dashboard",)

# All marts in one query: the other suites rely on it.
TABLES = Suite(
    table="marts",
    query=(
        "select table_name as name from duckdb_tables() "
        "where database_name = 'warehouse' and schema_name = 'marts'"
    ),
    checks=tuple(
        Check(
            "is_there",
            "ExpectColumnDistinctValuesToContainSet",
            {"column": "name", "value_set": (name,)},
            "critical",
            f"a table {name} in the schema marts",
            "Run the pipeline without --select to build every model.",
            table=f"marts.{name}",
        )
        for name in _MARTS
    ),
)

SUITES: tuple[Suite, ...] = ()
