"""What the models of a file were built with: decides what a run has to build.

A file remembers a fingerprint of the dbt project and whether all models have taken in all of
``raw``. With nothing new in either there is nothing to build or to test; with other models than
the file's, the incremental ones have to be built from nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import duckdb

from extract.results import LoadReport

# Of a dbt project, the folders that decide what its models give and which tests they must pass;
# with them count the files at its root.
_FOLDERS = frozenset({"models", "macros", "seeds", "snapshots", "tests"})
_SUFFIXES = frozenset({".sql", ".yml", ".csv", ".md", ".py"})
# The models that predict, whose code is beside this module: it decides what their tables hold.
_PREDICTION = Path(__file__).parent / "models"


@dataclass(frozen=True, slots=True)
class ModelsState:
    """The models of a file.

    Attributes:
        fingerprint: Of the dbt project they were built with.
        is_current: Whether all of them have taken in all of ``raw`` and passed their tests.
    """

    fingerprint: str
    is_current: bool


def project_fingerprint(project_dir: Path, also: frozenset[str] = frozenset()) -> str:
    """Equal for projects that give the same models.

    Args:
        project_dir: The dbt project.
        also: Folders that count besides those of the models.
    """
    digest = hashlib.sha256()
    folders = _FOLDERS | also
    for path in [*sorted(project_dir.rglob("*")), *sorted(_PREDICTION.glob("*.py"))]:
        is_code = path.parent == _PREDICTION
        parts = (path.name,) if is_code else path.relative_to(project_dir).parts
        counts = len(parts) == 1 or parts[0] in folders
        if counts and path.suffix in _SUFFIXES and path.is_file():
            content = path.read_bytes()
            digest.update(f"{'/'.join(parts)}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()


def read_models_state(connection: duckdb.DuckDBPyConnection) -> ModelsState | None:
    """The state a file remembers; None in a file without."""
    exists = connection.execute(
        "select count(*) from duckdb_tables() "
        "where schema_name = 'ops' and table_name = 'models_state'"
    ).fetchone()
    if exists is None or not exists[0]:
        return None
    row = connection.execute("select fingerprint, is_current from ops.models_state").fetchone()
    return ModelsState(row[0], row[1]) if row else None


def write_models_state(connection: duckdb.DuckDBPyConnection, state: ModelsState) -> None:
    """Have a file remember a state in place of the one before."""
    connection.execute("create schema if not exists ops")
    connection.execute(
        "create or replace table ops.models_state "
        "as select $fingerprint as fingerprint, $is_current::boolean as is_current",
        {"fingerprint": state.fingerprint, "is_current": state.is_current},
    )
    connection.execute(
        "comment on table ops.models_state is "
        "'One row: the dbt project the models were built with, and whether they are current.'"
    )


@dataclass(frozen=True, slots=True)
class BuildPlan:
    """What a run has to build.

    Attributes:
        is_needed: Whether anything has changed; if not, all models are there and tested.
        from_nothing: Whether the incremental models cannot be continued.
        result: The state of the file once the plan is carried out; None for one never built
            whole.
    """

    is_needed: bool
    from_nothing: bool
    result: ModelsState | None


def plan_build(
    connection: duckdb.DuckDBPyConnection,
    project_dir: Path,
    report: LoadReport | None,
    *,
    is_partial: bool,
    full_refresh: bool,
) -> BuildPlan:
    """Compare a build file that was just loaded with the dbt project.

    Args:
        connection: The build file.
        project_dir: The dbt project.
        report: What the load did; None counts as news.
        is_partial: Only selected models are to be built. They are continued as they are, and
            the others have not seen this load.
        full_refresh: All models are to be built from nothing, whatever changed.
    """
    known = read_models_state(connection)
    now = ModelsState(project_fingerprint(project_dir), is_current=True)
    if is_partial:
        left = ModelsState(known.fingerprint, is_current=False) if known else None
        return BuildPlan(is_needed=True, from_nothing=full_refresh, result=left)
    is_news = report is None or report.num_changed_rows > 0
    has_other_models = known is None or known.fingerprint != now.fingerprint
    return BuildPlan(
        is_needed=full_refresh or is_news or known != now,
        from_nothing=full_refresh or has_other_models,
        result=now,
    )
