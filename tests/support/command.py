"""The command in a process of its own, on this project's models or on a test's own project.

Such a process is forked off one that has imported dbt already, which takes longer than all that
a run on tiny files does. It is a process like any other: asked by arguments and environment, it
answers by its streams and exit code, and can be killed. With an interpreter of its own, as a
user starts it, the command is run by ``tests/fixtures_warehouse.py``.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from orchestration.settings import PROJECT_ROOT

# With an interpreter of its own, where a test needs that: a dbt project, and the arguments.
WRAPPER = "import sys; from tests.support.command import run; run(sys.argv[1], sys.argv[2:])"

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["dbt.cli.main", "dbt.adapters.duckdb", "dbt.task.build"])


def environment(settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """This one, with no setting of this machine but those given.

    Without the quality gates, which have tests of their own and take seconds.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith("OLIST_")}
    return own | {"OLIST_QUALITY_GATES": "false"} | dict(settings or {})


class Run:
    """A run that was started, in the words of ``subprocess.Popen``.

    Attributes:
        stdout: What it writes, as it comes.
    """

    def __init__(
        self, project: Path | None, arguments: Sequence[str], variables: Mapping[str, str]
    ) -> None:
        """Start it."""
        self._errors = tempfile.NamedTemporaryFile("r", encoding="utf-8")  # noqa: SIM115
        reader, writer = _FORKS.Pipe(duplex=False)
        self._process = _FORKS.Process(
            target=_run_forked,
            args=(project, arguments, dict(variables), writer, self._errors.name),
        )
        self._process.start()
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
            raise subprocess.TimeoutExpired("the command", timeout)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """What it has still to say, and all its complaints, once it has ended."""
        out = self.stdout.read()
        self.wait(timeout)
        self.stdout.close()
        with self._errors as errors:
            return out, errors.read()


def start(
    project: Path | None, *arguments: str, settings: Mapping[str, str] | None = None
) -> Run:
    """Start a run.

    Args:
        project: A dbt project, or None for the one of this repository.
        arguments: Of the command.
        settings: The environment's ``OLIST_`` variables.
    """
    return Run(project, arguments, environment(settings))


def run(project: str | Path | None, arguments: Sequence[str]) -> None:
    """Be the command, on a dbt project of the test's own or this repository's."""
    import run_pipeline  # noqa: PLC0415 - only in the process that it is for
    from orchestration.command import leave  # noqa: PLC0415
    from orchestration.settings import Settings  # noqa: PLC0415

    # A shell that has the tests run in the background hands down that it is ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if project is not None:
        Settings.dbt_project_dir = property(lambda _: Path(project))  # type: ignore[assignment]
    leave(run_pipeline.main(list(arguments)))


def _run_forked(
    project: Path | None,
    arguments: Sequence[str],
    variables: Mapping[str, str],
    out: Connection,
    errors: str,
) -> None:
    os.environ.clear()
    os.environ.update(variables)
    os.chdir(PROJECT_ROOT)
    os.dup2(out.fileno(), 1)
    os.dup2(os.open(errors, os.O_WRONLY), 2)
    # Line by line: tests wait for what is said.
    sys.stdout = open(1, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115
    out.close()
    run(project, arguments)
