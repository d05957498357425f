"""The quality gates as blocking checks: what depends on a table waits until its gate is green.

They stand apart from the assets, so that a red gate keeps the steps after it from starting.
What the gates check is decided in ``orchestration.quality``.

No ``from __future__ import annotations`` here: Dagster reads the types of its functions.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

import dagster as dg

from extract.tables import TABLES
from orchestration import pipeline
from orchestration.run_context import Prepared, RunContext
from orchestration.runs import CheckResult, GateName
from orchestration.scheduling.assets import raw_key
from orchestration.scheduling.steps import RESOURCE, PipelineRun, stage

_STATES = {"critical": dg.AssetCheckSeverity.ERROR, "warning": dg.AssetCheckSeverity.WARN}


def raw_gate() -> dg.AssetChecksDefinition:
    """The gate after the load, one check a raw table: dbt waits for it."""
    return _gate("raw", [raw_key(table.name) for table in TABLES], pipeline.check_raw)


def marts_gate(models: Iterable[dg.AssetKey]) -> dg.AssetChecksDefinition:
    """The gate after dbt, one check a mart: publishing waits for it."""
    marts = sorted(key for key in models if key.path[0] == "marts")
    return _gate("marts", marts, pipeline.check_marts)


def _gate(
    gate: GateName,
    keys: Sequence[dg.AssetKey],
    judge: Callable[[RunContext, Prepared], object],
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
        required_resource_keys={RESOURCE},
    )
    def check(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        run: PipelineRun = getattr(context.resources, RESOURCE)
        attempt = context.op_execution_context.retry_number
        failure: dg.Failure | None = None
        try:
            with stage(run, name, attempt):
                if not run.held.is_pipeline:
                    run.open_validation()
                opened, prepared = run.held.require()
                judge(opened, prepared)
        except dg.Failure as error:
            failure = error
        problems = _problems(run.held.context, gate)
        if failure is not None and not any(p.severity == "critical" for p in problems):
            raise failure  # the gate itself could not work
        yield from _results(name, keys, problems)

    return check


def _problems(context: RunContext | None, gate: GateName) -> Sequence[CheckResult]:
    if context is None:
        return ()
    return [problem for problem in context.problems if problem.gate == gate]


def _results(
    name: str, keys: Sequence[dg.AssetKey], problems: Sequence[CheckResult]
) -> Iterator[dg.AssetCheckResult]:
    """One result a table; what is about none of them stands with the first."""
    tables = {".".join(key.path): key for key in keys}
    for key in keys:
        own = [p for p in problems if tables.get(p.table, keys[0]) == key]
        is_critical = any(problem.severity == "critical" for problem in own)
        yield dg.AssetCheckResult(
            passed=not own,
            asset_key=key,
            check_name=name,
            severity=_STATES["critical" if is_critical or not own else "warning"],
            description="\n".join(f"{p.name}: {p.observed}" for p in own) or None,
            metadata={"failed_checks": len(own), **_details(own)},
        )


def _details(problems: Sequence[CheckResult]) -> dict[str, str]:
    """What each failed check wanted, found, and advises."""
    return {
        problem.name: "\n".join(
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
