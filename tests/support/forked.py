"""Processes forked off one that has dbt ready, which takes longer than most of what they do.

Each is a process like any other: it is told by arguments and environment, answers by its
streams and its exit code, and can be killed.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.support.forkserver"])


class Forked:
    """A process that was started, in the words of ``subprocess.Popen``.

    Attributes:
        stdout: What it writes, as it comes.
    """

    def __init__(
        self, call: Callable[..., Any], *given: object, cwd: Path, variables: Mapping[str, str]
    ) -> None:
        """Start it.

        Args:
            call: A function of a module; what it raises as SystemExit is the exit code.
            *given: Its arguments.
            cwd: The directory it is called in.
            variables: All of its environment.
        """
        self._errors = tempfile.NamedTemporaryFile("r", encoding="utf-8")  # noqa: SIM115
        reader, writer = _FORKS.Pipe(duplex=False)
        streams = (writer, self._errors.name)
        self._process = _FORKS.Process(
            target=_call, args=(streams, cwd, dict(variables), call, given), daemon=True
        )
        self._process.start()
        # A test that fails halfway leaves none behind.
        weakref.finalize(self, self._process.kill)
        writer.close()
        self.stdout = os.fdopen(os.dup(reader.fileno()), encoding="utf-8")
        reader.close()

    @property
    def returncode(self) -> int | None:
        """None while it runs; below 0, the signal that killed it."""
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """Signal the process."""
        assert self._process.pid is not None
        os.kill(self._process.pid, number)

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()

    def wait(self, timeout: float | None = None) -> None:
        """Wait until it has ended; raises ``subprocess.TimeoutExpired`` if it does not."""
        self._process.join(timeout)
        if timeout is not None and self.returncode is None:
            raise subprocess.TimeoutExpired("a forked process", timeout)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """What it has still to say, and all its complaints, once it has ended.

        Args:
            timeout: Seconds after which it is killed.
        """
        end = threading.Timer(timeout, self.kill) if timeout is not None else None
        if end is not None:
            end.start()
        out = self.stdout.read()
        self.wait()
        if end is not None:
            end.cancel()
        self.stdout.close()
        with self._errors as errors:
            return out, errors.read()


def _call(
    streams: tuple[Connection, str],
    cwd: Path,
    variables: Mapping[str, str],
    call: Callable[..., Any],
    given: tuple[object, ...],
) -> None:
    os.environ.clear()
    os.environ.update(variables)
    os.chdir(cwd)
    out, errors = streams
    os.dup2(out.fileno(), 1)
    os.dup2(os.open(errors, os.O_WRONLY), 2)
    # Line by line: tests wait for what is said.
    sys.stdout = open(1, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115
    out.close()
    call(*given)
