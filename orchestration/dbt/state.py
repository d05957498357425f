"""What the models of a file were built with: decides what a run has to build and to test.

A file remembers a fingerprint of the dbt project and whether all models have taken in all of
``raw``. With nothing new in either there is nothing to build or to test; with other models than
the file's, the incremental ones have to be built from nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from extract.results import LoadReport

# Of a dbt project, the folders that decide what its models give and which tests they must pass;
# with them count the files at its root.
_FOLDERS = frozenset({"models", "macros", "seeds", "snapshots", "tests"})
_SUFFIXES = frozenset({".sql", ".yml", ".csv", ".md", ".py"})
# The models that predict, whose code is beside this package: it decides what their tables hold.
_PREDICTION = Path(__file__).parents[1] / "models"
# A night tests what changed; all rows are tested once in so many days.
_BETWEEN_FULL_TESTS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ModelsState:
    """The models of a file.

    Attributes:
        fingerprint: Of the dbt project they were built with.
        is_current: Whether all of them have taken in all of ``raw`` and passed their tests.
        tested_until: The ``_loaded_at`` up to which every changed row was tested, if known.
        all_tested_at: The ``_loaded_at`` of the load after which all rows were tested.
    """

    fingerprint: str
    is_current: bool
    tested_until: datetime | None = None
    all_tested_at: datetime | None = None

    def has_models_of(self, other: ModelsState) -> bool:
        """Whether the models are those of another state, and as current."""
        return (self.fingerprint, self.is_current) == (other.fingerprint, other.is_current)


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
    columns = connection.execute(
        "select column_name from duckdb_columns() "
        "where schema_name = 'ops' and table_name = 'models_state' order by column_index"
    ).fetchall()
    if not columns:
        return None
    # A file of an older version has fewer columns, and so has not been tested for certain.
    names = [name for (name,) in columns]
    row = connection.execute(f"select {', '.join(names)} from ops.models_state").fetchone()
    return ModelsState(**dict(zip(names, row, strict=True))) if row else None


def write_models_state(connection: duckdb.DuckDBPyConnection, state: ModelsState) -> None:
    """Have a file remember a state in place of the one before."""
    connection.execute("create schema if not exists ops")
    connection.execute(
        "create or replace table ops.models_state "
        "as select $fingerprint as fingerprint, $is_current::boolean as is_current, "
        "$tested_until::timestamp as tested_until, $all_tested_at::timestamp as all_tested_at",
        asdict(state),
    )
    connection.execute(
        "comment on table ops.models_state is 'One row: the dbt project the models were built "
        "with, whether they are current, and which rows were tested.'"
    )


@dataclass(frozen=True, slots=True)
class BuildPlan:
    """What a run has to build.

    Attributes:
        is_needed: Whether anything has changed; if not, all models are there and tested.
        from_nothing: Whether the incremental models cannot be continued.
        result: The state of the file once the plan is carried out; None for one never built
            whole.
        tests_from: Rows that changed until this moment were tested; None tests everything.
    """

    is_needed: bool
    from_nothing: bool
    result: ModelsState | None
    tests_from: datetime | None = None


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
    # A row that is gone leaves no trace that an incremental model could see.
    has_deletions = report is not None and report.num_deleted_rows > 0
    if is_partial:
        left = replace(known, is_current=False) if known else None
        if left is not None and has_deletions:
            left = replace(left, fingerprint="")  # the next whole run builds from nothing
        return BuildPlan(is_needed=True, from_nothing=full_refresh, result=left)
    is_news = report is None or report.num_changed_rows > 0 or has_deletions
    if known is not None and known.has_models_of(now) and not (is_news or full_refresh):
        return BuildPlan(is_needed=False, from_nothing=False, result=known)
    is_other = known is None or known.fingerprint != now.fingerprint
    from_nothing = full_refresh or is_other or has_deletions
    moment = report.loaded_at if report is not None else None
    tests_from = None
    if known is not None and not from_nothing and known.is_current:
        tests_from = _tested_until(known, moment)
    all_tested_at = known.all_tested_at if known is not None and tests_from else moment
    return BuildPlan(
        is_needed=True,
        from_nothing=from_nothing,
        result=replace(now, tested_until=moment, all_tested_at=all_tested_at),
        tests_from=tests_from,
    )


def _tested_until(known: ModelsState, moment: datetime | None) -> datetime | None:
    """Up to when rows need no test after a load; None where all are due again."""
    if moment is None or known.all_tested_at is None:
        return None
    is_due = moment - known.all_tested_at >= _BETWEEN_FULL_TESTS
    return None if is_due else known.tested_until
