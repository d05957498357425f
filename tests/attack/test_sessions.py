"""Pages of other sites, floods of pages: nothing is begun for them, and others are served."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as connect_async
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection as Socket
from websockets.sync.client import connect

from dashboards.lib.server import Serving
from dashboards.lib.sessions import AT_ONCE
from tests.attack.conftest import Target
from tests.support.executive_mart import publish
from tests.support.raw_requests import exchange, status
from tests.support.serving import Server, running

_HEALTH = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
_MOST = 3


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("small")
    publish(home)
    serving = Serving(
        home / "olist.duckdb", home / "runs", timedelta(days=1), most_sessions=_MOST
    )
    with running(serving) as server:
        yield server


def _threads() -> int:
    return len(list(Path("/proc/self/task").iterdir()))


def _open(server: Server, name: str) -> Socket:
    path = f"ws://127.0.0.1:{server.port}/executive/ws?session_id=s_{name}"
    socket = connect(path, open_timeout=60, close_timeout=1, max_size=None)
    socket.recv(timeout=60)
    return socket


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize(
    ("mode", "dest"), [("no-cors", "image"), ("cors", "empty"), ("navigate", "iframe")]
)
def test_what_a_page_of_another_site_fetches_is_refused_though_it_has_no_origin(
    small: Server, site: str, mode: str, dest: str
) -> None:
    named = {"sec_fetch_site": site, "sec_fetch_mode": mode, "sec_fetch_dest": dest}
    for path in ("/", "/executive/", "/executive/sse?session_id=s_1", "/metrics"):
        assert small.get(path, **named).status == 403, path


def test_a_link_on_another_site_opens_a_page(small: Server) -> None:
    named = {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"}
    assert small.get("/executive/", sec_fetch_dest="document", **named).status == 200


def test_no_request_but_a_web_socket_begins_a_session(small: Server) -> None:
    before = _threads()
    for path in ("/executive/sse", "/executive/sse/", "/ask/sse"):
        for _ in range(5):
            assert small.get(f"{path}?session_id=s_many").status == 404
    assert _threads() <= before + 1


def test_no_more_pages_open_than_allowed_and_one_that_was_left_goes_first(
    small: Server,
) -> None:
    sockets = [_open(small, f"page{n}") for n in range(_MOST)]
    with pytest.raises(InvalidStatus) as refused:
        _open(small, "one_too_many")
    assert refused.value.response.status_code == 403
    sockets.pop().close()
    time.sleep(0.5)  # until the server has heard of it
    sockets.append(_open(small, "next"))
    for socket in sockets:
        socket.close()


def test_pages_that_are_opened_and_left_do_not_pile_up(small: Server) -> None:
    before = _threads()
    for n in range(12):
        _open(small, f"left{n}").close()
        time.sleep(0.1)
    time.sleep(1)
    assert _threads() - before < 4 * (_MOST + AT_ONCE)


def test_one_who_leaves_the_queue_holds_up_nobody(target: Target) -> None:
    async def leave_and_load() -> None:
        waiting = [_connection(target.port, f"leaves{n}") for n in range(20)]
        for socket in [await one for one in waiting]:
            await socket.close()
        await asyncio.wait_for(_load(target.port, "stays"), 60)

    asyncio.run(leave_and_load())


@pytest.mark.attack
def test_health_answers_while_twenty_pages_load(target: Target) -> None:
    async def load() -> float:
        loads = [asyncio.create_task(_load(target.port, f"load{n}")) for n in range(20)]
        longest = 0.0
        while not all(one.done() for one in loads):
            start = time.monotonic()
            answer = await asyncio.to_thread(exchange, target.port, _HEALTH)
            longest = max(longest, time.monotonic() - start)
            assert status(answer) == 200
            await asyncio.sleep(0.2)
        await asyncio.gather(*loads)
        return longest

    assert asyncio.run(load()) < 2


async def _connection(port: int, name: str) -> ClientConnection:
    path = f"ws://127.0.0.1:{port}/executive/ws?session_id=s_{name}"
    return await connect_async(path, open_timeout=120, close_timeout=1, max_size=None)


async def _load(port: int, name: str) -> None:
    """Open a page and wait until it has its figures."""
    async with await _connection(port, name) as socket:
        async for message in socket:
            if '"completed-run"' in str(message)[:200]:
                return
