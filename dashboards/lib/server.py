"""The web server of the dashboards: marimo's notebooks and the front door as one application.

It listens on this machine alone, unless there is a password to ask the others for.
"""

from __future__ import annotations

import errno
import ipaddress
import socket
import threading
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import marimo
import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    RedirectResponse,
    Response,
)
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboards.lib.catalogue import DASHBOARDS
from dashboards.lib.charts import warm_up
from dashboards.lib.front_door import index_page, no_catalog_page
from dashboards.lib.gate import IS_KNOWN, PasswordGate, SameOrigin
from dashboards.lib.health import Health, look
from dashboards.lib.prometheus import CONTENT_TYPE, metrics

# A page of another site must not reach the dashboards through a name it points at this machine.
_TRUSTED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
_NOT_KEPT = {"cache-control": "no-store"}
_ASKED_AGAIN = {"cache-control": "no-cache"}  # kept, but only for as long as it is current
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


@dataclass(frozen=True)
class Serving:
    """What the server needs to know: where the data are, whom it lets in.

    Attributes:
        published_path: The published warehouse that the front door speaks of; the notebooks
            find theirs in the settings.
        runs_dir: The log of runs.
        fresh_for: How old a version may be.
        user: The name that is asked for.
        catalog_path: The page that `make docs` writes.
        password_hash: As ``password.hash_password`` made it; None asks for none.
        is_open: Whether other machines can reach it, by whatever name they know this one.
        backups_dir: The backups, whose age is a metric.
    """

    published_path: Path
    runs_dir: Path
    fresh_for: timedelta = timedelta(hours=24)
    catalog_path: Path | None = None
    user: str = "olist"
    password_hash: str | None = None
    is_open: bool = False
    backups_dir: Path | None = None


def build_app(serving: Serving) -> Starlette:
    """The front door at /, /health, /metrics and every dashboard on its path."""

    def now() -> Health:
        return look(serving.published_path, serving.runs_dir, serving.fresh_for)

    def index(_: Request) -> HTMLResponse:
        return HTMLResponse(index_page(now(), DASHBOARDS), headers=_NOT_KEPT)

    def health(request: Request) -> JSONResponse:
        found = now()
        status = HTTPStatus.OK if found.is_healthy else HTTPStatus.SERVICE_UNAVAILABLE
        is_known = serving.password_hash is None or request.scope.get(IS_KNOWN, False)
        content = found.details() if is_known else found.public()
        return JSONResponse(content, status, headers=_NOT_KEPT)

    def catalog(_: Request) -> Response:
        if serving.catalog_path is not None and serving.catalog_path.is_file():
            return FileResponse(serving.catalog_path, headers=_ASKED_AGAIN)
        return HTMLResponse(no_catalog_page(), HTTPStatus.NOT_FOUND, headers=_NOT_KEPT)

    def measured(_: Request) -> Response:
        content = metrics(serving.runs_dir, serving.fresh_for, backups_dir=serving.backups_dir)
        return Response(content, media_type=CONTENT_TYPE, headers=_NOT_KEPT)

    # Each page would have marimo's scripts at an address of its own; from one address a browser
    # fetches and compiles them once. Relative, for what stands in front of the server.
    scripts = f"..{DASHBOARDS[0].path}"
    builder = marimo.create_asgi_app(quiet=True, include_code=False, asset_url=scripts)
    for dashboard in DASHBOARDS:
        builder = builder.with_app(path=dashboard.path, root=str(dashboard.notebook))
    layers = [Middleware(SameOrigin), Middleware(CacheAssets)]
    if serving.password_hash is not None:
        layers.insert(
            1,
            Middleware(PasswordGate, user=serving.user, password_hash=serving.password_hash),
        )
    if not serving.is_open:
        layers.insert(0, Middleware(TrustedHostMiddleware, allowed_hosts=_TRUSTED_HOSTS))
    return Starlette(
        routes=[
            Route("/", index),
            Route("/health", health),
            Route("/metrics", measured),
            Route("/catalog", lambda _: RedirectResponse("/catalog/")),
            Route("/catalog/", catalog),
            Mount("/", app=builder.build()),
        ],
        middleware=layers,
    )


def is_loopback(host: str) -> bool:
    """Whether the address is this machine's own, which no other machine can reach."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_host(host: str, *, has_password: bool) -> None:
    """Refuse an address that other machines could reach where there is no password.

    Raises:
        ServerError: The host is not this machine's own, and there is no password.
    """
    if has_password or is_loopback(host):
        return
    message = (
        f"The dashboards do not listen on {host} without a password: they would be open to "
        "everyone who can reach this machine. Set one with `python -m dashboards "
        "hash-password`, or leave --host and OLIST_DASHBOARDS_HOST out to serve this machine "
        "only."
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
    if ipaddress.ip_address(host).is_unspecified:
        host = socket.gethostname()
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def serve(app: Starlette, listener: socket.socket) -> None:
    """Serve until interrupted."""
    threading.Thread(target=warm_up, name="warm-up", daemon=True).start()
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=_GRACE)
    uvicorn.Server(config).run(sockets=[listener])
