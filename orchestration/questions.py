"""The hundred questions in the warehouse itself: ``ops.questions``, one row each.

A question is an analysis of the dbt project: a query with its metadata. Its SQL has refs, vars
and macros in it, which dbt alone can fill in, and dbt takes seconds to import. So the run that
builds the models has dbt compile the questions, too, and keeps the SQL beside the data it fits:
whoever asks needs neither dbt nor the project, and an older version keeps its own questions.
Running them is the affair of ``dashboards``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from orchestration.models_state import project_fingerprint
from orchestration.transform import Dbt

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

FOLDER = "analyses/questions"

# Name, type and description of each column, in order. Lists and mappings are JSON text.
_COLUMNS = (
    ("question_id", "integer", "Number of the question, 1 to 100."),
    ("question_name", "varchar", "Stem of its files in the dbt project."),
    ("area", "varchar", "One of ten areas."),
    ("tier", "integer", "1 weekly, 2 monthly, 3 quarterly, 4 ad hoc."),
    ("question", "varchar", "The question."),
    ("answer", "varchar", "answerable, proxy, not in data, or waits for a model."),
    ("description", "varchar", "What the rows of its result are."),
    ("how_to_read", "varchar", "What to look at, and what not to conclude."),
    ("metrics", "varchar", "Metrics it uses (JSON list)."),
    ("chart", "varchar", "How to draw the result: kind, x, y, value (JSON mapping)."),
    ("finding", "varchar", "Template of the sentence on the first and last row."),
    ("result_columns", "varchar", "Name and description of each column (JSON mapping)."),
    ("reads", "varchar", "Models and seeds its query names (JSON list)."),
    ("through", "varchar", "Models on the way from the sources to those (JSON list)."),
    ("sources", "varchar", "Source tables all of it comes from (JSON list)."),
    ("sql", "varchar", "The query, compiled by dbt; it names no catalogue."),
    ("fingerprint", "varchar", "Of the dbt project it was compiled from."),
)


def keep_questions(connection: duckdb.DuckDBPyConnection, dbt: Dbt, project_dir: Path) -> bool:
    """Write ``ops.questions``, unless it is of this very project already.

    Args:
        connection: The build file.
        dbt: dbt on the project.
        project_dir: The dbt project.

    Returns:
        Whether it was written.

    Raises:
        TransformError: A question does not compile.
    """
    fingerprint = project_fingerprint(project_dir, also=frozenset({"analyses"}))
    if not (project_dir / FOLDER).is_dir() or _kept(connection) == fingerprint:
        return False
    manifest = dbt.compile(f"path:{FOLDER}")
    rows = sorted(
        _row(node, manifest, fingerprint)
        for node in manifest.nodes.values()
        if node.unique_id.startswith("analysis.") and node.original_file_path.startswith(FOLDER)
    )
    connection.execute("create schema if not exists ops")
    columns = ", ".join(f"{name} {kind}" for name, kind, _ in _COLUMNS)
    connection.execute(f"create or replace table ops.questions ({columns})")
    marks = ", ".join("?" for _ in _COLUMNS)
    connection.executemany(f"insert into ops.questions values ({marks})", rows)
    connection.execute(
        "comment on table ops.questions is 'One row per business question: its metadata and "
        "the SQL that answers it.'"
    )
    for name, _, description in _COLUMNS:
        connection.execute(f"comment on column ops.questions.{name} is '{description}'")
    return True


def _kept(connection: duckdb.DuckDBPyConnection) -> str | None:
    exists = connection.execute(
        "select count(*) from duckdb_tables() "
        "where schema_name = 'ops' and table_name = 'questions'"
    ).fetchone()
    if exists is None or not exists[0]:
        return None
    row = connection.execute("select min(fingerprint) from ops.questions").fetchone()
    return None if row is None else row[0]


def _row(node: Any, manifest: Manifest, fingerprint: str) -> tuple[Any, ...]:  # noqa: ANN401
    meta: Mapping[str, Any] = node.config.meta
    chart = {name: meta.get(name) for name in ("x", "y", "value") if meta.get(name)}
    columns = {column.name: column.description for column in node.columns.values()}
    reads = frozenset(node.depends_on.nodes)
    through, sources = _upstream(reads, manifest)
    return (
        *(meta["id"], node.name, meta["area"], meta["tier"], meta["question"]),
        *(meta["answer"], _one_line(node.description), _one_line(meta["how_to_read"])),
        json.dumps(meta["metrics"]),
        json.dumps({"kind": meta["chart"]} | chart),
        _one_line(meta["finding"]),
        json.dumps({name: _one_line(text) for name, text in columns.items()}),
        *(json.dumps(_names(ids)) for ids in (reads, through, sources)),
        node.compiled_code,
        fingerprint,
    )


def _upstream(reads: frozenset[str], manifest: Manifest) -> tuple[set[str], set[str]]:
    """What some nodes are made of, however far up: models and seeds, and source tables."""
    seen: set[str] = set()
    left = list(reads)
    while left:
        unique_id = left.pop()
        if unique_id not in seen:
            seen.add(unique_id)
            node: Any = manifest.nodes.get(unique_id)
            left += node.depends_on_nodes if node is not None else []
    sources = {one for one in seen if one.startswith("source.")}
    return seen - sources - reads, sources


def _names(unique_ids: Iterable[str]) -> list[str]:
    return sorted(unique_id.split(".")[-1] for unique_id in unique_ids)


def _one_line(text: str) -> str:
    return " ".join(text.split())
