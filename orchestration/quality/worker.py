"""The process that judges for a run: requests as lines on stdin, results as lines on stdout.

It imports Great Expectations while the run loads its files, and ends when its stdin is closed,
so also when the run is killed. ``orchestration.quality.gates`` starts it.
"""

from __future__ import annotations

import json
import os
import sys

from orchestration.quality.request import read_request, write_results


def main() -> None:
    """Answer requests until nobody can ask any more."""
    # Whatever the packages print must not stand among the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    from orchestration.quality.runner import run_gate, warm_up  # noqa: PLC0415 - seconds

    warm_up()
    for line in sys.stdin:
        try:
            answer = write_results(run_gate(read_request(line)))
        except Exception as error:  # noqa: BLE001 - the run is told, and fails in its own words
            answer = json.dumps({"error": f"{type(error).__name__}: {error}"})
        answers.write(answer + "\n")
        answers.flush()
    # Nothing is open any more; unloading the packages would take its time and complain.
    os._exit(0)


if __name__ == "__main__":
    main()
