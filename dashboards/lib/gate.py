"""Who may read: those who know the password. A layer around the whole application.

It knows no page; whose pages may ask is in ``dashboards.lib.origins``.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import ipaddress
import math
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboards.lib.password import MAX_LENGTH, is_right
from dashboards.lib.refusal import refuse

# Paths that may be asked without the password; what they answer then is up to them.
OPEN_PATHS = frozenset({"/health"})
# Set in the scope of every request: whether it came with the password.
IS_KNOWN = "olist_is_known"

_COOKIE = "olist_dw_session"
# Each check takes 32 MB and some 60 ms: two at once, and a few may wait.
_CHECKS_AT_ONCE = 2
_MOST_CHECKS = 10
_MAX_HEADER = 4 * MAX_LENGTH
_WRONG = "The name or the password is wrong."


@dataclass
class _Tries:
    """Failed tries in a row from one address, until when it has to wait, when the last was."""

    failed: int = 0
    waits_until: float = 0.0
    last: float = 0.0


class Brake:
    """Slows down anyone who fails: after a few tries in a row an address has to wait.

    The wait is two seconds after the fifth failure and doubles with each further one, up to a
    minute. A try counts as failed from its start, so that a hundred at once are no more than a
    hundred in turn; the right password takes back its own try and forgives no other, since
    others may share the address. All are forgotten after a quarter of an hour without one.
    """

    FREE_TRIES = 4
    LONGEST_WAIT = 60.0  # seconds
    _FORGOTTEN_AFTER = 15 * 60.0
    _MAX_ADDRESSES = 1000

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start without failures; ``clock`` gives seconds."""
        self._clock = clock
        self._tries: OrderedDict[str, _Tries] = OrderedDict()

    def seconds_to_wait(self, address: str) -> float:
        """How long the address has to wait before its next try is looked at; 0 for not."""
        tries = self._tries.get(_network(address))
        return 0.0 if tries is None else max(tries.waits_until - self._clock(), 0.0)

    def tried(self, address: str) -> None:
        """Count a try, as a failed one until `succeeded` says otherwise."""
        now = self._clock()
        key = _network(address)
        tries = self._tries.setdefault(key, _Tries(last=now))
        if now - max(tries.last, tries.waits_until) > self._FORGOTTEN_AFTER:
            tries.failed = 0
        self._tries.move_to_end(key)
        tries.failed += 1
        tries.last = now
        self._set_wait(tries)
        while len(self._tries) > self._MAX_ADDRESSES:
            self._tries.popitem(last=False)

    def succeeded(self, address: str) -> None:
        """Take back the last try."""
        tries = self._tries.get(_network(address))
        if tries is not None:
            tries.failed = max(tries.failed - 1, 0)
            self._set_wait(tries)

    def _set_wait(self, tries: _Tries) -> None:
        over = tries.failed - self.FREE_TRIES
        wait = min(2.0 ** min(over, 10), self.LONGEST_WAIT) if over > 0 else 0.0
        tries.waits_until = tries.last + wait


