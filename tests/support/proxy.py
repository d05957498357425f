"""A real nginx with TLS before a server, with the lines that docs/operations gives."""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from orchestration.settings import PROJECT_ROOT

NAME = "olist.example.org"
_DOCS = PROJECT_ROOT / "docs" / "operations" / "README.md"
_CONFIGURATION = """
daemon off;
master_process off;
pid {home}/nginx.pid;
error_log {home}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi;
    scgi_temp_path {home}/scgi;
    {lines}
}}
"""


def free_port() -> int:
    """A port of this machine that nobody uses."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def nginx(home: Path, port: int, server_port: int, without: str = "") -> Iterator[None]:
    """Run it on a port of this machine; without nginx the test is skipped, on CI it fails.

    Args:
        home: An empty directory.
        port: Where it listens, with TLS.
        server_port: Where the dashboards listen.
        without: A pattern; lines that it matches are left out.
    """
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    openssl = shutil.which("openssl")
    if program is None or openssl is None:
        reason = (
            "there is no nginx or openssl: install Debian's packages nginx-light and openssl"
        )
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={NAME}"),
            *("-keyout", str(home / "key.pem"), "-out", str(home / "cert.pem")),
        ],
        check=True,
        capture_output=True,
    )
    [lines] = re.findall(r"```nginx\n(.*?)```", _DOCS.read_text(encoding="utf-8"), re.DOTALL)
    for old, new in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        (f"server_name {NAME}", "server_name _"),
        (f"/etc/ssl/{NAME}.pem", f"{home}/cert.pem"),
        (f"/etc/ssl/{NAME}.key", f"{home}/key.pem"),
        ("127.0.0.1:8050", f"127.0.0.1:{server_port}"),
    ):
        assert old in lines, old
        lines = lines.replace(old, new)
    if without:
        lines, count = re.subn(rf"(?m)^.*(?:{without}).*\n", "", lines)
        assert count
    (home / "nginx.conf").write_text(
        _CONFIGURATION.format(home=home, lines=lines), encoding="utf-8"
    )
    process = subprocess.Popen(
        [
            program,
            "-p",
            str(home),
            "-c",
            str(home / "nginx.conf"),
            "-e",
            str(home / "error.log"),
        ]
    )
    try:
        _wait(port, process, home)
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait(port: int, process: subprocess.Popen[bytes], home: Path) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert process.poll() is None, (home / "error.log").read_text(encoding="utf-8")
            time.sleep(0.1)
        else:
            return
    pytest.fail("nginx does not listen")


def believing() -> ssl.SSLContext:
    """TLS that believes the certificate of the test."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def connected(port: int) -> socket.socket:
    """A connection to it, without TLS as yet."""
    return socket.create_connection(("127.0.0.1", port), timeout=30)
