"""What ``olist store`` does: progress, words, exit code; no rules.

Exit codes: 0 done, 130 stopped; errors are raised, and are put into words by the caller.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections import Counter
from datetime import date

from extract.sources import open_source
from extract.store.play.progress import Progress, play, status

_SECONDS_BETWEEN = 2.0
_STOPPED = 130


def play_source(url: str, source_name: str, *, until: date | None, scale: float = 1.0) -> int:
    """Play a dataset into a shop and say how far it is; returns the exit code.

    Args:
        url: The shop's database.
        source_name: As ``open_source`` takes it.
        until: The last day to play; None plays all.
        scale: Size of generated data.

    Raises:
        ExtractError: The source or the shop cannot be used.
    """
    begun = said = time.monotonic()
    events: Counter[str] = Counter()
    exceptions: Counter[str] = Counter()

    def tell(progress: Progress) -> None:
        nonlocal said
        events.update(progress.events)
        exceptions.update(progress.exceptions)
        if time.monotonic() - said >= _SECONDS_BETWEEN or progress.position == progress.last:
            said = time.monotonic()
            _say(
                f"{progress.clock:%Y-%m-%d}  {progress.position:>9,} of {progress.last:,} steps"
                f", {events['OrderPlaced']:,} orders, {exceptions.total():,} exceptions"
            )

    try:
        with open_source(source_name, scale=scale) as source:
            num_steps = play(url, source, until=until, on_batch=tell)
    except KeyboardInterrupt:
        _say("stopped; what was played stays, and the same command goes on from there")
        return _STOPPED
    seconds = time.monotonic() - begun
    if not num_steps:
        _say("The shop is there already: nothing was left to play.")
        return 0
    orders = events["OrderPlaced"]
    _say(f"{num_steps:,} steps in {seconds:.1f} s, {orders / seconds:,.0f} orders a second")
    _say_numbers("Exceptions", exceptions)
    return 0


def show_status(url: str) -> int:
    """Print what a shop holds; returns the exit code.

    Raises:
        StoreError: It cannot be reached, or there is none.
    """
    found = status(url)
    if found.position is None:
        _say("Nothing was played into this shop.")
    else:
        share = found.position / found.num_steps if found.num_steps else 1.0
        clock = f"{found.clock:%Y-%m-%d %H:%M:%S}" if found.clock else "the start"
        _say(f"Played to {clock}: {found.position:,} of {found.num_steps:,} steps, {share:.1%}")
    _say_numbers("Rows", found.rows)
    _say_numbers("Events", found.events)
    _say_numbers("Exceptions", found.exceptions)
    return 0


def _say_numbers(title: str, numbers: dict[str, int]) -> None:
    _say(f"{title}:" if numbers else f"{title}: none")
    for name, number in sorted(numbers.items()):
        _say(f"  {name:<44} {number:>9,}")


def _say(line: str) -> None:
    """Say how far it is; a play does not depend on who reads along."""
    with contextlib.suppress(OSError):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
