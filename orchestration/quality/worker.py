"""The process that validates for a run: requests on stdin, results on stdout, both pickled.

It imports Great Expectations while the run loads its files, and ends when its stdin is closed,
so also when the run is killed. ``orchestration.quality.gates`` starts it.
"""

from __future__ import annotations

import os
import pickle
import sys


def main() -> None:
    """Answer requests until nobody can ask any more; with a text where there is no result."""
    # Whatever the packages print must not stand among the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    from orchestration.quality.runner import run_gate, warm_up  # noqa: PLC0415 - seconds

    warm_up()
    while True:
        try:
            request = pickle.load(sys.stdin.buffer)  # noqa: S301 - of the run that started this
        except EOFError:
            break
        try:
            answer: object = run_gate(request)
        except Exception as error:  # noqa: BLE001 - the run fails of it, in its own words
            answer = f"{type(error).__name__}: {error}"
        pickle.dump(answer, answers)
        answers.flush()


if __name__ == "__main__":
    main()
