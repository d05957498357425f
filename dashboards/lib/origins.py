"""By which names the dashboards are reached, and whose pages may ask: the checks of addresses.

A browser sends the truth about the page that asks (``Origin``, ``Sec-Fetch-Site``) and about
the name it looked up (``Host``). What a proxy adds (``X-Forwarded-*``) is believed of proxies
that the settings name, and of no address by itself: anybody on this machine could send it, and
any page through a name that it points at this machine.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware, _TrustedHosts

from dashboards.lib.refusal import refuse

_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_DEFAULT_PORTS = {"http": 80, "https": 443}
_OWN_SITES = frozenset({"same-origin", "none"})
# Where a request says later layers as which host the server was asked.
_ASKED_AS = "olist_asked_as"


def origin_of(url: str) -> str | None:
    """Scheme, name and port of an address as browsers write them; None for what is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
        name = (parts.hostname or "").encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        return None
    if parts.scheme not in _DEFAULT_PORTS or not name or parts.username is not None:
        return None
    name = f"[{name}]" if ":" in name else name
    is_default = port is None or port == _DEFAULT_PORTS[parts.scheme]
    return f"{parts.scheme}://{name}" if is_default else f"{parts.scheme}://{name}:{port}"


def _name_of(host: str) -> str:
    """The name in a Host header, without its port; empty for what is no such header."""
    if any(mark in host for mark in "/?#@\\") or not host.isascii():
        return ""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class Names:
    """The names of a server.

    Attributes:
        public: The origins by which readers reach it through a proxy, ``https://...``.
        is_open: Whether other machines can reach it directly.
    """

    public: tuple[str, ...] = ()
    is_open: bool = False

    @property
    def is_secure(self) -> bool:
        """Whether readers reach it encrypted."""
        return any(origin.startswith("https:") for origin in self.public)

    def knows(self, host: str) -> bool:
        """Whether a Host header names this server.

        A page of another site can point a name of its own at this machine, never an address.
        """
        name = _name_of(host)
        if name in _LOOPBACK_NAMES or name in self._public_names:
            return True
        return self.is_open and bool(name) and (not self.public or _is_address(name))

    def owns(self, origin: str, host: str) -> bool:
        """Whether a page of that origin is one of this server, which was asked as that host."""
        found = origin_of(origin)
        if found is None:
            return False
        if found in self.public:
            return True
        if _name_of(host) in self._public_names:
            return False  # its own name, but without encryption or on another port
        return found == origin_of(f"{urlsplit(found).scheme}://{host}")

    @property
    def _public_names(self) -> frozenset[str]:
        return frozenset(urlsplit(origin).hostname or "" for origin in self.public)


class OwnPages:
    """Refuses what was asked by another name, and what a page of another site asks.

    Marimo lets every origin read its answers, and a web socket is open to all pages by nature:
    without this, any site a reader visits could read the dashboards through the browser, or
    have them work. A link on another site may open a page.
    """

    def __init__(self, app: ASGIApp, names: Names, proxies: tuple[str, ...] = ()) -> None:
        """Wrap an application.

        Args:
            app: The application.
            names: The names of the server.
            proxies: Addresses and networks of the proxies that are believed.
        """
        self._names = names
        self._proxies = proxies
        self._app = app
        self._trusted = _TrustedHosts(list(proxies))
        checked: Any = self._checked
        self._entry: Any = (
            ProxyHeadersMiddleware(checked, trusted_hosts=list(proxies)) if proxies else checked
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        # Both: a page of another name could send the proxy's header by a reader's browser.
        hosts = headers.getlist("host")
        # What a proxy and this server could read differently.
        is_plain = len(hosts) <= 1 and not {"content-length", "transfer-encoding"} <= set(
            headers.keys()
        )
        if (scope.get("client") or ("",))[0] in self._trusted:
            forwarded = headers.getlist("x-forwarded-host")[-1:]
            if forwarded:
                hosts.append(forwarded[0].rpartition(",")[2].strip())
        if not is_plain or not all(self._names.knows(one) for one in hosts):
            await refuse(scope, receive, send, PlainTextResponse(_UNKNOWN_NAME, 400))
            return
        scope[_ASKED_AS] = hosts[-1] if hosts else ""  # HTTP/1.0, which no browser speaks
        await self._entry(scope, receive, send)

    async def _checked(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Behind the proxy's headers: the page that asks."""
        headers = Headers(scope=scope)
        origins = headers.getlist("origin")
        is_own = all(self._names.owns(one, scope[_ASKED_AS]) for one in origins)
        if not is_own or _is_of_another_site(scope, headers):
            text = "Only pages of this server may ask it."
            await refuse(scope, receive, send, PlainTextResponse(text, 403))
            return
        await self._app(scope, receive, send)


_UNKNOWN_NAME = (
    "The dashboards are not known by this name. If a proxy stands before them, set "
    "OLIST_DASHBOARDS_PUBLIC_URL to the address that readers type, such as "
    "https://olist.example.org."
)


def _is_of_another_site(scope: Scope, headers: Mapping[str, str]) -> bool:
    """Whether the browser says that a page of another site asks, and for more than a page."""
    if headers.get("sec-fetch-site", "none") in _OWN_SITES:
        return False
    is_link = (
        scope["type"] == "http"
        and scope["method"] in {"GET", "HEAD"}
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
    )
    return not is_link
