"""By which names the dashboards are known, and whose pages may ask."""

from __future__ import annotations

import pytest

from dashboards.lib.origins import Names, origin_of
from dashboards.lib.server import ServerError, public_origins, trusted_proxies

_PUBLIC = ("https://olist.example.org", "https://olist.example.org:8443")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Olist.Example.org/", "https://olist.example.org"),
        ("https://olist.example.org:443", "https://olist.example.org"),
        ("http://olist.example.org:8050", "http://olist.example.org:8050"),
        ("https://köln.example", "https://xn--kln-sna.example"),
        ("http://[::1]:8050", "http://[::1]:8050"),
        ("null", None),
        ("http://[", None),
        ("https://user@olist.example.org", None),
        ("https://olist.example.org:99999", None),
        ("ftp://olist.example.org", None),
        ("", None),
    ],
)
def test_an_address_is_read_as_browsers_write_origins(url: str, origin: str | None) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8050", "[::1]:8050", "LOCALHOST:1"])
def test_this_machines_own_names_are_known(host: str) -> None:
    assert Names().knows(host)
    assert Names(_PUBLIC).knows(host)


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "192.168.1.10"),
        *("a@localhost", "localhost/x", "localhost\\@evil.example", "olist.example.org."),
        *("[", ""),
    ],
)
def test_any_other_name_is_not_known(host: str) -> None:
    assert not Names(_PUBLIC).knows(host)


def test_the_public_name_is_known_on_any_port_that_a_proxy_passes_on() -> None:
    assert Names(_PUBLIC).knows("olist.example.org")
    assert Names(_PUBLIC).knows("OLIST.example.org:8443")
    assert not Names().knows("olist.example.org")


def test_a_server_for_others_is_known_by_any_name_until_it_has_a_public_one() -> None:
    assert Names(is_open=True).knows("server.office")
    assert not Names(_PUBLIC, is_open=True).knows("server.office")
    # An address cannot be pointed at this machine by the page of another site.
    assert Names(_PUBLIC, is_open=True).knows("192.168.1.10:8050")


@pytest.mark.parametrize(
    ("origin", "host", "is_own"),
    [
        ("https://olist.example.org", "olist.example.org", True),
        ("https://olist.example.org", "127.0.0.1:8050", True),
        ("https://olist.example.org:8443", "olist.example.org", True),
        ("http://127.0.0.1:8050", "127.0.0.1:8050", True),
        ("http://localhost", "localhost:80", True),
        ("http://olist.example.org", "olist.example.org", False),
        ("https://olist.example.org:9", "olist.example.org:9", False),
        ("http://127.0.0.1:3000", "127.0.0.1:8050", False),
        ("http://localhost:8050", "127.0.0.1:8050", False),
        ("https://evil.example", "olist.example.org", False),
        ("null", "127.0.0.1:8050", False),
    ],
)
def test_a_page_is_of_this_server_by_its_whole_origin(
    origin: str, host: str, is_own: bool
) -> None:
    assert Names(_PUBLIC).owns(origin, host) == is_own


def test_the_setting_holds_one_address_or_several() -> None:
    found = public_origins("https://olist.example.org/, http://olist.lan:8080")
    assert found == ("https://olist.example.org", "http://olist.lan:8080")
    assert public_origins(None) == ()


@pytest.mark.parametrize("url", ["olist.example.org", "https://x.example/olist", "https://["])
def test_what_is_no_address_of_a_server_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(ServerError, match=r"PUBLIC_URL.*https://olist\.example\.org"):
        public_origins(url)


def test_proxies_are_addresses_and_networks_but_never_everybody() -> None:
    assert trusted_proxies("127.0.0.1, 10.0.0.0/24,::1") == ("127.0.0.1", "10.0.0.0/24", "::1")
    for wrong in ("*", "0.0.0.0/0", "::/0", "proxy.lan"):
        with pytest.raises(ServerError, match="TRUSTED_PROXIES"):
            trusted_proxies(wrong)
