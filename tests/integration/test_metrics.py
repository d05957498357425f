"""/metrics over a real server, read by Prometheus' own parser."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from dashboards.lib.password import hash_password
from dashboards.lib.prometheus import metrics
from dashboards.lib.server import Serving
from orchestration.runs.summary import CheckCounts, GateSummary, StageTime, TableRows
from tests.support.serving import PASSWORD, basic, running
from tests.unit.test_run_history import NOW, account, summary, written

_DAY = timedelta(hours=24)


def _read(text: str) -> dict[tuple[str, ...], float]:
    """Name and label values to value."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def _runs(runs_dir: Path) -> dict[str, Any]:
    good: dict[str, Any] = {
        "checks": CheckCounts(90, 2, 0, 3),
        "gates": (GateSummary("raw", 7, 1, 0, 0.5),),
        "accounts": (account("orders", rows=100, quarantined=5, rejected=2),),
        "tables": (TableRows("core", "fact_orders", 95),),
    }
    failed = summary(
        2,
        status="failed",
        error_type="X",
        stages=(StageTime("prepare", 0.5), StageTime("extract", 2.0)),
    )
    written(runs_dir, summary(1, **good), failed)
    return good


def test_the_metrics_are_those_of_the_log(tmp_path: Path) -> None:
    _runs(tmp_path)
    last, good = summary(2), summary(1)
    found = _read(metrics(tmp_path, _DAY, NOW).decode())
    for key, value in {
        ("last_run_success",): 0,
        ("last_run_timestamp_seconds",): last.finished_at.timestamp(),
        ("last_run_duration_seconds",): 20,
        ("last_run_stage_duration_seconds", "extract"): 2.0,
        ("last_success_timestamp_seconds",): good.finished_at.timestamp(),
        ("table_rows", "core", "fact_orders"): 95,
        ("quarantined_rows", "orders"): 5,
        ("rejected_lines", "orders"): 2,
        ("checks", "raw", "warned"): 1,
        ("checks", "dbt", "passed"): 90,
        ("checks", "dbt", "skipped"): 3,
        ("run_success_ratio",): 0.5,
        ("freshness_seconds",): (NOW - good.started_at).total_seconds(),
        ("quality_score",): 97 / 100 * 95 / 102,
        ("objective_met", "freshness"): 0,
        ("run_in_progress",): 0,
    }.items():
        assert found[(f"olist_dw_{key[0]}", *key[1:])] == pytest.approx(value), key


def test_before_the_first_run_the_metrics_can_be_read(tmp_path: Path) -> None:
    assert _read(metrics(tmp_path / "runs", _DAY, NOW).decode()) == {
        ("olist_dw_run_in_progress",): 0
    }


def test_the_server_gives_metrics_to_those_who_know_the_password(tmp_path: Path) -> None:
    _runs(tmp_path / "runs")
    serving = Serving(
        tmp_path / "olist.duckdb", tmp_path / "runs", password_hash=hash_password(PASSWORD)
    )
    with running(serving) as server:
        assert server.get("/metrics").status == 401
        answer = server.get("/metrics", authorization=basic())
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert _read(answer.text)["olist_dw_last_run_success",] == 0
    assert str(tmp_path) not in answer.text


def test_the_age_of_the_newest_backup_is_a_metric(tmp_path: Path) -> None:
    made = NOW - timedelta(hours=30)
    for moment in (made, made - timedelta(days=1), NOW + timedelta(days=700)):
        (tmp_path / "b" / f"{moment:%Y%m%dt%H%M%Sz}_of_x").mkdir(parents=True)
    text = metrics(tmp_path, _DAY, NOW, backups_dir=tmp_path / "b").decode()
    assert _read(text)["olist_dw_backup_age_seconds",] == pytest.approx(30 * 3600, abs=1)
