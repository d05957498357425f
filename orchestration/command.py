"""The command around a run: settings, signals, console, errors in words, the exit code.

Arguments are parsed in ``run_pipeline.py``; what a run does is in ``orchestration.pipeline``.
"""

from __future__ import annotations

import atexit
import os
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NoReturn

import duckdb

from extract.errors import ExtractError
from orchestration.console import make_console, print_error
from orchestration.errors import (
    EXIT_DONE,
    PipelineError,
    SettingsError,
    Terminated,
    advice,
    exit_code,
    is_disk_full,
)
from orchestration.events import Event, RunStarted
from orchestration.interrupts import stoppable
from orchestration.pipeline import run
from orchestration.run_context import RunOptions
from orchestration.runs import LOG_NAME
from orchestration.settings import SOURCE_WORDS, load_settings


@dataclass(frozen=True, slots=True)
class Arguments:
    """The command line, as parsed; None means not given."""

    source: str | None = None
    scale: str | None = None
    seed: str | None = None
    warehouse: Path | None = None
    full_refresh: bool = False
    mode: Literal["snapshot", "delta"] = "snapshot"
    select: str | None = None
    quiet: bool = False
    verbose: bool = False


def execute(arguments: Arguments) -> int:
    """Run the pipeline and say how it went.

    Returns:
        The exit code, as ``orchestration.errors`` defines it.
    """
    directory: Path | None = None
    try:
        with stoppable():
            settings = load_settings(
                source=_from_here(arguments.source),
                scale=arguments.scale,
                seed=arguments.seed,
                warehouse_dir=arguments.warehouse and arguments.warehouse.absolute(),
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
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - here errors become words
        if arguments.verbose:
            traceback.print_exc()
        log = directory / LOG_NAME if directory else None
        print_error(in_words(error), hint=f"The run's log: {log}" if log else None)
        return exit_code(error)
    return EXIT_DONE


def in_words(error: BaseException) -> str:
    """What ended a command, in words with a next action."""
    if isinstance(error, Terminated):
        return "The run was asked to stop. Nothing was published; the next run starts afresh."
    if isinstance(error, KeyboardInterrupt):
        return "Interrupted. Nothing was published; the next run starts afresh."
    if isinstance(error, (PipelineError, ExtractError)):
        text = str(error)
        needs_advice = is_disk_full(error) and advice(error) not in text
        return f"{text.rstrip('.')}. {advice(error)}" if needs_advice else text
    text = str(error).strip() or type(error).__name__
    if isinstance(error, (OSError, duckdb.IOException)):
        return f"{text}. {advice(error)} Nothing was published."
    if isinstance(error, duckdb.OutOfMemoryException):
        return (
            f"{text}. Raise OLIST_MEMORY_LIMIT, or lower OLIST_THREADS or --scale. "
            "Nothing was published."
        )
    return (
        f"Unexpected {type(error).__name__}: {text}. Nothing was published. This is a defect "
        "of the program; the log has the details, and --verbose shows them."
    )


def leave(code: int) -> NoReturn:
    """End the process as Python would, but without unloading it.

    Everything of ours is closed by now. To take dbt apart takes most of a second, and threads
    that it leaves behind when it is interrupted still hold DuckDB's objects, which would report
    each as leaked: 40 lines below the message.
    """
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _from_here(source: str | None) -> str | None:
    """On the command line a path counts from where the user stands."""
    if source is None or source in SOURCE_WORDS:
        return source
    if not source.strip():
        message = (
            "--source is empty. Name a directory of CSVs, a zip, 'kaggle' or 'synthetic', or "
            "leave it out."
        )
        raise SettingsError(message)
    return str(Path(source).expanduser().absolute())
