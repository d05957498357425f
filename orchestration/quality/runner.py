"""Great Expectations on one warehouse file: measures and bounds in, results out.

The one module that imports the package, which takes seconds of a processor: call it late, or in
the worker. Nothing of the warehouse is written: measures and bounds stand side by side in a
table, a row a check, and a checkpoint of the package names the rows out of bounds.
"""

from __future__ import annotations

import contextlib
import math
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from orchestration.quality.bounds import Bound, Range, in_unit, read_bounds, tables_of
from orchestration.quality.gates import GateRequest
from orchestration.quality.measures import (
    PRESENCE,
    Templates,
    Values,
    find_missing,
    measure,
)
from orchestration.runs.summary import CheckResult

# An open end is the largest number: so infinity, and what is no number, lie within no bounds.
_LARGEST = sys.float_info.max

_SAMPLE_ROWS = 5
_SAMPLE_WIDTH = 60


@dataclass(frozen=True, slots=True)
class _Asked:
    """A check with its measure, and with its bounds as numbers.

    Attributes:
        bound: The check.
        range: Its bounds.
        value: The measure; None if it could not be taken.
        trouble: Why not.
    """

    bound: Bound
    range: Range
    value: float | None
    trouble: str = ""


def warm_up() -> None:
    """Import, and compare once: the package loads and compiles much at its first use."""
    bound = next(read_bounds("raw"))
    _find_failed([_Asked(bound, Range(low=1, high=1), 1.0)])


def run_gate(request: GateRequest) -> tuple[CheckResult, ...]:
    """Validate a file.

    Returns:
        One result a check, in the order of the bounds. Left out are checks with nothing to
        compare with or too few rows to compare, and tables that a partial run has not built.

    Raises:
        BoundsError: The file of bounds cannot be read.
        duckdb.Error: The file cannot be opened.
        RuntimeError: The package could not compare.
    """
    with _attached(request) as connection:
        return tuple(_results(connection, request))


def _results(
    connection: duckdb.DuckDBPyConnection, request: GateRequest
) -> Iterator[CheckResult]:
    missing = find_missing(connection, request.gate)
    templates = Templates(request.gate)
    asked = list(_measured(connection, request, templates, missing))
    failed = _find_failed(asked)
    critical: set[tuple[str, str]] = set()
    for position, one in enumerate(asked):
        bound = one.bound
        # A critical failure says it all; the warning of its measure would say it again.
        if (bound.table, bound.name) in critical:
            continue
        result = CheckResult(
            gate=request.gate,
            table=f"{request.gate}.{bound.table}",
            name=bound.name,
            severity=bound.severity,
            status="passed",
            expected=bound.expected(one.range),
            observed=_observed(one, missing, PRESENCE[request.gate]),
        )
        if one.trouble:
            template = f"olist_dw_dbt/quality/{request.gate}/{bound.subject}.sql"
            advice = f"The table is not as {template} expects it: compare their columns."
            result = replace(result, status="error", advice=advice)
        elif position in failed:
            count, sample = _rows(connection, templates, one)
            result = replace(
                result,
                status="failed",
                num_unexpected=count,
                sample=sample,
                advice=bound.check.advice,
            )
        if result.status != "passed" and bound.severity == "critical":
            critical.add((bound.table, bound.name))
        yield result


def _measured(
    connection: duckdb.DuckDBPyConnection,
    request: GateRequest,
    templates: Templates,
    missing: Mapping[str, Sequence[str]],
) -> Iterator[_Asked]:
    """The checks that there is something to say about, in the order of the bounds."""
    presence = PRESENCE[request.gate]
    tables = [table for table in tables_of(request.gate) if table not in missing]
    bounds = [
        bound
        for bound in read_bounds(request.gate)
        if (bound.table in tables or (bound.name == presence and not request.is_partial))
        and not (bound.check.is_across and request.is_partial)
    ]
    measured = [bound for bound in bounds if bound.name != presence]
    now, broken = measure(connection, templates, {one.subject for one in measured}, tables)
    now |= {(table, presence): len(missing.get(table, ())) for table in tables_of(request.gate)}
    before: Values = {}
    if request.previous is not None:
        connection.execute("use previous")
        moving = {bound.subject for bound in measured if bound.range.is_relative}
        # An older version may lack a column: then there is nothing to compare with.
        before, _ = measure(connection, templates, moving, tables)
        connection.execute("use warehouse")
    for bound in bounds:
        key = (bound.table, bound.name)
        known = bound.range.beside(before.get(key))
        if bound.subject in broken and bound.name != presence:
            yield _Asked(bound, bound.range, None, broken[bound.subject])
        elif key in now and known is not None:
            yield _Asked(bound, known, now[key])


