"""Being asked to stop: once, in words, whatever a library makes of it, and not too late."""

from __future__ import annotations

import contextlib
import os
import signal

import duckdb
import pytest

from orchestration.terminal.entry import NOTHING_PUBLISHED, guarded
from orchestration.terminal.signals import finish, is_asked_to_stop, stop_if_asked, stoppable


def _send(number: int) -> None:
    os.kill(os.getpid(), number)
    for _ in range(1000):  # Python handles it between two of these
        pass


@pytest.fixture(autouse=True)
def _as_in_the_foreground() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [
        (signal.SIGINT, 130, "error: Interrupted. Nothing was published"),
        (signal.SIGQUIT, 130, "error: Interrupted. Nothing was published"),
        (signal.SIGTERM, 1, "error: The run was asked to stop. Nothing was published"),
        (signal.SIGHUP, 1, "error: The run was asked to stop. Nothing was published"),
    ],
)
@pytest.mark.parametrize("becomes", [None, RuntimeError("Query interrupted"), KeyError("x")])
def test_a_signal_ends_a_command_in_its_own_words_whatever_becomes_of_it(
    number: int,
    code: int,
    words: str,
    becomes: Exception | None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def work() -> int:
        try:
            _send(number)
        except KeyboardInterrupt:
            raise becomes or KeyboardInterrupt from None
        pytest.fail("the signal was lost")

    assert guarded(work, what="run", unchanged=NOTHING_PUBLISHED) == code
    assert capsys.readouterr().err.startswith(words)
    assert not is_asked_to_stop()


def test_an_interrupted_statement_of_duckdb_is_no_defect(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def work() -> int:
        # On one thread: a second one would not look before its part of the product is done.
        con = duckdb.connect(config={"threads": 1})
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        signal.signal(signal.SIGALRM, lambda *_: _send(signal.SIGINT))
        con.execute("select sum(a.range * b.range % 7) from range(9000000) a, range(9000) b")
        pytest.fail("the statement was not interrupted")

    assert guarded(work) == 130
    assert capsys.readouterr().err == "error: Interrupted.\n"


def _swallow_and_go_on() -> None:
    with contextlib.suppress(KeyboardInterrupt):
        _send(signal.SIGINT)
    stop_if_asked()


def test_a_request_that_a_library_swallowed_is_met_at_the_next_stage() -> None:
    with pytest.raises(KeyboardInterrupt), stoppable():
        _swallow_and_go_on()


def test_once_a_command_finishes_no_signal_changes_what_it_says() -> None:
    def work() -> int:
        finish()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            _send(number)
            stop_if_asked()
        return 0

    assert guarded(work) == 0


def test_what_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        with stoppable():
            _send(signal.SIGHUP)
            assert not is_asked_to_stop()
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