def _network(address: str) -> str:
    """What one machine can take its addresses from: an address, or a /64 of IPv6."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))


class PasswordGate:
    """Asks for the name and the password (HTTP Basic) before anything is answered.

    Anyone who has given them gets a cookie for as long as the server runs: not every browser
    sends them again with a web socket, and hashing is slow on purpose.
    """

    def __init__(
        self, app: ASGIApp, user: str, password_hash: str, *, is_secure: bool = False
    ) -> None:
        """Wrap an application.

        Args:
            app: The application.
            user: The name that is asked for.
            password_hash: As ``password.hash_password`` made it.
            is_secure: Whether readers reach it encrypted, by a proxy that does not say so.
        """
        self._app = app
        self._user = user.encode("utf-8")
        self._password_hash = password_hash
        self._is_secure = is_secure
        self._session = secrets.token_urlsafe(32)
        self._key = secrets.token_bytes(32)
        self._good_header: bytes | None = None
        self._brake = Brake()
        self._at_once = asyncio.Semaphore(_CHECKS_AT_ONCE)
        # A browser asks for many files at once, all with one header: it is checked once.
        self._checks: dict[bytes, asyncio.Task[bool]] = {}

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
            await self._app(scope, receive, self._with_cookie(scope, send))
        elif scope["type"] == "http" and scope["path"] in OPEN_PATHS:
            scope[IS_KNOWN] = False
            await self._app(scope, receive, send)
        else:
            await refuse(scope, receive, send, refusal)

    async def _check(self, scope: Scope, headers: Headers) -> Response | None:
        """None where the header holds the right name and password, else the answer."""
        header = headers.get("authorization")
        if header is None:
            return _ask("This page asks for a name and a password.")
        digest = hmac.digest(self._key, header.encode("utf-8"), "sha256")
        if self._good_header is not None and hmac.compare_digest(digest, self._good_header):
            return None
        check = self._checks.get(digest) or self._begin_check(scope, header, digest)
        if isinstance(check, Response):
            return check
        # If the reader leaves, others may still wait for the same answer.
        is_right = await asyncio.shield(check)
        return None if is_right else _ask(_WRONG)

    def _begin_check(
        self, scope: Scope, header: str, digest: bytes
    ) -> asyncio.Task[bool] | Response:
        """Start to check a header, or say why not now."""
        given = _name_and_password(header)
        if given is None:
            return _ask(_WRONG)
        address = (scope.get("client") or ("unknown", 0))[0]
        wait = math.ceil(self._brake.seconds_to_wait(address))
        if wait > 0:
            return _later(
                429, f"Too many failed tries. Wait {wait} seconds, then try again.", wait
            )
        if len(self._checks) >= _MOST_CHECKS:
            return _later(503, "Too many passwords are being checked. Try again.", 2)
        self._brake.tried(address)
        check = asyncio.create_task(self._is_right(digest, address, *given))
        self._checks[digest] = check
        check.add_done_callback(lambda _: self._checks.pop(digest, None))
        return check

    async def _is_right(self, digest: bytes, address: str, user: bytes, password: str) -> bool:
        async with self._at_once:
            is_password = await asyncio.to_thread(is_right, password, self._password_hash)
        # Both are looked at, so that the time taken does not reveal which one was wrong.
        if _equal(user, self._user) and is_password:
            self._brake.succeeded(address)
            self._good_header = digest
            return True
        return False

    def _has_session(self, headers: Headers) -> bool:
        return any(
            _equal(cookie_parser(text).get(_COOKIE, "").encode(), self._session.encode())
            for text in headers.getlist("cookie")
        )

    def _with_cookie(self, scope: Scope, send: Send) -> Send:
        is_secure = self._is_secure or scope["scheme"] in {"https", "wss"}
        cookie = f"{_COOKIE}={self._session}; Path=/; HttpOnly; SameSite=Strict"

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append(
                    "set-cookie", f"{cookie}; Secure" if is_secure else cookie
                )
            await send(message)

        return sending


def _name_and_password(header: str) -> tuple[bytes, str] | None:
    """What a header of HTTP Basic holds; None for anything else."""
    kind, _, encoded = header.partition(" ")
    if kind.lower() != "basic" or len(encoded) > _MAX_HEADER:
        return None
    try:
        user, colon, password = base64.b64decode(encoded, validate=True).partition(b":")
        text = password.decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    return (user, text) if colon else None


def _equal(one: bytes, other: bytes) -> bool:
    """Compare in a time that does not depend on the content, nor on the length."""
    return hmac.compare_digest(hashlib.sha256(one).digest(), hashlib.sha256(other).digest())


def _ask(text: str) -> Response:
    challenge = {"www-authenticate": 'Basic realm="Olist DW dashboards", charset="UTF-8"'}
    return PlainTextResponse(text, 401, challenge)


def _later(status: int, text: str, seconds: int) -> Response:
    return PlainTextResponse(text, status, {"retry-after": str(seconds)})
