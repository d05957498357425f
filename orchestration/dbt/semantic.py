"""The definitions of the metrics, as dbt writes them down: the semantic manifest.

They are YAML in the dbt project (models/metrics), which dbt alone reads. A run of the pipeline
has read the project anyway and keeps them in the cache of the warehouse directory; where they
are not there, or of another state of the project, a process of its own has dbt read it.

Asking for metrics is done by ``dashboards``.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from orchestration.dbt.semantic_cache import keep_definitions, kept_definitions
from orchestration.dbt.state import project_fingerprint
from orchestration.errors import EXIT_DONE, EXIT_FAILED, PipelineError
from orchestration.settings import PROJECT_ROOT

_MOST_SAID = 4_000


class SemanticError(PipelineError):
    """dbt cannot read the definitions; the text says why."""


def semantic_manifest(cache_dir: Path, project_dir: Path) -> str:
    """The semantic manifest of the project as it stands; takes seconds where none is kept.

    Args:
        cache_dir: The cache of the warehouse directory.
        project_dir: The dbt project.

    Raises:
        SemanticError: dbt refuses the project, or the cache cannot be written.
    """
    fingerprint = project_fingerprint(project_dir)
    kept = kept_definitions(cache_dir, fingerprint)
    if kept is None:
        _read_apart(cache_dir, project_dir)
        kept = kept_definitions(cache_dir, fingerprint)
    if kept is None:
        message = "The metrics changed while they were read. Try again."
        raise SemanticError(message)
    return kept


def main() -> int:
    """Be the process that reads the definitions: arguments are the cache and the project."""
    from orchestration.dbt.runner import TransformRequest, parse  # noqa: PLC0415 - seconds

    cache_dir, project_dir = map(Path, sys.argv[1:3])
    try:
        request = TransformRequest(
            project_dir=project_dir,
            database=cache_dir / "dbt" / "olist.duckdb",  # is never made
            cache_dir=cache_dir / "dbt",
        )
        keep_definitions(parse(request), cache_dir, project_dir)
    except PipelineError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_FAILED
    except OSError as error:
        sys.stderr.write(f"The metrics cannot be kept: {error}. Make the cache writable.\n")
        return EXIT_FAILED
    return EXIT_DONE


def _read_apart(cache_dir: Path, project_dir: Path) -> None:
    """Read in another process: dbt would stay in this one's memory, and slow its start."""
    places = [str(cache_dir.resolve()), str(project_dir.resolve())]
    finished = subprocess.run(  # noqa: S603 - this very Python, and no shell
        [sys.executable, "-m", "orchestration.dbt.semantic", *places],
        cwd=PROJECT_ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode != EXIT_DONE:
        said = finished.stderr.strip()
        if len(said) > _MOST_SAID:  # the start says what is wrong, the end of a traceback why
            half = _MOST_SAID // 2
            said = f"{said[:half]}\n...\n{said[-half:]}"
        raise SemanticError(said)


if __name__ == "__main__":
    sys.exit(main())
