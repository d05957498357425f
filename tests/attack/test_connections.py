"""Connections that ask slowly, never, or for too much: others are served meanwhile."""

from __future__ import annotations

import contextlib
import resource
import socket
import time
from collections.abc import Iterator

import pytest

from dashboards.lib.bounded import MAX_HEADERS, MAX_REQUEST, REQUEST_SECONDS
from tests.attack.conftest import Target
from tests.support.raw_requests import exchange, status

_HEALTH = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
_HALF = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "


@pytest.fixture
def many_files() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def _seconds_of_health(port: int) -> float:
    start = time.monotonic()
    assert status(exchange(port, _HEALTH)) == 200
    return time.monotonic() - start


def _attack(open_: contextlib.ExitStack, port: int, request: bytes) -> socket.socket:
    one = open_.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
    with contextlib.suppress(OSError):  # it may have made room for another already
        one.sendall(request)
    return one


@pytest.mark.usefixtures("many_files")
@pytest.mark.parametrize("sent", [b"", _HALF], ids=["nothing", "half a request"])
def test_health_answers_under_more_half_open_connections_than_file_descriptors(
    target: Target, sent: bytes
) -> None:
    logged = target.logged()
    with contextlib.ExitStack() as open_:
        for _ in range(1100):
            _attack(open_, target.port, sent)
        times = [_seconds_of_health(target.port) for _ in range(5)]
    assert max(times) < 3
    assert target.logged() - logged < 20_000


@pytest.mark.parametrize(
    "begin",
    [
        b"",
        _HALF,
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nslow",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nslo",
    ],
    ids=["nothing", "headers", "body", "chunks"],
)
@pytest.mark.attack
def test_a_request_that_does_not_arrive_is_given_up_however_it_drips(
    target: Target, begin: bytes
) -> None:
    start = time.monotonic()
    with socket.create_connection(("127.0.0.1", target.port), timeout=1) as slow:
        slow.sendall(begin)
        while time.monotonic() - start < REQUEST_SECONDS + 5:
            try:
                if begin:
                    slow.sendall(b"x")
                if not slow.recv(65536):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        else:
            pytest.fail("the connection is still open")


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 4 * MAX_HEADERS,
        b"GET /" + b"a" * 4 * MAX_HEADERS,
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: a\r\n" * MAX_HEADERS,
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n"
        + b"a" * 2 * MAX_REQUEST,
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
         b"10000\r\n" + b"a" * 0x10000 + b"\r\n",
    ],
    ids=["header", "path", "many headers", "body", "chunk without an end"],
)  # fmt: skip
def test_what_is_too_large_to_be_a_request_is_not_taken(
    target: Target, request_: bytes
) -> None:
    logged = target.logged()
    assert status(exchange(target.port, request_, 3)) in {None, 400, 404, 405}
    assert _seconds_of_health(target.port) < 3
    assert target.logged() - logged < 5_000
