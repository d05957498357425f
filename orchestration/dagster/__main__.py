"""``python -m orchestration.dagster``: start Dagster, its pages and its daemon.

Only the start is here: where Dagster keeps its records, and how it is configured.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from orchestration.errors import EXIT_WRONG_USE, PipelineError
from orchestration.settings import PROJECT_ROOT, Settings, load_settings
from orchestration.terminal.entry import in_words

MODULE = "orchestration.dagster.definitions"
CONFIG_NAME = "dagster.yaml"

_EXAMPLES = """\
Dagster keeps its records in DAGSTER_HOME, by default the directory "dagster" in the warehouse.
Everything else is set as for the pipeline: OLIST_SOURCE, OLIST_WAREHOUSE_DIR and so on.
"""


def main(arguments: Sequence[str] | None = None) -> int:  # noqa: RET503 - or never returns
    """Start Dagster in the place of this process.

    Args:
        arguments: The command line, by default that of the process.

    Returns:
        The exit code, if it could not be started.
    """
    parser = argparse.ArgumentParser(
        prog="python -m orchestration.dagster",
        description="Start Dagster: the pages, the schedule, the sensor, the queue of runs.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=3000, help="of the pages (3000)")
    options = parser.parse_args(arguments)
    try:
        settings = load_settings()
        home = prepare_home(settings, os.environ.get("DAGSTER_HOME"))
    except (PipelineError, OSError) as error:
        sys.stderr.write(f"error: {in_words(error)}\n")
        return EXIT_WRONG_USE
    sys.stderr.write(f"Dagster: http://127.0.0.1:{options.port} (records in {home})\n")
    sys.stderr.flush()
    os.environ["DAGSTER_HOME"] = str(home)
    os.chdir(PROJECT_ROOT)
    # The pages ask for no password, and anyone who opens them can start runs: loopback only.
    command = ("dev", "-m", MODULE, "-h", "127.0.0.1", "-p", str(options.port))
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


if __name__ == "__main__":
    sys.exit(main())
