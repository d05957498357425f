"""Core and marts keep their word: enforced contracts, tested keys, names that tell the type."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.conventions.project import CORE, PUBLIC, Column, Manifest, Node, assert_none

# A name, the types it may have, and whether no other name may have them.
MONEY = re.compile(r"_amount$")
FLAG = re.compile(r"^(is|has)_")
NAMES = (
    (FLAG, {"boolean"}),
    (MONEY, {"decimal(18,2)"}),
    (re.compile(r"_date_key$|^date_key$"), {"integer"}),
    (re.compile(r"(?<!date)_key$"), {"varchar"}),
    (re.compile(r"_id$"), {"varchar", "integer"}),
    (re.compile(r"_date$"), {"date"}),
    (re.compile(r"_at$"), {"timestamp"}),
    (re.compile(r"^num_"), {"integer", "bigint"}),
    (re.compile(r"_rate$"), {"float8"}),
    (re.compile(r"_(days|hours)$"), {"float8", "integer", "bigint"}),
)
# What else a date or a timestamp may be called.
DATE_NAME = re.compile(r"_(date|month)$")
MOMENT_NAME = re.compile(r"_at$|^valid_(from|to)$")


def _public_columns(manifest: Manifest) -> Iterator[tuple[Node, Column]]:
    for node in manifest.in_layers(PUBLIC):
        for column in node.columns:
            yield node, column


def test_every_core_and_mart_model_enforces_its_contract(manifest: Manifest) -> None:
    models = manifest.in_layers(PUBLIC)
    assert models
    assert_none(node.name for node in models if not node.has_contract)


def test_every_contract_gives_every_column_a_type(manifest: Manifest) -> None:
    offenders = [f"{n.name}.{c.name}" for n, c in _public_columns(manifest) if not c.data_type]
    assert_none(offenders)


def test_every_dimension_and_fact_opens_with_its_key_unique_and_never_null(
    manifest: Manifest,
) -> None:
    offenders = []
    for node in manifest.in_layers(CORE):
        key = node.columns[0]
        is_unique = key.name in manifest.tested_columns("keys_are_unique", node)
        if not (key.name.endswith("_key") and is_unique and key.is_not_null):
            offenders.append(f"{node.name}.{key.name}")
    assert_none(offenders)


def test_the_grain_of_every_mart_is_tested_and_never_null(manifest: Manifest) -> None:
    offenders = []
    for node in manifest.in_layers(["marts"]):
        grains = [
            set(test.columns)
            for test in manifest.column_tests
            if test.node == node.name and test.kind == "keys_are_unique"
        ]
        required = {column.name for column in node.columns if column.is_not_null}
        if not any(grain <= required for grain in grains):
            offenders.append(node.name)
    assert_none(offenders)


def test_every_key_of_another_table_is_never_null_and_resolves(manifest: Manifest) -> None:
    assert_none(
        f"{node.name}.{column.name}"
        for node in manifest.in_layers(CORE)
        for column in node.columns[1:]
        if column.name.endswith("_key")
        and not (
            column.is_not_null and column.name in manifest.tested_columns("keys_resolve", node)
        )
    )


def test_the_key_of_every_staging_model_is_tested(manifest: Manifest) -> None:
    # Points of geolocation have no key, and quarantined rows may repeat one.
    keyless = {"stg_geolocation", "quarantined_rows"}
    tested = {test.node for test in manifest.column_tests if test.kind == "keys_are_unique"}
    staging = {node.name for node in manifest.in_layers(["staging"])}
    assert_none(staging - keyless - tested)


def test_a_name_tells_the_type(manifest: Manifest) -> None:
    offenders = [
        f"{node.name}.{column.name} is {column.data_type}"
        for node, column in _public_columns(manifest)
        for pattern, types in NAMES
        if pattern.search(column.name) and column.data_type not in types
    ]
    assert_none(offenders)


def test_a_type_tells_the_name(manifest: Manifest) -> None:
    patterns = {"boolean": FLAG, "date": DATE_NAME, "timestamp": MOMENT_NAME}
    offenders = [
        f"{node.name}.{column.name} is {column.data_type}"
        for node, column in _public_columns(manifest)
        if column.data_type in patterns and not patterns[column.data_type].search(column.name)
    ]
    assert_none(offenders)


def test_money_is_never_a_float(manifest: Manifest) -> None:
    offenders = [
        f"{node.name}.{column.name}"
        for node, column in _public_columns(manifest)
        if column.data_type.startswith("decimal") and not MONEY.search(column.name)
    ]
    assert_none(offenders)


def test_flags_are_never_null(manifest: Manifest) -> None:
    offenders = [
        f"{node.name}.{column.name}"
        for node, column in _public_columns(manifest)
        if FLAG.search(column.name) and not column.is_not_null
    ]
    assert_none(offenders)
