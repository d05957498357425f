"""What ``dagster`` loads: the definitions for the settings of this machine."""

from __future__ import annotations

from orchestration.dagster.code_location import build_definitions
from orchestration.settings import load_settings

defs = build_definitions(load_settings())
