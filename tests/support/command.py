"""The command in a process of its own, on this project's models or on a test's own project."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from orchestration.settings import PROJECT_ROOT

# The command on a dbt project of the test's own. All else is as it is, but for the interrupt: a
# shell that has the tests run in the background hands down that it is ignored.
WRAPPER = """
import signal
import sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)
from orchestration.settings import Settings
Settings.dbt_project_dir = property(lambda self: Path(sys.argv[1]))
import run_pipeline
from orchestration.command import leave
leave(run_pipeline.main(sys.argv[2:]))
"""


def environment(settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """This one, with no setting of this machine but those given.

    Without the quality gates, which have tests of their own and take seconds.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith("OLIST_")}
    return own | {"OLIST_QUALITY_GATES": "false"} | dict(settings or {})


def start(
    project: Path | None, *arguments: str, settings: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    """Start a run, with its output in pipes.

    Args:
        project: A dbt project, or None for the one of this repository.
        arguments: Of the command.
        settings: The environment's ``OLIST_`` variables.
    """
    program = ["run_pipeline.py"] if project is None else ["-c", WRAPPER, str(project)]
    return subprocess.Popen(
        [sys.executable, "-u", *program, *arguments],
        cwd=PROJECT_ROOT,
        env=environment(settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
