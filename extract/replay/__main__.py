"""The command ``python -m extract.replay``: arguments, progress, exit code; no rules.

Exit codes: 0 done, 2 something is wrong with what was asked or with the source, 130 stopped.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from extract.errors import ExtractError
from extract.paths import expanded
from extract.replay.days import EVERY
from extract.replay.drops import Drop, replay
from extract.sources import open_source

EXIT_INPUT = 2
EXIT_STOPPED = 130

_DESCRIPTION = """\
Cut a dataset into dated drops, as the source system would have shown it at the end of each
day: orders appear when they are purchased and move through their states, payments and reviews
follow. The last drop equals the dataset, row for row, once it is on or after the data's end.
"""

_EXAMPLES = """\
examples:
  # the whole history month by month (month ends, since it starts on one)
  python -m extract.replay --source data/raw --output drops \\
      --from 2016-09-30 --to 2018-10-31 --every month

  # August 2018 day by day, only what changed (the first drop holds all that was before);
  # the last one is topped up with everything that comes after
  python -m extract.replay --source archive.zip --output drops --from 2018-07-31 \\
      --to 2018-08-31 --mode delta --complete

  # generated data, small and troubled: 5 % late, 2 % first wrong, 1 % missing for a while
  python -m extract.replay --source synthetic --scale 0.01 --output drops --every week \\
      --late 0.05 --corrections 0.02 --deletions 0.01 --seed 7

Load the drops in order of their names, with the same --mode. Snapshots take space: the whole
history of the real data is 0.7 GB by month and about 25 GB by day (deltas: 0.2 GB). Files that
did not change are hard links to those of the drop before: replace them, do not edit them in
place.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: The command line, by default that of the process.

    Returns:
        The exit code.
    """
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    begun = time.monotonic()
    try:
        with open_source(options.source, scale=options.scale) as source:
            drops = replay(
                source,
                options.output,
                start=options.start,
                end=options.end,
                every=options.every,
                mode=options.mode,
                seed=options.seed,
                late=options.late,
                corrections=options.corrections,
                deletions=options.deletions,
                complete=options.complete,
                on_drop=_say_drop,
            )
    except ExtractError as error:
        sys.stderr.write(f"error: {error}\n")
        return EXIT_INPUT
    except (KeyboardInterrupt, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "interrupted" not in str(error).lower():
            raise  # DuckDB makes one of a Ctrl-C
        sys.stderr.write(f"stopped; drops finished so far are in {options.output}\n")
        return EXIT_STOPPED
    _say_end(drops, options.output, time.monotonic() - begun)
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m extract.replay",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add(
        "--source",
        required=True,
        metavar="PATH",
        help="directory of the nine CSV files, zip, `kaggle` or `synthetic`",
    )
    add(
        "--output",
        required=True,
        type=_directory,
        metavar="DIR",
        help="new or empty directory; drops go to DIR/YYYY-MM-DD",
    )
    add(
        "--from",
        dest="start",
        type=_day,
        metavar="YYYY-MM-DD",
        help="day of the first drop (default: the first purchase)",
    )
    add(
        "--to",
        dest="end",
        type=_day,
        metavar="YYYY-MM-DD",
        help="day of the last drop (default: the last day on which anything changes)",
    )
    add("--every", choices=EVERY, default="day", help="step between drops (default: day)")
    add(
        "--mode",
        choices=("snapshot", "delta"),
        default="snapshot",
        help="whole files, or only rows new or changed since the drop before "
        "(default: snapshot)",
    )
    add("--complete", action="store_true", help="let the last drop equal the dataset anyway")
    for name, text in (
        ("late", "arrive in a later drop"),
        ("corrections", "first show a wrong price, payment, score, city or category"),
        ("deletions", "are missing from some drops in between"),
    ):
        add(
            f"--{name}",
            type=float,
            default=0.0,
            metavar="SHARE",
            help=f"share of rows, 0 to 1, that {text} (default: 0)",
        )
    add("--seed", type=int, default=42, help="decides which rows those are (default: 42)")
    add("--scale", type=float, default=1.0, help="size of the source `synthetic` (default: 1)")
    return parser


def _directory(text: str) -> Path:
    try:
        return expanded(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: {error}") from error


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day like 2018-08-01") from error


if __name__ == "__main__":
    sys.exit(main())
