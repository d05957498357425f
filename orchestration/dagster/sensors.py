"""A run when new files arrive; a message when a run is missed, hangs or was killed.

What counts is what the files are (names, sizes, times of change), not that something happened:
the state that was last acted on is the sensor's cursor. Files are taken when they have stayed
as they are for a while, so that half a copy starts nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from extract.sources import is_store
from extract.tables import TABLES
from orchestration.alerts.watch import watch as look_for_incidents
from orchestration.dagster.jobs import DAILY
from orchestration.settings import SOURCE_WORDS, Settings
from orchestration.warehouse.store import Warehouse

SETTLE_SECONDS = 20.0
INTERVAL_SECONDS = 30
WATCH_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Seen:
    """What the sensor remembers from one look to the next.

    Attributes:
        acted_on: The state of the files that a run was started for.
        pending: A newer state that has to settle first.
        since: When that was first seen, seconds since 1970.
    """

    acted_on: str
    pending: str | None = None
    since: float = 0.0


def watched_path(settings: Settings) -> Path | None:
    """Where the next run will look for files; None if its source is no path."""
    if settings.source is None:
        return settings.raw_dir
    is_path = settings.source not in SOURCE_WORDS and not is_store(settings.source)
    return Path(settings.source) if is_path else None


def files_state(path: Path) -> str:
    """Equal as long as no file that a run would read was added, removed or changed."""
    names = {table.file_name for table in TABLES}
    if path.is_dir():
        found = [p for p in path.iterdir() if p.name in names or p.suffix.lower() == ".zip"]
    else:
        found = [path]
    lines = []
    for one in sorted(found):
        try:
            status = one.stat()
        except OSError:  # it went away between the two calls
            continue
        lines.append(f"{one.name}\0{status.st_size}\0{status.st_mtime_ns}\n")
    return hashlib.sha256("".join(lines).encode()).hexdigest() if lines else ""


def look(seen: Seen | None, state: str, now: float, *, is_published: bool) -> tuple[Seen, bool]:
    """Decide whether files have arrived.

    Args:
        seen: From the look before; None for the first one.
        state: From :func:`files_state`; empty for no files.
        now: Seconds since 1970.
        is_published: At the first look, files of a warehouse that is there already count as
            those it was built from.

    Returns:
        What to remember, and whether to start a run.
    """
    if seen is None:
        seen = Seen(state if is_published else "")
    if state in ("", seen.acted_on):
        return Seen(seen.acted_on), False
    if state != seen.pending:
        return Seen(seen.acted_on, state, now), False
    if now - seen.since < SETTLE_SECONDS:
        return seen, False
    return Seen(state), True


def new_files(
    settings: Settings, clock: Callable[[], float] | None = None
) -> dg.SensorDefinition:
    """Start the daily run once for each change of the files.

    Args:
        settings: Say where the files arrive.
        clock: Seconds since 1970; the system's by default.
    """
    now = clock or (lambda: datetime.now(UTC).timestamp())

    @dg.sensor(
        name="new_files",
        job_name=DAILY,
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Starts the daily run when files arrive or change where the next run will "
        "look for them, as soon as they have settled.",
    )
    def watch(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        path = watched_path(settings)
        if path is None:
            # An address is not shown: it may hold a password.
            named = settings.source if settings.source in SOURCE_WORDS else "a shop's"
            return dg.SkipReason(f"Runs take {named} data: no files to wait for.")
        before = Seen(**json.loads(context.cursor)) if context.cursor else None
        is_published = Warehouse(settings.warehouse_dir).published_path.exists()
        seen, has_arrived = look(before, files_state(path), now(), is_published=is_published)
        cursor = json.dumps(asdict(seen))
        if has_arrived and before is not None:
            # The same files may come back later: the moment makes each arrival its own run.
            key = f"{seen.acted_on[:16]}_{before.since:.0f}"
            return dg.SensorResult(run_requests=[dg.RunRequest(run_key=key)], cursor=cursor)
        reason = (
            f"Files in {path} have changed; waiting until they stay as they are."
            if seen.pending
            else f"Nothing new in {path}."
        )
        return dg.SensorResult(skip_reason=dg.SkipReason(reason), cursor=cursor)

    return watch


def incidents(
    settings: Settings, clock: Callable[[], datetime] | None = None
) -> dg.SensorDefinition:
    """Report what no run can report itself; starts nothing.

    Args:
        settings: Say who is notified.
        clock: The moment, with its zone; the system's by default.
    """
    now = clock or (lambda: datetime.now(UTC))

    @dg.sensor(
        name="incidents",
        minimum_interval_seconds=WATCH_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Tells of a missed, hanging or killed run, each once, like `olist watch`. "
        "Starts no run.",
    )
    def watch() -> dg.SkipReason:
        found = look_for_incidents(settings, now())
        return dg.SkipReason(" ".join(f"{one.title}." for one in found) or "All is well.")

    return watch
