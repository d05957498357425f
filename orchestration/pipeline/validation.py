"""The stages of a run that validates the published version again and publishes nothing.

The quality gates are those of ``orchestration.pipeline.stages``; here is what stands in the
place of loading and building. All of it works on a copy: readers are not held up, and a test
that writes cannot change what is published.
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from extract.sources import SourceFiles, SourceKind
from orchestration.dbt.results import TransformResult, explain
from orchestration.errors import NothingPublishedError, TransformError
from orchestration.pipeline.context import Prepared, RunContext
from orchestration.pipeline.stages import note_nodes
from orchestration.runs.events import SourceOpened
from orchestration.warehouse.store import read_info


def open_published(context: RunContext) -> Prepared:
    """Copy the published version to the build file, to be removed when the run ends.

    Raises:
        NothingPublishedError: There is nothing to validate yet.
    """
    with context.stage("prepare"):
        base = context.warehouse.current_version()
        if base is None:
            message = (
                f"There is no published warehouse at {context.warehouse.published_path} to "
                "validate. Run `make pipeline` first."
            )
            raise NothingPublishedError(message)
        info = read_info(base)
        context.source = SourceFiles(
            kind=cast("SourceKind", info.source_kind),
            label=info.source_label,
            is_synthetic=info.is_synthetic,
            directory=base.path.parent,
            paths={},
        )
        context.emit(SourceOpened(info.source_label, info.is_synthetic))
        context.as_of_date = info.as_of_date
        build = context.warehouse.begin_build(context.run_id, base)
        # What the gates compare with is the version before, as when this one was published.
        older = [one for one in context.warehouse.versions() if one.run_id < base.run_id]
        context.build = replace(build, based_on=older[0] if older else None)
        context.resources.callback(context.warehouse.discard, context.build)
        return Prepared(context.source, info.source_identity, context.build)


def run_tests(context: RunContext) -> TransformResult:
    """Run dbt's tests on the copy; nothing is built.

    Raises:
        TransformError: Names each failed test, with offending rows.
    """
    context.dbt.start()
    with context.stage("transform"):
        result = context.dbt.build(context.emit)
        note_nodes(context, result)
        if result.failed:
            raise TransformError(explain(result))
        return result
