"""A run publishes to PostgreSQL where that is set; where it cannot, it is published anyway."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import SecretStr

from orchestration.pipeline.context import RunOptions
from orchestration.pipeline.stages import run
from orchestration.settings import Settings
from orchestration.warehouse.store import Warehouse
from tests.support import postgres, tiny
from tests.support.receivers import free_port, web_receiver

_MODELS = {"fact_orders": "select order_id from raw.orders"}


def _settings(directory: Path, url: str, **more: object) -> Settings:
    source = directory / "source"
    if not source.exists():
        tiny.write_source(source)
        tiny.write_project(directory / "project", **_MODELS)
    return Settings(
        _env_file=None,
        warehouse_dir=directory / "dw",
        dbt_project_dir=directory / "project",
        source=str(source),
        quality_gates=False,
        postgres_url=SecretStr(url),
        **more,  # type: ignore[arg-type] # further settings
    )


def test_a_run_publishes_and_so_does_one_without_news(tmp_path: Path, database: str) -> None:
    settings = _settings(tmp_path, database)
    for _ in range(2):
        summary = run(settings, RunOptions(), lambda _: None)
        assert not summary.problems
        served = postgres.ask(database, "select run_id from ops.warehouse_info")
        assert served == [(summary.run_id,)]
    assert postgres.ask(database, "select count(*) from core.fact_orders") == [(3,)]


def test_a_run_that_cannot_publish_there_is_published_warns_and_alerts(tmp_path: Path) -> None:
    with web_receiver() as web:
        url = f"postgresql://etl:s3cret@127.0.0.1:{free_port()}/olist"
        settings = _settings(tmp_path, url, alert_webhook_url=SecretStr(web.url))
        summary = run(settings, RunOptions(), lambda _: None)
    version = Warehouse(settings.warehouse_dir).current_version()
    assert version is not None
    assert version.run_id == summary.run_id
    assert summary.status == "done"
    (problem,) = summary.problems
    assert (problem.gate, problem.severity) == ("postgres", "warning")
    assert any("Published, but not to PostgreSQL" in notice for notice in summary.notices)
    (body,) = web.posts
    text = json.dumps(body)
    assert "Connection refused" in text
    assert "s3cret" not in text + json.dumps([str(one) for one in summary.problems])