def _find_failed(asked: Sequence[_Asked]) -> set[int]:
    """Have a checkpoint compare measures and bounds: the positions of those that differ."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx  # noqa: PLC0415 - seconds; see the module
    import pandas as pd  # noqa: PLC0415 - the package imports it
    from great_expectations.data_context.types.base import (  # noqa: PLC0415
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )
    from great_expectations.expectations.core import (  # noqa: PLC0415
        expect_column_pair_values_a_to_be_greater_than_b as pairs,
    )
    from great_expectations.expectations.metadata_types import (  # noqa: PLC0415
        FailureSeverity,
    )
    from great_expectations.expectations.row_conditions import Column  # noqa: PLC0415

    frame = pd.DataFrame(
        [
            (
                *(position, one.bound.severity, one.value),
                -_LARGEST if one.range.low is None else one.range.low,
                _LARGEST if one.range.high is None else one.range.high,
            )
            for position, one in enumerate(asked)
            if not one.trouble
        ],
        columns=["position", "severity", "value", "low", "high"],
    )
    context = gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            progress_bars=ProgressBarsConfig(globally=False),
            # Without a directory for its own pages, which a killed process would leave behind.
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        ),
    )
    asset = context.data_sources.add_pandas("gate").add_dataframe_asset("measures")
    suite = gx.ExpectationSuite(
        name="bounds",
        expectations=[
            pairs.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A=larger,
                column_B=smaller,
                or_equal=True,
                row_condition=Column("severity") == severity.value,
                severity=severity,
            )
            for severity in (FailureSeverity.CRITICAL, FailureSeverity.WARNING)
            for larger, smaller in (("value", "low"), ("high", "value"))
        ],
    )
    definition = gx.ValidationDefinition(
        name="bounds",
        data=asset.add_batch_definition_whole_dataframe("all"),
        suite=context.suites.add(suite),
    )
    checkpoint = gx.Checkpoint(
        name="bounds",
        validation_definitions=[context.validation_definitions.add(definition)],
        result_format={
            "result_format": "COMPLETE",
            "unexpected_index_column_names": ["position"],
        },
    )
    run = context.checkpoints.add(checkpoint).run(batch_parameters={"dataframe": frame})
    (outcome,) = run.run_results.values()
    failed = set()
    for one in outcome.results:
        if "unexpected_index_list" not in one.result:
            message = f"Great Expectations could not compare: {one.exception_info}"
            raise RuntimeError(message)
        failed |= {int(row["position"]) for row in one.result["unexpected_index_list"]}
    return failed


@contextlib.contextmanager
def _attached(request: GateRequest) -> Iterator[duckdb.DuckDBPyConnection]:
    """The file, and the version before if there is one, read only."""
    config: dict[str, str | bool | int | float | list[str]] = {"threads": request.threads}
    if request.memory_limit is not None:
        config["memory_limit"] = request.memory_limit
    files = {"previous": request.previous, "warehouse": request.database}
    with duckdb.connect(config=config) as connection:
        for name, path in files.items():
            if path is not None:
                literal = str(path).replace("'", "''")
                connection.execute(f"attach '{literal}' as {name} (read_only)")
        connection.execute("use warehouse")
        yield connection


def _observed(one: _Asked, missing: Mapping[str, Sequence[str]], presence: str) -> str:
    """What was found, in words."""
    if one.value is None:
        return f"could not be checked: {one.trouble}"
    if one.bound.name == presence:
        names = missing.get(one.bound.table, ())
        return f"missing: {', '.join(names)}" if names else "all of them"
    if not math.isfinite(one.value):
        return f"{one.value}: a value of the table is infinite, no number, or far too large"
    return in_unit(one.value, one.bound.check.unit)


def _rows(
    connection: duckdb.DuckDBPyConnection, templates: Templates, one: _Asked
) -> tuple[int | None, tuple[str, ...]]:
    """How many rows are at fault, and up to five of them; None where it is not about rows."""
    check = one.bound.check
    if not check.rows:
        return None, ()
    columns = (*one.bound.key, *check.show)
    found = connection.execute(
        f"select count(*) over (), {', '.join(columns)} "
        f"from ({templates.rows(one.bound.subject)}) as flagged "
        f"where {check.rows} order by all limit {_SAMPLE_ROWS}"
    ).fetchall()
    sample = tuple(
        ", ".join(
            f"{name}={_short(value)}" for name, value in zip(columns, row[1:], strict=True)
        )
        for row in found
    )
    return (found[0][0] if found else 0), sample


def _short(value: object) -> str:
    text = "null" if value is None else str(value)
    return text if len(text) <= _SAMPLE_WIDTH else text[: _SAMPLE_WIDTH - 3] + "..."
