"""The job ``backfill``: a range of days replayed, each loaded and published as its night's run.

The drops come from ``extract.replay``; each is taken through
``orchestration.pipeline.stages.run``, whole, so that the history of members and the facts grow
as they would have.

No ``from __future__ import annotations`` here: Dagster reads the types of its functions.
"""

import contextlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import dagster as dg

from extract.replay import Every, replay
from extract.replay.days import EVERY
from extract.sources import open_source
from orchestration.dagster.jobs import run_tags
from orchestration.dagster.steps import BACKOFF_SECONDS, as_dagster_error
from orchestration.errors import PipelineError
from orchestration.pipeline.context import RunOptions
from orchestration.pipeline.default_source import choose_source
from orchestration.pipeline.stages import run
from orchestration.runs.events import Event
from orchestration.settings import PROJECT_ROOT, Settings
from orchestration.warehouse.store import Warehouse, open_reader


class BackfillError(PipelineError):
    """The range of days cannot be replayed onto this warehouse."""


@dataclass(frozen=True, slots=True)
class Range:
    """What to replay.

    Attributes:
        start: Day of the first drop, which holds all that came before, too.
        end: Day of the last drop.
        every: Step between drops.
        complete: Let the last drop hold everything that comes later, too.
    """

    start: date
    end: date
    every: Every = "day"
    complete: bool = False


def refuse_to_go_back(settings: Settings, start: date) -> None:
    """See that the published version knows nothing of after the first day.

    Raises:
        BackfillError: It does: the drops would set its orders back to earlier states.
    """
    if Warehouse(settings.warehouse_dir).current_version() is None:
        return
    with open_reader(settings.published_path) as connection:
        row = connection.execute(
            "select max(left(order_purchase_timestamp, 10)) from raw.orders"
        ).fetchone()
    known = row[0] if row else None
    if known is not None and str(known) > start.isoformat():
        raise BackfillError(
            f"The warehouse {settings.warehouse_dir} knows orders up to {known}; replaying "
            f"from {start} would set them back to earlier states. Name another directory as "
            "warehouse_dir, or start after that day."
        )


def replay_days(settings: Settings, days: Range, report: Callable[[str], None]) -> int:
    """Cut the source into drops and publish them one after the other.

    Args:
        settings: Say what the source is and which warehouse grows.
        days: What to replay.
        report: Called with each published day.

    Returns:
        How many days were published.

    Raises:
        ExtractError: The source or the range makes no sense.
        PipelineError: A day failed; those before it are published.
    """
    refuse_to_go_back(settings, days.start)
    spec = choose_source(settings, Warehouse(settings.warehouse_dir))
    with (
        _scratch(settings.warehouse_dir / "replay") as directory,
        open_source(
            spec, scale=settings.scale, seed=settings.seed, temp_dir=directory
        ) as source,
    ):
        if source.is_synthetic:
            raise BackfillError(
                "The source is generated data, and its drops would pass for real files. Name "
                "real files by OLIST_SOURCE; drops of generated data are made and loaded by "
                "hand: olist replay --help."
            )
        drops = replay(
            source,
            directory / "drops",
            start=days.start,
            end=days.end,
            every=days.every,
            mode="delta",
            complete=days.complete,
        )
        for number, drop in enumerate(drops, 1):
            day = settings.model_copy(update={"source": str(drop.directory)})
            summary = run(day, RunOptions(mode="delta"), _no_listener)
            report(
                f"{drop.day} ({number} of {len(drops)}): published by run {summary.run_id} in "
                f"{summary.seconds:.1f} s, {sum(drop.rows.values()):,} rows of change"
            )
    return len(drops)


@contextlib.contextmanager
def _scratch(directory: Path) -> Iterator[Path]:
    """A directory for the drops, without what a killed backfill left. One runs at a time."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _no_listener(event: Event) -> None:
    """The log of each day's run has its events; the page of the backfill shows the days."""


def backfill_job(settings: Settings) -> dg.JobDefinition:
    """The job; its days and its warehouse are its configuration."""

    @dg.op(
        name="replay",
        config_schema={
            "start": dg.Field(
                str,
                description="Day of the first drop, such as 2018-08-01; it "
                "holds all that was before, too.",
            ),
            "end": dg.Field(str, description="Day of the last drop."),
            "every": dg.Field(
                dg.Enum("Every", [dg.EnumValue(every) for every in EVERY]),
                default_value="day",
                description="Step between drops.",
            ),
            "complete": dg.Field(
                bool,
                default_value=False,
                description="Let the last drop hold everything that comes later, too.",
            ),
            "warehouse_dir": dg.Field(
                str,
                is_required=False,
                description="The warehouse that grows; that of the settings if left out. It "
                "must know nothing of after the first day.",
            ),
        },
        description="Cut the source into dated drops; load, build, test and publish each.",
    )
    def replay_range(context: dg.OpExecutionContext) -> None:
        config = context.op_config
        chosen = settings
        if config.get("warehouse_dir"):
            directory = PROJECT_ROOT / Path(config["warehouse_dir"]).expanduser()
            chosen = settings.model_copy(update={"warehouse_dir": directory})
        try:
            days = Range(
                start=_day(config["start"]),
                end=_day(config["end"]),
                every=config["every"],
                complete=config["complete"],
            )
            replay_days(chosen, days, context.log.info)
        except Exception as error:
            # Tried again, it would begin with the first day, which is published by then.
            raise as_dagster_error(error, attempt=len(BACKOFF_SECONDS)) from error

    @dg.job(
        name="backfill",
        tags=run_tags(settings),
        description="Replay a range of days: each is loaded, built, tested and published like "
        "a night's run.",
    )
    def backfill() -> None:
        replay_range()

    return backfill


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        message = f"{text!r} is no day. Write it like 2018-08-01."
        raise BackfillError(message) from error
