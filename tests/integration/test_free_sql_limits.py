"""What free SQL may take of the machine, and what it says when it takes more."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dashboards.lib.ask import free_sql, sandbox
from dashboards.lib.ask.free_sql import FreeSqlCancelled, FreeSqlError, run_free_sql
from orchestration.settings import PROJECT_ROOT

ENDLESS = "select sum(a.range * b.range % 7) from range(1000000) a, range(1000000) b"
PATIENCE = 30.0  # seconds: the machine may be busy

# A program of its own that runs one query, as the server does, and prints what came of it.
PROGRAM = """
import sys
from pathlib import Path
from dashboards.lib.ask.free_sql import run_free_sql
try:
    print(run_free_sql(Path(sys.argv[1]), sys.argv[2]).rows)
except Exception as error:
    print(type(error).__name__, error)
"""


def program(
    warehouse: Path, sql: str, *before: str, **environment: str
) -> subprocess.Popen[str]:
    """The program, started; ``before`` is what starts it."""
    return subprocess.Popen(
        [*before, sys.executable, "-c", PROGRAM, str(warehouse), sql],
        cwd=PROJECT_ROOT,
        env=dict(os.environ) | environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def said(process: subprocess.Popen[str]) -> str:
    return process.communicate(timeout=PATIENCE)[0].strip()


def limited(kilobytes: int) -> list[str]:
    """Start a program with a hard limit of its address space that it cannot raise."""
    shell = ["bash", "-c", f'ulimit -v {kilobytes}; exec "$@"', "limited"]
    if os.geteuid() != 0:
        return shell
    if shutil.which("setpriv") is None:
        pytest.skip("the superuser can raise any limit, and there is no setpriv to forbid it")
    return ["setpriv", "--bounding-set=-sys_resource", *shell]


def wait_until(is_so: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE
    while not (found := is_so()) and time.monotonic() < end:
        time.sleep(0.05)
    return found


def queries_of(parent: int) -> list[int]:
    """The processes of free SQL that another process has started, and that still run."""
    listed = subprocess.run(
        ["ps", "-o", "pid=,stat=,args=", "--ppid", str(parent)],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.splitlines()
    found = [line.split(maxsplit=2) for line in listed]
    return [
        int(pid)
        for pid, state, command in found
        if not state.startswith("Z") and "dashboards.lib.ask.sandbox" in command
    ]


def is_running(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_what_the_server_holds_is_not_counted_to_its_queries(built_warehouse: Path) -> None:
    large = f"held = b'x' * {(sandbox.ADDRESS_SPACE_MB + 200) * 1024**2}"
    process = subprocess.Popen(
        [sys.executable, "-c", f"{large}\n{PROGRAM}", str(built_warehouse), "select 1"],
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert said(process) == "((1,),)"


@pytest.mark.parametrize(
    "sql",
    [
        "select unnest(range(1000000000))",
        "select list(range) from range(100000000)",
        "select md5(range::varchar) as h from range(40000000) order by h offset 30000000",
    ],
)
def test_a_query_never_holds_more_than_its_share_of_the_memory(
    built_warehouse: Path, sql: str
) -> None:
    """Measured by the system, as the most that the process of a query ever held."""
    most: list[int] = []
    is_over = threading.Event()

    def look() -> None:
        while not is_over.is_set():
            for pid in queries_of(os.getpid()):
                try:
                    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
                except (FileNotFoundError, ProcessLookupError):
                    continue
                most.extend(int(one.split()[1]) for one in lines if one.startswith("VmHWM"))
            time.sleep(0.02)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        with pytest.raises(FreeSqlError, match=r"needs more memory .*400 MB|stopped after"):
            run_free_sql(built_warehouse, sql, max_seconds=3)
    finally:
        is_over.set()
        watcher.join()
    assert most
    assert max(most) < 600_000, "kilobytes"


def test_an_answer_is_cut_at_its_size_and_says_which_limit_it_was(
    built_warehouse: Path,
) -> None:
    by_size = run_free_sql(built_warehouse, "select repeat('x', 1000000) from range(20)")
    assert (len(by_size.rows), by_size.cut) == (5, "size")
    by_rows = run_free_sql(built_warehouse, "select 1 from range(1000)", max_rows=10)
    assert (len(by_rows.rows), by_rows.cut) == (10, "rows")
    # Bytes count, not characters, and columns without a value do, too.
    wide = ", ".join(f"null as c{number}" for number in range(1000))
    assert run_free_sql(built_warehouse, f"select {wide} from range(9000)").cut == "size"


def test_one_cell_larger_than_an_answer_is_said_and_is_not_no_rows(
    built_warehouse: Path,
) -> None:
    with pytest.raises(FreeSqlError, match="first row alone is larger than the 6 MB"):
        run_free_sql(built_warehouse, "select repeat('x', 7000000)")


def test_three_endless_queries_leave_a_fourth_its_turn_and_two_do_not_make_it_wait(
    built_warehouse: Path,
) -> None:
    stop = threading.Event()

    def endless() -> None:
        with pytest.raises(FreeSqlError):
            run_free_sql(built_warehouse, ENDLESS, max_seconds=4, is_unwanted=stop.is_set)

    def answered_after() -> float:
        begin = time.monotonic()
        # Its own time is longer than that of those before it, however busy the machine is.
        assert run_free_sql(built_warehouse, "select 1", max_seconds=PATIENCE).rows == ((1,),)
        return time.monotonic() - begin

    threads = [threading.Thread(target=endless) for _ in range(3)]
    try:
        for thread in threads[:2]:
            thread.start()
        answered_after()
        assert all(thread.is_alive() for thread in threads[:2])
        threads[2].start()
        answered_after()
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_a_query_nobody_wants_any_more_is_ended_at_once(built_warehouse: Path) -> None:
    is_unwanted = threading.Event()
    threading.Timer(1, is_unwanted.set).start()
    begin = time.monotonic()
    with pytest.raises(FreeSqlCancelled, match="cancelled"):
        run_free_sql(
            built_warehouse, ENDLESS, max_seconds=PATIENCE, is_unwanted=is_unwanted.is_set
        )
    assert time.monotonic() - begin < PATIENCE / 2
    assert wait_until(lambda: not queries_of(os.getpid()))


def test_a_server_that_is_killed_leaves_no_query_running(built_warehouse: Path) -> None:
    server = program(built_warehouse, ENDLESS)
    assert wait_until(lambda: len(queries_of(server.pid)) > 0)
    (query,) = queries_of(server.pid)
    time.sleep(1)  # it is at work
    server.send_signal(signal.SIGKILL)
    server.wait()
    begin = time.monotonic()
    assert wait_until(lambda: not is_running(query))
    assert time.monotonic() - begin < 5  # and not because its own ten seconds were over


def test_free_sql_works_where_the_system_allows_less_address_space_than_it_asks_for(
    built_warehouse: Path,
) -> None:
    """A hard limit below ours, which no one but the superuser may raise."""
    for kilobytes in (3_500_000, 1_100_000):
        answer = said(program(built_warehouse, "select 41 + 1", *limited(kilobytes)))
        assert answer == "((42,),)"


def test_where_the_system_leaves_a_query_less_memory_the_reason_is_said(
    built_warehouse: Path,
) -> None:
    sql = "select list(range) from range(100000000)"
    answer = said(program(built_warehouse, sql, *limited(600_000)))
    assert answer.startswith("FreeSqlError")
    assert "ulimit -v, leaves 585 MB" in answer


def test_where_limits_cannot_be_set_the_query_runs_anyway(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As on macOS, which refuses any limit of the address space."""

    def refuse(*_: object) -> None:
        raise ValueError("current limit exceeds maximum limit")

    monkeypatch.setattr("resource.setrlimit", refuse)
    monkeypatch.setattr(sandbox, "_OOM_SCORE", tmp_path / "no" / "file")
    sandbox.limit_process(10)
    assert "without a limit of its address space: current limit" in capsys.readouterr().err


