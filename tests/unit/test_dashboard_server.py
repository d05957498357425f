"""The server of the dashboards: where it listens, and what it refuses."""

from __future__ import annotations

import asyncio
import socket

import pytest

from dashboards.lib.catalogue import DASHBOARDS
from dashboards.lib.server import ServerError, address, check_host, listen
from orchestration.cli import main as olist


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.2"])
def test_this_machines_own_addresses_are_allowed(host: str) -> None:
    check_host(host, has_password=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.10", "example.org", ""])  # noqa: S104
def test_an_address_that_others_can_reach_is_refused_with_what_to_do(host: str) -> None:
    with pytest.raises(ServerError, match=r"hash-password.*this machine only"):
        check_host(host, has_password=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.10", "localhost"])  # noqa: S104
def test_with_a_password_every_address_is_allowed(host: str) -> None:
    check_host(host, has_password=True)


def test_refusing_an_address_is_wrong_use(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OLIST_DASHBOARDS_PASSWORD_HASH", raising=False)
    assert olist(["serve", "--host", "0.0.0.0", "--no-browser"]) == 2  # noqa: S104
    assert "do not listen on 0.0.0.0" in capsys.readouterr().err


def test_an_address_of_the_settings_is_refused_like_one_of_the_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OLIST_DASHBOARDS_PASSWORD_HASH", raising=False)
    monkeypatch.setenv("OLIST_DASHBOARDS_HOST", "0.0.0.0")  # noqa: S104
    assert olist(["serve", "--no-browser"]) == 2
    assert "do not listen on 0.0.0.0" in capsys.readouterr().err


def test_a_port_that_is_taken_names_the_port_and_the_way_out() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            ServerError, match=rf"Port {port} .* is in use.*OLIST_DASHBOARDS_PORT"
        ):
            listen("127.0.0.1", port)


def test_port_0_takes_a_free_port_and_the_address_names_it() -> None:
    with listen("127.0.0.1", 0) as listener:
        assert address(listener) == f"http://127.0.0.1:{listener.getsockname()[1]}/"


@pytest.mark.parametrize("port", ["-1", "65536", "eighty"])
def test_what_is_no_port_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert olist(["serve", "--port", port]) == 2
    assert "--port" in capsys.readouterr().err


def test_accepted_connections_send_small_packets_at_once() -> None:
    # Otherwise every file of a page waits 40 ms for an acknowledgement.
    async def nodelay() -> int:
        found: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def accepted(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connection: socket.socket = writer.get_extra_info("socket")
            found.set_result(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        with listen("127.0.0.1", 0) as listener:
            server = await asyncio.start_server(accepted, sock=listener)
            host, port = listener.getsockname()
            _, client = await asyncio.open_connection(host, port)
            result = await asyncio.wait_for(found, 10)
            client.close()
            server.close()
        return result

    assert asyncio.run(nodelay())


def test_every_dashboard_of_the_catalogue_has_its_notebook_and_a_path_of_its_own() -> None:
    assert all(dashboard.notebook.is_file() for dashboard in DASHBOARDS)
    assert len({dashboard.path for dashboard in DASHBOARDS}) == len(DASHBOARDS)
    assert DASHBOARDS[0].path == "/executive"
