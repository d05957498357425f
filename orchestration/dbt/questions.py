"""The hundred questions, compiled by dbt and kept beside the warehouse.

A question is an analysis of the dbt project: a query with its metadata. Its SQL has refs, vars
and macros in it, which dbt alone can fill in, and dbt takes seconds. So it does that once for
each state of the project, in a process of its own, and the result is kept as one JSON file in
the cache of the warehouse directory, which the page and the command read. A run of the pipeline
has no part in it: it has no seconds to spare.

Running the questions is done by ``dashboards``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from filelock import FileLock

from orchestration.dbt.runner import TransformRequest, parse
from orchestration.dbt.state import project_fingerprint
from orchestration.errors import EXIT_DONE, PipelineError, TransformError
from orchestration.settings import PROJECT_ROOT
from orchestration.terminal.entry import guarded, start

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest
    from dbt.contracts.graph.nodes import AnalysisNode

FOLDER = "analyses/questions"
# Full lists behind some answers; a question names its own as `list` in its metadata.
_LISTS = "analyses/lists"
_FILE = "questions.json"
# Grows with the shape of the file: what an earlier program kept is compiled again.
_FORMAT = 3
_NO_DATABASE = ("--no-introspect", "--no-populate-cache")


class QuestionsError(PipelineError):
    """The questions cannot be compiled or kept; the text says why."""


@dataclass(frozen=True, slots=True)
class CompiledQuestion:
    """A question and the query that answers it.

    Attributes:
        name: Stem of its files.
        description: What the rows of its result are.
        meta: Its metadata, as the yml has it.
        columns: Description and metadata of each column of the result by its name, in order.
        sql: The query; it names no catalogue.
        reads: Models and seeds the query names, as dbt's unique ids.
        through: Models and seeds between the sources and those.
        sources: Source tables all of it comes from.
        list_sql: The query of the full list behind the answer, where it has one.
    """

    name: str
    description: str
    meta: Mapping[str, Any]
    columns: Mapping[str, Mapping[str, Any]]
    sql: str
    reads: Sequence[str]
    through: Sequence[str]
    sources: Sequence[str]
    list_sql: str = ""


def questions(
    cache_dir: Path, project_dir: Path, on_compile: Callable[[], None] | None = None
) -> tuple[CompiledQuestion, ...]:
    """All questions of the project as it stands, by name.

    Args:
        cache_dir: The cache of the warehouse directory.
        project_dir: The dbt project.
        on_compile: Told before the seconds that compiling takes, if it is needed.

    Raises:
        QuestionsError: dbt refuses the project, or the cache cannot be written.
    """
    fingerprint = _fingerprint(project_dir)
    kept = _kept(cache_dir, fingerprint)
    if kept is None:
        if on_compile is not None:
            on_compile()
        _compile_apart(cache_dir, project_dir)
        kept = _kept(cache_dir, fingerprint)
    if kept is None:
        message = "The questions changed while they were read. Ask again."
        raise QuestionsError(message)
    return kept


def main() -> int:
    """Be the process that compiles: its arguments are the cache and the project."""
    cache_dir, project_dir = map(Path, sys.argv[1:3])

    def work() -> int:
        _make(cache_dir, project_dir)
        return EXIT_DONE

    return guarded(work)


def _compile_apart(cache_dir: Path, project_dir: Path) -> None:
    """Compile in another process: dbt would stay in this one's memory, and slow its start."""
    finished = subprocess.run(  # noqa: S603 - this very Python, and no shell
        [
            *(sys.executable, "-m", "orchestration.dbt.questions"),
            *(str(cache_dir), str(project_dir)),
        ],
        cwd=PROJECT_ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode != EXIT_DONE:
        raise QuestionsError(finished.stderr.strip()[-2000:])


def _make(cache_dir: Path, project_dir: Path) -> None:
    fingerprint = _fingerprint(project_dir)
    cache_dir.mkdir(parents=True, exist_ok=True)
    with FileLock(cache_dir / "questions.lock"):
        if _kept(cache_dir, fingerprint) is not None:
            return  # another process was faster
        manifest = _compile(cache_dir / "questions", project_dir)
        lists = {
            node.name: node.compiled_code or ""
            for node in _analyses(manifest)
            if node.original_file_path.startswith(_LISTS)
        }
        found = sorted(
            (
                _question(node, manifest, lists)
                for node in _analyses(manifest)
                if node.original_file_path.startswith(FOLDER)
            ),
            key=lambda one: one.name,
        )
        content = {
            "format": _FORMAT,
            "fingerprint": fingerprint,
            "questions": [asdict(one) for one in found],
        }
        fresh = cache_dir / f"{_FILE}.new"
        fresh.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        fresh.replace(cache_dir / _FILE)


def _compile(cache_dir: Path, project_dir: Path) -> Manifest:
    """The project with the SQL of its questions filled in; no database is opened."""
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - takes seconds

    database = cache_dir / "olist.duckdb"  # is never made
    manifest = parse(TransformRequest(project_dir, database, cache_dir))
    os.environ["OLIST_DBT_DATABASE"] = str(database)
    outcome = dbtRunner(manifest=manifest).invoke(
        [
            *("--log-level", "none", "--log-level-file", "none", "--no-print"),
            *("--log-path", str(cache_dir / "logs"), "--no-write-json"),
            *("--no-version-check", "--no-send-anonymous-usage-stats"),
            *("compile", "--select", *(f"path:{one}" for one in (FOLDER, _LISTS))),
            *_NO_DATABASE,
            *("--project-dir", str(project_dir), "--profiles-dir", str(project_dir)),
            *("--target", "pipeline", "--target-path", str(cache_dir)),
        ]
    )
    if not outcome.success:
        results = getattr(outcome.result, "results", None) or []
        reasons = [str(one.message) for one in results if one.message]
        said = "\n".join(reasons) or str(outcome.exception)
        message = f"dbt cannot compile the questions: {said}"
        raise TransformError(message)
    return manifest


def _analyses(manifest: Manifest) -> Iterator[AnalysisNode]:
    for unique_id, node in manifest.nodes.items():
        if unique_id.startswith("analysis."):
            yield cast("AnalysisNode", node)


def _question(
    node: AnalysisNode, manifest: Manifest, lists: Mapping[str, str]
) -> CompiledQuestion:
    reads = frozenset(node.depends_on.nodes)
    through, sources = _upstream(reads, manifest)
    return CompiledQuestion(
        name=node.name,
        description=_one_line(node.description),
        meta={
            name: _one_line(value) if isinstance(value, str) else value
            for name, value in node.config.meta.items()
        },
        columns={
            one.name: {"description": _one_line(one.description), "meta": one.config.meta}
            for one in node.columns.values()
        },
        sql=node.compiled_code or "",
        list_sql=lists.get(str(node.config.meta.get("list")), ""),
        reads=sorted(reads),
        through=sorted(through),
        sources=_names(sources),
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


def _kept(cache_dir: Path, fingerprint: str) -> tuple[CompiledQuestion, ...] | None:
    """The questions of the cache, or None where there are none of this project."""
    try:
        content = json.loads((cache_dir / _FILE).read_text(encoding="utf-8"))
        if (content["format"], content["fingerprint"]) != (_FORMAT, fingerprint):
            return None
        return tuple(CompiledQuestion(**one) for one in content["questions"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _fingerprint(project_dir: Path) -> str:
    return project_fingerprint(project_dir, also=frozenset({"analyses"}))


def _names(unique_ids: Iterable[str]) -> list[str]:
    return sorted(unique_id.split(".")[-1] for unique_id in unique_ids)


def _one_line(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    start(main)
