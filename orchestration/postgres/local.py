"""A private server from Debian's binaries, on a free port of this machine: to try and to test.

For what many people read, use a server that somebody looks after.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from orchestration.errors import PostgresError
from orchestration.warehouse.files import private_files

DATABASE = "olist"
URL_FILE = "olist.env"
_USER = "olist"
_INSTALL = "Install it: apt install postgresql"
_STOP_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A server that runs, or ran, in a directory.

    Attributes:
        directory: Its data, its log, and the file that holds its address.
        url: The address of its database, with the password.
    """

    directory: Path
    url: str

    @property
    def url_file(self) -> Path:
        """Holds the address as a line for .env; only its owner can read it."""
        return self.directory / URL_FILE

    def process_id(self) -> int | None:
        """The process of the server, or None where it does not run."""
        try:
            number = int((self.directory / "data" / "postmaster.pid").read_text().split()[0])
            os.kill(number, 0)
        except (OSError, ValueError, IndexError):
            return None
        return number

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End the server; sessions are ended, what was committed stays.

        Args:
            how: SIGINT is PostgreSQL's fast shutdown, SIGQUIT is as if it crashed.
        """
        number = self.process_id()
        if number is None:
            return
        os.kill(number, how)
        until = time.monotonic() + _STOP_SECONDS
        while self.process_id() == number and time.monotonic() < until:
            time.sleep(0.05)


def find_binaries() -> Path | None:
    """The directory of initdb and postgres, the newest; None where there is no server."""
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda path: int(path.parts[-3]) if path.parts[-3].isdigit() else 0,
    )
    found = debian[-1] if debian else shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def start(
    directory: Path, *, durable: bool = True, setting: str = "OLIST_POSTGRES_URL"
) -> LocalServer:
    """Start the server of a directory, and make it and its database the first time.

    Args:
        directory: Its own; made where it is missing.
        durable: Whether what is committed outlives a crash of the machine; tests need not.
        setting: What the address of its database is set as.

    Raises:
        PostgresError: There are no binaries, or the server does not start.
    """
    binaries = find_binaries()
    if binaries is None:
        message = f"There is no server of PostgreSQL on this machine. {_INSTALL}"
        raise PostgresError(message)
    url_file = directory / URL_FILE
    if url_file.exists():
        server = LocalServer(directory, url_file.read_text().partition("=")[2].strip())
        if server.process_id() is None:
            _start(binaries, directory)
        return server
    port, password = _free_port(), secrets.token_urlsafe(24)
    server = LocalServer(
        directory, f"postgresql://{_USER}:{password}@127.0.0.1:{port}/{DATABASE}"
    )
    with private_files():
        _make(binaries, directory, password, port, durable=durable)
        _start(binaries, directory)
        environment = {**os.environ, "PGPASSWORD": password}
        create = ["createdb", "-h", "127.0.0.1", "-p", str(port), "-U", _USER, "-w", DATABASE]
        _run(binaries, create, directory, environment)
        url_file.write_text(f"{setting}={server.url}\n", encoding="utf-8")
    return server


def find(directory: Path) -> LocalServer | None:
    """The server that was made in a directory, or None."""
    url_file = directory / URL_FILE
    if not url_file.exists():
        return None
    return LocalServer(directory, url_file.read_text().partition("=")[2].strip())


def _make(binaries: Path, directory: Path, password: str, port: int, *, durable: bool) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    password_file = directory / "password"
    password_file.write_text(password + "\n", encoding="utf-8")
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        for path in (directory, password_file):
            shutil.chown(path, "postgres", "postgres")
    data = directory / "data"
    _run(
        binaries,
        [
            *("initdb", "-D", str(data), "-U", _USER, f"--pwfile={password_file}"),
            *(
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--lc-collate=C",
                "--lc-ctype=C.UTF-8",
            ),
            *(() if durable else ("--no-sync",)),
        ],
        directory,
    )
    password_file.unlink()
    lines = [
        "listen_addresses = '127.0.0.1'",
        f"port = {port}",
        "unix_socket_directories = ''",
        "max_wal_size = '2GB'",
        *(() if durable else ("fsync = off", "full_page_writes = off")),
    ]
    with (data / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def _start(binaries: Path, directory: Path) -> None:
    log = directory / "server.log"
    command = ["pg_ctl", "-D", str(directory / "data"), "-l", str(log), "-w", "-s", "start"]
    _run(binaries, command, directory)


def _run(
    binaries: Path,
    command: list[str],
    directory: Path,
    environment: dict[str, str] | None = None,
) -> None:
    as_postgres = (
        ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        if os.geteuid() == 0
        else []
    )
    done = subprocess.run(  # noqa: S603 - a program of PostgreSQL, with arguments made here
        [*as_postgres, str(binaries / command[0]), *command[1:]],
        cwd="/",
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["no message"]
        message = (
            f"{command[0]} failed in {directory}: {lines[0]}. Read {directory / 'server.log'}, "
            "or name another directory that the account `postgres` can reach: --dir."
        )
        raise PostgresError(message)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
