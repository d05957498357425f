"""Ask for metrics in a test: of a published warehouse, by the definitions of the project."""

from __future__ import annotations

from pathlib import Path

import duckdb

from dashboards.lib.queries.warehouse import read_info
from dashboards.lib.query import Asker
from dashboards.lib.semantics import Semantics, read_semantics
from orchestration.dbt.semantic import semantic_manifest
from orchestration.settings import PROJECT_ROOT

DBT_PROJECT = PROJECT_ROOT / "olist_dw_dbt"


def semantics_beside(warehouse: Path) -> Semantics:
    """The definitions that the run which published a warehouse kept in its cache."""
    return read_semantics(semantic_manifest(warehouse.parent / "cache", DBT_PROJECT))


def asker_of(connection: duckdb.DuckDBPyConnection, run: Path) -> Asker:
    """Asks over a connection; ``run`` is any warehouse that this state of the project built."""
    return Asker(connection, semantics_beside(run), read_info(connection).run_id)
