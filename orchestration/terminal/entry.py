"""What all commands share: standard streams, signals, errors in words, the exit code.

A command parses its arguments, hands its work to :func:`guarded`, and is started by
:func:`start`. Imports little, so that ``--help`` answers at once.
"""

from __future__ import annotations

import atexit
import contextlib
import errno
import io
import os
import select
import sys
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

from extract.errors import ExtractError
from orchestration.errors import (
    EXIT_DONE,
    EXIT_FAILED,
    PipelineError,
    Terminated,
    advice,
    exit_code,
    is_disk_full,
    is_of_the_surroundings,
)
from orchestration.terminal.printable import printable
from orchestration.terminal.signals import as_asked, finish, is_asked_to_stop, stoppable

NOTHING_PUBLISHED = "Nothing was published; the next run starts afresh."
READERS_KEEP = "Readers see what they saw before."


def guarded(
    work: Callable[[], int],
    *,
    what: str = "command",
    unchanged: str = "",
    verbose: bool = False,
    hint: Callable[[], str | None] = lambda: None,
) -> int:
    """Do the work of a command; what ends it is said on stderr.

    Args:
        work: Gives the exit code.
        what: What the user calls it, such as "run".
        unchanged: A sentence on what a command that was stopped leaves behind.
        verbose: Show tracebacks, too.
        hint: Where to read on, once the work has failed.

    Returns:
        The exit code, as ``orchestration.errors`` defines it.
    """
    with stoppable():
        try:
            return work()
        except (Exception, KeyboardInterrupt) as caught:  # noqa: BLE001 - they become words
            finish()
            error = as_asked(caught)
            if verbose:
                traceback.print_exception(error)
            print_error(in_words(error, what=what, unchanged=unchanged), hint=hint())
            return exit_code(error)


def in_words(
    error: BaseException, *, what: str = "run", unchanged: str = NOTHING_PUBLISHED
) -> str:
    """What ended a command, in words with a next action."""
    if isinstance(error, Terminated):
        return f"The {what} was asked to stop. {unchanged}".rstrip()
    if isinstance(error, KeyboardInterrupt):
        return f"Interrupted. {unchanged}".rstrip()
    if isinstance(error, (PipelineError, ExtractError)):
        text = str(error)
        needs_advice = is_disk_full(error) and advice(error) not in text
        return f"{text.rstrip('.')}. {advice(error)}" if needs_advice else text
    text = (str(error).strip() or type(error).__name__).rstrip(".")
    if is_of_the_surroundings(error):
        return f"{text}. {advice(error)} {unchanged}".rstrip()
    return (
        f"Unexpected {type(error).__name__}: {text}. {unchanged} This is a defect of the "
        "program; the log has the details, and --verbose shows them."
    )


def print_error(text: str, *, hint: str | None = None) -> None:
    """An error as a paragraph on stderr: what, where, what to do."""
    is_coloured = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    label = "\033[1;31merror:\033[0m" if is_coloured else "error:"
    lines = [f"{label} {printable(text)}", *([printable(hint)] if hint else [])]
    sys.stderr.write("\n".join(lines) + "\n")
    sys.stderr.flush()


def start(main: Callable[[], int], *, needs_a_reader: bool = True) -> NoReturn:
    """Be the command, from its first import to its exit.

    Args:
        main: The command.
        needs_a_reader: Whether output that could not be written is a failure. A reader who has
            seen enough (``| head``) is none.
    """
    output = _keep_streams()
    with stoppable():
        try:
            code = main()
        except SystemExit as ended:  # a parser has said why
            code = ended.code if isinstance(ended.code, int) else EXIT_DONE
        except KeyboardInterrupt as caught:  # before there was any work
            finish()
            error = as_asked(caught)
            print_error(in_words(error, what="command", unchanged="Nothing was done."))
            code = exit_code(error)
        finish()
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
        if needs_a_reader and output.problem is not None and code == EXIT_DONE:
            reason = output.problem.strerror or output.problem
            print_error(f"The output could not be written: {reason}. Write it elsewhere.")
            code = EXIT_FAILED
        if is_asked_to_stop():
            # Threads that dbt leaves behind when interrupted hold objects of DuckDB, which
            # would report each as leaked, 40 lines below the message: so nothing is unloaded.
            atexit._run_exitfuncs()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        sys.exit(code)


class _Output(io.FileIO):
    """A standard stream that outlives its reader: what cannot be written is dropped.

    Attributes:
        problem: Why nothing can be written; None as long as it can, and where a reader of a
            pipe has seen enough.
    """

    problem: OSError | None = None
    _is_closed = False

    def write(self, data: Any) -> int:  # noqa: ANN401 - FileIO's own interface
        size = memoryview(data).nbytes
        try:
            # A terminal shared with another program may refuse to block.
            while not self._is_closed and (written := super().write(data)) is None:
                select.select([], [self], [])
        except OSError as error:
            self._is_closed = True
            self.problem = None if error.errno == errno.EPIPE else error
        return size if self._is_closed else written


def _keep_streams() -> _Output:
    """Let the command outlive the readers of its output; returns what stdout writes to."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # Closed: the next file to be opened, maybe the warehouse, would get its number, and
            # with it what is meant for the terminal.
            os.open(os.devnull, os.O_RDWR)
    outputs = []
    for number, name in ((1, "stdout"), (2, "stderr")):
        before = getattr(sys, name)
        raw = _Output(number, "w", closefd=False)
        outputs.append(raw)
        text = io.TextIOWrapper(
            io.BufferedWriter(raw),
            encoding=before.encoding if before else "utf-8",
            # A name of a file may hold what the terminal cannot show.
            errors="backslashreplace",
            line_buffering=before.line_buffering if before else True,
        )
        setattr(sys, name, text)
    return outputs[0]
