"""Great Expectations on one warehouse file: suites in, results out.

The one module that imports the package, which takes 1.5 seconds of a processor: call it late,
or in the worker. Nothing of the warehouse is written: what is measured goes into a table in
memory, all measures of a gate in one row, and one checkpoint of the package judges that.
"""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import logging
import math
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy

from orchestration.quality import mart_suites, raw_suites
from orchestration.quality.lazy_import import imported_lazily
from orchestration.quality.request import GateRequest
from orchestration.quality.spec import (
    Check,
    Previous,
    Suite,
    between,
    bounds_in_words,
    in_unit,
)
from orchestration.runs.summary import CheckResult, GateName

if TYPE_CHECKING:
    import great_expectations as gx
    from great_expectations.data_context.data_context.ephemeral_data_context import (
        EphemeralDataContext,
    )
    from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
    from great_expectations.expectations.expectation import Expectation
    from sqlalchemy import Connection

logger = logging.getLogger(__name__)

# What must be there for the suites to be asked, and the suites.
SUITES: Mapping[GateName, tuple[Suite, tuple[Suite, ...]]] = {
    "raw": (raw_suites.COLUMNS, raw_suites.SUITES),
    "marts": (mart_suites.TABLES, mart_suites.SUITES),
}

# What the package imports for tests of distributions, a third of it all. No suite has one.
_UNUSED = ("altair", "scipy.stats")

_SAMPLE_ROWS = 5
_SAMPLE_WIDTH = 60

# duckdb-sqlalchemy pools connections and rolls back; DuckDB then fails every expectation.
_ENGINE = {
    "isolation_level": "AUTOCOMMIT",
    "skip_autocommit_rollback": True,
    "pool_reset_on_return": None,
}


@dataclasses.dataclass(frozen=True, slots=True)
class _Asked:
    """A check with numbers for bounds, and the column of the table of measures it is about."""

    suite: Suite
    check: Check
    column: str


