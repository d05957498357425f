"""How many pages are open, and how many begin at once; what of marimo nobody needs is closed.

Each open page is a session of marimo: three threads, some file descriptors and memory. The web
socket of the page begins it, so that this layer counts web sockets. A page that was left keeps
its session for two minutes, in case it comes back, and loses it before another is refused.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable, Collection, Iterator
from typing import Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboards.lib.refusal import refuse

# Pages that compute their first figures at the same time. With more, each takes as much longer,
# and nothing else is answered meanwhile.
AT_ONCE = 2
# Seconds after which a page that has not said it is done no longer holds up the next.
LONGEST_START = 20.0
# Marimo's states of a session that has no page.
_LEFT = frozenset({"ORPHANED", "CLOSED"})

# Other ways to begin a session or to talk with one, which no page of ours uses.
_CLOSED = re.compile(r"/(sse|ws_sync|terminal/.*|lsp/.*|mcp/.*|og/.*)/?$")
# Files that a session holds are named by marimo; all else would be looked for on the machine.
_FILE = re.compile(r"/@file/(?P<name>.*)$", re.DOTALL)
_FILE_NAME = re.compile(r"\d{1,12}-\d+-[A-Za-z0-9]{8}\.\w{1,10}|empty\.txt", re.ASCII)


class Sessions:
    """A layer around marimo's application that bounds its sessions."""

    def __init__(self, app: ASGIApp, pages: Collection[str], most: int) -> None:
        """Wrap marimo's application.

        Args:
            app: As marimo built it.
            pages: The paths of the pages.
            most: Sessions at the same time.
        """
        self._app = app
        self._sockets = frozenset(f"{page}/ws" for page in pages)
        self._most = most
        self._managers = list(_managers(app))
        self._open = 0
        self._starting = 0
        self._queue: deque[asyncio.Future[None]] = deque()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        path = scope.get("path", "")
        file = _FILE.search(path)
        if _CLOSED.search(path) or (file and not _FILE_NAME.fullmatch(file["name"])):
            await refuse(scope, receive, send, PlainTextResponse("Not Found", 404))
        elif scope["type"] == "websocket" and path in self._sockets:
            await self._web_socket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def close(self) -> None:
        """End all sessions: their threads would keep the process."""
        for manager in self._managers:
            await manager.shutdown()

    async def _web_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._has_room():
            await refuse(scope, receive, send, PlainTextResponse("", 503))
            return
        self._open += 1
        try:
            if self._is_known(scope):
                await self._app(scope, receive, send)
            else:
                await self._begin(scope, receive, send)
        finally:
            self._open -= 1

    def _has_room(self) -> bool:
        """Whether one more may open; the session that was left first goes for it."""
        left = [
            (manager, key)
            for manager in self._managers
            for key, session in list(manager.sessions.items())
            if session.connection_state().name in _LEFT
        ]
        while left and self._open + len(left) >= self._most:
            manager, key = left.pop(0)
            manager.close_session(key)
        return self._open < self._most

    def _is_known(self, scope: Scope) -> bool:
        """Whether the page comes back to a session of its own."""
        query = parse_qs(scope["query_string"].decode("latin-1"))
        key = query.get("session_id", [""])[0]
        return any(key in manager.sessions for manager in self._managers)

    async def _begin(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Accept the web socket at once, and start the session when it is its turn."""
        await receive()
        await send({"type": "websocket.accept", "headers": []})
        if not await self._take_turn(receive):
            return
        done = _Once(self._give_turn)
        timer = asyncio.get_running_loop().call_later(LONGEST_START, done)
        connects: list[Message] = [{"type": "websocket.connect"}]

        async def receiving() -> Message:
            return connects.pop() if connects else await receive()

        async def sending(message: Message) -> None:
            if message["type"] == "websocket.accept":
                return
            await send(message)
            if message["type"] == "websocket.send" and _says_done(message):
                done()

        try:
            await self._app(scope, receiving, sending)
        finally:
            timer.cancel()
            done()

    async def _take_turn(self, receive: Receive) -> bool:
        """Wait until a page may begin; False where the reader has left meanwhile."""
        if self._starting < AT_ONCE:
            self._starting += 1
            return True
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        # A page says nothing before it has heard something: this is its end.
        ends = asyncio.ensure_future(receive())
        try:
            await asyncio.wait((turn, ends), return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            self._leave(turn)
            raise
        finally:
            is_here = not ends.done()
            ends.cancel()
        if not is_here:
            self._leave(turn)
        return is_here

    def _leave(self, turn: asyncio.Future[None]) -> None:
        """Give up a place in the queue, or the turn that came meanwhile."""
        if turn.done():
            self._give_turn()
        else:
            self._queue.remove(turn)

    def _give_turn(self) -> None:
        """Let the next begin; the place passes to it."""
        if self._queue:
            self._queue.popleft().set_result(None)
        else:
            self._starting -= 1


class _Once:
    """Calls something the first time it is called."""

    def __init__(self, call: Callable[[], None]) -> None:
        self._call = call
        self._is_done = False

    def __call__(self) -> None:
        if not self._is_done:
            self._is_done = True
            self._call()


def _says_done(message: Message) -> bool:
    """Whether the kernel says that it has run the page's cells."""
    text = message.get("text") or ""
    return '"completed-run"' in text[:200]


def _managers(app: ASGIApp) -> Iterator[Any]:
    """Marimo's managers of sessions, one for each page."""
    for route in app.routes if isinstance(app, Starlette) else ():
        state = getattr(route.app, "state", None) if isinstance(route, Mount) else None
        manager = getattr(state, "session_manager", None)
        if manager is not None:
            yield manager
