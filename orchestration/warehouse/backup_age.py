"""How old the newest backup is: for the watch and for metrics. Backups are only looked at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

# As orchestration.warehouse.backup names them.
BACKUP_NAME = re.compile(r"(\d{8}t\d{6}z)_of_\w+")

# What clocks may differ by; a backup from further ahead was made by a clock that was wrong.
_AHEAD = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class NewestBackup:
    """The newest backup.

    Attributes:
        path: Where it is.
        created_at: By its name, UTC.
    """

    path: Path
    created_at: datetime


def newest_backup(directory: Path, now: datetime) -> NewestBackup | None:
    """The newest backup of a directory; one of the future is passed over."""
    found = []
    for path in directory.iterdir() if directory.is_dir() else ():
        if (name := BACKUP_NAME.fullmatch(path.name)) is None or not path.is_dir():
            continue
        try:
            created_at = datetime.strptime(name[1], "%Y%m%dt%H%M%Sz").replace(tzinfo=UTC)
        except ValueError:
            continue
        if created_at <= now + _AHEAD:
            found.append(NewestBackup(path, created_at))
    return max(found, key=lambda one: one.created_at, default=None)
