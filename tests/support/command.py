"""The command in a process of its own, as a user starts it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from orchestration.settings import PROJECT_ROOT

RUN = (sys.executable, str(PROJECT_ROOT / "run_pipeline.py"))


def environment(
    settings: Mapping[str, str] | None = None, *, project: Path | None = None
) -> dict[str, str]:
    """This one, with no setting of this machine but those given.

    Without the quality gates, which have tests of their own and take seconds.

    Args:
        settings: The environment's ``OLIST_`` variables.
        project: A dbt project, or None for the one of this repository.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith("OLIST_")}
    built = {} if project is None else {"OLIST_DBT_PROJECT_DIR": str(project)}
    return own | {"OLIST_QUALITY_GATES": "false"} | built | dict(settings or {})


def start(
    project: Path | None, *arguments: str, settings: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    """Start a run.

    Args:
        project: A dbt project, or None for the one of this repository.
        arguments: Of the command.
        settings: The environment's ``OLIST_`` variables.
    """
    return subprocess.Popen(
        [*RUN, *arguments],
        cwd=PROJECT_ROOT,
        env=environment(settings, project=project),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def says(child: subprocess.Popen[str], start_of_line: str) -> bool:
    """Read on until it writes such a line; False if it ends without."""
    assert child.stdout is not None
    return any(line.startswith(start_of_line) for line in child.stdout)
