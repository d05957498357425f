"""One run, held open from its first stage to its last while somebody else calls the stages.

Dagster calls one function a step and does not let a resource know why a step failed. So a held
run keeps the error of each stage, and when it is closed it ends the way ``pipeline.run`` would:
published and done, or failed, its build removed and the lock free. Knows nothing of Dagster.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

from orchestration.errors import PipelineError
from orchestration.pipeline.context import Prepared, RunContext, RunOptions, open_run
from orchestration.runs.events import Listener
from orchestration.settings import Settings

logger = logging.getLogger(__name__)


class UnfinishedRunError(PipelineError):
    """A run was closed before it published."""


class StoppedRunError(PipelineError):
    """A run was ended from outside while a stage was at work."""


class NoRunError(PipelineError):
    """A stage was asked for that belongs to a run, but no run is open."""


class HeldRun:
    """A run that opens with its first stage and is ended by :meth:`close`."""

    def __init__(self, settings: Settings, listener: Listener) -> None:
        """Nothing is locked or written before :meth:`open`."""
        self.settings = settings
        self.prepared: Prepared | None = None
        self._listener = listener
        self._manager: contextlib.AbstractContextManager[RunContext] | None = None
        self._context: RunContext | None = None
        self._errors: dict[str, BaseException] = {}
        self._done: set[str] = set()

    @property
    def context(self) -> RunContext | None:
        """The run, open or ended; None before its first stage."""
        return self._context

    @property
    def is_pipeline(self) -> bool:
        """Whether a run is open that loads, builds and publishes."""
        return (
            self._manager is not None
            and self._context is not None
            and not self._context.options.validate_only
        )

    def open(self, options: RunOptions) -> RunContext:
        """Start the run, or give the one that is open: a stage may be tried again.

        Raises:
            WarehouseBusyError: Another run holds the warehouse.
        """
        if self._context is None or self._manager is None:
            self.prepared = None
            self._done.clear()
            manager = open_run(self.settings, options, self._listener)
            self._context = manager.__enter__()
            self._manager = manager
        return self._context

    def require(self, *stages: str) -> tuple[RunContext, Prepared]:
        """The open run and what its first stage prepared.

        Args:
            stages: What must have succeeded in this run before.

        Raises:
            NoRunError: Something of that is missing: only parts of a run were started.
        """
        missing = [stage for stage in stages if stage not in self._done]
        if self._context is None or self._manager is None or self.prepared is None or missing:
            what = " and ".join(missing or ["the load"])
            message = (
                "A run loads the files, checks, builds and publishes as one, but this one came "
                f"here without {what}. Start the job daily_pipeline, which does all of it; "
                "finished steps cannot be taken over from another run."
            )
            raise NoRunError(message)
        return self._context, self.prepared

    @contextlib.contextmanager
    def attempt(self, stage: str) -> Iterator[None]:
        """Remember why a stage failed; a later attempt that succeeds takes it back."""
        try:
            yield
        except Exception as error:
            self._errors[stage] = error
            raise
        except BaseException as error:
            message = (
                "The scheduler ended the run: somebody asked for it on its pages, or the run "
                "took several times its limit. Nothing was published; the next run starts "
                "afresh."
            )
            self._errors[stage] = StoppedRunError(message)
            self._errors[stage].__cause__ = error
            raise
        self._errors.pop(stage, None)
        self._done.add(stage)

    def close(self) -> None:
        """End the run, if one is open. It failed if a stage did, or if it never published."""
        manager, context = self._manager, self._context
        if manager is None or context is None:
            return
        self._manager = None
        error = next(iter(self._errors.values()), None)
        if error is None and context.published is None and not context.options.validate_only:
            error = UnfinishedRunError(
                "The run ended before it published. Nothing was changed; the next run starts "
                "afresh. The scheduler's page of this run says which step ended it."
            )
        if error is None:
            manager.__exit__(None, None, None)
        else:
            manager.__exit__(type(error), error, error.__traceback__)
