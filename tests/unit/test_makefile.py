"""What `make` says while it installs: minutes of silence look as if it hung."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from orchestration.settings import PROJECT_ROOT

_PIP = """\
#!/bin/bash
if [[ $2 == pip ]]; then
  echo "  Installing build dependencies: started"
  for n in {1..45}; do echo "Collecting package$n>=1"; echo "  Downloading package$n"; done
  echo "Installing collected packages: package1"
  echo "Successfully installed package1"
  exit CODE
fi
echo "ran $*"
"""


def without_make() -> dict[str, str]:
    """The environment less what `make test ARGS=...` hands down to a make within."""
    return {k: v for k, v in os.environ.items() if k not in ("ARGS", "MAKEFLAGS", "MFLAGS")}


@pytest.mark.parametrize("code", [0, 1])
def test_the_first_command_says_what_it_installs_and_how_far_it_is(
    tmp_path: Path, code: int
) -> None:
    python = tmp_path / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(_PIP.replace("CODE", str(code)), encoding="utf-8")
    python.chmod(0o755)
    ended = subprocess.run(
        ["make", "--no-print-directory", "pipeline", f"VENV={tmp_path / 'venv'}"],
        cwd=PROJECT_ROOT,
        env=without_make(),
        capture_output=True,
        text=True,
        check=False,
    )
    lines = ended.stdout.splitlines()
    assert "minutes the first time" in lines[0]
    assert lines[1:4] == [
        *("  20 packages found", "  40 packages found"),
        "  unpacking the 45 packages that are new",
    ]
    # A failed installation stays one, though its output goes through a pipe.
    assert ((ended.returncode == 0), lines[4:]) == (
        (True, ["ran run_pipeline.py"]) if code == 0 else (False, [])
    )
