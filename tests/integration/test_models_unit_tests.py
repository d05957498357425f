"""The unit tests of dbt's models. A run of the pipeline leaves them out: they test the code."""

from __future__ import annotations

import json
from pathlib import Path

from tests.fixtures_project import OUTPUT


def test_every_unit_test_of_the_models_passes(dbt_target: Path) -> None:
    results = json.loads((dbt_target / "run_results.json").read_text(encoding="utf-8"))[
        "results"
    ]
    failed = {one["unique_id"] for one in results if one["status"] != "pass"}
    assert not failed, (dbt_target / OUTPUT).read_text(encoding="utf-8")[-6000:]
    assert len(results) > 10
