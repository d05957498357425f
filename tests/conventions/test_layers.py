"""Every model reads only the layers it may: read from dbt's manifest, not from a drawing."""

from __future__ import annotations

import re

import pytest

from tests.conventions.project import Manifest, Node, assert_none

MAY_READ: dict[str, set[str]] = {
    # Of staging, quarantined_rows alone reads staging models: which rows are missing from them.
    "staging": {"sources", "staging"},
    "intermediate": {"staging", "seeds", "snapshots", "intermediate"},
    "snapshots": {"staging"},
    "dimensions": {"staging", "intermediate", "seeds", "snapshots", "dimensions", "facts"},
    "facts": {"staging", "intermediate", "seeds", "snapshots", "dimensions", "facts"},
    "predictive": {"dimensions", "facts", "intermediate", "seeds", "predictive"},
    "marts": {"dimensions", "facts", "intermediate", "seeds", "predictive", "marts"},
}
NAME_PREFIX = {
    "staging": ("stg_", "quarantined_rows"),
    "intermediate": ("int_",),
    "dimensions": ("dim_",),
    "facts": ("fact_",),
    "predictive": ("features_", "scores_"),
    "marts": ("mart_",),
}


def _reads(manifest: Manifest, node: Node) -> list[Node]:
    return [manifest.nodes[unique_id] for unique_id in node.reads]


@pytest.mark.parametrize("layer", MAY_READ)
def test_a_layer_reads_only_the_layers_below_it(manifest: Manifest, layer: str) -> None:
    offenders = [
        f"{node.name} reads {read.name} ({read.layer})"
        for node in manifest.in_layers([layer])
        for read in _reads(manifest, node)
        if read.layer not in MAY_READ[layer]
    ]
    assert_none(offenders)


def test_every_model_lies_in_a_layer(manifest: Manifest) -> None:
    assert {node.layer for node in manifest.models} == set(NAME_PREFIX)
    assert not [
        n.name
        for n in manifest.nodes.values()
        if n.layer not in {*NAME_PREFIX, "seeds", "snapshots", "sources"}
    ]


def test_every_model_is_named_after_its_layer(manifest: Manifest) -> None:
    offenders = [
        node.name
        for node in manifest.models
        if not node.name.startswith(NAME_PREFIX[node.layer])
    ]
    assert_none(offenders)


def test_every_raw_table_has_one_staging_model_of_its_own(manifest: Manifest) -> None:
    raw = [node for node in manifest.in_layers(["sources"]) if node.schema == "raw"]
    readers: dict[str, list[str]] = {node.name: [] for node in raw}
    for node in manifest.in_layers(["staging"]):
        if node.name.startswith("stg_"):
            sources = [read.name for read in _reads(manifest, node)]
            assert len(sources) == 1, f"{node.name} reads {sources}"
            readers[sources[0]].append(node.name)
    assert len(readers) == 9
    assert_none(f"{table}: {names}" for table, names in readers.items() if len(names) != 1)


def test_staging_never_joins(manifest: Manifest) -> None:
    offenders = [
        node.name
        for node in manifest.in_layers(["staging"])
        if re.search(r"\bjoin\b", re.sub(r"--[^\n]*", "", node.sql))
    ]
    assert_none(offenders)
