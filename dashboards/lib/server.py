"""The web server of the dashboards: marimo's notebooks and the front door as one application.

It listens on this machine alone, unless there is a password to ask the others for.
"""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import logging
import socket
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import marimo
import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboards.lib.bounded import configuration, raise_descriptor_limit
from dashboards.lib.catalogue import DASHBOARDS
from dashboards.lib.charts import warm_up
from dashboards.lib.frame import STARTED, Framed, with_bar
from dashboards.lib.front_door import index_page, no_catalog_page
from dashboards.lib.gate import IS_KNOWN, PasswordGate
from dashboards.lib.headers import SafeHeaders
from dashboards.lib.health import Health, look
from dashboards.lib.key_figures import KeyFigure, KeyFigures
from dashboards.lib.origins import Names, OwnPages, origin_of
from dashboards.lib.prometheus import CONTENT_TYPE, metrics
from dashboards.lib.queries.warehouse import DashboardDataError
from dashboards.lib.server_log import log_to_stderr
from dashboards.lib.sessions import Sessions
from orchestration.dbt.semantic import SemanticError

_LOG = logging.getLogger(__name__)
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
        public_origins: By which readers reach it through a proxy, ``https://...``.
        proxies: Addresses and networks of proxies whose ``X-Forwarded-*`` are believed.
        most_sessions: Pages that are open at the same time.
        key_figures: The figures of the front door; None shows none.
    """

    published_path: Path
    runs_dir: Path
    fresh_for: timedelta = timedelta(hours=24)
    catalog_path: Path | None = None
    user: str = "olist"
    password_hash: str | None = None
    is_open: bool = False
    backups_dir: Path | None = None
    public_origins: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    most_sessions: int = 100
    key_figures: KeyFigures | None = None


def build_app(serving: Serving) -> Starlette:
    """The front door at /, /health, /metrics and every dashboard on its path."""
    # Of its own: the threads that pages compute in may all be taken.
    looking = ThreadPoolExecutor(1, thread_name_prefix="health")

    def now() -> Health:
        return look(serving.published_path, serving.runs_dir, serving.fresh_for)

    def index(_: Request) -> HTMLResponse:
        state = now()
        figures = _figures(serving, state)
        return HTMLResponse(index_page(state, DASHBOARDS, figures), headers=_NOT_KEPT)

    async def health(request: Request) -> JSONResponse:
        found = await asyncio.get_running_loop().run_in_executor(looking, now)
        status = HTTPStatus.OK if found.is_healthy else HTTPStatus.SERVICE_UNAVAILABLE
        is_known = serving.password_hash is None or request.scope.get(IS_KNOWN, False)
        content = found.details() if is_known else found.public()
        return JSONResponse(content, status, headers=_NOT_KEPT)

    def catalog(_: Request) -> Response:
        if serving.catalog_path is not None and serving.catalog_path.is_file():
            page = serving.catalog_path.read_text(encoding="utf-8")
            return HTMLResponse(with_bar(page, "/catalog"), headers=_ASKED_AGAIN)
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
    pages = [dashboard.path for dashboard in DASHBOARDS]
    names = Names(serving.public_origins, serving.is_open)
    layers = [Middleware(SafeHeaders), Middleware(OwnPages, names, serving.proxies)]
    if serving.password_hash is not None:
        layers.append(
            Middleware(
                PasswordGate,
                user=serving.user,
                password_hash=serving.password_hash,
                is_secure=names.is_secure,
            )
        )
    layers.append(Middleware(CacheAssets))
    sessions = Sessions(builder.build(), pages, serving.most_sessions)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await sessions.close()

    app = Starlette(
        routes=[
            Route("/", index),
            Route("/health", health),
            Route("/metrics", measured),
            Route("/catalog", lambda _: RedirectResponse("/catalog/")),
            Route("/catalog/", catalog),
            *(Route(one.path, _with_slash) for one in DASHBOARDS),
            Route("/started", lambda _: PlainTextResponse(STARTED, headers=_NOT_KEPT)),
            Mount("/", app=Framed(sessions)),
        ],
        lifespan=lifespan,
        middleware=layers,
    )
    # They would name the host that a proxy asked for, without the proxy's encryption.
    app.router.redirect_slashes = False
    return app


def _with_slash(request: Request) -> RedirectResponse:
    """To the address of a page, with its choices, which marimo's own redirect would drop."""
    query = f"?{request.url.query}" if request.url.query else ""
    # Relative, so that it is right below whatever path a proxy serves the pages.
    return RedirectResponse(f"{request.url.path.rpartition('/')[2]}/{query}")


def _figures(serving: Serving, state: Health) -> tuple[KeyFigure, ...] | None:
    """The figures of the front door; it opens without them where they cannot be asked for."""
    if serving.key_figures is None or state.info is None:
        return ()
    try:
        return serving.key_figures.of(state.info.run_id)
    except (DashboardDataError, SemanticError) as error:
        _LOG.warning("The front door shows no figures: %s", error)
        return ()


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
        "everyone who can reach this machine. Set one with `olist serve "
        "hash-password`, or leave --host and OLIST_DASHBOARDS_HOST out to serve this machine "
        "only."
    )
    raise ServerError(message)


def public_origins(setting: str | None) -> tuple[str, ...]:
    """The addresses that readers type, as browsers write them.

    Raises:
        ServerError: One of them is no address.
    """
    found = []
    for url in _parts(setting):
        origin = origin_of(url)
        if origin is None or urlsplit(url).path not in {"", "/"} or urlsplit(url).query:
            message = (
                f"OLIST_DASHBOARDS_PUBLIC_URL holds {url!r}, which is no address of a server. "
                "Give what readers type, without a path, such as https://olist.example.org; "
                "separate several by commas."
            )
            raise ServerError(message)
        found.append(origin)
    return tuple(found)


def trusted_proxies(setting: str | None) -> tuple[str, ...]:
    """The addresses and networks of proxies that are believed.

    Raises:
        ServerError: One of them is none, or stands for every address.
    """
    found = []
    for part in _parts(setting):
        try:
            network = ipaddress.ip_network(part)
        except ValueError:
            network = None
        if network is None or not network.prefixlen:
            message = (
                f"OLIST_DASHBOARDS_TRUSTED_PROXIES holds {part!r}, which is no address of a "
                "proxy. Give IP addresses or networks such as 10.0.0.0/24, not all of them; "
                "separate several by commas."
            )
            raise ServerError(message)
        found.append(part)
    return tuple(found)


def _parts(setting: str | None) -> list[str]:
    return [part.strip() for part in (setting or "").split(",") if part.strip()]


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


def serve(
    app: Starlette, listener: socket.socket, warm_more: Callable[[], None] | None = None
) -> None:
    """Serve until interrupted; meanwhile load what the first reader would wait for.

    Args:
        app: As ``build_app`` made it.
        listener: As ``listen`` made it.
        warm_more: Called in a thread of its own when charts can be drawn.
    """
    raise_descriptor_limit()
    log_to_stderr()

    def warm() -> None:
        warm_up()
        if warm_more is not None:
            warm_more()

    threading.Thread(target=warm, name="warm-up", daemon=True).start()
    uvicorn.Server(configuration(app, _GRACE)).run(sockets=[listener])
