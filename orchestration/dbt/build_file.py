"""The dbt-duckdb plugin of the target ``pipeline``: dbt works on the file a run names.

The profile names a placeholder, as dbt keys its cache of the parsed project on the path there:
so one cache serves every warehouse directory. Nothing else belongs here.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError

DATABASE_VARIABLE = "OLIST_DBT_DATABASE"


class Plugin(BasePlugin):
    """Points dbt to the file that the environment names."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:  # noqa: ARG002 - dbt's interface
        """Put the file in the place of the placeholder, before dbt connects.

        Raises:
            DbtRuntimeError: No file is named, or one that dbt's names would not fit: DuckDB
                calls the catalogue by the file's name.
        """
        named = os.environ.get(DATABASE_VARIABLE)
        if not named:
            raise DbtRuntimeError(
                f"The target pipeline is for run_pipeline.py, which sets {DATABASE_VARIABLE}. "
                "By hand use the target dev."
            )
        if self.creds is None:
            return
        if Path(named).stem != self.creds.database:
            raise DbtRuntimeError(
                f"{DATABASE_VARIABLE} is {named}, but the file must be called "
                f"{self.creds.database}.duckdb."
            )
        self.creds.path = named
