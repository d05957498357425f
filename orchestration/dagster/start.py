"""``olist dagster``: start Dagster, its pages and its daemon.

Only the start is here: where Dagster keeps its records, and how it is configured.
"""

from __future__ import annotations

import os
import sys
from importlib.resources import files
from pathlib import Path
from typing import NoReturn

from orchestration.settings import PROJECT_ROOT, Settings

MODULE = "orchestration.dagster.definitions"
CONFIG_NAME = "dagster.yaml"


def start_dagster(settings: Settings, port: int) -> NoReturn:
    """Start Dagster in the place of this process.

    Args:
        settings: Say where the warehouse is, and with it Dagster's records.
        port: Of the pages.
    """
    home = prepare_home(settings, os.environ.get("DAGSTER_HOME"))
    sys.stderr.write(f"Dagster: http://127.0.0.1:{port} (records in {home})\n")
    sys.stderr.flush()
    os.environ["DAGSTER_HOME"] = str(home)
    os.chdir(PROJECT_ROOT)
    # The pages ask for no password, and anyone who opens them can start runs: loopback only.
    command = ("dev", "-m", MODULE, "-h", "127.0.0.1", "-p", str(port))
    # The successor of `dagster dev` that it advertises is another package, for new projects.
    quiet = ("-W", "ignore:Function `dev_command`:FutureWarning")
    os.execv(sys.executable, [sys.executable, *quiet, "-m", "dagster", *command])  # noqa: S606


def prepare_home(settings: Settings, wanted: str | None = None) -> Path:
    """Make the directory of Dagster's records, with the configuration it needs.

    Args:
        settings: Say where the warehouse is.
        wanted: Another directory than the one in the warehouse.

    Returns:
        The directory. A configuration that somebody else wrote there is left as it is.
    """
    home = (
        Path(wanted).expanduser().absolute() if wanted else settings.warehouse_dir / "dagster"
    )
    home.mkdir(parents=True, exist_ok=True)
    text = files("orchestration.dagster").joinpath(CONFIG_NAME).read_text(encoding="utf-8")
    config = home / CONFIG_NAME
    first_line = text.splitlines()[0]
    if not config.exists() or config.read_text(encoding="utf-8").startswith(first_line):
        config.write_text(text, encoding="utf-8")
    return home
