"""docs/store.md says of the shop what its code says."""

from __future__ import annotations

import importlib
import pkgutil
import re

import extract.store
from extract.store.postgres.schema import METADATA
from extract.store.sales.status import mermaid
from extract.store.shared.events import Event
from extract.store.shared.rules import Kind
from tests.conventions.project import PROJECT_ROOT, assert_none

_PAGE = (PROJECT_ROOT / "docs" / "store.md").read_text(encoding="utf-8")


def _events() -> set[str]:
    for module in pkgutil.walk_packages(extract.store.__path__, "extract.store."):
        if "migrations" not in module.name:
            importlib.import_module(module.name)
    return {one.__name__ for one in Event.__subclasses__()}


def test_the_path_of_an_order_is_drawn_as_it_is() -> None:
    assert f"```mermaid\n{mermaid()}\n```" in _PAGE


def test_every_event_is_listed_and_no_other() -> None:
    events = _events()
    assert len(events) >= 12
    table = _PAGE[_PAGE.index("| context | events |") :].partition("\n\n")[0]
    assert set(re.findall(r"\b[A-Z][a-z]+[A-Z]\w+", table)) == events


def test_every_exception_is_explained() -> None:
    assert_none(kind for kind in Kind if f"| `{kind}` |" not in _PAGE)


def test_what_can_be_extracted_is_never_written_with_a_number_of_a_transaction() -> None:
    tables = [one for one in METADATA.tables.values() if "row_xid" in one.columns]
    assert len(tables) == 12
