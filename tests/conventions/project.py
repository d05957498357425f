"""The dbt project as typed data: what the convention tests ask of dbt's manifest.

The rules themselves are in the tests; nothing here asserts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PROJECT_ROOT = Path(__file__).resolve().parents[2]
DBT_PROJECT = PROJECT_ROOT / "olist_dw_dbt"
PROJECT_NAME = "olist_dw"

# Folders of models, and the layers they make up.
CORE = ("dimensions", "facts")
PUBLIC = (*CORE, "marts")


@dataclass(frozen=True, slots=True)
class Column:
    """A column as its yml describes it.

    Attributes:
        name: Its name.
        description: What it holds, doc blocks filled in.
        data_type: Type of the contract, lower case, or "" where there is none.
        is_not_null: Whether the contract demands a value.
    """

    name: str
    description: str
    data_type: str
    is_not_null: bool


@dataclass(frozen=True, slots=True)
class Node:
    """A model, seed, snapshot or source table.

    Attributes:
        name: Its name.
        schema: Schema it is published in.
        layer: Folder of a model; for others the kind: seeds, snapshots or sources.
        path: Its file, from the dbt project.
        yml: The yml that describes it, from the dbt project, or None.
        description: What it is, doc blocks filled in.
        sql: Its code with Jinja, "" for seeds and sources.
        columns: Its described columns, in order.
        reads: Unique ids of the nodes it reads.
        has_contract: Whether a contract is enforced.
    """

    name: str
    schema: str
    layer: str
    path: Path
    yml: Path | None
    description: str
    sql: str
    columns: tuple[Column, ...]
    reads: tuple[str, ...]
    has_contract: bool


@dataclass(frozen=True, slots=True)
class ColumnTest:
    """A generic test: its kind, the node it is attached to, the columns it names."""

    kind: str
    node: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro, with the arguments it takes and those its description explains."""

    name: str
    description: str
    takes: tuple[str, ...]
    explains: tuple[str, ...]


