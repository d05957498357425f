"""Being asked to stop by Ctrl-C or SIGTERM: an exception in the main thread, news in others."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

from orchestration.errors import Terminated

_asked = threading.Event()


def is_asked_to_stop() -> bool:
    """Whether the command that runs was asked to stop; for threads, which no signal reaches."""
    return _asked.is_set()


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Let SIGTERM end a command the way Ctrl-C does: at once, and in order."""

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - signal's interface
        _asked.set()
        raise Terminated if number == signal.SIGTERM else KeyboardInterrupt

    numbers = [signal.SIGTERM]
    # A shell may have it ignored, for a command in the background.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        numbers.append(signal.SIGINT)
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        _asked.clear()
