"""What is published is what is described: no column more, no column less."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from orchestration.warehouse.store import open_reader
from tests.conventions.project import Manifest, assert_none


def test_the_published_tables_have_exactly_the_described_columns(
    manifest: Manifest, built_warehouse: Path
) -> None:
    published: dict[str, set[str]] = defaultdict(set)
    with open_reader(built_warehouse) as connection:
        columns = connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns()"
        )
        for schema, table, column in columns.fetchall():
            published[f"{schema}.{table}"].add(column)
    described = {
        f"{node.schema}.{node.name}": {column.name for column in node.columns}
        for node in manifest.nodes.values()
    }
    assert_none(
        f"{relation}: {sorted(names ^ published[relation])}"
        for relation, names in described.items()
        if names != published[relation]
    )
