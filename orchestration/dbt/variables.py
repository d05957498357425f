"""The thresholds of the dbt project: gates and pages read them here, each number is one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml

from orchestration.settings import PROJECT_ROOT


@cache
def project_vars() -> Mapping[str, Any]:
    """The vars of ``olist_dw_dbt/dbt_project.yml``."""
    text = (PROJECT_ROOT / "olist_dw_dbt" / "dbt_project.yml").read_text(encoding="utf-8")
    found: Mapping[str, Any] = yaml.safe_load(text)["vars"]
    return found


def var(name: str) -> Any:  # noqa: ANN401 - a number, a text or a list
    """One of them.

    Raises:
        KeyError: The project has none of this name.
    """
    return project_vars()[name]