def import_gx() -> None:
    """Take the seconds of the import now."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    gc.disable()  # a tenth of the import is walks through objects that stay
    try:
        with imported_lazily(*_UNUSED):
            import great_expectations  # noqa: PLC0415, F401 - seconds; see the module
    finally:
        gc.enable()


def warm_up() -> None:
    """Import, and ask something once: the package loads and compiles much at its first use."""
    import_gx()
    with _opened(GateRequest("raw", Path(":memory:"))) as gate:
        gate.judge_listing(
            Suite(
                table="warm",
                query="select 1.0::double as one",
                checks=between("one", "1", expected="", advice="", critical=(1, 1)).checks,
            )
        )


def run_gate(request: GateRequest) -> tuple[CheckResult, ...]:
    """Judge a file.

    Returns:
        One result a check, in the order of the suites. Left out are checks with nothing to
        compare with or too few rows to tell, and tables that a partial run has not built.
    """
    import_gx()
    first, suites = SUITES[request.gate]
    with _opened(request) as gate:
        results = gate.judge_listing(first)
        missing = {result.table for result in results if result.status != "passed"}
        if request.is_partial:
            results = [result for result in results if result.status == "passed"]
        results += gate.validate([one for one in suites if one.table not in missing])
    return tuple(_without_twins(results))


def _without_twins(results: Sequence[CheckResult]) -> Iterator[CheckResult]:
    """A critical failure says it all; the warning of the same measure would say it again."""
    critical = {
        (result.table, result.name)
        for result in results
        if result.severity == "critical" and result.status != "passed"
    }
    for result in results:
        is_twin = result.severity == "warning" and (result.table, result.name) in critical
        if not is_twin:
            yield result


@contextlib.contextmanager
def _opened(request: GateRequest) -> Iterator[_Gate]:
    """The file and the version before, read only, in a database in memory."""
    import great_expectations as gx  # noqa: PLC0415 - see the module
    from great_expectations.data_context.types.base import (  # noqa: PLC0415
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    context = gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            analytics_enabled=False,
            progress_bars=ProgressBarsConfig(globally=False),
            # Without a directory for its own pages, which a killed process would leave behind.
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        ),
    )
    source = context.data_sources.add_or_update_sql(  # type: ignore[call-arg]
        "warehouse",
        # (Its stub file does not know the argument kwargs.)
        connection_string=f"duckdb:///:memory:olist_gate_{os.getpid()}",
        create_temp_table=False,
        kwargs=_ENGINE,
    )
    with contextlib.ExitStack() as stack:
        engine = source.get_engine()
        stack.callback(engine.dispose)
        connection = stack.enter_context(engine.connect())
        gate = _Gate(context, source, connection, request)
        gate.attach()
        stack.callback(gate.detach)
        yield gate


class _Gate:
    """One gate on one file."""

    def __init__(
        self,
        context: EphemeralDataContext,
        source: SQLDatasource,
        connection: Connection,
        request: GateRequest,
    ) -> None:
        self._context = context
        self._source = source
        self._connection = connection
        self._request = request

    def attach(self) -> None:
        """Open the file, and the version before if there is one."""
        self._run(f"set threads = {self._request.threads}")
        if self._request.memory_limit is not None:
            self._run(f"set memory_limit = '{self._request.memory_limit}'")
        read_only = "" if str(self._request.database) == ":memory:" else " (read_only)"
        self._run(f"attach {_literal(self._request.database)} as warehouse{read_only}")
        if self._request.previous is not None:
            self._run(f"attach {_literal(self._request.previous)} as previous (read_only)")

    def detach(self) -> None:
        """Free the files."""
        self._run("use memory")
        self._run("detach warehouse")
        if self._request.previous is not None:
            self._run("detach previous")

    def judge_listing(self, suite: Suite) -> list[CheckResult]:
        """What must be there: a suite on a query of names."""
        asked = [_Asked(suite, check, check.measure) for check in suite.checks]
        return self._ask(f"{suite.table}_listing", suite.query, asked)

    def validate(self, suites: Sequence[Suite]) -> list[CheckResult]:
        """All suites, on one row of all their measures."""
        self._run("use warehouse")
        values: dict[str, float] = {}
        asked: list[_Asked] = []
        broken: list[CheckResult] = []
        for suite in suites:
            checks = [
                check
                for check in suite.checks
                if not (check.is_across and self._request.is_partial)
            ]
            try:
                measured = self._measure(suite, "warehouse")
            except sqlalchemy.exc.SQLAlchemyError as error:
                broken += [self._unmade(suite, check, error) for check in checks]
                continue
            before = self._measure_before(suite)
            prefix = suite.table.replace(".", "__")
            for check in checks:
                value, bounded = measured.get(check.measure), _with_bounds(check, before)
                if value is None or bounded is None:
                    continue
                if not math.isfinite(value):
                    broken.append(self._not_finite(suite, bounded, float(value)))
                else:
                    column = f"{prefix}__{check.measure}"
                    values[column] = float(value)
                    asked.append(_Asked(suite, bounded, column))
        if not asked:
            return broken
        columns = ", ".join(f"{value!r}::double as {name}" for name, value in values.items())
        return broken + self._ask("measures", f"select {columns}", asked)

    def _ask(self, name: str, query: str, asked: Sequence[_Asked]) -> list[CheckResult]:
        """Have a checkpoint of Great Expectations validate the rows of a query."""
        import great_expectations as gx  # noqa: PLC0415 - see the module

        # A copy in memory: what the package leaves open must not keep the file locked.
        self._run(f"create or replace table memory.main.{name} as {query}")
        asset = self._source.add_query_asset(name, query=f"select * from memory.main.{name}")
        suite = self._context.suites.add(
            gx.ExpectationSuite(name=name, expectations=[_expectation(one) for one in asked])
        )
        definition = self._context.validation_definitions.add(
            gx.ValidationDefinition(
                name=name, data=asset.add_batch_definition_whole_table("all"), suite=suite
            )
        )
        checkpoint = self._context.checkpoints.add(
            gx.Checkpoint(name=name, validation_definitions=[definition], result_format="BASIC")
        )
        (outcome,) = checkpoint.run().run_results.values()
        judged = zip(asked, outcome.results, strict=True)
        return [self._result(one, found) for one, found in judged]

    def _measure(self, suite: Suite, database: str) -> dict[str, float | None]:
        self._run(f"use {database}")
        row = self._connection.exec_driver_sql(suite.sql).mappings().one()
        return dict(row)

    def _measure_before(self, suite: Suite) -> Mapping[str, float | None]:
        if not any(check.needs_previous for check in suite.checks):
            return {}
        if self._request.previous is None:
            return {}
        try:
            return self._measure(suite, "previous")
        except sqlalchemy.exc.SQLAlchemyError as error:  # an older version lacks a column
            logger.info("%s cannot be compared: %s", suite.table, _first_line(error))
            return {}
        finally:
            self._run("use warehouse")

    def _unmade(self, suite: Suite, check: Check, error: Exception) -> CheckResult:
        return CheckResult(
            gate=self._request.gate,
            table=suite.table,
            name=check.name,
            severity=check.severity,
            status="error",
            expected=check.expected,
            observed=f"could not be checked: {_first_line(error)}",
            advice="The table is not as the suite knows it: see orchestration/quality.",
        )

    def _not_finite(self, suite: Suite, check: Check, value: float) -> CheckResult:
        """A measure that is infinite or no number passes no bounds."""
        return CheckResult(
            gate=self._request.gate,
            table=suite.table,
            name=check.name,
            severity=check.severity,
            status="failed",
            expected=check.expected,
            observed=f"{value}: a value of the table is infinite, no number, or far too large",
            advice=check.advice,
        )

    def _result(
        self,
        asked: _Asked,
        found: gx.core.ExpectationValidationResult,
    ) -> CheckResult:
        check = asked.check
        trouble = _trouble(found.exception_info)
        passed = bool(found.success) and not trouble
        num_unexpected: int | None = None
        sample: tuple[str, ...] = ()
        if not passed and not trouble and check.rows:
            num_unexpected, sample = self._rows(asked)
        return CheckResult(
            gate=self._request.gate,
            table=check.table or asked.suite.table,
            name=check.name,
            severity=check.severity,
            status="error" if trouble else "passed" if passed else "failed",
            expected=check.expected,
            observed=trouble
            or _observed(found.result.get("observed_value"), check, passed=passed),
            num_unexpected=num_unexpected,
            sample=sample,
            advice="" if passed else check.advice,
        )

    def _rows(self, asked: _Asked) -> tuple[int | None, tuple[str, ...]]:
        """How many rows are at fault, and up to five of them."""
        table, predicate = asked.suite.table, asked.check.rows
        where = f"from {table} where {predicate}"
        counted = self._connection.exec_driver_sql(f"select count(*) {where}").scalar()
        words: set[str] = set(re.findall(r"\w+", predicate))
        described = self._connection.exec_driver_sql(f"describe {table}").fetchall()
        fields = [str(row[0]) for row in described]
        named = [name for name in fields if name in words and name[0] != "_"]
        columns = ", ".join(dict.fromkeys((*asked.suite.key, *named)))
        found = self._connection.exec_driver_sql(
            f"select {columns or '*'} {where} order by all limit {_SAMPLE_ROWS}"
        )
        names = list(found.keys())
        sample = tuple(
            ", ".join(f"{name}={_short(value)}" for name, value in zip(names, row, strict=True))
            for row in found.fetchall()
        )
        return counted, sample

    def _run(self, statement: str) -> None:
        self._connection.exec_driver_sql(statement)


def _expectation(asked: _Asked) -> Expectation:
    from great_expectations import expectations  # noqa: PLC0415 - see the module

    kwargs = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asked.check.kwargs.items()
    }
    make = getattr(expectations, asked.check.expectation)
    made: Expectation = make(**kwargs | {"column": asked.column}, severity=asked.check.severity)
    return made


def _with_bounds(check: Check, before: Mapping[str, float | None]) -> Check | None:
    """A check whose bounds are numbers; None where there is nothing to compare with."""
    if not check.needs_previous:
        return check
    kwargs = dict(check.kwargs)
    for name, value in check.kwargs.items():
        if isinstance(value, Previous):
            measured = before.get(value.measure)
            if measured is None:
                return None
            kwargs[name] = float(measured) * value.times + value.plus
    words = f"{check.expected} ({bounds_in_words(kwargs, check.unit)})"
    return dataclasses.replace(check, kwargs=kwargs, expected=words)


def _trouble(info: Any) -> str:  # noqa: ANN401 - one dict, or one for each metric
    infos = [info] if "raised_exception" in info else list(info.values())
    for one in infos:
        if one.get("raised_exception"):
            return f"could not be checked: {_first_line(one.get('exception_message'))}"
    return ""


def _observed(value: Any, check: Check, *, passed: bool) -> str:  # noqa: ANN401 - the package's
    wanted = check.kwargs.get("value_set")
    if isinstance(value, (list, set, tuple)) or isinstance(wanted, tuple):
        names = wanted if isinstance(wanted, tuple) else ()
        # The package hands back what it saw only where something is missing.
        seen = names if value is None and passed else value or ()
        missing = [name for name in names if name not in seen]
        return f"missing: {', '.join(missing)}" if missing else "all of them"
    if value is None:
        return "no value"
    return in_unit(value, check.unit) if isinstance(value, (int, float)) else _short(value)


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _first_line(error: object) -> str:
    return (str(error).strip() or "no reason was given").partition("\n")[0]


def _short(value: object) -> str:
    text = "null" if value is None else str(value)
    return text if len(text) <= _SAMPLE_WIDTH else text[: _SAMPLE_WIDTH - 3] + "..."
