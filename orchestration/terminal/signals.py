r"""Signals that ask a command to stop: an exception in the main thread, a flag for others.

Ctrl-C and Ctrl-\ come from the person at the terminal; SIGTERM and SIGHUP (a terminal that was
closed) from the system. All end a command in order. After the first one Ctrl-\ does what it
does elsewhere and ends the process at once, for a command that hangs while it winds down.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

from orchestration.errors import Terminated

_FROM_THE_KEYBOARD = (signal.SIGINT, signal.SIGQUIT)
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class _State:
    """Of the command that runs; signals belong to the whole process."""

    is_installed = False
    asked_by: int | None = None  # the first signal that came
    is_finishing = False


def is_asked_to_stop() -> bool:
    """Whether the command was asked to stop; for threads, which no signal reaches."""
    return _State.asked_by is not None


def stop_if_asked() -> None:
    """Stop here; for an exception that got lost in a callback of somebody else's code."""
    if _State.asked_by is not None and not _State.is_finishing:
        raise _asked(_State.asked_by)


def finish() -> None:
    """From here to the end of the command a signal changes nothing any more.

    Called where something must be done as a whole, such as the record of a stopped run.
    """
    _State.is_finishing = _State.is_installed


def last_moment_to_stop() -> None:
    """Stop here if asked, and not any more from here on.

    Called before readers are switched: once they see a new version, it would be wrong to say
    that nothing was published.
    """
    stop_if_asked()
    finish()


def as_asked(error: BaseException) -> BaseException:
    """What ended a command: the request to stop, whatever a library made of it.

    DuckDB makes a RuntimeError of it and dbt a result; a process of the same group that was
    stopped as well is missed where it was to answer.
    """
    if _State.asked_by is None:
        return error
    asked = _asked(_State.asked_by)
    if type(error) is type(asked):
        return error
    asked.__cause__ = error
    return asked


def _asked(number: int) -> KeyboardInterrupt:
    return KeyboardInterrupt() if number in _FROM_THE_KEYBOARD else Terminated()


def _stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - signal's interface
    if _State.asked_by is None:
        _State.asked_by = number
        signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    stop_if_asked()


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Let every signal that asks for it end the block: at once, and in order."""
    if _State.is_installed or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    _State.is_installed = True
    try:
        for number, handler in before.items():
            # A shell or nohup may have it ignored, for a command in the background.
            if handler in (signal.SIG_DFL, signal.default_int_handler):
                signal.signal(number, _stop)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        _State.is_installed = _State.is_finishing = False
        _State.asked_by = None
