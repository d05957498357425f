"""Where the definitions of the metrics are kept: one file for the project as it stands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.dbt.state import project_fingerprint

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest


def keep_definitions(manifest: Manifest, cache_dir: Path, project_dir: Path) -> None:
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


def kept_definitions(cache_dir: Path, fingerprint: str) -> str | None:
    """The semantic manifest of the cache, or None where there is none of this project."""
    try:
        return _path(cache_dir, fingerprint).read_text(encoding="utf-8")
    except OSError:
        return None


def _path(cache_dir: Path, fingerprint: str) -> Path:
    return cache_dir / "semantic" / f"{fingerprint}.json"
