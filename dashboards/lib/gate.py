"""Who may speak to the server: pages of this server alone, and those who know the password.

Two layers around the whole application, web sockets included. Neither knows a page.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import math
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from dashboards.lib.password import is_right

# Paths that may be asked without the password; what they answer then is up to them.
OPEN_PATHS = frozenset({"/health"})
# Set in the scope of every request: whether it came with the password.
IS_KNOWN = "olist_is_known"

_COOKIE = "olist_dw_session"
_REFUSED = 1008  # the web socket's code for a breach of policy


class SameOrigin:
    """Refuses requests that a page of another site makes.

    Marimo lets every origin read its answers, and a web socket is open to all pages by nature:
    without this, any site a reader visits could read the dashboards through the browser.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] in {"http", "websocket"}:
            headers = Headers(scope=scope)
            origin = headers.get("origin")
            if origin is not None and urlsplit(origin).netloc != headers.get("host"):
                text = "Only pages of this server may ask it."
                await _refuse(scope, receive, send, PlainTextResponse(text, 403))
                return
        await self._app(scope, receive, send)


@dataclass
class _Tries:
    """Failed tries in a row from one address, and until when it has to wait."""

    failed: int = 0
    waits_until: float = 0.0


class Brake:
    """Slows down whoever fails: after a few tries in a row an address has to wait, ever longer.

    The wait is two seconds after the fifth failure and doubles with each further one, up to a
    minute. A success forgets them.
    """

    FREE_TRIES = 4
    LONGEST_WAIT = 60.0  # seconds
    _MAX_ADDRESSES = 1000

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start without failures; ``clock`` gives seconds."""
        self._clock = clock
        self._tries: OrderedDict[str, _Tries] = OrderedDict()

    def seconds_to_wait(self, address: str) -> float:
        """How long the address has to wait before its next try is looked at; 0 for not."""
        tries = self._tries.get(address)
        return 0.0 if tries is None else max(tries.waits_until - self._clock(), 0.0)

    def failed(self, address: str) -> None:
        """Count a failure."""
        tries = self._tries.setdefault(address, _Tries())
        self._tries.move_to_end(address)
        tries.failed += 1
        if tries.failed > self.FREE_TRIES:
            wait = min(2.0 ** (tries.failed - self.FREE_TRIES), self.LONGEST_WAIT)
            tries.waits_until = self._clock() + wait
        while len(self._tries) > self._MAX_ADDRESSES:
            self._tries.popitem(last=False)

    def succeeded(self, address: str) -> None:
        """Forget the failures."""
        self._tries.pop(address, None)


class PasswordGate:
    """Asks for the name and the password (HTTP Basic) before anything is answered.

    Whoever has given them gets a cookie for as long as the server runs: not every browser
    sends them again with a web socket, and hashing is slow on purpose.
    """

    def __init__(self, app: ASGIApp, user: str, password_hash: str) -> None:
        """Wrap an application."""
        self._app = app
        self._user = user.encode("utf-8")
        self._password_hash = password_hash
        self._session = secrets.token_urlsafe(32)
        self._key = secrets.token_bytes(32)
        self._good_header: bytes | None = None
        self._brake = Brake()
        # Each check takes 32 MB: a crowd of strangers must not take the machine's memory.
        self._checks = asyncio.Semaphore(2)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if self._has_session(headers):
            scope[IS_KNOWN] = True
            await self._app(scope, receive, send)
            return
        refusal = await self._check(scope, headers)
        if refusal is None:
            scope[IS_KNOWN] = True
            await self._app(scope, receive, self._with_cookie(send))
        elif scope["type"] == "http" and scope["path"] in OPEN_PATHS:
            scope[IS_KNOWN] = False
            await self._app(scope, receive, send)
        else:
            await _refuse(scope, receive, send, refusal)

    async def _check(self, scope: Scope, headers: Headers) -> Response | None:
        """None where the header holds the right name and password, else the answer."""
        header = headers.get("authorization")
        if header is None:
            return _ask("This page asks for a name and a password.")
        address = (scope.get("client") or ("unknown", 0))[0]
        digest = hmac.digest(self._key, header.encode("utf-8"), "sha256")
        if self._good_header is not None and hmac.compare_digest(digest, self._good_header):
            self._brake.succeeded(address)
            return None
        wait = self._brake.seconds_to_wait(address)
        if wait > 0:
            seconds = str(math.ceil(wait))
            return PlainTextResponse(
                f"Too many failed tries. Wait {seconds} seconds, then try again.",
                429,
                {"retry-after": seconds},
            )
        if await self._is_right(header):
            self._brake.succeeded(address)
            self._good_header = digest
            return None
        self._brake.failed(address)
        return _ask("The name or the password is wrong.")

    async def _is_right(self, header: str) -> bool:
        kind, _, encoded = header.partition(" ")
        try:
            user, colon, password = base64.b64decode(encoded, validate=True).partition(b":")
            text = password.decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            return False
        if kind.lower() != "basic" or not colon:
            return False
        async with self._checks:
            is_password = await asyncio.to_thread(is_right, text, self._password_hash)
        # Both are looked at, so that the time taken does not tell which one was wrong.
        return _equal(user, self._user) and is_password

    def _has_session(self, headers: Headers) -> bool:
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(_COOKIE)
        except CookieError:
            return False
        return cookie is not None and _equal(cookie.value.encode(), self._session.encode())

    def _with_cookie(self, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append(
                    "set-cookie",
                    f"{_COOKIE}={self._session}; Path=/; HttpOnly; SameSite=Strict",
                )
            await send(message)

        return sending


def _equal(one: bytes, other: bytes) -> bool:
    """Compare in a time that does not depend on the content, nor on the length."""
    return hmac.compare_digest(hashlib.sha256(one).digest(), hashlib.sha256(other).digest())


def _ask(text: str) -> Response:
    challenge = {"www-authenticate": 'Basic realm="Olist DW dashboards", charset="UTF-8"'}
    return PlainTextResponse(text, 401, challenge)


async def _refuse(scope: Scope, receive: Receive, send: Send, answer: Response) -> None:
    if scope["type"] == "websocket":
        await WebSocketClose(_REFUSED)(scope, receive, send)
    else:
        await answer(scope, receive, send)
