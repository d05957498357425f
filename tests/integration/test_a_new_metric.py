"""A metric is one entry of YAML, and one name in a page's specification: two files."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from dashboards.executive import PAGE
from dashboards.lib import render
from dashboards.lib.definitions import definitions
from dashboards.lib.explore.docs import metrics_table
from dashboards.lib.queries.warehouse import published, read_info
from dashboards.lib.query import Asker, Query
from dashboards.lib.semantics import Semantics
from dashboards.lib.source import open_source
from dashboards.lib.spec import Tile
from dashboards.lib.view import View
from orchestration.cli import main as olist
from orchestration.dbt.semantic import semantic_manifest
from orchestration.settings import PROJECT_ROOT
from tests.support.named_figures import ALL_DAYS

NAME, LABEL = "delivered_share", "Delivered, of all orders"
METRIC: dict[str, Any] = {
    "name": NAME,
    "label": LABEL,
    "description": "Delivered orders as a share of all orders.",
    "type": "ratio",
    "type_params": {"numerator": "num_delivered", "denominator": "num_orders"},
    "config": {
        "meta": {
            "unit": "share",
            "better": "more",
            "change": "points",
            "volume": "num_orders",
            "least_volume": 30,
        }
    },
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dbt project with one entry more."""
    copy = tmp_path_factory.mktemp("project") / "olist_dw_dbt"
    left = shutil.ignore_patterns("target", "logs", "dbt_packages")
    shutil.copytree(PROJECT_ROOT / "olist_dw_dbt", copy, ignore=left)
    path = copy / "models" / "metrics" / "orders.yml"
    content = yaml.safe_load(path.read_text("utf-8"))
    content["metrics"].append(METRIC)
    path.write_text(yaml.safe_dump(content, sort_keys=False), "utf-8")
    return copy


@pytest.fixture(scope="module")
def source(
    project: Path, built_warehouse: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Asker]:
    """Asks the built warehouse by the definitions of that project."""
    manifest = semantic_manifest(tmp_path_factory.mktemp("cache"), project)
    with published(built_warehouse) as connection:
        yield Asker(connection, Semantics(manifest), read_info(connection).run_id)


@pytest.fixture(scope="module")
def share(built_warehouse: Path) -> float:
    """What it is, in SQL written for it."""
    with duckdb.connect(str(built_warehouse), read_only=True) as connection:
        row = connection.execute(
            "select count(*) filter (is_delivered) / count(*) from core.fact_orders"
        ).fetchone()
    assert row is not None
    return float(row[0])


def test_a_new_metric_is_a_tile(project: Path, built_warehouse: Path, share: float) -> None:
    page = replace(PAGE, tiles=(*PAGE.tiles, Tile(NAME, NAME)))
    known = definitions(project / "models" / "metrics")
    view = View(open_source(page, built_warehouse, known), ALL_DAYS)
    assert view.total()[NAME] == pytest.approx(share)
    (tile,) = (one for one in render.tiles(view) if one.key == NAME)
    assert (tile.label, tile.value) == (LABEL, f"{share:.1%}")


def test_a_new_metric_is_in_the_explorer(source: Asker, share: float) -> None:
    assert {"region", "order_month"} <= {
        one.name for one in source.semantics.dimensions((NAME,))
    }
    assert source.ask(Query((NAME,))).total[NAME] == pytest.approx(share)


@pytest.fixture
def home(
    project: Path, built_warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Commands ask the built warehouse by the definitions of that project.

    From a directory of its own: the cache beside the shared one keeps this project's.
    """
    (tmp_path / "olist.duckdb").symlink_to(built_warehouse.resolve())
    monkeypatch.setenv("OLIST_WAREHOUSE_DIR", str(tmp_path))
    monkeypatch.setenv("OLIST_DBT_PROJECT_DIR", str(project))


@pytest.mark.usefixtures("home")
def test_a_new_metric_is_in_the_terminal(
    share: float, capsys: pytest.CaptureFixture[str]
) -> None:
    assert olist(["metric", NAME, "--csv"]) == 0
    heading, value = capsys.readouterr().out.split()
    assert heading == NAME
    assert float(value) == pytest.approx(share)


def test_a_new_metric_is_in_the_docs(source: Asker) -> None:
    (line,) = (one for one in metrics_table(source).splitlines() if f"`{NAME}`" in one)
    assert LABEL in line
    assert METRIC["description"] in line
