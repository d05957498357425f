"""What no run can tell of itself: that none came, that one hangs, that one was killed.

``python -m orchestration.watch`` looks once, tells what is new, and ends; a timer starts it
every few minutes (docs/operations). :func:`find_incidents` judges a moment and changes nothing,
so that a scheduler can use it, too. What runs tell of themselves is in
``orchestration.alerts``.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from filelock import FileLock

from orchestration.alert_channels import channels
from orchestration.alert_texts import RUNBOOK, Alert, minutes, place_facts
from orchestration.alerts import TOLD_NAME, read_told, send, slow_key
from orchestration.entry import guarded, start
from orchestration.errors import EXIT_DONE, EXIT_FAILED
from orchestration.run_history import (
    ENDED_WITHOUT_A_WORD,
    History,
    RunningRun,
    ended_words,
    read_history,
)
from orchestration.run_summary import RunSummary
from orchestration.runs import LOG_NAME
from orchestration.settings import Settings, load_settings

# When the nightly run is started, by whatever starts it.
SCHEDULED_AT = time(2, 0)
SCHEDULE_ZONE = ZoneInfo("America/Sao_Paulo")

IncidentKind = Literal["missed", "slow", "killed"]


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that is wrong at a moment.

    Attributes:
        key: The same as long as it is the same incident.
        kind: What it is.
        title: One line.
        text: What it is, in a sentence or two.
        advice: What to do.
        run_id: The run it is about, if it is about one.
    """

    key: str
    kind: IncidentKind
    title: str
    text: str
    advice: str
    run_id: str | None = None


def last_scheduled(now: datetime) -> datetime:
    """The last time at or before ``now`` for which a run was scheduled, UTC."""
    local = now.astimezone(SCHEDULE_ZONE)
    today = datetime.combine(local.date(), SCHEDULED_AT, SCHEDULE_ZONE)
    found = (
        today
        if today <= local
        else datetime.combine(local.date() - timedelta(days=1), SCHEDULED_AT, SCHEDULE_ZONE)
    )
    return found.astimezone(UTC)


def find_incidents(settings: Settings, now: datetime) -> tuple[Incident, ...]:
    """What is wrong at a moment; nothing is told and nothing is written.

    Args:
        settings: Of the machine.
        now: The moment, with its zone.
    """
    history = read_history(settings.runs_dir)
    candidates = (
        _missed(settings, history, now),
        _slow(settings, history.running, now),
        _killed(history),
    )
    return tuple(one for one in candidates if one is not None)


def _missed(settings: Settings, history: History, now: datetime) -> Incident | None:
    # Until tonight's run must be done, the one of the night before is judged.
    scheduled = last_scheduled(now - timedelta(minutes=settings.missed_after_minutes))
    success = history.last_success
    if success is not None and success.finished_at >= scheduled:
        return None
    if history.running is not None and history.running.since >= scheduled:
        return None  # it is under way; if it hangs, it is too slow
    tried = [run for run in history.pipeline_runs if run.finished_at >= scheduled]
    last = (
        "No run has ever published."
        if success is None
        else (f"The last one that published ended on {_moment(success.finished_at)}.")
    )
    what = (
        f"The runs since then failed, the last one with {tried[0].error_type}."
        if tried
        else "No run was even started."
    )
    return Incident(
        f"missed:{scheduled.astimezone(SCHEDULE_ZONE):%Y-%m-%d}",
        "missed",
        f"No run has published since {_moment(scheduled)}",
        f"A run was due at {_moment(scheduled)}. {what} {last}",
        "See whether the scheduler works (systemctl list-timers 'olist-*', or Dagster's page), "
        f"then run `make pipeline`. 'A missed run' in {RUNBOOK} has the steps.",
    )


def _slow(settings: Settings, running: RunningRun | None, now: datetime) -> Incident | None:
    if running is None:
        return None
    seconds = (now - running.since).total_seconds()
    if seconds <= settings.max_run_minutes * 60:
        return None
    log = settings.runs_dir / running.run_id / LOG_NAME
    return Incident(
        slow_key(running.run_id),
        "slow",
        f"A run has been at work for {minutes(seconds)}",
        f"Run {running.run_id} has held the warehouse since {_moment(running.since)}; "
        f"{settings.max_run_minutes:g} minutes are allowed.",
        f"Look at the end of {log}. If it hangs, end it: kill {running.pid}. 'Too slow' in "
        f"{RUNBOOK} has the steps.",
        running.run_id,
    )


