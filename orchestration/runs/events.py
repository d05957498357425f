"""What a run reports while it works, as data, and the lines of it in the run's log.

How it looks on a terminal is in ``orchestration.pipeline.console``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from orchestration.dbt.results import NodeProgress
from orchestration.runs.records import RunSummary

logger = logging.getLogger(__name__)

Stage = Literal["prepare", "extract", "check_raw", "transform", "check_marts", "publish"]
STAGES: tuple[Stage, ...] = (
    *("prepare", "extract", "check_raw"),
    *("transform", "check_marts", "publish"),
)


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run has the warehouse and a directory for its log."""

    run_id: str
    directory: Path


@dataclass(frozen=True, slots=True)
class StageStarted:
    """A stage begins."""

    stage: Stage


@dataclass(frozen=True, slots=True)
class StageFinished:
    """A stage is done."""

    stage: Stage
    seconds: float


@dataclass(frozen=True, slots=True)
class SourceOpened:
    """The source was found and keeps its contract."""

    label: str
    is_synthetic: bool


@dataclass(frozen=True, slots=True)
class TableLoaded:
    """One raw table is loaded; ``index`` of ``total``."""

    index: int
    total: int
    name: str
    rows: int


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the user should know; the run goes on."""

    text: str


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The run is over, done or failed, and its summary is written."""

    summary: RunSummary
    directory: Path


Event = (
    RunStarted
    | StageStarted
    | StageFinished
    | SourceOpened
    | TableLoaded
    | NodeProgress
    | Notice
    | RunFinished
)
Listener = Callable[[Event], None]


def log(event: Event) -> None:
    """Write an event to the log of its run."""
    match event:
        case RunStarted(run_id):
            logger.info("Run %s started", run_id)
        case StageStarted(stage):
            logger.info("%s: started", stage)
        case StageFinished(stage, seconds):
            logger.info("%s: done in %.2f s", stage, seconds)
        case SourceOpened(label, is_synthetic):
            logger.info("Source: %s%s", label, " (synthetic data)" if is_synthetic else "")
        case TableLoaded(index, total, name, rows):
            logger.info("raw.%s: %s rows (%d of %d)", name, f"{rows:,}", index, total)
        case NodeProgress():
            logger.info(
                "%d of %d: %s %s %s in %.2f s",
                *(event.index, event.total, event.kind, event.name, event.status),
                event.seconds,
            )
        case Notice(text):
            logger.warning(text)
        case RunFinished(summary):
            logger.info("Run %s %s in %.2f s", summary.run_id, summary.status, summary.seconds)
