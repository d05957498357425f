"""Who holds a warehouse: what the process that has its lock signed with.

The lock itself is in ``orchestration.warehouse``. Reading this takes no lock, so that looking
never keeps a run from starting.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

HOLDER_NAME = ".lock.json"


@dataclass(frozen=True, slots=True)
class Holder:
    """A process at work on a warehouse.

    Attributes:
        what: Run, Restore, Rollback and the like.
        run_id: The run, or the version that is worked on.
        pid: The process.
        since: UTC.
    """

    what: str
    run_id: str
    pid: int
    since: datetime


def read_holder(warehouse_dir: Path) -> Holder | None:
    """Who is at work now, or None; a process that was killed holds nothing any more."""
    try:
        content = json.loads((warehouse_dir / HOLDER_NAME).read_text(encoding="utf-8"))
        since = datetime.fromisoformat(content["since"])
        holder = Holder(
            what=str(content["what"]),
            run_id=str(content["run_id"]),
            pid=int(content["pid"]),
            since=since.replace(tzinfo=since.tzinfo or UTC),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return holder if _is_alive(holder.pid) else None


def _is_alive(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is there, but belongs to another user
        return True
    return True
