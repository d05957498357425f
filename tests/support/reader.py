"""A reader of a dashboard without a browser: the page, its web socket, its finished cells.

It speaks marimo's own protocol, in which the web socket starts the cells, so that many readers
at once load the server and not a browser.
"""

from __future__ import annotations

import http.client
import json
import secrets
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from websockets.sync.client import connect


@dataclass(frozen=True)
class Visit:
    """One visit to one dashboard: how long until all was shown (s), and what went wrong."""

    slug: str
    seconds: float
    num_tiles: int
    problems: tuple[str, ...]


def visit(url: str, slug: str, *, stays: float = 0.0, patience: float = 60.0) -> Visit:
    """Open a dashboard, wait until its cells have run, stay on it for some seconds."""
    started = time.perf_counter()
    host = urlsplit(url).netloc
    _page(host, f"/{slug}/")
    session = f"s_{secrets.token_hex(3)}"
    problems: list[str] = []
    shown = ""
    with connect(
        f"ws://{host}/{slug}/ws?session_id={session}", max_size=None, open_timeout=patience
    ) as socket:
        operation = ""
        while operation != "completed-run":
            message = json.loads(socket.recv(timeout=patience))
            operation = message["op"]
            output = (message.get("data") or {}).get("output") or {}
            if str(output.get("mimetype", "")).endswith("marimo+error"):
                problems += _told(output.get("data") or [])
            shown += str(output.get("data", ""))
        seconds = time.perf_counter() - started
        time.sleep(stays)
    return Visit(slug, seconds, shown.count("data-tile="), tuple(problems))


def _told(errors: list[dict[str, Any]]) -> list[str]:
    """What a reader sees of errors: nothing of a cell that waits for a choice above it."""
    return [json.dumps(one)[:500] for one in errors if one.get("type") != "ancestor-stopped"]


def _page(host: str, path: str) -> None:
    connection = http.client.HTTPConnection(host, timeout=60)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
    finally:
        connection.close()
    if answer.status != HTTPStatus.OK:
        message = f"{path} answered {answer.status}"
        raise AssertionError(message)
