"""The application of the dashboards on a free loopback port, and plain requests to it."""

from __future__ import annotations

import base64
import http.client
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from dashboards.lib.bounded import configuration
from dashboards.lib.server import Serving, build_app, listen

USER = "olist"
PASSWORD = "correct horse battery"  # noqa: S105 - of a test


@dataclass(frozen=True)
class Answer:
    """What the server answered."""

    status: int
    headers: Mapping[str, str]
    text: str


@dataclass(frozen=True)
class Server:
    """A server that runs."""

    port: int

    def get(self, path: str, **headers: str) -> Answer:
        """Ask for a path; ``_`` in the name of a header stands for ``-``."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request("GET", path, headers=named)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", errors="replace")
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, found, text)
        finally:
            connection.close()


@contextmanager
def running(serving: Serving) -> Iterator[Server]:
    """Serve in a thread until the block ends."""
    main = sys.modules["__main__"]
    with listen("127.0.0.1", 0) as listener:
        server = uvicorn.Server(configuration(build_app(serving), grace=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield Server(listener.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join(timeout=30)
            # The notebooks, which run in this process as well, put modules of theirs there.
            sys.modules["__main__"] = main


def basic(password: str = PASSWORD, user: str = USER) -> str:
    """The header of HTTP Basic."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
