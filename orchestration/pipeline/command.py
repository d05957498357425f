"""The command around a run: settings, signals, console, errors in words, the exit code.

Arguments are parsed in ``run_pipeline.py``; what a run does is in
``orchestration.pipeline.stages``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from orchestration.errors import EXIT_DONE
from orchestration.pipeline.console import make_console
from orchestration.pipeline.context import RunOptions
from orchestration.pipeline.stages import run
from orchestration.runs.events import Event, RunStarted
from orchestration.runs.records import LOG_NAME
from orchestration.settings import load_settings
from orchestration.terminal.entry import NOTHING_PUBLISHED, guarded


@dataclass(frozen=True, slots=True)
class Arguments:
    """The command line, as parsed; None means not given."""

    source: str | None = None
    scale: str | None = None
    seed: str | None = None
    warehouse: str | Path | None = None
    full_refresh: bool = False
    mode: Literal["snapshot", "delta"] = "snapshot"
    select: str | None = None
    engine: str | None = None
    quiet: bool = False
    verbose: bool = False


def execute(arguments: Arguments) -> int:
    """Run the pipeline and say how it went.

    Returns:
        The exit code, as ``orchestration.errors`` defines it.
    """
    directory: Path | None = None

    def work() -> int:
        settings = load_settings(
            source=arguments.source,
            scale=arguments.scale,
            seed=arguments.seed,
            warehouse_dir=arguments.warehouse,
            engine=arguments.engine,
        )
        options = RunOptions(
            full_refresh=arguments.full_refresh,
            mode=arguments.mode,
            select=arguments.select,
        )
        with make_console(quiet=arguments.quiet, verbose=arguments.verbose) as console:

            def listen(event: Event) -> None:
                nonlocal directory
                if isinstance(event, RunStarted):
                    directory = event.directory
                console(event)

            run(settings, options, listen)
        return EXIT_DONE

    return guarded(
        work,
        what="run",
        unchanged=NOTHING_PUBLISHED,
        verbose=arguments.verbose,
        hint=lambda: f"The run's log: {directory / LOG_NAME}" if directory else None,
    )
