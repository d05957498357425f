"""What every step shares: the held run as a resource, and errors as Dagster understands them.

A lock that another run holds and a download that failed are tried again, later and later. All
else fails at once: bad data stays bad.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Literal, cast

import dagster as dg

from orchestration.dagster.held_run import HeldRun
from orchestration.dbt.results import NodeProgress
from orchestration.errors import may_pass
from orchestration.pipeline.context import RunContext, RunOptions
from orchestration.pipeline.validation import open_published
from orchestration.runs.events import Event, Notice, RunStarted, StageFinished
from orchestration.settings import Settings
from orchestration.terminal.entry import in_words

RESOURCE = "pipeline"

# Seconds before each further attempt: another run takes half a minute, Kaggle some minutes.
BACKOFF_SECONDS: Sequence[int] = (30, 120, 480)


def pipeline_resource(settings: Settings) -> dg.ResourceDefinition:
    """The run that the steps of one Dagster run share; ended when that run ends."""

    @dg.resource(
        config_schema={
            "full_refresh": dg.Field(
                bool, default_value=False, description="Read and rebuild everything."
            ),
            "mode": dg.Field(
                dg.Enum("LoadMode", [dg.EnumValue("snapshot"), dg.EnumValue("delta")]),
                default_value="snapshot",
                description="The source holds everything, or only what changed.",
            ),
            "select": dg.Field(
                str,
                is_required=False,
                description="Only these models, in dbt's selection syntax; all others stay as "
                "the last run left them.",
            ),
            "source": dg.Field(
                str,
                is_required=False,
                description="What to load instead of what the settings say: a directory, a "
                "zip, 'kaggle' or 'synthetic'.",
            ),
        },
        description="One run of orchestration.pipeline.stages, held open from step to step.",
    )
    def pipeline(context: dg.InitResourceContext) -> Iterator[PipelineRun]:
        config = context.resource_config
        chosen = (
            settings.model_copy(update={"source": config["source"]})
            if config.get("source")
            else settings
        )
        mode = cast("Literal['snapshot', 'delta']", config["mode"])
        options = RunOptions(
            full_refresh=config["full_refresh"], mode=mode, select=config.get("select")
        )
        run = PipelineRun(chosen, options, context.log)
        try:
            yield run
        finally:
            run.held.close()

    return pipeline


class PipelineRun:
    """The held run of one Dagster run, and what was asked of it."""

    def __init__(
        self, settings: Settings, options: RunOptions, log: dg.DagsterLogManager | None
    ) -> None:
        """Nothing is opened before a step asks for it."""
        self.options = options
        self.held = HeldRun(settings, self._tell)
        self._log = log

    def open_validation(self) -> RunContext:
        """The run that checks the published version, opened by whichever check comes first."""
        context = self.held.open(RunOptions(validate_only=True))
        if self.held.prepared is None:
            self.held.prepared = open_published(context)
        return context

    def _tell(self, event: Event) -> None:
        """Show the main events on the page of the run; the run's own log has them all."""
        if self._log is None:
            return
        match event:
            case RunStarted(run_id, directory):
                self._log.info(f"Run {run_id}; its log is in {directory}")
            case StageFinished(stage, seconds):
                self._log.info(f"Stage {stage} done in {seconds:.2f} s")
            case Notice(text):
                self._log.warning(text)
            case NodeProgress() if event.status in ("failed", "warned"):
                self._log.warning(f"{event.kind} {event.name}: {event.status}")
            case _:
                pass


def as_dagster_error(error: Exception, attempt: int) -> dg.RetryRequested | dg.Failure:
    """What Dagster learns of an error: try again in a while, or give up.

    Args:
        error: What a stage raised.
        attempt: How often the step was tried before; 0 for the first time.
    """
    if may_pass(error) and attempt < len(BACKOFF_SECONDS):
        return dg.RetryRequested(
            max_retries=len(BACKOFF_SECONDS), seconds_to_wait=BACKOFF_SECONDS[attempt]
        )
    return dg.Failure(
        description=in_words(error),
        metadata={"error": type(error).__name__},
        allow_retries=False,
    )


@contextlib.contextmanager
def stage(run: PipelineRun, name: str, attempt: int = 0) -> Iterator[None]:
    """Run a stage; the held run and Dagster each learn how it ended in their own way."""
    try:
        with run.held.attempt(name):
            yield
    except Exception as error:
        raise as_dagster_error(error, attempt) from error
