"""The same input twice, on all models of this project: every table has the same rows."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.fixtures_warehouse import GENERATED_SCALE, GENERATED_SEED
from tests.support import command
from tests.support.same_tables import differences

# All that a run makes of its input; ops tells of the runs themselves.
_SCHEMAS = ("raw", "intermediate", "core", "marts", "history")


def _run(warehouse: Path, *arguments: str) -> None:
    source = ("--source", "synthetic", "--seed", str(GENERATED_SEED))
    child = command.start(
        None,
        *(*source, "--scale", str(GENERATED_SCALE)),
        *("--warehouse", str(warehouse), *arguments),
    )
    out, err = child.communicate()
    assert child.returncode == 0, out + err


@pytest.mark.parametrize("arguments", [(), ("--full-refresh",)], ids=["again", "rebuilt"])
def test_a_second_run_on_the_same_input_publishes_the_same_rows(
    built_warehouse: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    first = built_warehouse.resolve()
    shutil.copytree(built_warehouse.parent, tmp_path / "dw", symlinks=True)
    _run(tmp_path / "dw", *arguments)
    second = (tmp_path / "dw" / "olist.duckdb").resolve()
    assert second.parent.name != first.parent.name
    assert differences(first, second, _SCHEMAS) == []
