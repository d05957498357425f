"""What dbt did in a run, as our own data: every model and test, its outcome, offending rows.

How dbt is started is in ``orchestration.dbt.runner``.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import duckdb

logger = logging.getLogger(__name__)

NodeStatus = Literal["ok", "warned", "failed", "skipped"]

# dbt's words for an outcome, and ours.
STATUS: Mapping[str, NodeStatus] = {
    "success": "ok",
    "pass": "ok",
    "no-op": "ok",
    "warn": "warned",
    "fail": "failed",
    "error": "failed",
    "runtime error": "failed",
    "partial success": "failed",
    "skipped": "skipped",
}
# What is built or tested; dbt also walks past exposures.
_TESTS = ("test", "unit_test")
KINDS = ("model", "seed", "snapshot", *_TESTS)

# Of a failed test, what a reader can take in.
_SAMPLE_ROWS = 5
_SAMPLE_WIDTH = 60
_MAX_FAILURES = 10


@dataclass(frozen=True, slots=True)
class NodeResult:
    """The outcome of one model, seed, snapshot or test.

    Attributes:
        name: The node, as the project names it.
        kind: model, seed, snapshot, test or unit_test.
        status: ok, warned, failed or skipped.
        seconds: How long it took.
        failures: Offending rows of a test; None for other nodes.
        message: What dbt says about it, if more than "OK".
        model: The model a test is about, if there is one.
        sample: Up to five offending rows of a test, as text.
    """

    name: str
    kind: str
    status: NodeStatus
    seconds: float
    failures: int | None = None
    message: str | None = None
    model: str | None = None
    sample: tuple[str, ...] = ()

    @property
    def is_test(self) -> bool:
        """Whether it checks something rather than builds it."""
        return self.kind in _TESTS


@dataclass(frozen=True, slots=True)
class NodeProgress:
    """One node finished; ``index`` of ``total`` nodes are done."""

    index: int
    total: int
    name: str
    kind: str
    status: NodeStatus
    seconds: float


@dataclass(frozen=True, slots=True)
class TransformResult:
    """Everything dbt did in a run."""

    nodes: tuple[NodeResult, ...]
    seconds: float

    def with_status(self, status: NodeStatus, *, tests: bool) -> Sequence[NodeResult]:
        """The tests, or the other nodes, that ended in ``status``."""
        return [n for n in self.nodes if n.status == status and n.is_test == tests]

    @property
    def failed(self) -> Sequence[NodeResult]:
        """Everything that failed, models first."""
        return [
            *self.with_status("failed", tests=False),
            *self.with_status("failed", tests=True),
        ]


def explain(result: TransformResult, *, all_of_them: bool = False) -> str:
    """The failures of a build as a paragraph: what failed, where, and the rows."""
    most = len(result.failed) if all_of_them else _MAX_FAILURES
    lines = [_describe(node) for node in result.failed[:most]]
    if len(result.failed) > most:
        lines.append(f"... and {len(result.failed) - most} more; the run's log has them all.")
    return "\n".join(lines)


def _describe(node: NodeResult) -> str:
    if not node.is_test:
        return f"The {node.kind} {node.name} could not be built. {node.message or ''}".rstrip()
    about = f" on {node.model}" if node.model else ""
    if node.failures is None or not node.sample:
        return f"The test {node.name}{about} failed. {node.message or ''}".rstrip()
    rows = "row" if node.failures == 1 else "rows"
    sample = "".join(f"\n    {row}" for row in node.sample)
    return f"The test {node.name}{about} failed with {node.failures:,} {rows}:{sample}"


def read_results(results: Sequence[Any]) -> tuple[NodeResult, ...]:
    """Dbt's own results of all that is built or tested, in the order they ended."""
    return tuple(_read_result(result) for result in results if kind_of(result) in KINDS)


def _read_result(result: Any) -> NodeResult:  # noqa: ANN401 - dbt types it as a union of four
    node, kind = result.node, kind_of(result)
    return NodeResult(
        name=node.name,
        kind=kind,
        status=STATUS.get(str(result.status), "failed"),
        seconds=result.execution_time,
        failures=result.failures if kind == "test" else None,
        message=tidy(result.message),
        model=_tested_model(node) if kind in _TESTS else None,
    )


def kind_of(result: Any) -> str:  # noqa: ANN401
    """The kind of node a result of dbt is about, such as ``model``."""
    return str(result.node.resource_type)


def _tested_model(node: Any) -> str | None:  # noqa: ANN401
    names = ("attached_node", "tested_node_unique_id")  # of a test on data, and of a unit test
    attached = next((getattr(node, name) for name in names if getattr(node, name, None)), None)
    return str(attached).rsplit(".", 1)[-1] if attached else None


def with_samples(
    nodes: tuple[NodeResult, ...], results: Sequence[Any], database: Path
) -> tuple[NodeResult, ...]:
    """Add the offending rows to the tests that found any.

    Args:
        nodes: What :func:`read_results` made of ``results``.
        results: dbt's own results.
        database: The file that dbt worked on; dbt must have closed it.
    """
    ours = (result.node for result in results if kind_of(result) in KINDS)
    code = [getattr(node, "compiled_code", None) for node in ours]  # a seed has none
    wanted = [n.kind == "test" and n.status in ("failed", "warned") for n in nodes]
    if not any(wanted):
        return nodes
    with duckdb.connect(str(database), read_only=True) as connection:
        return tuple(
            replace(node, sample=_sample(connection, sql)) if want else node
            for node, sql, want in zip(nodes, code, wanted, strict=True)
        )


def _sample(connection: duckdb.DuckDBPyConnection, sql: str | None) -> tuple[str, ...]:
    if not sql:
        return ()
    try:
        found = connection.execute(f"select * from ({sql}) limit {_SAMPLE_ROWS}")
    except duckdb.Error as error:  # the test itself is broken; its message says so
        logger.debug("No rows to show for a failed test: %s", error)
        return ()
    names = [column[0] for column in found.description or ()]
    return tuple(
        ", ".join(f"{name}={_short(value)}" for name, value in zip(names, row, strict=True))
        for row in found.fetchall()
    )


def _short(value: object) -> str:
    text = "null" if value is None else str(value)
    return text if len(text) <= _SAMPLE_WIDTH else text[: _SAMPLE_WIDTH - 3] + "..."


def tidy(message: str | None) -> str | None:
    """Dbt's or DuckDB's words without "OK", stack traces and the chain of macros."""
    if message is None or message in ("OK", ""):
        return None
    # After an internal error DuckDB adds where in its own code it stood.
    message = message.partition("Stack Trace:")[0]
    lines = (line.rstrip() for line in message.strip().splitlines())
    # Which macro called which is of use in dbt's own code only.
    return "\n".join(line for line in lines if line and not line.lstrip().startswith("> "))
