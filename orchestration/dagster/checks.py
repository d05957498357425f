"""The quality gates as blocking checks: what depends on a table waits until its gate is green.

They stand apart from the assets, so that a red gate keeps the steps after it from starting.
What the gates check is decided in ``orchestration.quality``.

No ``from __future__ import annotations`` here: Dagster reads the types of its functions.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

import dagster as dg

from extract.tables import TABLES
from orchestration.dagster.assets import raw_key
from orchestration.dagster.steps import RESOURCE, PipelineRun, stage
from orchestration.pipeline import stages as pipeline
from orchestration.pipeline.context import Prepared, RunContext
from orchestration.quality.gates import GateError
from orchestration.runs.records import CheckResult, GateName

_ERROR, _WARN = dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN
_NOTHING_NEW = "Not validated again: nothing has changed since it passed."
_TURNED_OFF = "Not validated: OLIST_QUALITY_GATES turns the gates off."


def raw_gate() -> dg.AssetChecksDefinition:
    """The gate after the load, one check a raw table: dbt waits for it."""
    keys = [raw_key(table.name) for table in TABLES]
    return _gate("raw", keys, pipeline.check_raw, after=("extract",))


def marts_gate(models: Iterable[dg.AssetKey]) -> dg.AssetChecksDefinition:
    """The gate after dbt, one check a mart: publishing waits for it."""
    marts = sorted(key for key in models if key.path[0] == "marts")
    return _gate("marts", marts, pipeline.check_marts, after=("extract", "transform"))


def _gate(
    gate: GateName,
    keys: Sequence[dg.AssetKey],
    validate: Callable[[RunContext, Prepared], Sequence[CheckResult]],
    *,
    after: Sequence[str],
) -> dg.AssetChecksDefinition:
    name = f"{gate}_gate"

    @dg.multi_asset_check(
        name=name,
        specs=[
            dg.AssetCheckSpec(
                name,
                asset=key,
                blocking=True,
                description=f"The {gate} gate's checks of this table. A critical one that "
                "fails stops the run: nothing is published.",
            )
            for key in keys
        ],
        # So that one table can be chosen on Dagster's pages; its gate then checks all of them.
        can_subset=True,
        required_resource_keys={RESOURCE},
    )
    def check(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        run: PipelineRun = getattr(context.resources, RESOURCE)
        attempt = context.op_execution_context.retry_number
        found: Sequence[CheckResult] = ()
        failure: dg.Failure | None = None
        try:
            with stage(run, name, attempt):
                if run.held.is_pipeline:
                    opened, prepared = run.held.require(*after)
                else:
                    run.open_validation()
                    opened, prepared = run.held.require()
                found = validate(opened, prepared)
        except dg.Failure as error:
            if not isinstance(error.__cause__, GateError) or not error.__cause__.results:
                raise  # it did not come to a result
            found, failure = error.__cause__.results, error
        chosen = {key.asset_key for key in context.selected_asset_check_keys}
        for result in _results(name, keys, found, is_on=run.held.settings.quality_gates):
            if result.asset_key in chosen:
                yield result
        if failure is not None:  # also if the table it is about was not chosen
            raise failure

    return check


def _results(
    name: str, keys: Sequence[dg.AssetKey], found: Sequence[CheckResult], *, is_on: bool
) -> Iterator[dg.AssetCheckResult]:
    """One result a table; what is about none of them stands with the first."""
    tables = {".".join(key.path): key for key in keys}
    for key in keys:
        own = [one for one in found if tables.get(one.table, keys[0]) == key]
        bad = [one for one in own if one.status != "passed"]
        is_critical = any(one.severity == "critical" for one in bad)
        passed = is_on and not bad
        words = "\n".join(f"{one.name}: {one.observed}" for one in bad)
        if not found:
            words = _NOTHING_NEW if is_on else _TURNED_OFF
        yield dg.AssetCheckResult(
            passed=passed,
            asset_key=key,
            check_name=name,
            severity=_ERROR if is_critical or passed else _WARN,
            description=words or None,
            metadata={"checks": len(own), "not_passed": len(bad), **_details(bad)},
        )


def _details(problems: Sequence[CheckResult]) -> dict[str, str]:
    """What each check that did not pass wanted, found, and advises."""
    return {
        problem.name: " | ".join(
            line
            for line in (
                f"expected: {problem.expected}",
                f"found: {problem.observed}",
                *problem.sample,
                problem.advice,
            )
            if line
        )
        for problem in problems
    }
