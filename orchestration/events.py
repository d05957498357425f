"""What a run tells while it works, as data. How it looks is in ``orchestration.console``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from orchestration.runs import RunSummary
from orchestration.transform import NodeProgress

Stage = Literal["prepare", "extract", "transform", "publish"]
STAGES: tuple[Stage, ...] = ("prepare", "extract", "transform", "publish")


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
