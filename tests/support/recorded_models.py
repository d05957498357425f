"""Runs of all models in a second: what dbt executed once, executed again.

dbt takes seconds for a run of tiny tables, most of it its own. Its SQL does not depend on the
rows, so the statements of one incremental run and of one full refresh are written down as dbt
sends them and can be repeated on any warehouse of the same shape. Nothing of the models is
written a second time here. What is compared with what is for the tests to say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.dbt.results import explain
from orchestration.dbt.runner import Dbt, TransformRequest, _invoke, close_database
from orchestration.settings import PROJECT_ROOT

# Of a model's statements, what only tells dbt or its readers something.
_SAYS_NOTHING = re.compile(
    r"\s*(/\*.*?\*/)?\s*(select|comment|describe|show)\b", re.DOTALL | re.IGNORECASE
)
_SQL_QUERY = "SQLQuery"  # the event of dbt that has a statement
_TEMPORARY = re.compile(r"\bcreate\s+temporary\s+table\b", re.IGNORECASE)


class ModelsOnly(TransformRequest):
    """A build without its tests: they are for data, these runs are compared."""

    @property
    def kinds(self) -> Sequence[str]:
        """Models and what they stand on."""
        return ["model", "seed", "snapshot"]


@dataclass(frozen=True, slots=True)
class RecordedModels:
    """The statements of one incremental run and of one full refresh."""

    incremental: tuple[str, ...]
    full_refresh: tuple[str, ...]

    def save(self, path: Path) -> None:
        """Write the statements to a file."""
        path.write_text(json.dumps([self.incremental, self.full_refresh]), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> RecordedModels:
        """Read them back."""
        incremental, full_refresh = json.loads(path.read_text(encoding="utf-8"))
        return cls(tuple(incremental), tuple(full_refresh))


def request_for(database: Path, *, full_refresh: bool = False) -> TransformRequest:
    """Ask for all models of the project in a file, one at a time."""
    return ModelsOnly(
        project_dir=PROJECT_ROOT / "olist_dw_dbt",
        database=database,
        cache_dir=database.parent / "cache",
        threads=1,
        full_refresh=full_refresh,
    )


def record_models(database: Path) -> RecordedModels:
    """Build all models in a loaded file, then twice more with dbt's statements written down."""
    dbt = Dbt(request_for(database))
    result = dbt.build()
    assert not result.failed, explain(result)
    # What seeds and snapshots hold does not change with a night's models. Scores are computed
    # by Python, which leaves no statements; what reads them is compared elsewhere.
    flags = (
        "--threads",
        "1",
        "--resource-type",
        "model",
        "--exclude",
        "path:models/predictive+",
    )
    request, manifest = request_for(database), dbt._manifest
    recordings = []
    for more in ((), ("--full-refresh",)):
        listener = _Listener()
        try:
            outcome = _invoke(
                request,
                "build",
                *flags,
                *more,
                manifest=manifest,
                on_event=listener,
            )
        finally:
            close_database()
        assert outcome.success, outcome.exception
        assert listener.statements, "nothing was written down"
        recordings.append(tuple(listener.statements))
    return RecordedModels(*recordings)


def run_statements(database: Path, statements: Sequence[str]) -> None:
    """Execute a recording on a file."""
    # A dozen orders are no work for two threads.
    with duckdb.connect(str(database), config={"threads": 1}) as con:
        for statement in statements:
            con.execute(statement)


class _Listener:
    def __init__(self) -> None:
        self.statements: list[str] = []

    def __call__(self, event: Any) -> None:  # noqa: ANN401 - dbt's events are generated classes
        if event.info.name != _SQL_QUERY or event.data.node_info.resource_type != "model":
            return
        sql: str = event.data.sql
        if not _SAYS_NOTHING.match(sql):
            self.statements.append(_TEMPORARY.sub("create or replace temporary table", sql))
