"""The dbt-duckdb plugin of the target ``dev``: dbt by hand works on a copy.

dbt-duckdb makes its plugins before it opens the database, so this one can put the copy in
place and point dbt to it. Nothing else belongs here; the copy itself is made by
``orchestration.warehouse.store``.
"""

from __future__ import annotations

import logging
from typing import Any

from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.events.logging import AdapterLogger
from dbt_common.exceptions import DbtRuntimeError

from orchestration.errors import PipelineError
from orchestration.settings import load_settings
from orchestration.warehouse.store import Warehouse

logger = AdapterLogger("Olist DW")


class Plugin(BasePlugin):
    """Points dbt to a fresh development copy of the published version."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:  # noqa: ARG002 - dbt's interface
        """Make or refresh the copy, before dbt connects.

        Raises:
            DbtRuntimeError: Nothing is published yet, or the copy cannot be made.
        """
        # dbt gives each package's logger its own handlers; ours would only repeat.
        logging.getLogger("orchestration").propagate = False
        try:
            settings = load_settings()
            warehouse = Warehouse(settings.warehouse_dir)
            version, is_fresh = warehouse.refresh_dev_copy(settings.dev_path)
        except PipelineError as error:
            raise DbtRuntimeError(str(error)) from error
        if is_fresh:
            text = f"Working on a fresh copy of the published version {version.run_id}"
            logger.info(text)
        self._memory_limit = settings.memory_limit
        if self.creds is not None:
            self.creds.path = str(settings.dev_path)

    def update_connection_config(
        self,
        creds: DuckDBCredentials,  # noqa: ARG002 - dbt's interface
        config: dict[str, Any],
    ) -> None:
        """Hold dbt by hand to the same memory as a run."""
        if self._memory_limit is not None:
            config["memory_limit"] = self._memory_limit
