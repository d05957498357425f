"""The units and the settings of a small server, verified by systemd itself."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from dotenv import dotenv_values

from orchestration.alerts.watch import SCHEDULE_ZONE, SCHEDULED_AT
from orchestration.cli import app
from orchestration.settings import ENV_PREFIX, PROJECT_ROOT, Settings, load_settings

UNITS = PROJECT_ROOT / "docs" / "operations" / "systemd"
PROGRAM = "/usr/local/lib/olist-dw/.venv/bin/olist"


@pytest.fixture
def systemd() -> str:
    found = shutil.which("systemd-analyze")
    if found is None:
        pytest.skip("there is no systemd-analyze: install Debian's package systemd")
    return found


def _units(suffix: str) -> list[Path]:
    found = sorted(UNITS.glob(f"*{suffix}"))
    assert found
    return found


def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path, systemd: str) -> None:
    for unit in (*_units(".service"), *_units(".timer")):
        text = unit.read_text(encoding="utf-8").replace(
            PROGRAM, str(Path(sys.executable).with_name("olist"))
        )
        text = re.sub(r"(?m)^(Documentation|WorkingDirectory)=.*$", "", text)
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    verified = subprocess.run(
        [systemd, "verify", "--man=no", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in verified.stderr.splitlines() if "olist-" in line]
    assert ours == []


def test_every_service_is_hardened_alike() -> None:
    blocks = {
        unit.read_text(encoding="utf-8")
        .partition("# What it may do")[2]
        .partition("\n\n")[0]
        .strip()
        for unit in _units(".service")
    }
    assert len(blocks) == 1
    assert "ProtectSystem=strict" in blocks.pop()


def test_every_timer_starts_a_service_and_every_command_exists() -> None:
    for timer in _units(".timer"):
        assert timer.with_suffix(".service").is_file()
    for service in _units(".service"):
        [line] = re.findall(r"(?m)^ExecStart=(.*)$", service.read_text(encoding="utf-8"))
        program, *arguments = line.split()
        assert program == PROGRAM
        assert arguments[0] in typer.main.get_command(app).commands  # type: ignore[attr-defined]


def test_the_timer_starts_the_run_when_the_watch_expects_it() -> None:
    text = (UNITS / "olist-pipeline.timer").read_text(encoding="utf-8")
    assert f"OnCalendar=*-*-* {SCHEDULED_AT} {SCHEDULE_ZONE}\n" in text


def test_the_example_holds_settings_that_are_allowed() -> None:
    example = UNITS / "olist-dw.env.example"
    known = {ENV_PREFIX + name.upper() for name in Settings.model_fields}
    assert set(dotenv_values(example)) <= known
    settings = load_settings(example)
    assert settings.keep_runs >= 30 + 5  # the objectives look back on 30 nights
