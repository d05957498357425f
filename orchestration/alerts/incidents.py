"""The incidents that the watch has reported and that are not over: titles by their names.

It is kept beside the runs. Where that disk is full or read-only, which is when there is most to
tell, it is kept in the directory for temporary files; nothing depends on it but that people are
not notified twice.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from filelock import FileLock, Timeout

logger = logging.getLogger(__name__)

NOTIFIED_NAME = "watch.json"
# After that a look does not wait for another one, which may hang.
_SECONDS_TO_WAIT = 60


def read_notified(runs_dir: Path) -> Mapping[str, str]:
    """The titles of the notified incidents that were not over at the last look, by key."""
    for path in (_substitute(runs_dir), runs_dir / NOTIFIED_NAME):
        try:
            if path.lstat().st_uid != os.geteuid() and path.parent != runs_dir:
                continue  # anybody may write where temporary files are
            content = json.loads(path.read_text(encoding="utf-8"))
            return {str(key): str(title) for key, title in content["told"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
    return {}


def write_notified(runs_dir: Path, notified: Mapping[str, str]) -> None:
    """Keep them for the next look, as well as may be; never raises."""
    text = json.dumps({"told": dict(notified)}, indent=2) + "\n"
    path, substitute = runs_dir / NOTIFIED_NAME, _substitute(runs_dir)
    try:
        runs_dir.mkdir(parents=True, exist_ok=True)
        _replace(path, text)
    except OSError as error:
        try:
            _replace(substitute, text)
        except OSError:
            logger.error(
                "Notified incidents cannot be kept (%s): the next look notifies of them again.",
                error,
            )
        return
    with contextlib.suppress(OSError):
        substitute.unlink()


@contextlib.contextmanager
def one_look_at_a_time(runs_dir: Path) -> Iterator[None]:
    """Keep the timer and a scheduler from telling the same twice, where the disk lets us."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError, Timeout):
            runs_dir.mkdir(parents=True, exist_ok=True)
            lock = FileLock(runs_dir / "watch.lock", timeout=_SECONDS_TO_WAIT)
            stack.enter_context(lock)
        yield


def _substitute(runs_dir: Path) -> Path:
    name = hashlib.sha256(str(runs_dir.absolute()).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"olist_dw_{os.geteuid()}_{name}_{NOTIFIED_NAME}"


def _replace(path: Path, text: str) -> None:
    # A new file of an own name: a link that lies there already is replaced and not followed.
    descriptor, name = tempfile.mkstemp(prefix=f".{NOTIFIED_NAME}", dir=path.parent)
    fresh = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