class Manifest:
    """dbt's manifest, this project's part of it."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        """Take the parsed manifest.json."""
        self._content = content

    @cached_property
    def nodes(self) -> dict[str, Node]:
        """Models, seeds, snapshots and source tables, by unique id."""
        kinds = ("model", "seed", "snapshot")
        raw = {**self._content["nodes"], **self._content["sources"]}
        return {
            unique_id: _node(entry)
            for unique_id, entry in raw.items()
            if entry["package_name"] == PROJECT_NAME
            and entry["resource_type"] in (*kinds, "source")
        }

    @cached_property
    def models(self) -> tuple[Node, ...]:
        """The models."""
        folders = ("staging", "intermediate", "predictive", *PUBLIC)
        return tuple(node for node in self.nodes.values() if node.layer in folders)

    def in_layers(self, layers: Iterable[str]) -> tuple[Node, ...]:
        """The nodes of some layers."""
        wanted = set(layers)
        return tuple(node for node in self.nodes.values() if node.layer in wanted)

    @cached_property
    def macros(self) -> tuple[Macro, ...]:
        """The macros of the project, generic tests among them; dispatched variants left out."""
        return tuple(
            _macro(entry)
            for entry in self._content["macros"].values()
            if entry["package_name"] == PROJECT_NAME and "__" not in entry["name"]
        )

    @cached_property
    def descriptions(self) -> dict[str, str]:
        """What is said of each test of its own, analysis, exposure and group, by unique id."""
        kinds = ("analysis", "exposure", "group", "test")
        entries = (
            entry
            for part in ("nodes", "exposures", "groups")
            for entry in self._content[part].values()
        )
        return {
            entry["unique_id"]: entry["description"] or ""
            for entry in entries
            if entry["resource_type"] in kinds and not entry.get("test_metadata")
        }

    @cached_property
    def pages(self) -> dict[str, str]:
        """The pages of the catalogue: what a block ``__name__`` says, by its name."""
        return {
            entry["name"].strip("_"): entry["block_contents"]
            for entry in self._content["docs"].values()
            if entry["package_name"] == PROJECT_NAME and entry["name"].startswith("__")
        }

    @cached_property
    def exposed(self) -> dict[str, frozenset[str]]:
        """What each exposure reads, as unique ids, by the path of its url."""
        return {
            urlsplit(entry["url"]).path: frozenset(entry["depends_on"]["nodes"])
            for entry in self._content["exposures"].values()
        }

    @cached_property
    def asked(self) -> frozenset[str]:
        """What all questions together read, as unique ids."""
        return frozenset(
            unique_id
            for entry in self._content["nodes"].values()
            if entry["resource_type"] == "analysis"
            for unique_id in entry["depends_on"]["nodes"]
        )

    @cached_property
    def column_tests(self) -> frozenset[ColumnTest]:
        """What generic tests say of columns, one entry a key where a test holds several."""
        found: set[ColumnTest] = set()
        for entry in self._content["nodes"].values():
            metadata = entry.get("test_metadata")
            attached = self.nodes.get(entry.get("attached_node") or "")
            if metadata is None or attached is None:
                continue
            kind, arguments = metadata["name"], metadata["kwargs"]
            if entry["config"].get("where"):  # says nothing of the other rows
                continue
            if kind in ("keys_are_unique", "keys_resolve"):
                keys = arguments["keys"]
                named = (
                    [tuple(key) for key in keys]
                    if kind == "keys_are_unique"
                    else [(key,) for key in keys]
                )
            else:
                columns = arguments.get("columns") or [entry.get("column_name")]
                named = [tuple(filter(None, columns))]
            found.update(ColumnTest(kind, attached.name, columns) for columns in named)
        return frozenset(found)

    def tested_columns(self, kind: str, node: Node) -> set[str]:
        """The columns of a node that a kind of test names alone."""
        return {
            test.columns[0]
            for test in self.column_tests
            if test.kind == kind and test.node == node.name and len(test.columns) == 1
        }


def _node(entry: Mapping[str, Any]) -> Node:
    kind = entry["resource_type"]
    path = Path(entry["original_file_path"])
    yml = entry.get("patch_path")
    return Node(
        name=entry["name"],
        schema=entry["schema"],
        layer=path.parts[1] if kind == "model" else f"{kind}s",
        path=path,
        yml=Path(yml.split("://", 1)[1]) if yml else None,
        description=entry["description"],
        sql=entry.get("raw_code", ""),
        columns=tuple(_column(column) for column in entry["columns"].values()),
        reads=tuple(entry.get("depends_on", {}).get("nodes", ())),
        has_contract=bool((entry.get("contract") or {}).get("enforced")),
    )


def _macro(entry: Mapping[str, Any]) -> Macro:
    name = entry["name"]
    kind, spelt = ("test", name[5:]) if name.startswith("test_") else ("macro", name)
    signature = re.search(
        rf"{kind}\s+{spelt}\s*\((.*?)\)\s*-?%}}", entry["macro_sql"], re.DOTALL
    )
    arguments = signature.group(1).split(",") if signature else []
    return Macro(
        name=name,
        description=entry["description"],
        takes=tuple(filter(None, (argument.split("=")[0].strip() for argument in arguments))),
        explains=tuple(
            argument["name"] for argument in entry["arguments"] if argument["description"]
        ),
    )


def _column(entry: Mapping[str, Any]) -> Column:
    constraints = {constraint["type"] for constraint in entry.get("constraints", ())}
    return Column(
        name=entry["name"],
        description=entry["description"],
        data_type=(entry.get("data_type") or "").lower().replace(" ", ""),
        is_not_null=bool(constraints & {"not_null", "primary_key"}),
    )


def assert_none(offenders: Iterable[object]) -> None:
    """Fail with every offender on a line of its own."""
    lines = [str(offender) for offender in offenders]
    assert not lines, f"{len(lines)} offend:\n" + "\n".join(lines)
