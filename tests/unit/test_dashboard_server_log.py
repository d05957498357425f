"""The log of the dashboards' server: what is repeated is counted instead of written."""

from __future__ import annotations

import io
import logging

import pytest

from dashboards.lib.server_log import LineFormatter, Sparing


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> _Clock:
    return _Clock()


@pytest.fixture
def log(clock: _Clock) -> tuple[logging.Logger, io.StringIO]:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(Sparing(clock))
    handler.setFormatter(LineFormatter())
    logger = logging.Logger("attacked")  # noqa: LOG001 - of this test alone
    logger.addHandler(handler)
    return logger, written


def test_a_line_that_is_repeated_is_written_five_times_and_then_counted(
    clock: _Clock, log: tuple[logging.Logger, io.StringIO]
) -> None:
    logger, written = log
    for n in range(1001):
        if n == 1000:
            clock.now = 61.0
        logger.warning("request %d", n)
    lines = written.getvalue().splitlines()
    assert len(lines) == 6
    assert lines[-1].endswith("request 1000 (995 more like it were left out)")


def test_lines_of_other_places_are_not_held_back(
    log: tuple[logging.Logger, io.StringIO],
) -> None:
    logger, written = log
    for _ in range(10):
        logger.warning("often")
    logger.warning("once")
    assert "once" in written.getvalue()


def test_a_traceback_stands_once_and_its_end_is_kept(
    log: tuple[logging.Logger, io.StringIO],
) -> None:
    logger, written = log
    for _ in range(3):
        try:
            _deep(200)
        except ValueError:
            logger.exception("it failed")
    text = written.getvalue()
    assert text.count("ValueError: at the bottom") == 1
    assert len(text) < 3000


def _deep(levels: int) -> None:
    if not levels:
        message = "at the bottom"
        raise ValueError(message)
    _deep(levels - 1)


def test_no_line_holds_what_a_terminal_would_obey_or_takes_for_a_new_one(
    log: tuple[logging.Logger, io.StringIO],
) -> None:
    logger, written = log
    logger.warning("path %s", "/\x1b[31m\n2026-01-01 ERROR forged" + "x" * 5000)
    (line,) = written.getvalue().splitlines()
    assert "\x1b" not in line
    assert len(line) < 700
