"""What dbt read of a project, copied from one warehouse of the tests to the next.

In a new warehouse dbt reads a project from nothing: over three seconds of a processor for
this repository's, half a second for a tiny one. With what another run has read, it compares the
files and reads those that differ, as it does on every night but the first.
"""

from __future__ import annotations

import shutil
from pathlib import Path

# dbt's own: where to look before it reads.
VARIABLE = "DBT_PARTIAL_PARSE_FILE_PATH"
_NAME = "partial_parse.msgpack"


def read_by(warehouse: Path) -> dict[str, str]:
    """The environment that lets a run use what the runs of a warehouse directory have read."""
    kept = _kept(warehouse / "cache" / "dbt")
    assert kept.is_file(), (
        f"{kept} is missing: dbt would read everything again, and nobody would notice"
    )
    return {VARIABLE: str(kept)}


def copy_to(warehouse: Path, cache_dir: Path) -> None:
    """Put what the runs of a warehouse directory have read where a request looks for it."""
    target = _kept(cache_dir)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_kept(warehouse / "cache" / "dbt"), target)


def read_into(target: Path) -> Path:
    """Where dbt keeps what it has read, of a target directory of its."""
    return target / _NAME


def _kept(cache_dir: Path) -> Path:
    return read_into(cache_dir / "target")
