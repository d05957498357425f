"""A gate inside a run: ask it, keep what it found, stop the run if it must not go on.

When a gate is asked at all is decided in ``orchestration.pipeline.stages``.
"""

from __future__ import annotations

import time

from orchestration.pipeline.context import Prepared, RunContext, connect_build
from orchestration.quality.gates import (
    GateProcess,
    GateRequest,
    in_words,
    raise_if_critical,
    summarize,
    write_results,
)
from orchestration.quality.report import write_report
from orchestration.runs.summary import CheckResult, GateName


def start_gates(context: RunContext) -> None:
    """Begin to import what the gates need, in a process that ends with the run."""
    if context.settings.quality_gates and context.gate_process is None:
        context.gate_process = GateProcess(context.directory)
        context.resources.callback(context.gate_process.close)
        context.gate_process.start()


def validate(context: RunContext, prepared: Prepared, gate: GateName) -> list[CheckResult]:
    """Ask one gate about the build.

    Raises:
        GateError: Critical checks did not pass; the report and the summary have them all.
    """
    if not context.settings.quality_gates:
        return []
    started = time.monotonic()
    start_gates(context)
    assert context.gate_process is not None  # noqa: S101 - for the type checker
    base = prepared.build.based_on
    request = GateRequest(
        gate=gate,
        database=prepared.build.path,
        previous=base.path if base is not None else None,
        is_partial=context.options.select is not None,
        memory_limit=context.settings.memory_limit,
        threads=context.settings.threads,
    )
    results = list(context.gate_process.ask(request))
    checked_at = context.started_at.replace(tzinfo=None)
    report = write_report(
        context.directory / f"quality_{gate}.html",
        gate,
        results,
        run_id=context.run_id,
        source=prepared.source.label,
        checked_at=checked_at,
    )
    context.gates.append(summarize(gate, results, time.monotonic() - started, report))
    bad = [result for result in results if result.status != "passed"]
    context.problems.extend(bad)
    raise_if_critical(gate, results, report)
    for result in bad:
        context.notice(f"The {gate} gate warns of {result.table}, {in_words(result)}")
    with connect_build(context, prepared) as connection:
        write_results(connection, context.run_id, results, checked_at)
    return results
