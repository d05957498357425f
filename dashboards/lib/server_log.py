"""The log of the dashboards' server: a line of a kind now and then, not one for each request.

What others send must not fill the disk: a line that is repeated is counted instead of written,
a traceback stands once, and no line holds characters that a terminal would obey.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass

_WINDOW = 60.0  # seconds
_LINES_IN_A_WINDOW = 5
_LONGEST_MESSAGE = 500  # characters
_LONGEST_TRACEBACK = 1500  # from its end, where the error stands
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass
class _Kind:
    """Lines of one kind: since when they are counted, how many were and were not written."""

    since: float
    written: int = 0
    left_out: int = 0


class Sparing(logging.Filter):
    """Lets five lines of a kind through in a minute, and says how many it left out.

    A kind is a place in the code that logs, and the error that it logs.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start without lines; ``clock`` gives seconds."""
        super().__init__()
        self._clock = clock
        self._kinds: dict[tuple[str, int, str], _Kind] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written; it may be changed."""
        error = record.exc_info[0] if record.exc_info else None
        key = (record.pathname, record.lineno, "" if error is None else error.__qualname__)
        now = self._clock()
        kind = self._kinds.get(key)
        if kind is not None and now - kind.since < _WINDOW:
            if kind.written >= _LINES_IN_A_WINDOW:
                kind.left_out += 1
                return False
            kind.written += 1
            if error is not None:  # the traceback was written
                record.msg = f"{record.getMessage()} ({error.__name__})"
                record.args, record.exc_info, record.exc_text = (), None, None
            return True
        if kind is not None and kind.left_out:
            record.msg = f"{record.getMessage()} ({kind.left_out} more like it were left out)"
            record.args = ()
        self._kinds[key] = _Kind(now, written=1)
        return True


class LineFormatter(logging.Formatter):
    """One line, and a traceback below it."""

    def format(self, record: logging.LogRecord) -> str:
        """Cut to size, and with nothing that a terminal would obey."""
        message = _visible(record.getMessage().strip().replace("\n", "\\n"))[:_LONGEST_MESSAGE]
        line = f"{self.formatTime(record)} {record.levelname} {record.name}: {message}"
        if record.exc_info:
            line += f"\n{_visible(self.formatException(record.exc_info))[-_LONGEST_TRACEBACK:]}"
        return line


def _visible(text: str) -> str:
    return _CONTROL.sub(lambda found: f"\\x{ord(found.group()):02x}", text)


def log_to_stderr() -> None:
    """Send the warnings of all that serves to the error output, sparingly."""
    handler = logging.StreamHandler()
    handler.setFormatter(LineFormatter("%(asctime)s"))
    handler.addFilter(Sparing())
    handler.setLevel(logging.WARNING)
    root = logging.getLogger()
    root.handlers = [handler]
    # Marimo's loggers write by themselves; theirs go the same way as all.
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] == "marimo":
            logger = logging.getLogger(name)
            logger.handlers = [
                one for one in logger.handlers if isinstance(one, logging.FileHandler)
            ]
            logger.propagate = True
