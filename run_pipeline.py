"""The main command: take a source to a published warehouse.

Only the arguments are here; everything else, imports included, waits until they are known, so
that ``--help`` answers at once.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

EXAMPLES = """\
examples:
  python run_pipeline.py                               what data/raw holds, or synthetic data
  python run_pipeline.py --source ~/Downloads/archive.zip      the zip as Kaggle delivers it
  python run_pipeline.py --source synthetic --scale 0.1        a tenth, generated
  python run_pipeline.py --source drops/2018-08-14 --mode delta   only what changed
  python run_pipeline.py --select +mart_executive_dashboard    one mart and what it needs

exit codes:
  0 done; 1 a stage or a check failed, or asked to stop; 2 wrong use, or a source that breaks
  its contract; 3 another run holds the warehouse; 130 interrupted by Ctrl-C

Settings can also come from the environment or .env; .env.example explains each.
"""


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="run_pipeline.py",
        description="Load the nine Olist files, build and test all models, publish the result.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add(
        "--source",
        metavar="PATH|kaggle|synthetic",
        help="directory of CSVs, zip, download or generator",
    )
    add("--scale", metavar="N", help="size of the synthetic data; 1 is as large as the real")
    add("--seed", metavar="N", help="seed of the synthetic data")
    add("--warehouse", metavar="DIR", help="where to publish (data/warehouse)")
    add("--full-refresh", action="store_true", help="read and rebuild everything")
    add(
        "--mode",
        choices=("snapshot", "delta"),
        default="snapshot",
        help="the source holds everything, or only what changed (snapshot)",
    )
    add("--select", metavar="SELECTOR", help="only these models, in dbt's selection syntax")
    volume = parser.add_mutually_exclusive_group()
    volume.add_argument("--quiet", action="store_true", help="show errors only")
    volume.add_argument(
        "--verbose", action="store_true", help="show everything, tracebacks too"
    )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run; returns the exit code."""
    parsed = build_parser().parse_args(argv)
    from orchestration.pipeline.command import Arguments, execute  # noqa: PLC0415 - see the module

    return execute(Arguments(**vars(parsed)))


if __name__ == "__main__":
    from orchestration.terminal.entry import start

    start(main, needs_a_reader=False)  # a run does not depend on who reads along
