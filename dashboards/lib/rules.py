"""The thresholds of the dbt project, for pages that rank and say by them: none is copied."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml

from orchestration.settings import PROJECT_ROOT


def var(name: str) -> Any:
    """A var of ``olist_dw_dbt/dbt_project.yml``.

    Raises:
        KeyError: The project has none of this name.
    """
    return _vars()[name]


@cache
def _vars() -> Mapping[str, Any]:
    path = PROJECT_ROOT / "olist_dw_dbt" / "dbt_project.yml"
    found: Mapping[str, Any] = yaml.load(
        path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader
    )["vars"]
    return found
