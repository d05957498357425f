"""A server under attack: as a user starts it, with the file descriptors of a plain login."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.browser import served
from tests.support.executive_mart import publish


@dataclass(frozen=True)
class Target:
    """A server and what it has logged."""

    port: int
    log: Path

    def logged(self) -> int:
        """Bytes of the log."""
        return self.log.stat().st_size


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    home = tmp_path_factory.mktemp("target")
    publish(home)
    log = home / "server.log"
    # The small mart says it was built in 2026: it is fresh for as long as anybody runs this.
    with served(home, log=log, descriptors=1024, OLIST_DASHBOARDS_FRESH_HOURS="2000000") as url:
        yield Target(int(url.rstrip("/").rpartition(":")[2]), log)
