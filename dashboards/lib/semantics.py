"""What can be asked: the metrics and dimensions of the dbt project, and the SQL that answers.

The formulas are in the semantic models (olist_dw_dbt/models/metrics); MetricFlow writes the
SQL of a query from them, and nothing here or above writes a second one. The SQL of a shape is
the same for all values: what a reader chose is bound when it runs, never put into its text.
How a result is fetched is in ``query``, how it is shown in ``format`` and the components.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from dashboards.lib.definitions import (
    Metric,
    UnknownNameError,
    defined_by,
    unknown_words,
)

if TYPE_CHECKING:
    from metricflow.engine.metricflow_engine import MetricFlowEngine

# How the days of the data are grouped, and what MetricFlow calls it.
GRAINS: Mapping[str, str] = {
    "order_date": "day",
    "order_week": "week",
    "order_month": "month",
    "order_quarter": "quarter",
    "order_year": "year",
}
# The key of the orders, which a shape may group by besides its dimensions.
ORDER_KEY = "order_key"


@dataclass(frozen=True)
class Dimension:
    """What a metric can be grouped and filtered by."""

    name: str
    label: str
    is_time: bool = False


TIMES = tuple(
    Dimension(name, grain.capitalize(), is_time=True) for name, grain in GRAINS.items()
)


class Semantics:
    """The definitions of one dbt project, read from its semantic manifest.

    Safe to share between threads; what was compiled once is kept.
    """

    def __init__(self, manifest: str) -> None:
        """Read ``semantic_manifest.json``; MetricFlow is loaded now, which takes a second."""
        # Loaded late: commands that ask for no metric start without it.
        from metricflow.engine.metricflow_engine import MetricFlowEngine  # noqa: PLC0415
        from metricflow.protocols.sql_client import SqlEngine  # noqa: PLC0415
        from metricflow.sql.render.duckdb_renderer import (  # noqa: PLC0415
            DuckDbSqlPlanRenderer,
        )
        from metricflow_semantics.model.dbt_manifest_parser import (  # noqa: PLC0415
            parse_manifest_from_dbt_generated_manifest,
        )
        from metricflow_semantics.model.semantic_manifest_lookup import (  # noqa: PLC0415
            SemanticManifestLookup,
        )

        class Renderer:
            """The part of MetricFlow's client that writes SQL; our own connection runs it."""

            sql_engine_type = SqlEngine.DUCKDB
            sql_plan_renderer = DuckDbSqlPlanRenderer()

            def render_bind_parameter_key(self, key: str) -> str:
                return f"${key}"

        parsed = parse_manifest_from_dbt_generated_manifest(manifest)
        self._engine: MetricFlowEngine = MetricFlowEngine(
            SemanticManifestLookup(parsed),
            Renderer(),  # type: ignore[arg-type] # it never runs a query
        )
        self._lock = threading.RLock()
        self._compiled: dict[Shape, str] = {}
        self._paths: dict[tuple[str, ...], Mapping[str, tuple[str, Dimension]]] = {}
        self.definitions = defined_by([json.loads(manifest)])
        self.metrics: Mapping[str, Metric] = self.definitions.metrics
        self._volumes = {one.volume for one in self.metrics.values()}

    def metric(self, name: str) -> Metric:
        """As :meth:`Definitions.metric`."""
        return self.definitions.metric(name)

    def dimensions(self, metrics: Sequence[str]) -> tuple[Dimension, ...]:
        """What all of these metrics can be grouped and filtered by; days and months first."""
        is_monthly = self.definitions.is_monthly(metrics)
        times = TIMES[list(GRAINS).index("order_month") :] if is_monthly else TIMES
        return times + tuple(one for _, one in self._reach(metrics).values())

    def sql(self, shape: Shape) -> str:
        """The query of a shape; takes 20 to 100 ms the first time.

        Raises:
            UnknownNameError: A name is not known, or the dimension cannot be combined with the
                metrics.
        """
        known = self._compiled.get(shape)
        if known is None:
            with self._lock:
                known = self._compiled[shape] = self._compile(shape)
        return known

    def _compile(self, shape: Shape) -> str:
        from metricflow.engine.metricflow_engine import (  # noqa: PLC0415
            MetricFlowQueryRequest,
        )

        _validate(shape)
        reach = self._reach(shape.metrics)
        # Values are bound as text, numbers and flags among them.
        where = [
            f"cast({{{{ Dimension('{self._path(name, reach, shape.metrics)}') }}}} as varchar)"
            f" in (select unnest(${name}))"
            for name in shape.where
        ]
        if shape.is_bounded:
            grain = "month" if self.definitions.is_monthly(shape.metrics) else "day"
            where.append(
                f"{{{{ TimeDimension('metric_time', '{grain}') }}}} "
                "between $first_day and $last_day"
            )
        paths = [self._path(name, reach, shape.metrics) for name in shape.by]
        request = MetricFlowQueryRequest.create(
            metric_names=list(shape.metrics),
            group_by_names=[*paths, *[ORDER_KEY] * shape.is_per_order],
            where_constraints=where,
        )
        columns = [f'"{path}" as {name}' for path, name in zip(paths, shape.by, strict=True)]
        columns += [ORDER_KEY] * shape.is_per_order
        inner = self._engine.explain(request).sql_statement.sql
        order = f"\norder by {', '.join(shape.by)}" if shape.by else ""
        return f"select {', '.join([*columns, *shape.metrics])}\nfrom (\n{inner}\n){order}"

    def _path(
        self,
        name: str,
        reach: Mapping[str, tuple[str, Dimension]],
        metrics: Sequence[str],
    ) -> str:
        if name in GRAINS:
            if name in ("order_date", "order_week") and self.definitions.is_monthly(metrics):
                message = "These metrics are known by month: ask for order_month or longer."
                raise UnknownNameError(message)
            return f"metric_time__{GRAINS[name]}"
        if name not in reach:
            labels = ", ".join(
                self.metrics[one].label for one in metrics if one in self.metrics
            )
            message = unknown_words(f"dimension of {labels}", name, [*GRAINS, *reach])
            raise UnknownNameError(message)
        return reach[name][0]

    def _reach(self, metrics: Sequence[str]) -> Mapping[str, tuple[str, Dimension]]:
        """The dimensions all of these metrics reach, each by its shortest way."""
        key = tuple(sorted(metrics))
        if key not in self._paths:
            for name in key:
                if name not in self._volumes:
                    self.metric(name)
            with self._lock:
                found: dict[str, tuple[str, Dimension]] = {}
                ways = self._engine.simple_dimensions_for_metrics(list(key))
                for one in sorted(ways, key=lambda one: (len(one.entity_links), one.name)):
                    if one.type.value != "time":
                        label = one.label or one.name.replace("_", " ").capitalize()
                        found.setdefault(
                            one.name, (one.dunder_name, Dimension(one.name, label))
                        )
                self._paths[key] = found
        return self._paths[key]


@dataclass(frozen=True)
class Shape:
    """A query without its values.

    Attributes:
        metrics: Names of metrics.
        by: Names of dimensions and grains, in the order of the result.
        where: Names of dimensions that are filtered; each is bound as a list of its name.
        is_bounded: Whether ``first_day`` and ``last_day`` are bound.
        is_per_order: Whether there is a row for each order, too, with its ``order_key``.
    """

    metrics: tuple[str, ...]
    by: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    is_bounded: bool = False
    is_per_order: bool = False


def _validate(shape: Shape) -> None:
    """Refuse what MetricFlow would misread, or refuse in words of its own."""
    if not shape.metrics:
        message = "Name a metric to ask for."
        raise UnknownNameError(message)
    names = [*shape.metrics, *shape.by]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        message = f"Named twice: {', '.join(twice)}. Name each once."
        raise UnknownNameError(message)
    times = [name for name in shape.where if name in GRAINS]
    if times:
        message = f"{times[0]} is no filter. Write the days as: from DAY to DAY."
        raise UnknownNameError(message)


@lru_cache(maxsize=4)
def read_semantics(manifest: str) -> Semantics:
    """The definitions of a semantic manifest; one object for one text."""
    return Semantics(manifest)
