"""The command as a user meets it: exit codes, words, signals, kills, in a real process."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import duckdb
import pytest

from orchestration.settings import PROJECT_ROOT
from orchestration.warehouse.store import Warehouse, open_reader
from tests.support import tiny
from tests.support.command import RUN, environment, says, start

_MODEL = "select order_id from raw.orders"
# Hours of work that can be interrupted: no join that would be shortened.
_SLOW = "select sum(a.range * b.range % 7) as n from range(10000000) a, range(10000000) b"
# The same after a second or two of Jinja, in which there is nothing to interrupt.
_LATE = (
    "{% if execute %}{% for i in range(400) %}{% for j in range(100000) %}{% endfor %}"
    "{% endfor %}{% endif %}" + _SLOW
)
_MAX_FILE_BYTES = 2_000_000


def _command(
    *arguments: str, cwd: Path = PROJECT_ROOT, settings: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*RUN, *arguments],
        cwd=cwd,
        env=environment(settings),
        capture_output=True,
        text=True,
        check=False,
    )


def _wait_for(child: subprocess.Popen[str], line: str) -> None:
    if not says(child, line):
        pytest.fail(f"the run ended before it said {line!r}: {child.communicate()[1]}")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tiny.write_source(tmp_path / "source")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return tiny.write_project(tmp_path / "project", orders=_MODEL)


@pytest.fixture
def slow_project(tmp_path: Path) -> Path:
    return tiny.write_project(tmp_path / "slow", slow=_SLOW)


def test_help_shows_examples_and_exit_codes_without_loading_anything() -> None:
    finished = _command("--help")
    assert finished.returncode == 0
    assert "--source ~/Downloads/archive.zip" in finished.stdout
    assert "3 another run holds the warehouse" in " ".join(finished.stdout.split())
    check = (
        "import sys; from orchestration.cli import main; main(['run', '--help']);"
        "sys.exit(len({'duckdb', 'rich', 'dbt', 'pandas'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "settings", "expected"),
    [
        (["--sauce", "x"], {}, "No such option: --sauce"),
        (["--mode", "daily"], {}, "'daily' is not one of"),
        (["--quiet", "--verbose"], {}, "--quiet and --verbose exclude each other"),
        (["--scale", "none"], {}, "--scale is 'none', but must be a number above 0"),
        (["--seed", "-4"], {}, "--seed is '-4', but must be a whole number"),
        ([], {"OLIST_THREADS": "0"}, "OLIST_THREADS is '0', but must be a whole number"),
        (["--source", ""], {}, "--source is empty"),
        (["--source", "/no/such/place"], {}, "/no/such/place does not exist"),
    ],
)
def test_wrong_use_ends_with_2_and_says_what_is_wrong(
    tmp_path: Path, arguments: list[str], settings: dict[str, str], expected: str
) -> None:
    finished = _command("--warehouse", str(tmp_path / "dw"), *arguments, settings=settings)
    assert finished.returncode == 2
    assert expected in finished.stderr
    assert "Traceback" not in finished.stderr


def test_a_broken_contract_ends_with_2_and_names_file_and_column(
    tmp_path: Path, source: Path
) -> None:
    (source / "olist_sellers_dataset.csv").write_text("seller_id,city\n", encoding="utf-8")
    finished = _command("--source", "source", "--warehouse", "dw", "--quiet", cwd=tmp_path)
    assert finished.returncode == 2
    assert finished.stdout == ""
    assert "olist_sellers_dataset.csv" in finished.stderr
    assert "seller_zip_code_prefix" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert not (tmp_path / "dw" / "olist.duckdb").exists()


def test_verbose_shows_the_traceback_too(tmp_path: Path) -> None:
    arguments = ("--source", str(tmp_path / "none"), "--warehouse", str(tmp_path / "dw"))
    finished = _command(*arguments, "--verbose")
    assert finished.returncode == 2
    assert "Traceback" in finished.stderr


def test_a_second_run_ends_with_3_and_says_who_is_first(tmp_path: Path, source: Path) -> None:
    with Warehouse(tmp_path / "dw").lock("the_first_run"):
        finished = _command("--source", str(source), "--warehouse", str(tmp_path / "dw"))
    assert finished.returncode == 3
    assert f"Run the_first_run (process {os.getpid()}, since 20" in finished.stderr


def test_a_foreign_file_at_the_published_path_ends_with_1(tmp_path: Path, source: Path) -> None:
    (tmp_path / "olist.duckdb").write_text("mine", encoding="utf-8")
    finished = _command("--source", str(source), "--warehouse", str(tmp_path))
    assert finished.returncode == 1
    assert "Move it away" in finished.stderr
    assert (tmp_path / "olist.duckdb").read_text(encoding="utf-8") == "mine"


def test_a_published_version_that_is_no_duckdb_file_ends_with_1(
    tmp_path: Path, source: Path
) -> None:
    version = tmp_path / "versions" / "20180901t000000z_000000" / "olist.duckdb"
    version.parent.mkdir(parents=True)
    version.write_bytes(b"not a database" * 1000)
    (tmp_path / "olist.duckdb").symlink_to(version.relative_to(tmp_path))
    finished = _command("--source", str(source), "--warehouse", str(tmp_path))
    assert finished.returncode == 1
    assert "cannot be opened as a DuckDB file" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_a_run_ends_with_0_and_a_summary(tmp_path: Path, source: Path, project: Path) -> None:
    child = start(project, "--source", str(source), "--warehouse", str(tmp_path / "dw"))
    out, err = child.communicate()
    assert (child.returncode, err) == (0, "")
    assert "rows       raw 27, core 3" in out
    assert "SYNTHETIC" not in out
    with open_reader(tmp_path / "dw" / "olist.duckdb") as connection:
        assert connection.execute("select count(*) from core.orders").fetchall() == [(3,)]


def test_quiet_says_nothing_when_all_is_well(
    tmp_path: Path, source: Path, project: Path
) -> None:
    arguments = ("--source", str(source), "--warehouse", str(tmp_path / "dw"), "--quiet")
    child = start(project, *arguments)
    assert child.communicate() == ("", "")
    assert child.returncode == 0


def test_a_failed_model_ends_with_1_and_names_it_and_the_log(
    tmp_path: Path, source: Path, project: Path
) -> None:
    (project / "models" / "orders.sql").write_text("select nonsense from raw.orders", "utf-8")
    child = start(project, "--source", str(source), "--warehouse", str(tmp_path / "dw"))
    _, err = child.communicate()
    assert child.returncode == 1
    assert err.startswith("error: The model orders could not be built.")
    log = Path(err.splitlines()[-1].removeprefix("The run's log: "))
    assert "The model orders could not be built." in log.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("model", "number", "outcome"),
    [
        (_SLOW, signal.SIGTERM, (1, "asked to stop")),
        (_SLOW, signal.SIGINT, (130, "Interrupted")),
        (_LATE, signal.SIGINT, (130, "Interrupted")),
    ],
    ids=["SIGTERM", "SIGINT", "SIGINT before a statement"],
)
def test_a_signal_in_the_middle_of_a_model_ends_the_run_in_order(
    tmp_path: Path, source: Path, model: str, number: int, outcome: tuple[int, str]
) -> None:
    slow_project = tiny.write_project(tmp_path / "slow", slow=model)
    warehouse = Warehouse(tmp_path / "dw")
    version = tiny.publish(warehouse, "20180901t000000z_000000", 1)
    child = start(slow_project, "--source", str(source), "--warehouse", str(tmp_path / "dw"))
    _wait_for(child, "transform ...")
    time.sleep(1)  # into the model
    child.send_signal(number)
    _, err = child.communicate(timeout=30)
    assert child.returncode == outcome[0]
    assert outcome[1] in err
    # The message and where the log is: no traceback, no list of leaked objects.
    assert len(err.splitlines()) == 2
    assert warehouse.current_version() == version
    assert not warehouse.build_dir.exists()


def test_kill_9_in_any_stage_leaves_the_published_file_and_the_next_run_works(
    tmp_path: Path, source: Path, project: Path, slow_project: Path
) -> None:
    warehouse = Warehouse(tmp_path / "dw")
    version = tiny.publish(warehouse, "20180901t000000z_000000", 1)
    content = version.path.read_bytes()
    arguments = ("--source", str(source), "--warehouse", str(tmp_path / "dw"))
    for line in ("Run ", "prepare done", "extract ...", "  5 of 9", "transform ..."):
        child = start(slow_project, *arguments)
        _wait_for(child, line)
        child.kill()
        child.communicate()
        assert warehouse.current_version() == version
        assert version.path.read_bytes() == content
    child = start(project, *arguments)
    out, err = child.communicate()
    assert child.returncode == 0, out + err
    assert warehouse.current_version() != version


def test_a_disk_that_fills_up_ends_with_1_and_says_to_free_space(
    tmp_path: Path, project: Path
) -> None:
    warehouse = Warehouse(tmp_path / "dw")
    version = tiny.publish(warehouse, "20180901t000000z_000000", 1)
    source = tiny.write_source(tmp_path / "large", rows=20_000)
    model = "select *, random() as noise from raw.geolocation, range(40)"
    (project / "models" / "large.sql").write_text(model, encoding="utf-8")

    arguments = ("--source", str(source), "--warehouse", str(tmp_path / "dw"))

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (_MAX_FILE_BYTES, _MAX_FILE_BYTES))

    finished = subprocess.run(
        [*RUN, *arguments],
        cwd=PROJECT_ROOT,
        env=environment(project=project),
        capture_output=True,
        text=True,
        preexec_fn=limit,
        check=False,
    )
    assert finished.returncode == 1
    assert "Free some space" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert warehouse.current_version() == version
    with duckdb.connect(str(version.path), read_only=True) as connection:
        assert connection.execute("select value from core.a").fetchall() == [(1,)]
