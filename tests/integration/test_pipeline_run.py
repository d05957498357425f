"""A whole run on nine tiny files and a tiny dbt project: stages, gates, identity, record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from extract.errors import ContractError, SourceError
from orchestration.errors import (
    NotAWarehouseError,
    SelectionError,
    TransformError,
    exit_code,
)
from orchestration.events import (
    STAGES,
    Event,
    Notice,
    RunFinished,
    SourceOpened,
    StageFinished,
    TableLoaded,
)
from orchestration.pipeline import run
from orchestration.run_context import RunOptions
from orchestration.runs import RunSummary
from orchestration.settings import Settings
from orchestration.transform_results import NodeProgress
from orchestration.warehouse import Version, open_reader, read_info
from tests.support import tiny

pytestmark = pytest.mark.usefixtures("tiny_project_read_before")

_ORDERS = "select order_id from raw.orders"
_UNIQUE = "models: [{name: orders, columns: [{name: order_id, data_tests: [unique]}]}]"


class Tiny:
    """A tiny project, nine tiny files and a warehouse; collects the events of its runs."""

    def __init__(self, directory: Path) -> None:
        """Write project and source."""
        self.project = tiny.write_project(directory / "project", orders=_ORDERS, t=_UNIQUE)
        self.source = tiny.write_source(directory / "source")
        self.warehouse = directory / "dw"
        self.events: list[Event] = []

    def run(self, options: RunOptions | None = None, **settings: Any) -> RunSummary:  # noqa: ANN401
        """One run, with no setting of this machine."""
        project = self.project

        class TinySettings(Settings):
            @property
            def dbt_project_dir(self) -> Path:
                return project

        self.events.clear()
        # The gates have tests of their own; these rows would not pass them.
        arguments: dict[str, Any] = {"source": str(self.source), "quality_gates": False}
        arguments |= {"warehouse_dir": self.warehouse} | settings
        return run(
            TinySettings(_env_file=None, **arguments),
            options or RunOptions(),
            self.events.append,
        )

    def add_orders(self, *order_ids: str) -> None:
        """Have the source deliver more orders from now on."""
        path = self.source / "olist_orders_dataset.csv"
        lines = "".join(f"{order_id},,,,,,,\n" for order_id in order_ids)
        path.write_text(path.read_text(encoding="utf-8") + lines, encoding="utf-8")

    def summary(self) -> dict[str, Any]:
        """What the newest run wrote down."""
        newest = max((self.warehouse / "runs").iterdir())
        content: dict[str, Any] = json.loads((newest / "summary.json").read_text("utf-8"))
        return content

    def published(self) -> Path:
        """The version that readers see."""
        return (self.warehouse / "olist.duckdb").resolve()


@pytest.fixture
def dw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tiny:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"OLIST_{name.upper()}", raising=False)
    return Tiny(tmp_path)


def test_a_run_goes_through_its_stages_in_order_and_publishes(dw: Tiny) -> None:
    summary = dw.run()
    finished = [event.stage for event in dw.events if isinstance(event, StageFinished)]
    assert tuple(finished) == STAGES
    assert [stage.name for stage in summary.stages] == list(STAGES)
    assert summary.version == dw.published()
    assert summary.rows_by_schema()["core"] == 3
    assert summary.rows_by_schema()["raw"] == 27
    assert summary.checks.passed == 1
    loaded = [event for event in dw.events if isinstance(event, TableLoaded)]
    assert [(event.index, event.total) for event in loaded] == [(n, 9) for n in range(1, 10)]


def test_the_published_file_is_signed_and_nothing_else_is_left(dw: Tiny) -> None:
    summary = dw.run()
    info = read_info(Version(dw.published()))
    assert (info.run_id, info.source_kind, info.is_synthetic) == (
        summary.run_id,
        "directory",
        False,
    )
    left = {path.name for path in dw.warehouse.iterdir() if not path.name.startswith(".")}
    assert left == {"olist.duckdb", "versions", "runs", "cache"}
    assert list((dw.warehouse / ".olist-tmp").iterdir()) == []


def test_a_finished_run_is_on_record(dw: Tiny) -> None:
    dw.run()
    record = dw.summary()
    assert record["status"] == "done"
    assert record["error"] is None
    assert {"schema": "core", "name": "orders", "rows": 3} in record["tables"]
    log = next((dw.warehouse / "runs").glob("*/run.log")).read_text(encoding="utf-8")
    assert "raw.orders: 3 rows" in log
    assert "model orders ok" in log
    assert isinstance(dw.events[-1], RunFinished)


def test_a_second_run_starts_from_the_first_and_publishes_the_same_rows(dw: Tiny) -> None:
    first, second = dw.run(), dw.run()
    assert first.version != second.version
    assert first.rows_by_schema()["core"] == second.rows_by_schema()["core"]
    assert not any(isinstance(event, Notice) for event in dw.events)


def test_a_failed_test_publishes_nothing_and_is_on_record(dw: Tiny) -> None:
    before = dw.run().version
    orders = "select 'same' as order_id from raw.orders"
    (dw.project / "models" / "orders.sql").write_text(orders, encoding="utf-8")
    with pytest.raises(TransformError, match=r"unique_orders_order_id on orders failed"):
        dw.run()
    assert dw.published() == before
    record = dw.summary()
    assert record["status"] == "failed"
    assert record["error_type"] == "TransformError"
    assert record["checks"]["failed"] == 1
    stages = [stage["name"] for stage in record["stages"]]
    assert stages == ["prepare", "extract", "check_raw", "transform"]
    assert not (dw.warehouse / ".olist-build").exists()


def test_a_missing_column_stops_before_anything_is_built(dw: Tiny) -> None:
    (dw.source / "olist_sellers_dataset.csv").write_text("seller_id\n1\n", encoding="utf-8")
    with pytest.raises(ContractError, match="seller_zip_code_prefix"):
        dw.run()
    assert not (dw.warehouse / ".olist-build").exists()
    assert not (dw.warehouse / "olist.duckdb").exists()
    assert dw.summary()["error_type"] == "ContractError"


def test_an_extra_column_is_noted_once_and_the_run_goes_on(dw: Tiny) -> None:
    path = dw.source / "olist_sellers_dataset.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("".join(f"{line},extra\n" for line in lines), encoding="utf-8")
    summary = dw.run()
    assert len(summary.notices) == 1
    assert "extra" in summary.notices[0]


def test_generated_rows_never_mix_with_real_ones(dw: Tiny) -> None:
    dw.run()
    summary = dw.run(source="synthetic", scale=0.001)
    assert summary.is_synthetic
    assert "starts from an empty warehouse" in summary.notices[0]
    with open_reader(dw.published()) as connection:
        real = connection.execute(
            "select count(*) from raw.orders where order_id like 'order_id_%'"
        ).fetchone()
    assert real == (0,)
    opened = [event for event in dw.events if isinstance(event, SourceOpened)]
    assert [event.is_synthetic for event in opened] == [True]


def test_after_a_trial_with_generated_rows_the_real_ones_go_on_with_their_history(
    dw: Tiny,
) -> None:
    real = dw.run().run_id
    for seed in range(3):  # more than are kept
        dw.run(source="synthetic", scale=0.001, seed=seed, keep_versions=2)
    dw.add_orders("late")
    summary = dw.run()
    assert f"starts from version {real}" in summary.notices[0]
    assert not summary.is_synthetic
    with open_reader(dw.published()) as connection:
        loads = connection.execute(
            "select count(distinct batch_id), count(distinct is_skipped) from ops.load_audit"
        ).fetchone()
        assert connection.execute("select count(*) from raw.orders").fetchone() == (4,)
    assert loads is not None
    assert loads[0] == 2


@pytest.mark.parametrize("raw_dir", ["empty", "missing"])
def test_generated_rows_replace_real_ones_only_where_somebody_asks_for_them(
    dw: Tiny, raw_dir: str
) -> None:
    dw.run()
    before = dw.published()
    (dw.warehouse.parent / "empty").mkdir()
    with pytest.raises(SourceError, match="holds real data") as caught:
        dw.run(source=None, raw_dir=dw.warehouse.parent / raw_dir)
    assert exit_code(caught.value) == 2
    assert dw.published() == before
    dw.run(source="synthetic", scale=0.001)
    with pytest.raises(SourceError, match="holds real data"):  # of an earlier version
        dw.run(source=None, raw_dir=dw.warehouse.parent / raw_dir)


def test_generated_rows_of_another_seed_do_not_mix_either(dw: Tiny) -> None:
    dw.run(source="synthetic", scale=0.001, seed=1)
    assert dw.run(source="synthetic", scale=0.001, seed=1).notices == ()
    summary = dw.run(source="synthetic", scale=0.001, seed=2)
    assert "synthetic, scale 0.001, seed 1" in summary.notices[0]


def test_a_full_refresh_rebuilds_incremental_models(dw: Tiny) -> None:
    model = "{{ config(materialized='incremental') }} select count(*) as n from raw.orders"
    (dw.project / "models" / "counts.sql").write_text(model, encoding="utf-8")
    rows = [dw.run().tables]
    dw.add_orders("late")
    rows += [dw.run(RunOptions(full_refresh=full)).tables for full in (False, True)]
    counts = [next(table.rows for table in run if table.name == "counts") for run in rows]
    assert counts == [1, 2, 1]


def test_a_selection_says_that_all_else_is_older(dw: Tiny) -> None:
    dw.run()
    before = read_info(Version(dw.published())).run_id
    summary = dw.run(RunOptions(select="orders"))
    text = (
        f"Only orders was built. All else is as run {before} left it, even where raw is newer."
    )
    assert list(summary.notices) == [text]


def test_a_selection_of_nothing_publishes_nothing_and_is_wrong_use(dw: Tiny) -> None:
    dw.run()
    before = dw.published()
    with pytest.raises(SelectionError) as caught:
        dw.run(RunOptions(select="oders"))
    assert exit_code(caught.value) == 2
    assert dw.published() == before


@pytest.mark.parametrize("select", ["oders orders", "orders,oders", "+oders +orders+"])
def test_a_selection_of_which_a_part_is_misspelt_publishes_nothing(
    dw: Tiny, select: str
) -> None:
    with pytest.raises(SelectionError, match=r"oders \(did you mean orders\?\)"):
        dw.run(RunOptions(select=select))
    assert not (dw.warehouse / "olist.duckdb").exists()


def test_a_file_in_the_place_of_the_published_link_is_not_touched(dw: Tiny) -> None:
    dw.warehouse.mkdir()
    (dw.warehouse / "olist.duckdb").write_text("mine", encoding="utf-8")
    with pytest.raises(NotAWarehouseError, match="Move it away"):
        dw.run()
    assert (dw.warehouse / "olist.duckdb").read_text(encoding="utf-8") == "mine"


def test_only_so_many_runs_and_versions_are_kept(dw: Tiny) -> None:
    for _ in range(3):
        dw.run(keep_versions=2, keep_runs=1)
    assert len(list((dw.warehouse / "versions").glob("*/"))) == 2
    assert len(list((dw.warehouse / "runs").iterdir())) == 1


def test_with_nothing_new_no_model_is_built_and_no_test_is_run(dw: Tiny) -> None:
    assert not dw.run().is_unchanged
    second = dw.run()
    assert second.is_unchanged
    assert second.checks.passed == 0
    assert second.rows_by_schema()["core"] == 3
    assert not any(isinstance(event, NodeProgress) for event in dw.events)


def test_a_new_row_has_the_models_built(dw: Tiny) -> None:
    dw.run()
    dw.add_orders("new")
    summary = dw.run()
    assert not summary.is_unchanged
    assert summary.rows_by_schema()["core"] == 4


def test_other_models_are_built_from_nothing(dw: Tiny) -> None:
    model = "{{ config(materialized='incremental') }} select 1 as n from raw.orders"
    (dw.project / "models" / "ones.sql").write_text(model, encoding="utf-8")
    dw.run()
    (dw.project / "models" / "ones.sql").write_text(f"{model} limit 2", encoding="utf-8")
    tables = dw.run().tables
    assert next(table.rows for table in tables if table.name == "ones") == 2


def test_after_a_selection_all_models_are_built_though_nothing_is_new(dw: Tiny) -> None:
    dw.run()
    dw.add_orders("new")
    (dw.project / "models" / "more.sql").write_text("select 1 as n", encoding="utf-8")
    dw.run(RunOptions(select="more"))
    summary = dw.run()
    assert not summary.is_unchanged
    assert next(table.rows for table in summary.tables if table.name == "orders") == 4


def test_a_full_refresh_builds_and_tests_though_nothing_is_new(dw: Tiny) -> None:
    dw.run()
    assert dw.run(RunOptions(full_refresh=True)).checks.passed == 1


def test_a_failed_model_is_a_warning_of_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.pipeline.take_failures", lambda: {"late": "no luck"})
    dw = Tiny(tmp_path)
    summary = dw.run()
    assert summary.status == "done"
    assert any("The model late failed" in text for text in summary.notices)
    (problem,) = [one for one in summary.problems if one.table == "predictive.scores_late"]
    assert (problem.severity, problem.observed) == ("warning", "no luck")
