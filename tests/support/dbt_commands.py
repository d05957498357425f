"""Commands of dbt, one after the other, on one reading of the project: reading takes seconds.

    python -m tests.support.dbt_commands OPTION ... -- COMMAND WORD ... -- COMMAND WORD ...

The options go to each command. What failed is for the caller to read in what dbt writes.
"""

from __future__ import annotations

import sys
from itertools import groupby

from dbt.cli.main import dbtRunner


def main(words: list[str]) -> None:
    """Read the project, then do the commands."""
    options, *commands = (
        list(part) for is_mark, part in groupby(words, "--".__eq__) if not is_mark
    )
    manifest = dbtRunner().invoke(["parse", *options]).result
    for command in commands:
        dbtRunner(manifest=manifest).invoke([*command, *options])  # type: ignore[arg-type]


if __name__ == "__main__":
    main(sys.argv[1:])
