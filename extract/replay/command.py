"""What ``olist replay`` does: progress, words, exit code; no rules.

Exit codes: 0 done, 2 something is wrong with what was asked or with the source, 130 stopped.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from extract.errors import ExtractError
from extract.replay.drops import Drop, replay
from extract.sources import open_source

EXIT_INPUT = 2
EXIT_STOPPED = 130


def cut(source_name: str, output: Path, *, scale: float = 1.0, **options: Any) -> int:  # noqa: ANN401
    """Write the drops and say how far it is; returns the exit code.

    Args:
        source_name: As ``open_source`` takes it.
        output: A new or empty directory.
        scale: Size of generated data.
        **options: Those of :func:`extract.replay.drops.replay`.
    """
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    begun = time.monotonic()
    try:
        with open_source(source_name, scale=scale) as source:
            drops = replay(source, output, on_drop=_say_drop, **options)
    except ExtractError as error:
        sys.stderr.write(f"error: {error}\n")
        return EXIT_INPUT
    except (KeyboardInterrupt, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "interrupted" not in str(error).lower():
            raise  # DuckDB makes one of a Ctrl-C
        sys.stderr.write(f"stopped; drops finished to date are in {output}\n")
        return EXIT_STOPPED
    _say_end(drops, output, time.monotonic() - begun)
    return 0


def _say_drop(drop: Drop) -> None:
    rows = drop.rows
    _say(
        f"{drop.day}  {sum(rows.values()):>11,} rows: {rows['orders']:,} orders, "
        f"{rows['order_items']:,} items, {rows['order_payments']:,} payments, "
        f"{rows['order_reviews']:,} reviews"
    )


def _say_end(drops: Sequence[Drop], output: Path, seconds: float) -> None:
    _say(f"{len(drops)} drops in {output}, {seconds:.1f} s")
    if not drops[-1].is_whole:
        _say(
            f"The data goes on after {drops[-1].day}; the last drop is not the whole dataset "
            f"(give a later --to, or --complete)."
        )


def _say(line: str) -> None:
    """Say how far it is; the drops do not depend on who reads along."""
    with contextlib.suppress(OSError):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