DEATHS = {
    "import os; os.kill(os.getpid(), 9)": r"The system ended the query \(SIGKILL\)",
    "import os; os.kill(os.getpid(), 11)": r"crashed \(SIGSEGV",
    "import os; os.kill(os.getpid(), 24)": "stopped after 10 seconds",
    "import os; os._exit(3)": "needs more memory than a query may take here",
    "raise MemoryError": "needs more memory than a query may take here",
    "import no_such_one": "did not work: ModuleNotFoundError: No module named 'no_such_one'",
    "import os; os._exit(7)": "did not work: it ended with exit code 7",
}


@pytest.mark.parametrize("program_text", DEATHS)
def test_each_way_the_process_of_a_query_can_die_has_its_own_words(
    built_warehouse: Path, tmp_path: Path, program_text: str
) -> None:
    """By a ``duckdb`` that lies before the real one and dies when it is imported."""
    (tmp_path / "duckdb.py").write_text(program_text, encoding="utf-8")
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(tmp_path)
    try:
        with pytest.raises(FreeSqlError, match=DEATHS[program_text]):
            run_free_sql(built_warehouse, "select 1")
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


def test_the_process_of_a_query_is_given_where_libraries_are_and_no_setting(
    built_warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "duckdb.py").write_text(
        "import os, sys; sys.exit(' '.join(sorted(os.environ)))", encoding="utf-8"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    monkeypatch.setenv("OLIST_DASHBOARDS_PASSWORD_HASH", "secret")
    with pytest.raises(FreeSqlError, match="LD_LIBRARY_PATH") as caught:
        run_free_sql(built_warehouse, "select 1")
    assert "PYTHONPATH" in str(caught.value)
    assert "OLIST" not in str(caught.value)
    assert free_sql.MAX_ROWS == 10_000
