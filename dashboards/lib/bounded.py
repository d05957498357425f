"""How long and how much a connection may take: what asks slowly makes room for what asks.

Uvicorn waits forever for the rest of a request, and its limit of connections counts those that
never ask: a thousand of them would keep everybody out. Here a request has to arrive within some
seconds, and where there is no room the connection that has waited longest to ask goes.
"""

from __future__ import annotations

import asyncio
import contextlib
import resource
from typing import Any

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

# Seconds until a request has to be there, headers and body; and for which an answer waits for a
# reader who takes nothing of it.
REQUEST_SECONDS = 15.0
STALLED_SECONDS = 60.0
# Bytes. What pages send is what was chosen in them; browsers send some kB of headers.
MAX_HEADERS = 32 * 1024
MAX_REQUEST = 1024 * 1024
_MOST_CONNECTIONS = 2000
# Accepted at once. All of them have a file descriptor before the first is looked at.
_BACKLOG = 128


def most_connections() -> int:
    """As many as leave half of the file descriptors to what pages read."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST_CONNECTIONS if soft < 0 else min(soft // 2, _MOST_CONNECTIONS)


class _Stalled:
    """Ends a connection whose reader takes nothing for a minute."""

    transport: asyncio.Transport
    loop: asyncio.AbstractEventLoop
    _stalled: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        super().pause_writing()  # type: ignore[misc]
        self._stalled = self.loop.call_later(STALLED_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()  # type: ignore[misc]
        self._go_on()

    def connection_lost(self, exc: Exception | None) -> None:
        self._go_on()
        super().connection_lost(exc)  # type: ignore[misc]

    def _go_on(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None


class BoundedWebSocket(_Stalled, WebSocketsSansIOProtocol):
    """A web socket."""


class BoundedHttp(_Stalled, H11Protocol):
    """A connection over which requests come."""

    _asks_by: asyncio.TimerHandle | None = None
    _received = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request, and make room for it where there is none."""
        super().connection_made(transport)
        self._wait()
        if len(self.connections) > most_connections():
            waiting = [
                one
                for one in self.connections
                if isinstance(one, BoundedHttp) and one._asks_by is not None
            ]
            longest = min(waiting, key=BoundedHttp._until, default=self)
            longest._stop_waiting()
            self.connections.discard(longest)
            longest.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take what comes, in time and within bounds."""
        self._received += len(data)
        if self._received > MAX_REQUEST:
            self.transport.abort()
            return
        super().data_received(data)
        if self.transport.get_protocol() is self:
            self._look()
        else:  # it has become a web socket
            self._stop_waiting()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _look(self) -> None:
        """Whether a request is still to come as a whole."""
        if self.conn.their_state in {h11.IDLE, h11.SEND_BODY}:
            if self._asks_by is None and not self.transport.is_closing():
                self._wait()
        else:
            self._received = 0
            self._stop_waiting()

    def _wait(self) -> None:
        self._asks_by = self.loop.call_later(REQUEST_SECONDS, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._asks_by is not None:
            self._asks_by.cancel()
            self._asks_by = None

    def _until(self) -> float:
        return 0.0 if self._asks_by is None else self._asks_by.when()


def configuration(app: ASGIApp, grace: int) -> uvicorn.Config:
    """Uvicorn with these bounds, which believes no header of a proxy and logs no request.

    Args:
        app: The application.
        grace: Seconds that open connections have when it ends.
    """
    bounds: dict[str, Any] = {
        "http": BoundedHttp,
        "ws": BoundedWebSocket,
        "h11_max_incomplete_event_size": MAX_HEADERS,
        "ws_max_size": MAX_REQUEST,
        "backlog": _BACKLOG,
    }
    return uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=grace,
        **bounds,
    )


def raise_descriptor_limit() -> None:
    """Allow this process as many file descriptors as it needs, where the machine lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4 * _MOST_CONNECTIONS if hard < 0 else min(hard, 4 * _MOST_CONNECTIONS)
    if 0 <= soft < wanted:
        with contextlib.suppress(OSError, ValueError):  # it then takes fewer connections
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
