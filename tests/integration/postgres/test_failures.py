"""Whatever is wrong with the server: a clear message, exit code 3, the served version stays."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.cli import main as olist
from orchestration.errors import EXIT_BUSY, EXIT_WRONG_USE, PostgresError
from orchestration.postgres import local, stream
from orchestration.settings import PROJECT_ROOT
from tests.support import postgres
from tests.support.receivers import free_port


@pytest.fixture
def served(versions: list[Path], database: str) -> Iterator[str]:
    """A database that serves version 1, and must still do so when the test is over."""
    postgres.publish(versions[0], database)
    yield database
    assert postgres.served_number(database) == 1


def _expect(capsys: pytest.CaptureFixture[str], warehouse: Path, url: str, *words: str) -> None:
    code = olist(["publish", "--to", url, "--warehouse", str(warehouse.parent)])
    said = capsys.readouterr().err
    assert code == EXIT_BUSY, said
    for word in words:
        assert word in said
    assert "Traceback" not in said
    assert "s3cret" not in said


def test_no_server_a_wrong_password_and_no_database_are_said(
    built_warehouse: Path, served: str, capsys: pytest.CaptureFixture[str]
) -> None:
    nobody = f"postgresql://etl:s3cret@127.0.0.1:{free_port()}/olist"
    _expect(capsys, built_warehouse, nobody, "Connection refused", "See that the server runs")
    wrong = postgres.address(served, user="tom", password="s3cret")  # noqa: S106 - of a test
    _expect(capsys, built_warehouse, wrong, "password authentication failed", "~/.pgpass")
    other = postgres.address(served, database="nowhere")
    _expect(capsys, built_warehouse, other, "does not exist", "create database")
    reader = postgres.address(served, user="ann")
    _expect(capsys, built_warehouse, reader, "permission denied", "Connect as a member")


def test_an_address_that_is_none_is_wrong_use(
    built_warehouse: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = ["--warehouse", str(built_warehouse.parent)]
    for address in ("mysql://etl:s3cret@h/d", "postgresql://etl:s3 cret@h/d", "olist"):
        assert olist(["publish", "--to", address, *here]) == EXIT_WRONG_USE
        said = capsys.readouterr().err
        assert "--to is set to something else" in said
        assert "s3" not in said
    _expect(capsys, built_warehouse, "postgresql://etl:s3cret@h/d?no=1", "not understood")


def test_a_database_of_another_collation_is_refused(
    built_warehouse: Path, server: local.LocalServer, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, order in (("turned", "C.UTF-8"), ("plain", "C")):
        collate, character = (order, "C.UTF-8") if order != "C" else ("C", "C")
        postgres.ask(
            server.url,
            f"create database {name} template template0 encoding 'UTF8'"
            f" lc_collate '{collate}' lc_ctype '{character}'",
        )
        url = postgres.address(server.url, database=name)
        try:
            _expect(capsys, built_warehouse, url, f"LC_COLLATE {collate}", "create database")
        finally:
            postgres.ask(server.url, f"drop database {name}")


def test_a_connection_that_is_lost_amid_a_table_changes_nothing(
    versions: list[Path], served: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended = threading.Event(), threading.Event()
    copy_rows = stream.copy_rows

    def slow(*arguments: object) -> None:
        if not begun.is_set():
            begun.set()
            ended.wait(10)
        copy_rows(*arguments)  # type: ignore[arg-type] # as it was called

    monkeypatch.setattr("orchestration.postgres.publication.copy_rows", slow)

    def end_session() -> None:
        begun.wait(60)
        query = (
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = 'olist publish'"
        )
        assert postgres.ask(served, query) == [(True,)]
        ended.set()

    thread = threading.Thread(target=end_session)
    thread.start()
    with pytest.raises(PostgresError, match="See that the server runs"):
        postgres.publish(versions[1], served)
    thread.join()
    assert postgres.served_number(served) == 1
    monkeypatch.undo()
    assert "core.fact_orders" in postgres.publish(versions[1], served).copied
    assert postgres.publish(versions[0], served).kept is not None


def test_figures_that_differ_stop_a_publication(
    versions: list[Path], served: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_rows = stream.copy_rows

    def lossy(source: object, relation: str, server: object, target: str) -> None:
        if "fact_orders" in relation:
            first = f"(select min(order_key) from {relation})"
            relation = f"(select * from {relation} where order_key <> {first})"
        copy_rows(source, relation, server, target)  # type: ignore[arg-type]

    monkeypatch.setattr("orchestration.postgres.publication.copy_rows", lossy)
    with pytest.raises(PostgresError, match=r"core\.fact_orders has other counts or sums"):
        postgres.publish(versions[1], served)


def test_a_full_disk_of_the_server_is_said_and_space_is_enough_to_go_on(
    versions: list[Path], server: local.LocalServer
) -> None:
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    disk = Path(tempfile.mkdtemp(prefix="olist-small-disk-"))
    mount = ["mount", "-t", "tmpfs", "-o", "size=120m,mode=0700", "tmpfs", str(disk)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("this machine lets nobody mount a small disk")
    try:
        shutil.chown(disk, "postgres", "postgres")
        postgres.ask(server.url, f"create tablespace small location '{disk}'")
        postgres.ask(
            server.url,
            "create database crowded template template0 encoding 'UTF8' lc_collate 'C'"
            " lc_ctype 'C.UTF-8' tablespace small",
        )
        url = postgres.address(server.url, database="crowded")
        postgres.ask(url, "grant create on database crowded to olist_transformer")
        postgres.publish(versions[0], url)
        filler = disk / "filler"
        with filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(disk).free - 1_000_000)
        with pytest.raises(PostgresError, match="Free some space on the disk of the server"):
            postgres.publish(versions[1], url)
        assert postgres.served_number(url) == 1
        filler.unlink()
        postgres.publish(versions[1], url)
        assert postgres.served_number(url) == 2
    finally:
        postgres.ask(server.url, "drop database if exists crowded with (force)")
        postgres.ask(server.url, "checkpoint")
        postgres.ask(server.url, "drop tablespace if exists small")
        subprocess.run(["umount", "-l", str(disk)], check=True)
        disk.rmdir()


def test_missing_groups_are_said_with_the_command_that_makes_them(
    built_warehouse: Path, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["publish", "--to", database, "--warehouse", str(built_warehouse.parent)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OLIST_POSTGRES_ROLE_PREFIX", "other_")
        assert olist(arguments) == EXIT_BUSY
    assert "olist postgres roles" in capsys.readouterr().err


def test_without_the_driver_the_message_says_what_to_install() -> None:
    script = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from orchestration.cli import main\n"
        "sys.exit(main(['publish', '--to', 'postgresql://h/d', '--warehouse', sys.argv[1]]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, tempfile.gettempdir()],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == EXIT_BUSY
    assert "'.[postgres]'" in done.stderr


def test_a_private_server_is_started_again_and_stopped_by_the_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    if local.find_binaries() is None:
        pytest.skip(
            "PostgreSQL is not installed (apt install postgresql): nothing of it tested"
        )
    directory = tempfile.mkdtemp(prefix="olist-private-")
    try:
        assert olist(["postgres", "start", "--dir", directory]) == 0
        said = capsys.readouterr().out
        first = local.find(Path(directory))
        assert first is not None
        assert f"process {first.process_id()}" in said
        assert first.url not in said
        assert first.url_file.stat().st_mode & 0o077 in (0, 0o040)
        assert olist(["postgres", "stop", "--dir", directory]) == 0
        assert first.process_id() is None
        assert olist(["postgres", "start", "--dir", directory]) == 0
        assert postgres.ask(first.url, "select 1") == [(1,)]
    finally:
        olist(["postgres", "stop", "--dir", directory])
        time.sleep(0.1)
        shutil.rmtree(directory, ignore_errors=True)
