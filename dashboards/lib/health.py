"""Whether the dashboards show what they should: a readable, fresh version, no failed run.

It looks at the published version and the log of runs alone; how the front door words it and
what the address /health answers are made from it.
"""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from dashboards.lib import format as fmt
from dashboards.lib.queries.warehouse import (
    DashboardDataError,
    PublishedInfo,
    published,
    read_info,
)
from orchestration.runs.records import LastRun, is_of_the_future, last_run

State = Literal["healthy", "failed", "stale", "unreadable"]


@dataclass(frozen=True)
class Health:
    """The state of what is published, at one moment.

    ``info`` is None where nothing can be read, for ``problem``. ``age`` is that of the version,
    None where it says that it will be built: its clock was wrong, and how old it is, not known.
    """

    info: PublishedInfo | None
    problem: str | None
    age: timedelta | None
    fresh_for: timedelta
    last_run: LastRun | None

    @property
    def state(self) -> State:
        """The worst that is the case."""
        if self.info is None:
            return "unreadable"
        if self.last_run is not None and self.last_run.has_failed:
            return "failed"
        is_fresh = self.age is not None and self.age <= self.fresh_for
        return "healthy" if is_fresh else "stale"

    @property
    def is_healthy(self) -> bool:
        """Whether all is as it should be."""
        return self.state == "healthy"

    def words(self) -> str:
        """The state in a sentence, with what to do."""
        if self.info is None:
            return self.problem or "Nothing can be read."
        built = f"This version says that it will be built on {fmt.moment(self.info.built_at)}"
        if self.age is not None:
            built = f"This version is {_age(self.age)} old"
        if self.last_run is not None and self.last_run.has_failed:
            return (
                f"The last run failed on {fmt.moment(self.last_run.finished_at)}"
                f"{f' ({self.last_run.error_type})' if self.last_run.error_type else ''}: what "
                f"you see is the version before it. {built}. The log is in "
                f"runs/{self.last_run.run_id} of the warehouse directory."
            )
        if self.age is None:
            return (
                f"{built}: a clock was wrong, and its age is not known. Run `make pipeline` to "
                "renew it."
            )
        limit = _age(self.fresh_for)
        if self.age > self.fresh_for:
            return f"{built}, more than {limit}. Run `make pipeline` to renew it."
        return f"{built}, less than {limit}; it can be read, and the last run did not fail."

    def public(self) -> dict[str, Any]:
        """What anybody may know."""
        return {"status": self.state}

    def details(self) -> dict[str, Any]:
        """What a reader may know: no path, no secret."""
        details: dict[str, Any] = {
            **self.public(),
            "is_readable": self.info is not None,
            "age_hours": None
            if self.age is None
            else round(self.age.total_seconds() / 3600, 2),
            "fresh_hours": self.fresh_for.total_seconds() / 3600,
        }
        if self.info is not None:
            details |= {
                "version": self.info.run_id,
                "as_of_date": self.info.as_of_date.isoformat(),
                "built_at": f"{self.info.built_at.isoformat(timespec='seconds')}Z",
                "is_synthetic": self.info.is_synthetic,
            }
        if self.last_run is not None:
            details["last_run"] = {
                "run_id": self.last_run.run_id,
                "status": self.last_run.status,
                "finished_at": self.last_run.finished_at.isoformat(timespec="seconds"),
            }
        return details


def look(
    published_path: Path, runs_dir: Path, fresh_for: timedelta, now: datetime | None = None
) -> Health:
    """How things stand now.

    Args:
        published_path: The published warehouse.
        runs_dir: The log of runs.
        fresh_for: How old a version may be.
        now: The moment, UTC; the clock's where it is None.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    run = last_run(runs_dir, moment)
    try:
        info = _info(published_path)
    except DashboardDataError as error:
        return Health(None, str(error), None, fresh_for, run)
    built_at = info.built_at.replace(tzinfo=UTC)
    age = None if is_of_the_future(built_at, moment) else max(moment - built_at, timedelta(0))
    return Health(info, None, age, fresh_for, run)


_seen: dict[Path, tuple[tuple[int, ...], PublishedInfo]] = {}
_seeing = threading.Lock()


def _info(published_path: Path) -> PublishedInfo:
    """What the version says of itself; a file that is still the same is not opened again."""
    same: tuple[int, ...] = ()
    with contextlib.suppress(OSError):  # opening it says what is wrong
        file = published_path.stat()
        # The time of change moves with the rights to read it, too.
        same = (file.st_dev, file.st_ino, file.st_size, file.st_mtime_ns, file.st_ctime_ns)
    with _seeing:
        known = _seen.get(published_path)
        if known is not None and known[0] == same:
            return known[1]
        with published(published_path) as connection:
            info = read_info(connection)
        if same:
            _seen[published_path] = (same, info)
        return info


def _age(age: timedelta) -> str:
    """A duration in words: ``40 minutes``, ``5 hours``, ``3 days``."""
    hours = age.total_seconds() / 3600
    if hours < 1:
        return _plural(int(hours * 60), "minute")
    if hours < 48:  # noqa: PLR2004 - two days
        return _plural(int(hours), "hour")
    return _plural(int(hours / 24), "day")


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
