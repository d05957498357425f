"""Who holds a warehouse: what the process that has its lock signed with.

The lock itself is in ``orchestration.warehouse.lock``. A signature alone proves nothing: a
process that was killed leaves it behind, and another may have its number by now. So the lock is
tested, for a moment that a run which wants it waits.
"""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

LOCK_NAME = ".lock"
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
    is_locked = _is_locked(warehouse_dir / LOCK_NAME)
    if is_locked is False:
        return None
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
    # Of one that has the lock but has not signed yet, the signature is another's.
    began, signed = process_start(holder.pid), content.get("started")
    is_same = began == signed if began and signed else _is_alive(holder.pid)
    return holder if is_same else None


def sign(warehouse_dir: Path, what: str, run_id: str) -> Path:
    """Write down who holds the warehouse: this process. Needs the lock.

    Returns:
        The file, to be removed before the lock is freed.
    """
    path = warehouse_dir / HOLDER_NAME
    content = {
        "what": what,
        "run_id": run_id,
        "pid": os.getpid(),
        "started": process_start(os.getpid()),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def process_start(pid: int) -> str | None:
    """When a process began, as a text that no other of its number has; None where not known."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        # Behind its name, which may hold anything.
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2]
        return f"{boot} {fields.split()[19]}"
    except (OSError, ValueError, IndexError):
        return None


def _is_locked(path: Path) -> bool | None:
    """Whether a process has the lock; None where that cannot be found out."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return False


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
