"""Everything in the dbt project says what it is."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import yaml

from dashboards.lib.catalogue import DASHBOARDS
from tests.conventions.project import DBT_PROJECT, Manifest, Node, assert_none

PLACEHOLDERS = ("todo", "tbd", "fixme", "xxx", "description", "n/a", "see above", "lorem")


def _says_nothing(name: str, description: str) -> bool:
    """Whether a description is empty, a placeholder, or the name once more."""
    text = " ".join(description.lower().strip(" .").split())
    words = name.lower().strip("_").replace("_", " ")
    repeats = text in (words, f"the {words}", f"{words} column")
    return len(text) < 6 or repeats or text.startswith(PLACEHOLDERS)


def _columns(manifest: Manifest) -> Iterator[tuple[Node, str, str]]:
    for node in manifest.nodes.values():
        for column in node.columns:
            yield node, column.name, " ".join(column.description.split())


def test_every_model_seed_snapshot_and_source_says_what_it_is(manifest: Manifest) -> None:
    offenders = [
        node.name
        for node in manifest.nodes.values()
        if _says_nothing(node.name, node.description)
    ]
    assert_none(offenders)


def test_every_column_says_what_it_holds(manifest: Manifest) -> None:
    offenders = [
        f"{node.name}.{column}: {description!r}"
        for node, column, description in _columns(manifest)
        if _says_nothing(column, description)
    ]
    assert_none(offenders)


def test_every_node_lists_its_columns(manifest: Manifest) -> None:
    assert_none(node.name for node in manifest.nodes.values() if not node.columns)


def test_no_model_is_described_by_the_words_of_another(manifest: Manifest) -> None:
    names = defaultdict(list)
    for node in manifest.nodes.values():
        names[" ".join(node.description.split())].append(node.name)
    assert_none(group for group in names.values() if len(group) > 1)


def test_columns_of_a_node_are_told_apart(manifest: Manifest) -> None:
    # One word may be described once for both its roles: seller_region, customer_region.
    names = defaultdict(list)
    for node, column, description in _columns(manifest):
        names[node.name, column.rsplit("_", 1)[-1], description].append(column)
    texts = defaultdict(set)
    for (node_name, word, description), columns in names.items():
        texts[node_name, description].add((word, *columns))
    assert_none(f"{key}: {found}" for key, found in texts.items() if len(found) > 1)


def test_every_model_and_seed_has_a_yml_of_its_stem_beside_it(manifest: Manifest) -> None:
    offenders = [
        f"{node.path} is described in {node.yml}"
        for node in manifest.nodes.values()
        if node.layer != "sources" and node.yml != node.path.with_suffix(".yml")
    ]
    assert_none(offenders)


def test_no_yml_of_a_model_is_left_without_its_model() -> None:
    ymls = [
        path
        # A snapshot is its yml: it needs no SQL beside it.
        for folder in ("models", "seeds")
        for path in (DBT_PROJECT / folder).rglob("*.yml")
        # A leading underscore: a file about the folder, such as its sources.
        # Semantic models are YAML alone; each names the model whose rows it adds up.
        if not path.name.startswith("_") and path.parent.name != "metrics"
    ]
    assert ymls
    suffixes = (".sql", ".csv", ".py")
    # Its unit tests stand beside a model.
    stems = {y: y.with_name(y.name.replace("_unit_tests.yml", ".yml")) for y in ymls}
    left = [
        y for y, of in stems.items() if not any(of.with_suffix(s).exists() for s in suffixes)
    ]
    assert_none(left)


def test_every_macro_says_what_it_gives(manifest: Manifest) -> None:
    assert manifest.macros
    assert_none(m.name for m in manifest.macros if _says_nothing(m.name, m.description))


def test_every_argument_of_a_macro_is_explained(manifest: Manifest) -> None:
    assert_none(
        f"{macro.name} takes {macro.takes} and explains {macro.explains}"
        for macro in manifest.macros
        if macro.takes != macro.explains
    )


def test_every_test_question_dashboard_and_group_says_what_it_is(manifest: Manifest) -> None:
    assert len(manifest.descriptions) > 100
    assert_none(
        name
        for name, description in manifest.descriptions.items()
        if _says_nothing(name.rpartition(".")[2], description)
    )


def test_a_column_of_three_tables_is_described_once() -> None:
    tables = defaultdict(list)
    for path in DBT_PROJECT.rglob("*.yml"):
        if path.relative_to(DBT_PROJECT).parts[0] in ("models", "seeds", "snapshots"):
            for table, column in _written_columns(path.read_text(encoding="utf-8")):
                words = " ".join(column.get("description", "").split())
                if "doc(" not in words:
                    tables[column["name"], words].append(table)
    assert tables
    assert_none(f"{key}: {found}" for key, found in tables.items() if len(found) > 2)


def _written_columns(text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Tables and columns of a yml as they are written, doc blocks not filled in."""
    content = yaml.safe_load(text)
    sources = (table for source in content.get("sources", ()) for table in source["tables"])
    kinds = (one for kind in ("models", "seeds", "snapshots") for one in content.get(kind, ()))
    for table in (*sources, *kinds):
        for column in table.get("columns", ()):
            yield table["name"], column


def test_the_page_of_each_layer_leads_to_all_that_is_in_it(manifest: Manifest) -> None:
    kept = {
        "sources": ("sources", "seeds"),
        "dimensions": ("dimensions", "snapshots"),
        **{layer: (layer,) for layer in ("staging", "intermediate", "facts", "marts")},
    }
    wrong = {}
    for page, layers in kept.items():
        named = set(re.findall(r"\(#!/\w+/(\w+\.[\w.]+)\)", manifest.pages[page]))
        there = {
            unique_id
            for unique_id, node in manifest.nodes.items()
            if node.layer in layers and not unique_id.startswith("source.olist_dw.ops.")
        }
        wrong[page] = named ^ there
    assert_none(f"{page}: {sorted(found)}" for page, found in wrong.items() if found)


def test_the_pages_of_the_catalogue_lead_to_what_there_is(manifest: Manifest) -> None:
    ids = {*manifest.nodes, *manifest.descriptions}
    links = {
        link for page in manifest.pages.values() for link in re.findall(r"\(#!/([^)]+)\)", page)
    }
    assert len(links) > 150
    assert_none(
        link
        for link in links - {"overview"}
        if (link.partition("/")[2] not in manifest.pages)
        and (link.partition("/")[2] not in ids)
    )
    assert "https://" not in "".join(manifest.pages.values()), "the catalogue works offline"


def test_every_dashboard_is_at_the_end_of_a_line_from_the_sources(manifest: Manifest) -> None:
    assert {one.path for one in DASHBOARDS} == set(manifest.exposed)
    assert_none(path for path, reads in manifest.exposed.items() if not reads)
    assert manifest.asked == manifest.exposed["/ask"]


def test_every_mart_is_read_by_a_dashboard(manifest: Manifest) -> None:
    read = {unique_id for reads in manifest.exposed.values() for unique_id in reads}
    marts = {key for key, node in manifest.nodes.items() if node.layer == "marts"}
    assert_none(sorted(marts - read))
