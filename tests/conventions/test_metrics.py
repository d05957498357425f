"""Every metric says what it is and how it is compared; its rules are those of the models."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestration.settings import PROJECT_ROOT

MODELS = PROJECT_ROOT / "olist_dw_dbt" / "models" / "metrics"
RULES = PROJECT_ROOT / "olist_dw_dbt" / "macros" / "rules.sql"
DASHBOARDS = PROJECT_ROOT / "dashboards"
UNITS = {"brl", "count", "number", "share", "days", "hours", "stars", "points", "km"}
META = {
    *("unit", "decimals", "better", "change", "volume", "least_volume", "matures"),
    *("snapshot", "part"),
}


def _files() -> list[Mapping[str, Any]]:
    return [yaml.safe_load(path.read_text("utf-8")) for path in sorted(MODELS.glob("*.yml"))]


def _all_metrics() -> dict[str, Mapping[str, Any]]:
    found = [one for file in _files() for one in file["metrics"]]
    assert len({one["name"] for one in found}) == len(found)
    return {one["name"]: one for one in found}


def _meta(metric: Mapping[str, Any]) -> Mapping[str, Any]:
    return dict(metric["config"]["meta"])


ALL = _all_metrics()
# What readers can ask for; the others are parts that ratios are made of.
METRICS = {name: one for name, one in ALL.items() if not _meta(one).get("part")}
RATIOS = {name: one["type_params"] for name, one in METRICS.items() if one["type"] == "ratio"}


def test_there_are_enough_metrics() -> None:
    assert len(METRICS) >= 45


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_says_what_a_reader_and_a_page_need(name: str) -> None:
    metric, meta = METRICS[name], _meta(METRICS[name])
    assert metric["label"].strip()
    description = metric["description"].strip()
    assert description.endswith(".")
    assert description.rstrip(".") != metric["label"] or meta["unit"] == "count"
    assert set(meta) <= META
    assert meta["unit"] in UNITS
    assert meta["better"] in ("more", "less", "none")
    assert meta["change"] in ("relative", "points", "absolute")
    # A change of a share is said in points, one of stars or days in its unit.
    if meta["unit"] == "share":
        assert meta["change"] == "points"
    if meta["unit"] in ("count", "brl"):
        assert meta["change"] == "relative"


@pytest.mark.parametrize(
    "name",
    [
        n
        for n, one in METRICS.items()
        if one["type"] != "simple" and _meta(one)["unit"] != "count"
    ],
)
def test_a_ratio_says_of_how_many_it_is(name: str) -> None:
    meta = _meta(METRICS[name])
    assert meta["least_volume"] >= 30
    volume = METRICS[meta["volume"]]  # can be asked for beside it
    assert _meta(volume)["unit"] == "count"


def test_labels_are_unique() -> None:
    labels = Counter(one["label"].casefold() for one in METRICS.values())
    assert [label for label, count in labels.items() if count > 1] == []


def test_every_measure_is_of_a_metric_and_has_its_name() -> None:
    measures = {
        measure["name"]
        for file in _files()
        for model in file["semantic_models"]
        for measure in model.get("measures", ())
    }
    simple = {name for name, one in ALL.items() if one["type"] == "simple"}
    assert measures == simple


def test_no_two_metrics_are_made_of_the_same() -> None:
    pairs = Counter((one["numerator"], one["denominator"]) for one in RATIOS.values())
    assert [pair for pair, count in pairs.items() if count > 1] == []


@pytest.mark.parametrize("name", ["num_due", "num_promise_kept"])
def test_what_is_due_is_the_rule_of_the_models(name: str) -> None:
    """No macro is rendered in a semantic model: the rule stands there a second time."""
    macro = re.search(
        r"macro is_due\(\) -%\}\s*coalesce\((?P<rule>.*?),\s*false\s*\)",
        RULES.read_text("utf-8"),
        re.DOTALL,
    )
    assert macro is not None
    rule = macro["rule"].replace("{{ ref('int_as_of_date') }}", "intermediate.int_as_of_date")
    expressions = {
        measure["name"]: measure["expr"]
        for file in _files()
        for model in file["semantic_models"]
        for measure in model.get("measures", ())
        if "expr" in measure
    }
    counted = re.fullmatch(
        r"case when (?P<rule>.*) then 1 else 0 end", " ".join(expressions[name].split())
    )
    assert counted is not None
    conditions = _conditions(counted["rule"])
    if name == "num_promise_kept":
        assert "is_on_time" in conditions
        conditions.discard("is_on_time")
    assert conditions == _conditions(rule)


def test_the_name_of_the_as_of_date_is_that_of_its_model() -> None:
    """It stands in the expressions as written here, as no ref can."""
    project = yaml.safe_load(
        (PROJECT_ROOT / "olist_dw_dbt" / "dbt_project.yml").read_text("utf-8")
    )
    assert project["models"]["olist_dw"]["intermediate"]["+schema"] == "intermediate"


def test_python_divides_nothing_that_metrics_divide() -> None:
    found = list(_second_formulas(DASHBOARDS))
    assert not found, "Ask for the metric instead:\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("code", "is_found"),
    [
        ("rate = row.num_on_time / row.num_delivered", True),
        ("rate = row['num_on_time'] / max(row['num_delivered'], 1)", True),
        ("rate = ratio(self.num_on_time, self.num_delivered)", True),
        ("sql = 'select sum(num_on_time) / nullif(sum(num_delivered), 0) as rate'", True),
        ("rate = row.num_on_time / row.num_rows", False),
        ("both = row.num_on_time + row.num_delivered", False),
    ],
)
def test_a_second_formula_is_found(tmp_path: Path, code: str, is_found: bool) -> None:
    (tmp_path / "page.py").write_text(f"{code}\n", "utf-8")
    assert bool(list(_second_formulas(tmp_path))) is is_found


def _conditions(rule: str) -> set[str]:
    return {" ".join(one.split()) for one in re.split(r"\band\b", rule)}


# A metric's formula in Python.


def _second_formulas(root: Path) -> Iterator[str]:
    """Places that divide a ratio metric's numerator by its denominator."""
    pairs = {(one["numerator"], one["denominator"]): name for name, one in RATIOS.items()}
    for path in sorted(root.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            for pair in _divided(node):
                if pair in pairs:
                    place = f"{path.relative_to(root.parent)}:{getattr(node, 'lineno', 0)}"
                    yield f"{place} divides {pair[0]} by {pair[1]}, as {pairs[pair]}"


_SQL_DIVISION = re.compile(r"(\w+)\)*(?:::\w+)?\s*/\s*(?:(?:nullif|sum|cast)\()*(\w+)")


def _divided(node: ast.AST) -> set[tuple[str, str]]:
    """What is divided by what: by ``/``, by a function such as ``ratio``, in a text of SQL."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {(one[1], one[2]) for one in _SQL_DIVISION.finditer(node.value)}
    parts: tuple[ast.expr, ast.expr] | None = None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        parts = node.left, node.right
    elif isinstance(node, ast.Call) and len(node.args) == 2:
        called = node.func
        name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
        if name in ("ratio", "share", "divide"):
            parts = node.args[0], node.args[1]
    if parts is None:
        return set()
    return {(above, below) for above in _names(parts[0]) for below in _names(parts[1])}


def _names(expression: ast.expr) -> set[str]:
    """The parts in an expression: attributes, variables, and keys as in row["num_on_time"]."""
    found = set()
    for node in ast.walk(expression):
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
    return found
