"""The dbt project as Dagster reads it: a manifest, written once for each state of the files.

Every process of Dagster loads the definitions again, so reading the project each time would
take most of their start. What the assets look like is in ``translator`` and ``assets``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock

from orchestration.dbt.runner import TransformRequest, parse
from orchestration.dbt.state import project_fingerprint
from orchestration.settings import Settings
from orchestration.warehouse.store import Warehouse

Manifest = Mapping[str, Any]


def load_manifest(settings: Settings) -> Manifest:
    """The manifest of the project as it stands; parsed only if its files have changed.

    Raises:
        TransformError: dbt could not read the project.
    """
    path = prepare_manifest(settings)
    manifest: Manifest = json.loads(path.read_text(encoding="utf-8"))
    return manifest


def prepare_manifest(settings: Settings) -> Path:
    """See that there is a manifest of the project's present files, and name it.

    Raises:
        TransformError: dbt could not read the project.
    """
    # Its own directory: a run may be reading the project into the other one.
    directory = settings.cache_dir / "dagster"
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"manifest_{project_fingerprint(settings.dbt_project_dir)}.json"
    if path.is_file():
        return path
    with FileLock(directory / ".lock"):
        if not path.is_file():  # another process may have been first
            request = TransformRequest(
                project_dir=settings.dbt_project_dir,
                database=Warehouse(settings.warehouse_dir).build_path,
                cache_dir=directory / "parsed",
            )
            fresh = path.with_suffix(".new")
            parse(request).writable_manifest().write(str(fresh))
            for old in directory.glob("manifest_*.json"):
                old.unlink(missing_ok=True)
            fresh.replace(path)
    return path
