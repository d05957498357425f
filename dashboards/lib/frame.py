"""What stands around every page: the bar that leads between them, and its first paint.

The server sends it with the page, so that a reader sees the page's title before the page has
computed anything. How it behaves is in
assets/page.js, how it looks in assets/dashboard.css.
"""

from __future__ import annotations

import secrets
from functools import cache
from html import escape
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboards.lib.catalogue import DASHBOARDS, Dashboard
from dashboards.lib.tiles import anchor

_ASSETS = Path(__file__).parent / "assets"
# Names this start of the server: a page that was made by another one says so.
STARTED = secrets.token_hex(8)


@cache
def styles() -> str:
    """The colours of all pages, the bar and the first paint, as an element."""
    return f"<style>{_asset('frame.css')}</style>"


@cache
def script() -> str:
    """The behaviour that all pages share, as an element."""
    return f'<script data-server="{STARTED}">{_asset("page.js")}</script>'


def bar(current: str, sections: tuple[str, ...] = ()) -> str:
    """The pages as links, the current one marked, and the sections of this page.

    Args:
        current: The path of the page, such as ``/executive``.
        sections: The headings of the page that can be gone to.
    """
    pages = (("/", "Olist DW"), *((f"{one.path}/", one.name) for one in DASHBOARDS))
    links = "".join(
        f'<li><a href="{path}"{_current(path, current)}>{escape(name)}</a></li>'
        for path, name in (*pages, ("/catalog/", "Catalogue"))
    )
    parts = "".join(
        f'<li><a href="#{anchor(name)}">{escape(name)}</a></li>' for name in sections
    )
    on_page = f'<nav aria-label="On this page"><ul>{parts}</ul></nav>' if parts else ""
    return (
        '<a class="dw-skip" href="#main">To the content</a>'
        f'<div class="dw-bar"><nav aria-label="Pages" data-pages><ul>{links}</ul></nav>'
        f'<div class="dw-here">{on_page}'
        '<button type="button" class="dw-copy" data-copy>Copy link</button></div></div>'
        '<div class="dw-gone" role="alert" hidden><p></p>'
        '<button type="button" data-reload>Reload</button></div>'
    )


def first_paint(dashboard: Dashboard) -> str:
    """The title of a page, and room of the size of its filters and tiles."""
    filters = '<i class="dw-blank dw-blank-filter"></i>' * dashboard.num_filters
    tiles = '<i class="dw-blank dw-blank-tile"></i>' * dashboard.num_tiles
    return (
        '<div class="dw-first" data-first>'
        f'<header class="dw-header" data-until=".dw-header">'
        f"<h1>{escape(dashboard.title)}</h1><p>{escape(dashboard.question)}</p>"
        '<p class="dw-asof" role="status">Reading the data ...</p></header>'
        "<noscript><p>This page is computed while you look at it and needs JavaScript. "
        "Allow it for this address, or ask in a terminal: "
        "<code>olist ask</code>.</p></noscript>"
        f'<div class="dw-blanks" data-until=".dw-filter" aria-hidden="true">{filters}</div>'
        '<div class="dw-tiles" data-until=".dw-tiles, .dw-message, .dw-answer, .dw-card" '
        f'aria-hidden="true">{tiles}</div></div>'
    )


def _current(path: str, current: str) -> str:
    return ' aria-current="page"' if path.rstrip("/") == current.rstrip("/") else ""


@cache
def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")


def with_bar(html: str, current: str) -> str:
    """A page that others made, with the bar on top."""
    return _framed(html, bar(current), "")


def _framed(html: str, before: str, after: str) -> str:
    """A page with something at the beginning and at the end of its body."""
    html = html.replace("</head>", f"{styles()}</head>", 1)
    start = html.index(">", html.index("<body")) + 1
    end = html.rindex("</body>")
    return f"{html[:start]}{before}{html[start:end]}{after}{script()}{html[end:]}"


class Framed:
    """A layer that puts the frame around the pages on their way to the reader."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app
        self._frames = {
            f"{one.path}/": (
                f'{bar(one.path, one.sections)}<main id="main" tabindex="-1">',
                f"{first_paint(one)}</main>",
            )
            for one in DASHBOARDS
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        frame = self._frames.get(scope["path"]) if scope["type"] == "http" else None
        if frame is None or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        start: Message = {}
        body = bytearray()

        async def sending(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                if _is_page(message):
                    return
            elif _is_page(start):
                body.extend(message.get("body", b""))
                if message.get("more_body", False):
                    return
                text = _framed(body.decode(), *frame).encode()
                MutableHeaders(raw=start["headers"])["content-length"] = str(len(text))
                await send(start)
                message = {**message, "body": text}
            await send(message)

        await self._app(scope, receive, sending)


def _is_page(start: Message) -> bool:
    kind = Headers(raw=start["headers"]).get("content-type", "")
    return start["status"] == 200 and kind.startswith("text/html")  # noqa: PLR2004
