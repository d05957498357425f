"""The web server of the dashboards: marimo's notebooks and the front door as one application.

It listens on this machine alone. Opening it to others needs a password, which does not exist
yet, so any other address is refused.
"""

from __future__ import annotations

import errno
import ipaddress
import socket
import threading
from http import HTTPStatus
from pathlib import Path

import marimo
import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboards.lib.catalogue import DASHBOARDS
from dashboards.lib.charts import warm_up
from dashboards.lib.front_door import index_page

# A page of another site must not reach the dashboards through a name it points at this machine.
_TRUSTED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
# Open pages hold a web socket; on Ctrl-C nobody waits longer for them than this (seconds).
_GRACE = 2


class CacheAssets:
    """Lets browsers keep marimo's scripts and fonts: their names hold a hash of the content."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or "/assets/" not in scope["path"]:
            await self._app(scope, receive, send)
            return

        async def send_cacheable(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == HTTPStatus.OK:
                headers = MutableHeaders(scope=message)
                headers["cache-control"] = "public, max-age=31536000, immutable"
            await send(message)

        await self._app(scope, receive, send_cacheable)


class ServerError(Exception):
    """The server cannot start as asked; the text says what to do."""


def build_app(published_path: Path) -> Starlette:
    """The front door at / and every dashboard on its path.

    Args:
        published_path: The published warehouse that the front door speaks of; the notebooks
            find theirs in the settings.
    """

    def index(_: Request) -> HTMLResponse:
        return HTMLResponse(index_page(published_path, DASHBOARDS))

    builder = marimo.create_asgi_app(quiet=True, include_code=False)
    for dashboard in DASHBOARDS:
        builder = builder.with_app(path=dashboard.path, root=str(dashboard.notebook))
    return Starlette(
        routes=[Route("/", index), Mount("/", app=builder.build())],
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=_TRUSTED_HOSTS),
            Middleware(CacheAssets),
        ],
    )


def check_loopback(host: str) -> None:
    """Refuse an address that other machines could reach.

    Raises:
        ServerError: The host is not this machine's own.
    """
    if host == "localhost":
        return
    try:
        if ipaddress.ip_address(host).is_loopback:
            return
    except ValueError:
        pass
    message = (
        f"The dashboards do not listen on {host}: they have no password yet, so they serve "
        "this machine only. Leave --host out, or give 127.0.0.1."
    )
    raise ServerError(message)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes any free one.

    Raises:
        ServerError: The port is taken or not allowed.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, so that asyncio sends small packets at once: without, each of the 300 files
    # of a page would wait 40 ms for an acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()
    except OSError as error:
        listener.close()
        reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used ({error})"
        message = (
            f"Port {port} on {host} {reason}. Stop what holds it, or choose another one with "
            "--port or OLIST_DASHBOARDS_PORT."
        )
        raise ServerError(message) from error
    return listener


def address(listener: socket.socket) -> str:
    """What to type into a browser."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def serve(app: Starlette, listener: socket.socket) -> None:
    """Serve until interrupted."""
    threading.Thread(target=warm_up, name="warm-up", daemon=True).start()
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=_GRACE)
    uvicorn.Server(config).run(sockets=[listener])
