"""What a gate is asked to validate, and how question and answer travel between processes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from orchestration.runs.summary import CheckResult, GateName


@dataclass(frozen=True, slots=True)
class GateRequest:
    """What a gate shall validate.

    Attributes:
        gate: raw or marts.
        database: The file; no writer may have it open.
        previous: The version before, for comparisons; None where there is none.
        is_partial: Only selected models were built: some are older, or missing.
        memory_limit: Memory for DuckDB, or None for its default.
        threads: Threads for DuckDB.
    """

    gate: GateName
    database: Path
    previous: Path | None = None
    is_partial: bool = False
    memory_limit: str | None = None
    threads: int = 2


def write_request(request: GateRequest) -> str:
    """A request as one line."""
    return json.dumps(asdict(request), default=str)


def read_request(line: str) -> GateRequest:
    """The request of a line."""
    content = json.loads(line)
    for name in ("database", "previous"):
        content[name] = content[name] and Path(content[name])
    return GateRequest(**content)


def write_results(results: Sequence[CheckResult]) -> str:
    """Results as one line."""
    return json.dumps({"results": [asdict(result) for result in results]})


def read_results(line: str) -> tuple[CheckResult, ...]:
    """The results of a line.

    Raises:
        ValueError: It holds none.
    """
    content = json.loads(line)
    if "results" not in content:
        raise ValueError(content.get("error", "The answer cannot be read."))
    return tuple(
        CheckResult(**one | {"sample": tuple(one["sample"])}) for one in content["results"]
    )
