"""The data catalogue: dbt's documentation of the project as one page that works offline.

    olist docs          # or: make docs

The page is written to ``<warehouse>/catalog/index.html``, which the dashboards serve at
/catalog. It is made apart from the runs of the pipeline, which must be short: descriptions
change with the project and not with the data. dbt reads a copy of the published version, never
the file that people read. What is described is handled by the dbt project.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from orchestration.dbt.runner import close_database
from orchestration.errors import EXIT_DONE, TransformError
from orchestration.settings import Settings
from orchestration.warehouse.files import in_words
from orchestration.warehouse.store import Warehouse

# What dbt's page gets instead: its own name, and no request for what is not there. Until its
# script has run, a browser takes the templates for addresses, and asks for them.
_CHANGES = (
    ("<title>dbt Docs</title>", "<title>Data catalogue \N{MIDDLE DOT} Olist DW</title>"),
    ("${require('./assets/favicons/favicon.ico')}", "data:,"),
    ('<use xlink:href="{{', '<use ng-attr-href="{{'),
)


def write(settings: Settings) -> int:
    """Make the catalogue of the published version; returns the exit code."""
    path = make_catalogue(
        Warehouse(settings.warehouse_dir),
        settings.dbt_project_dir,
        settings.cache_dir / "catalogue",
        settings.catalog_path,
    )
    sys.stdout.write(f"Written: {path}\nServed by `make dashboards` at /catalog/.\n")
    return EXIT_DONE


def make_catalogue(
    warehouse: Warehouse, project_dir: Path, cache_dir: Path, page: Path
) -> Path:
    """Write the page.

    Args:
        warehouse: Its published version is described.
        project_dir: The dbt project.
        cache_dir: For the parsed project; may be lost.
        page: Where the page goes.

    Raises:
        NothingPublishedError: There is no version to describe.
        TransformError: dbt refuses the project.
        WarehouseError: The directory cannot be written.
    """
    with in_words("The catalogue", page):
        page.parent.mkdir(parents=True, exist_ok=True)
        cache_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache_dir) as name:
            copy = Path(name) / "olist.duckdb"
            warehouse.refresh_dev_copy(copy)
            try:
                _generate(project_dir, copy, cache_dir)
            finally:
                close_database()
        fresh = page.with_suffix(".new")
        text = (cache_dir / "static_index.html").read_text(encoding="utf-8")
        fresh.write_text(_offline(text), encoding="utf-8")
        fresh.replace(page)
    return page


def _generate(project_dir: Path, database: Path, target: Path) -> None:
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - takes seconds

    os.environ["OLIST_DBT_DATABASE"] = str(database)
    outcome = dbtRunner().invoke(
        [
            *("--log-level", "none", "--log-level-file", "none", "--no-print"),
            *("--log-path", str(target / "logs"), "--no-version-check"),
            *("--no-send-anonymous-usage-stats", "docs", "generate", "--static"),
            *("--project-dir", str(project_dir), "--profiles-dir", str(project_dir)),
            *("--target", "pipeline", "--target-path", str(target)),
        ]
    )
    if not outcome.success:
        message = f"dbt cannot describe the project: {outcome.exception or 'see its errors'}"
        raise TransformError(message)


def _offline(text: str) -> str:
    """The page of dbt without the requests that a browser would make in vain."""
    for old, new in _CHANGES:
        if old not in text:
            message = f"dbt's page of documentation no longer holds {old!r}."
            raise TransformError(message)
        text = text.replace(old, new)
    return text
