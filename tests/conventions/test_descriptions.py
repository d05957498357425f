"""Everything in the dbt project says what it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

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
        if not path.name.startswith("_")
    ]
    assert ymls
    suffixes = (".sql", ".csv", ".py")
    left = [y for y in ymls if not any(y.with_suffix(suffix).exists() for suffix in suffixes)]
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
