"""Guessing the password: many at once, and from addresses that are made up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dashboards.lib.password import hash_password
from dashboards.lib.server import Serving
from tests.support.serving import PASSWORD, Server, basic, running


def _closed(home: Path, *proxies: str) -> Serving:
    return Serving(
        home / "olist.duckdb",
        home / "runs",
        password_hash=hash_password(PASSWORD),
        proxies=proxies,
    )


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running(_closed(tmp_path)) as one:
        yield one


def _guesses(server: Server, count: int, **headers: str) -> Counter[int]:
    with ThreadPoolExecutor(count) as pool:
        return Counter(
            pool.map(
                lambda n: (
                    server.get(
                        "/",
                        authorization=basic(f"wrong {n}"),
                        **{name: value.format(n) for name, value in headers.items()},
                    ).status
                ),
                range(count),
            )
        )


def test_of_a_hundred_guesses_at_once_five_are_looked_at(server: Server) -> None:
    found = _guesses(server, 100)
    assert found[401] == 5
    assert found[429] == 95


@pytest.mark.parametrize("header", ["x_forwarded_for", "forwarded", "x_real_ip"])
def test_no_made_up_address_gets_tries_of_its_own(server: Server, header: str) -> None:
    assert _guesses(server, 40, **{header: "10.0.0.{}"})[401] == 5


def test_readers_behind_a_proxy_that_is_trusted_have_tries_of_their_own(tmp_path: Path) -> None:
    with running(_closed(tmp_path, "127.0.0.1")) as server:
        for n in range(8):
            wrong = server.get("/", authorization=basic(f"x {n}"), x_forwarded_for="10.0.0.1")
        right = server.get("/", authorization=basic(), x_forwarded_for="10.0.0.2")
        # What a reader adds in front of what the proxy says is not the reader's address.
        made_up = "10.0.0.99, 10.0.0.1"
        same = server.get("/", authorization=basic("y"), x_forwarded_for=made_up)
    assert (wrong.status, right.status, same.status) == (429, 200, 429)


def test_a_crowd_of_strangers_does_not_queue_for_the_hash(tmp_path: Path) -> None:
    with running(_closed(tmp_path, "127.0.0.1")) as server:
        found = _guesses(server, 60, x_forwarded_for="10.0.0.{}")
    assert set(found) == {401, 503}
    assert found[503] > 0


def test_a_browser_that_asks_for_many_files_at_once_tries_once(server: Server) -> None:
    with ThreadPoolExecutor(30) as pool:
        found = list(
            pool.map(lambda _: server.get("/", authorization=basic()).status, range(30))
        )
    assert found == [200] * 30


def test_a_guess_is_not_hashed_where_it_is_no_password(server: Server) -> None:
    long = server.get("/", authorization=basic("x" * 20_000))
    assert long.status == 401
    assert server.get("/", authorization=basic()).status == 200
