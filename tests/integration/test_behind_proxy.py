"""The dashboards behind a real nginx with TLS, with the lines of docs/operations."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from dashboards.lib.password import hash_password
from dashboards.lib.server import Serving
from tests.support.executive_mart import publish
from tests.support.proxy import NAME, believing, connected, free_port, nginx
from tests.support.serving import PASSWORD, Answer, basic, running

_PUBLIC = f"https://{NAME}"
_HOST = "proxy_set_header Host"
_ALL = "proxy_set_header (?:Host|X-Forwarded)"

# Name: the lines that are left out, and the proxies that are trusted.
FORMS = {
    "as documented": ("", ("127.0.0.1",)),
    "without Host": (_HOST, ("127.0.0.1",)),
    "as nginx comes": (_ALL, ()),
    "Host alone": ("X-Forwarded", ()),
}


class _Proxy:
    def __init__(self, port: int) -> None:
        self.port = port

    def get(self, path: str, host: str = NAME, **headers: str) -> Answer:
        connection = http.client.HTTPConnection(host)
        connection.sock = believing().wrap_socket(connected(self.port), server_hostname=NAME)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", path, headers=named | {"Host": host})
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", errors="replace")
        connection.close()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, found, text)

    def first_message(self, origin: str, **headers: str) -> str:
        with connect(
            f"wss://{NAME}/executive/ws?session_id=s_proxy1",
            sock=connected(self.port),
            ssl=believing(),
            origin=Origin(origin),
            additional_headers=headers,
            server_hostname=NAME,
        ) as socket:
            return str(socket.recv(timeout=60))


@contextmanager
def _behind(
    home: Path, without: str, proxies: tuple[str, ...], secret: str | None = None
) -> Iterator[_Proxy]:
    publish(home)
    (home / "nginx").mkdir()
    port = free_port()
    serving = Serving(
        home / "olist.duckdb",
        home / "runs",
        password_hash=secret,
        public_origins=(_PUBLIC,),
        proxies=proxies,
    )
    with running(serving) as server, nginx(home / "nginx", port, server.port, without):
        yield _Proxy(port)


@pytest.mark.parametrize("form", FORMS)
def test_pages_and_web_sockets_work_behind_the_proxy_and_only_for_its_pages(
    tmp_path: Path, form: str
) -> None:
    with _behind(tmp_path, *FORMS[form]) as proxy:
        assert proxy.get("/executive/").status == 200
        assert proxy.get("/executive", origin=_PUBLIC).headers["location"] == "executive/"
        assert json.loads(proxy.first_message(_PUBLIC))["op"] == "kernel-ready"
        for other in ("https://evil.example", f"http://{NAME}", f"{_PUBLIC}:8443", "null"):
            assert proxy.get("/executive/", origin=other).status == 403, other
            with pytest.raises(InvalidStatus) as refused:
                proxy.first_message(other)
            assert refused.value.response.status_code == 403


def test_another_name_that_leads_to_the_proxy_is_refused_with_the_setting(
    tmp_path: Path,
) -> None:
    with _behind(tmp_path, "", ("127.0.0.1",)) as proxy:
        answer = proxy.get("/", host="evil.example")
        forged = proxy.get("/", host="evil.example", x_forwarded_host=NAME)
    assert (answer.status, forged.status) == (400, 400)
    assert "OLIST_DASHBOARDS_PUBLIC_URL" in answer.text


def test_the_cookie_is_sent_encrypted_only_and_opens_the_web_socket(tmp_path: Path) -> None:
    secret = hash_password(PASSWORD)
    with _behind(tmp_path, *FORMS["as nginx comes"], secret) as proxy:
        assert proxy.get("/").status == 401
        cookie = proxy.get("/", authorization=basic()).headers["set-cookie"]
        assert "; Secure" in cookie
        first = proxy.first_message(_PUBLIC, Cookie=cookie.partition(";")[0])
    assert json.loads(first)["op"] == "kernel-ready"


def test_one_reader_who_guesses_makes_no_other_wait_behind_a_trusted_proxy(
    tmp_path: Path,
) -> None:
    secret = hash_password(PASSWORD)
    with _behind(tmp_path, "", ("127.0.0.1",), secret) as proxy:
        # nginx says who asks; what the reader says of it does not count.
        found = [
            proxy.get("/", authorization=basic(f"x{n}"), x_forwarded_for=f"10.0.0.{n}").status
            for n in range(8)
        ]
    assert found == [401] * 5 + [429] * 3
