"""The command in a process of its own, on this project's models or on a test's own project.

With an interpreter of its own, as a user starts it, the command is run by
``tests/fixtures_warehouse.py``.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from orchestration.settings import PROJECT_ROOT
from tests.support.forked import Forked

# With an interpreter of its own, where a test needs that: a dbt project, and the arguments.
WRAPPER = "import sys; from tests.support.command import run; run(sys.argv[1], sys.argv[2:])"


def environment(settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """This one, with no setting of this machine but those given.

    Without the quality gates, which have tests of their own and take seconds.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith("OLIST_")}
    return own | {"OLIST_QUALITY_GATES": "false"} | dict(settings or {})


def start(
    project: Path | None, *arguments: str, settings: Mapping[str, str] | None = None
) -> Forked:
    """Start a run.

    Args:
        project: A dbt project, or None for the one of this repository.
        arguments: Of the command.
        settings: The environment's ``OLIST_`` variables.
    """
    return Forked(run, project, arguments, cwd=PROJECT_ROOT, variables=environment(settings))


def run(project: str | Path | None, arguments: Sequence[str]) -> None:
    """Be the command, on a dbt project of the test's own or this repository's."""
    # Only in the process that it is for.
    from orchestration.cli import main  # noqa: PLC0415
    from orchestration.settings import Settings  # noqa: PLC0415
    from orchestration.terminal.entry import start as be_the_command  # noqa: PLC0415

    # A shell that has the tests run in the background hands down that it is ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if project is not None:
        Settings.dbt_project_dir = property(lambda _: Path(project))  # type: ignore[assignment]
    be_the_command(lambda: main(["run", *arguments]), needs_a_reader=False)
