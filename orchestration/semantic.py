"""The definitions of the metrics, as dbt writes them down: the semantic manifest.

They are YAML in the dbt project (models/metrics), which dbt alone reads. A run of the pipeline
has read the project anyway and keeps them in the cache of the warehouse directory; where they
are not there, or of another state of the project, a process of its own has dbt read it.

    python -m orchestration.semantic          # make them now, unless that is done

Asking for metrics is done by ``dashboards``.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.errors import EXIT_DONE, EXIT_FAILED, PipelineError
from orchestration.models_state import project_fingerprint
from orchestration.settings import PROJECT_ROOT, load_settings

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest


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
    kept = _kept(cache_dir, fingerprint)
    if kept is None:
        _read_apart()
        kept = _kept(cache_dir, fingerprint)
    if kept is None:
        message = "The metrics changed while they were read. Try again."
        raise SemanticError(message)
    return kept


def keep(manifest: Manifest, cache_dir: Path, project_dir: Path) -> None:
    """Write down the definitions of a project that dbt has read, unless that is done."""
    from dbt.contracts.graph.semantic_manifest import SemanticManifest  # noqa: PLC0415

    path = _path(cache_dir, project_fingerprint(project_dir))
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    SemanticManifest(manifest).write_json_to_file(str(fresh))
    for old in path.parent.glob("*.json"):
        old.unlink(missing_ok=True)
    fresh.replace(path)


def main() -> int:
    """Have dbt read the definitions and keep them."""
    from orchestration.transform import TransformRequest, parse  # noqa: PLC0415 - seconds

    try:
        settings = load_settings()
        request = TransformRequest(
            project_dir=settings.dbt_project_dir,
            database=settings.cache_dir / "dbt" / "olist.duckdb",  # is never made
            cache_dir=settings.cache_dir / "dbt",
        )
        keep(parse(request), settings.cache_dir, settings.dbt_project_dir)
    except PipelineError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_FAILED
    except OSError as error:
        sys.stderr.write(f"The metrics cannot be kept: {error}. Make the cache writable.\n")
        return EXIT_FAILED
    return EXIT_DONE


def _read_apart() -> None:
    """Read in another process: dbt would stay in this one's memory, and slow its start."""
    finished = subprocess.run(
        [sys.executable, "-m", "orchestration.semantic"],
        cwd=PROJECT_ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode != EXIT_DONE:
        raise SemanticError(finished.stderr.strip()[-2000:])


def _kept(cache_dir: Path, fingerprint: str) -> str | None:
    """The manifest of the cache, or None where there is none of this project."""
    try:
        return _path(cache_dir, fingerprint).read_text(encoding="utf-8")
    except OSError:
        return None


def _path(cache_dir: Path, fingerprint: str) -> Path:
    return cache_dir / "semantic" / f"{fingerprint}.json"


if __name__ == "__main__":
    sys.exit(main())
