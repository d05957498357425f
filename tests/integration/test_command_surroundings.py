"""The command where it is started: signals, readers that leave, terminals, odd directories."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from orchestration.settings import PROJECT_ROOT
from orchestration.warehouse.store import Warehouse, open_reader
from tests.support import tiny
from tests.support.command import RUN, environment, says, start

_MODEL = "select order_id from raw.orders"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tiny.write_source(tmp_path / "source")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return tiny.write_project(tmp_path / "project", orders=_MODEL)


def _shell(
    script: str,
    *command: str,
    cwd: Path = PROJECT_ROOT,
    settings: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """A line of bash in which ``"$@"`` is a command."""
    return subprocess.run(
        ["bash", "-c", script, "bash", *command],
        cwd=cwd,
        env=environment(settings),
        capture_output=True,
        text=True,
        check=False,
    )


def _last_summary(warehouse: Path) -> dict[str, Any]:
    newest = max((warehouse / "runs").iterdir())
    content: dict[str, Any] = json.loads((newest / "summary.json").read_text(encoding="utf-8"))
    return content


_INTERRUPTED = (130, "error: Interrupted. Nothing was", "KeyboardInterrupt")
_ASKED = (1, "error: The run was asked to stop. Nothing was", "Terminated")


@pytest.mark.parametrize(
    ("stage", "number", "expected"),
    [
        ("prepare", signal.SIGINT, _INTERRUPTED),
        ("extract", signal.SIGINT, _INTERRUPTED),
        ("extract", signal.SIGTERM, _ASKED),
        ("prepare", signal.SIGHUP, _ASKED),
    ],
)
def test_a_signal_while_duckdb_works_is_no_defect(
    tmp_path: Path, stage: str, number: int, expected: tuple[int, str, str]
) -> None:
    code, words, error_type = expected
    arguments = ("--source", "synthetic", "--scale", "0.05", "--warehouse", str(tmp_path))
    child = start(None, *arguments)
    assert says(child, f"{stage} ...")
    time.sleep(0.3)
    child.send_signal(number)
    _, err = child.communicate(timeout=60)
    assert (child.returncode, len(err.splitlines())) == (code, 2), err
    assert err.startswith(words)
    assert _last_summary(tmp_path)["error_type"] == error_type
    assert not (tmp_path / "olist.duckdb").exists()
    assert not (tmp_path / "build").exists()


@pytest.mark.parametrize("delay", [0, 0.03, 0.1])
def test_a_signal_during_publish_leaves_what_the_command_says(
    tmp_path: Path, source: Path, project: Path, delay: float
) -> None:
    child = start(project, "--source", str(source), "--warehouse", str(tmp_path / "dw"))
    assert says(child, "publish ...")
    time.sleep(delay)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=60)
    is_published = (tmp_path / "dw" / "olist.duckdb").exists()
    status = _last_summary(tmp_path / "dw")["status"]
    if child.returncode == 0:
        assert (is_published, status, err) == (True, "done", "")
    else:
        assert child.returncode == 130
        assert err.startswith("error: Interrupted. Nothing was published")
        assert (is_published, status) == (False, "failed")
        assert not list((tmp_path / "dw").glob("versions/*"))


def test_a_backup_that_is_asked_to_stop_is_no_defect(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "dw")
    tiny.publish(warehouse, tiny.numbered_run(1), 1)
    script = (
        "import os, signal\n"
        "from orchestration.cli import main\n"
        "from orchestration.warehouse import maintenance\n"
        "def stop(*_):\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    raise RuntimeError('Query interrupted')\n"
        "maintenance.back_up = stop\n"
        "raise SystemExit(main(['backup']))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script],
        cwd=PROJECT_ROOT,
        env=environment({"OLIST_WAREHOUSE_DIR": str(warehouse.directory)}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert (
        ended.stderr
        == "error: The backup was asked to stop. Readers see what they saw before.\n"
    )


@pytest.mark.parametrize(
    "script",
    [
        '"$@" | head -1',
        '"$@" >&- 2>&-',
        '"$@" > /dev/full 2> /dev/full',
        '"$@" 2>&1 | head -1',
    ],
)
def test_a_run_publishes_whoever_reads_along(
    tmp_path: Path, source: Path, project: Path, script: str
) -> None:
    arguments = ("--source", str(source), "--warehouse", str(tmp_path / "dw"))
    settings = {"OLIST_DBT_PROJECT_DIR": str(project)}
    command = (*RUN, *arguments)
    ended = _shell(f"{script}; exit ${{PIPESTATUS[0]}}", *command, settings=settings)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert _last_summary(tmp_path / "dw")["status"] == "done"
    with open_reader(tmp_path / "dw" / "olist.duckdb") as connection:
        assert connection.execute("select count(*) from core.orders").fetchall() == [(3,)]


@pytest.mark.parametrize(
    ("script", "code"),
    [('"$@" | head -1', 0), ('"$@" >&-', 0), ('"$@" > /dev/full', 1)],
)
def test_an_answer_that_could_not_be_written_is_a_failure_and_a_reader_who_leaves_none(
    tmp_path: Path, script: str, code: int
) -> None:
    tiny.publish(Warehouse(tmp_path), tiny.numbered_run(1), 1)
    command = (sys.executable, "-m", "orchestration", "versions")
    script = f"{script}; exit ${{PIPESTATUS[0]}}"
    ended = _shell(script, *command, "--warehouse", str(tmp_path))
    assert ended.returncode == code
    assert ("The output could not be written: No space left" in ended.stderr) == (code == 1)
    assert "Traceback" not in ended.stderr
    assert "Exception ignored" not in ended.stderr


@pytest.mark.parametrize("arguments", [("--help",), ("--nonsense",)])
def test_help_that_nobody_reads_makes_no_noise(arguments: tuple[str, ...]) -> None:
    ended = _shell('"$@" 2>&1 | true; exit ${PIPESTATUS[0]}', *RUN, *arguments)
    assert ended.returncode in (0, 2)
    assert ended.stderr == ""


def test_a_tilde_behind_an_equals_sign_is_the_home_directory(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    ended = _shell(
        'HOME="$0" "$@" --source=~/nope --warehouse=~/wh'.replace("$0", str(home)),
        *RUN,
        cwd=tmp_path,
    )
    assert ended.returncode == 2
    assert f"{home}/nope does not exist" in ended.stderr
    assert (home / "wh").is_dir()
    assert list(tmp_path.iterdir()) == [home]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("/dev/null", "is a device or a pipe"),
        ("dangling.zip", "is a link to elsewhere.zip, which does not exist"),
        ("Synthetic", "does not exist (did you mean `synthetic`?)"),
    ],
)
def test_a_source_that_is_no_file_is_named_as_what_it_is(
    tmp_path: Path, name: str, expected: str
) -> None:
    (tmp_path / "dangling.zip").symlink_to("elsewhere.zip")
    arguments = ("--source", name, "--warehouse", "dw", "--quiet")
    ended = _shell('"$@"', *RUN, *arguments, cwd=tmp_path)
    assert ended.returncode == 2
    assert expected in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--warehouse=",), "--warehouse is empty"),
        (("--warehouse=~nosuchuser/wh",), "there is no user 'nosuchuser'"),
        (("--source=~nosuchuser/x",), "there is no user 'nosuchuser'"),
        (("--source", "https://www.kaggle.com/x"), "download the zip and name it"),
        (("--warehouse=$HOME/wh",), "$HOME is not replaced here"),
    ],
)
def test_a_place_that_cannot_be_meant_ends_with_2_and_makes_no_directory(
    tmp_path: Path, arguments: tuple[str, ...], expected: str
) -> None:
    ended = subprocess.run(
        [*RUN, *arguments],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert expected in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_current_directory_that_is_gone_is_named_as_the_cause(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    ended = _shell(f'rmdir "{gone}"; "$@" --source x', *RUN, cwd=gone)
    assert ended.returncode == 2
    assert "the directory you are in, but that one no longer exists" in ended.stderr


def test_names_that_a_terminal_cannot_show_are_escaped(
    tmp_path: Path, source: Path, project: Path
) -> None:
    settings = {"PYTHONIOENCODING": "ascii", "OLIST_DBT_PROJECT_DIR": str(project)}
    command = (*RUN, "--warehouse", str(tmp_path / "dw"))
    odd = source.rename(tmp_path / "ação \udcff")
    ended = _shell('"$@"', *command, "--source", str(odd), settings=settings)
    assert ended.returncode == 2
    assert "its name is not UTF-8: rename it" in ended.stderr
    odd = odd.rename(tmp_path / "ação")
    ended = _shell('"$@"', *command, "--source", str(odd), settings=settings)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "a\\xe7\\xe3o" in ended.stdout


def test_a_misspelt_variable_ends_with_2_before_anything_is_loaded(
    tmp_path: Path, source: Path
) -> None:
    settings = {"OLIST_SORCE": str(source), "OLIST_WAREHOUSE_DIR": str(tmp_path / "dw")}
    ended = _shell('"$@"', *RUN, settings=settings)
    assert ended.returncode == 2
    assert "OLIST_SORCE, which is not a setting. Did you mean OLIST_SOURCE?" in ended.stderr
    assert not (tmp_path / "dw").exists()
