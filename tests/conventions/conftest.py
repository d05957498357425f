"""What the conventions are read from: dbt's manifest and the files git keeps."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.conventions.project import PROJECT_ROOT, Manifest


@pytest.fixture(scope="session")
def manifest(dbt_target: Path) -> Manifest:
    """The dbt project as dbt reads it."""
    return Manifest(json.loads((dbt_target / "manifest.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def kept_files() -> tuple[Path, ...]:
    """Every file that is tracked or would be: all but what git ignores."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = (PROJECT_ROOT / name for name in listing.stdout.split("\0") if name)
    return tuple(sorted({path for path in paths if path.is_file()}))