def _killed(history: History) -> Incident | None:
    newest = history.last
    if newest is None or newest.error_type != ENDED_WITHOUT_A_WORD:
        return None
    return Incident(
        f"killed:{newest.run_id}",
        "killed",
        f"Run {newest.run_id} ended without a word",
        newest.error or "",
        f"Run `make pipeline` again. 'After a crash or a kill' in {RUNBOOK} has the rest.",
        newest.run_id,
    )


def watch(settings: Settings, now: datetime) -> tuple[Incident, ...]:
    """Look once: tell incidents that are new, and that told ones are over.

    An incident counts as told once it has reached somebody, so one that met only dead receivers
    is told again at the next look.

    Returns:
        All incidents of the moment, told before or not.
    """
    found = find_incidents(settings, now)
    if not channels(settings) or (not found and not read_told(settings.runs_dir)):
        return found  # nobody to tell, or nothing
    settings.runs_dir.mkdir(parents=True, exist_ok=True)
    state_path = settings.runs_dir / TOLD_NAME
    # The timer and a scheduler may look at the same time.
    with FileLock(state_path.with_suffix(".lock")):
        told = read_told(settings.runs_dir)
        open_now: dict[str, str] = {}
        for one in found:
            if one.key in told or _reaches_somebody(settings, _of_incident(settings, one)):
                open_now[one.key] = told.get(one.key, one.title)
        over = {key: title for key, title in told.items() if key not in open_now}
        history = read_history(settings.runs_dir)
        for key, title in over.items():
            alert = _of_end(settings, history, key, title)
            if alert is not None and not _reaches_somebody(settings, alert):
                open_now[key] = title
        if open_now != told:
            _write_told(state_path, open_now)
    return found


def _reaches_somebody(settings: Settings, alert: Alert) -> bool:
    return any(one.problem is None for one in send(settings, alert))


def _of_incident(settings: Settings, incident: Incident) -> Alert:
    run = (("Run", incident.run_id),) if incident.run_id else ()
    log = (
        (("Log", str(settings.runs_dir / incident.run_id / LOG_NAME)),)
        if incident.run_id
        else ()
    )
    return Alert(
        "failure" if incident.kind == "killed" else incident.kind,
        incident.title,
        incident.text,
        (*run, *place_facts(settings), *log),
        (),
        (incident.advice,),
    )


def _of_end(settings: Settings, history: History, key: str, title: str) -> Alert | None:
    """That an incident is over; None where the run that ended it has told so itself."""
    kind, _, subject = key.partition(":")
    last = history.last
    if kind == "killed" or last is None:
        return None
    if kind == "slow":
        ended = next((run for run in history.runs if run.run_id == subject), None)
        if ended is None or ended.status == "failed":
            return None
        return _over(settings, title, ended)
    success = history.last_success
    due = datetime.combine(date.fromisoformat(subject), SCHEDULED_AT, SCHEDULE_ZONE)
    if success is None or success.finished_at < due or _has_told_recovery(history, success):
        return None  # or the next night is missed already, of which is told by itself
    return _over(settings, title, success)


def _has_told_recovery(history: History, success: RunSummary) -> bool:
    before = history.before(success)
    return before is not None and before.status == "failed"


def _over(settings: Settings, title: str, run: RunSummary) -> Alert:
    return Alert(
        "recovery",
        f"Over: {title[:1].lower()}{title[1:]}",
        f"Run {run.run_id} has ended: {ended_words(run)}, after {minutes(run.seconds)}.",
        (("Run", run.run_id), *place_facts(settings)),
    )


def _write_told(path: Path, told: Mapping[str, str]) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps({"told": dict(told)}, indent=2) + "\n", encoding="utf-8")
    fresh.replace(path)


def _moment(value: datetime) -> str:
    local = value.astimezone(SCHEDULE_ZONE)
    return f"{local:%Y-%m-%d %H:%M} Sao Paulo time"


def main(arguments: Sequence[str] | None = None) -> int:
    """Look once and say what is wrong; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m orchestration.watch",
        description="Look once for a missed, a hanging or a killed run, and tell of it. Exit "
        "code 0: all is well; 1: something is wrong; 2: wrong settings.",
    )
    parser.add_argument("--warehouse", help="the warehouse directory")
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(message)s", level=logging.ERROR)
    return guarded(lambda: _look(load_settings(warehouse_dir=options.warehouse)))


def _look(settings: Settings) -> int:
    found = watch(settings, datetime.now(UTC))
    for one in found:
        sys.stdout.write(f"{one.title}\n  {one.text}\n  {one.advice}\n")
    if not found:
        sys.stdout.write("All is well.\n")
    return EXIT_FAILED if found else EXIT_DONE


if __name__ == "__main__":
    start(main)
