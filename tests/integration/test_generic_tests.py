"""The generic tests of the dbt project find what they are for, and name it in their rows."""

from __future__ import annotations

from pathlib import Path

import duckdb

from orchestration.dbt.results import NodeResult
from orchestration.dbt.runner import Dbt, TransformRequest
from orchestration.settings import PROJECT_ROOT
from tests.support import tiny

_GENERIC = PROJECT_ROOT / "olist_dw_dbt" / "tests" / "generic"
_YML = """models:
  - name: items
    data_tests:
      - keys_are_unique:
          name: keys_are_unique
          arguments: {keys: [[item_id], [order_id, number]]}
      - keys_resolve:
          name: keys_resolve
          arguments:
            keys:
              order_id: {to: ref('orders')}
              place: {to: ref('orders'), field: city, where: number > 1}
      - rules_hold:
          name: rules_hold
          arguments: {rules: {price_above_0: price > 0, number_is_given: number >= 1}}
  - name: orders
"""
# A key may be missing, and a place needs to be known only from the second item on.
_SOUND = (
    "(1, 'a', 1, 'rio', 5), (2, 'a', 2, 'rio', 5), "
    "(null, 'b', 1, 'nowhere', 5), (null, 'b', 2, null, 5)"
)


def _outcome(tmp_path: Path, rows: str) -> dict[str, NodeResult]:
    project = tiny.write_project(
        tmp_path / "project",
        orders="select * from (values ('a', 'rio'), ('b', 'recife')) as t (order_id, city)",
        items=f"select * from (values {rows}) as t (item_id, order_id, number, place, price)",
        tests=_YML,
    )
    tests = project / "tests" / "generic"
    tests.mkdir(parents=True)
    for path in _GENERIC.glob("*.sql"):
        (tests / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    database = tmp_path / "olist.duckdb"
    duckdb.connect(str(database)).close()
    result = Dbt(TransformRequest(project, database, tmp_path / "cache")).build()
    return {node.name: node for node in result.nodes if node.is_test}


def test_sound_rows_pass(tmp_path: Path) -> None:
    assert {node.status for node in _outcome(tmp_path, _SOUND).values()} == {"ok"}


def test_each_spoilt_row_is_found_and_named(tmp_path: Path) -> None:
    repeated = "(1, 'a', 3, 'rio', 5), (3, 'a', 2, 'rio', 5)"
    unresolved = "(4, 'c', 1, 'rio', 5), (5, 'a', 4, 'lima', 5)"
    broken = "(6, 'a', 5, 'rio', -1), (7, 'a', 0, 'rio', 5), (8, 'a', 6, 'rio', null)"
    found = _outcome(tmp_path, f"{_SOUND}, {repeated}, {unresolved}, {broken}")
    assert {name: sorted(node.sample) for name, node in found.items()} == {
        "keys_are_unique": [
            "repeated_key=item_id, key_value=1, num_rows=2",
            "repeated_key=order_id, number, key_value=a, 2, num_rows=2",
        ],
        "keys_resolve": [
            "unresolved_key=order_id, key_value=c, num_rows=1",
            "unresolved_key=place, key_value=lima, num_rows=1",
        ],
        "rules_hold": [
            "broken_rule=number_is_given, item_id=7, order_id=a, number=0, place=rio, price=5",
            "broken_rule=price_above_0, item_id=6, order_id=a, number=5, place=rio, price=-1",
            "broken_rule=price_above_0, item_id=8, order_id=a, number=6, place=rio, price=null",
        ],
    }
