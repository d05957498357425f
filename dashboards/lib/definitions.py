"""The metrics of the dbt project: what each means, how it is written, and its SQL on a mart.

The formulas are in olist_dw_dbt/models/metrics alone. A metric is made of measures; a mart
answers it if it has their columns: those of the measures' names, or those that a semantic
model on the mart names. So pages read small marts by the same definitions from which MetricFlow
writes its SQL on facts (``semantics``).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

import yaml

from orchestration.settings import PROJECT_ROOT

Unit = Literal["brl", "count", "number", "share", "days", "hours", "stars", "points", "km"]
Change = Literal["relative", "points", "absolute"]
Better = Literal["more", "less", "none"]

MODELS = PROJECT_ROOT / "olist_dw_dbt" / "models" / "metrics"
_DECIMALS: Mapping[str, int] = {
    "brl": 0, "count": 0, "number": 1, "share": 1, "days": 1, "hours": 1, "stars": 2,
    "points": 1, "km": 0,
}  # fmt: skip
_MODEL = re.compile(r"ref\('(\w+)'\)")
_NAME = re.compile(r"\b[a-z]\w*\b")
_AGGREGATES = {
    "sum": "coalesce(sum({}), 0)",
    "count_distinct": "count(distinct {})",
    "max": "max({})",
}


class UnknownNameError(ValueError):
    """A metric or dimension that there is not, or that cannot be combined; says what can."""


@dataclass(frozen=True)
class Metric:
    """A figure with a name: what it means, and how it is written and compared.

    Attributes:
        name: Its name everywhere.
        label: Its name for readers.
        description: What it counts or divides.
        unit: brl, count, number, share (0 to 1), days, hours, stars, points, km.
        decimals: Digits after the point, of a share in percent.
        better: Whether more of it is good, or less, or neither.
        change: How its change is said: relative, in percentage points, or absolute in its unit.
        volume: The metric that says of how many it is made, shown beside it; None for sums.
        least_volume: Below so many of them it is not shown as a finding or ranked.
        is_mature_late: Whether young months flatter it (delivery): they are not compared.
        is_counted: Whether it is a share or mean of its volume, so that chance has a known part
            in it; a share of money is none.
    """

    name: str
    label: str
    description: str
    unit: Unit
    decimals: int
    better: Better
    change: Change
    volume: str | None
    least_volume: int
    is_mature_late: bool
    is_counted: bool = False


@dataclass(frozen=True)
class _Measure:
    model: str
    aggregate: str
    expression: str
    is_monthly: bool


@dataclass(frozen=True)
class Definitions:
    """All metrics, as the YAML files of the dbt project define them.

    Attributes:
        nodes: Each metric, by its name.
        measures: What they are made of.
        columns: What a table calls a measure of another one, by table and measure; a semantic
            model names them in its meta.
    """

    nodes: Mapping[str, Mapping[str, Any]]
    measures: Mapping[str, _Measure]
    columns: Mapping[tuple[str, str], tuple[str | None, str]]

    @cached_property
    def metrics(self) -> Mapping[str, Metric]:
        """The metrics that readers can ask for, by name; parts of ratios are not among them."""
        return {
            name: _metric(node)
            for name, node in sorted(self.nodes.items())
            if not node["config"]["meta"].get("part")
        }

    def metric(self, name: str) -> Metric:
        """A metric by its name.

        Raises:
            UnknownNameError: There is none; says which are alike.
        """
        found = self.metrics.get(name)
        if found is None:
            raise UnknownNameError(unknown_words("metric", name, self.metrics))
        return found

    def is_monthly(self, names: Iterable[str]) -> bool:
        """Whether one of these metrics is known by month alone."""
        return any(one.is_monthly for name in names for one in self._measures_of(name))

    def is_on_mart(self, name: str) -> bool:
        """Whether the metric is defined on a mart, not on facts."""
        return any(one.model.startswith("mart_") for one in self._measures_of(name))

    def sql(self, name: str, mart: str, columns: Iterable[str]) -> str:
        """A metric as an expression over rows of a mart.

        Args:
            name: The metric.
            mart: The name of the table.
            columns: Its columns.

        Raises:
            UnknownNameError: There is no such metric, or the mart lacks a measure of it.
        """
        node = self.nodes.get(name)
        if node is None:
            raise UnknownNameError(unknown_words("metric", name, self.metrics))
        params = node["type_params"]
        if node["type"] == "simple":
            return self._sum(_name(params["measure"]), mart, frozenset(columns))
        if node["type"] == "ratio":
            above, below = (
                self.sql(_name(params[part]), mart, columns)
                for part in ("numerator", "denominator")
            )
            return f"({above})::double / nullif(({below})::double, 0)"
        parts = {_name(one): "" for one in params["metrics"]}
        for part in parts:
            parts[part] = f"({self.sql(part, mart, columns)})"
        return _NAME.sub(lambda word: parts.get(word[0], word[0]), params["expr"])

    def has(self, name: str, mart: str, columns: Iterable[str]) -> bool:
        """Whether a table can answer a metric."""
        try:
            self.sql(name, mart, columns)
        except UnknownNameError:
            return False
        return True

    def _sum(self, measure: str, mart: str, columns: frozenset[str]) -> str:
        known = self.measures[measure]
        if known.model == mart:
            return _AGGREGATES[known.aggregate].format(known.expression)
        if (mart, measure) in self.columns:
            aggregate, expression = self.columns[mart, measure]
            return _AGGREGATES[aggregate or known.aggregate].format(expression)
        if known.aggregate == "sum" and measure in columns:
            return _AGGREGATES["sum"].format(measure)
        message = f"The table {mart} has no column for the measure {measure}."
        raise UnknownNameError(message)

    def _measures_of(self, name: str) -> Iterator[_Measure]:
        params = self.nodes[name]["type_params"] if name in self.nodes else {}
        if params.get("measure"):
            yield self.measures[_name(params["measure"])]
        parts = [
            params.get("numerator"),
            params.get("denominator"),
            *(params.get("metrics") or ()),
        ]
        for part in filter(None, parts):
            yield from self._measures_of(_name(part))


@cache
def definitions(directory: Path = MODELS) -> Definitions:
    """The metrics of the YAML files of a directory; read once."""
    return defined_by(
        yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        for path in sorted(directory.glob("*.yml"))
    )


def defined_by(contents: Iterable[Mapping[str, Any]]) -> Definitions:
    """The metrics of YAML files, or of the semantic manifest that dbt makes of them."""
    nodes: dict[str, Mapping[str, Any]] = {}
    measures: dict[str, _Measure] = {}
    columns: dict[tuple[str, str], tuple[str | None, str]] = {}
    for content in contents:
        nodes |= {one["name"]: one for one in content.get("metrics", ())}
        for model in content["semantic_models"]:
            is_monthly = any(
                (one.get("type_params") or {}).get("time_granularity") == "month"
                for one in model.get("dimensions", ())
            )
            meta = (model.get("config") or {}).get("meta") or {}
            for measure, column in meta.get("columns", {}).items():
                # A mart of one row each counts its rows where facts count what is distinct.
                own = column if isinstance(column, Mapping) else {"expr": column}
                columns[_table(model), measure] = own.get("agg"), str(own["expr"])
            for one in model.get("measures", ()):
                expression = str(one.get("expr") or one["name"])
                measures[one["name"]] = _Measure(
                    _table(model), one["agg"], expression, is_monthly
                )
    return Definitions(nodes, measures, columns)


def _table(model: Mapping[str, Any]) -> str:
    if "node_relation" in model:
        return str(model["node_relation"]["alias"])
    found = _MODEL.search(model["model"])
    assert found is not None, model["model"]  # noqa: S101 - dbt has parsed it
    return found[1]


def unknown_words(kind: str, name: str, known: Iterable[str]) -> str:
    """That there is no such name, and which there are."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=3)
    hint = f"Did you mean {' or '.join(close)}?" if close else f"There are: {', '.join(names)}."
    return f"There is no {kind} called {name}. {hint}"


def _name(part: Any) -> str:
    return str(part["name"]) if isinstance(part, Mapping) else str(part)


def _metric(node: Mapping[str, Any]) -> Metric:
    meta = node["config"]["meta"]
    try:
        return Metric(
            name=node["name"],
            label=node["label"],
            description=" ".join(node["description"].split()),
            unit=meta["unit"],
            decimals=meta.get("decimals", _DECIMALS[meta["unit"]]),
            better=meta["better"],
            change=meta["change"],
            volume=meta.get("volume"),
            least_volume=meta.get("least_volume", 0),
            is_mature_late=meta.get("matures", False),
            is_counted=_name(node["type_params"].get("denominator")) == meta.get("volume"),
        )
    except KeyError as error:
        message = f"The metric {node['name']} says no {error.args[0]} in its meta."
        raise UnknownNameError(message) from error
