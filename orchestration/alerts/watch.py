"""What no run can report itself: that none came, that one hangs, that figures stand out.

``olist watch`` looks once, notifies of what is new, and ends; a timer starts
it every few minutes (docs/operations). :func:`find_incidents` validates a moment and changes
nothing, so that a scheduler can use it, too. What runs report themselves is in
``orchestration.alerts.notify``.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from orchestration.alerts.channels import channels
from orchestration.alerts.incidents import one_look_at_a_time, read_notified, write_notified
from orchestration.alerts.notify import send, slow_key
from orchestration.alerts.texts import RUNBOOK, Alert, AlertKind, minutes, place_facts
from orchestration.errors import EXIT_DONE, EXIT_FAILED
from orchestration.models.alarms import open_alarms
from orchestration.runs.history import (
    ENDED_WITHOUT_A_WORD,
    History,
    RunningRun,
    ended_words,
    read_history,
)
from orchestration.runs.records import CLOCKS_DIFFER, LOG_NAME, is_of_the_future
from orchestration.runs.summary import RunSummary
from orchestration.settings import Settings
from orchestration.terminal.printable import printable
from orchestration.warehouse.backup_age import newest_backup

# When the nightly run is started, by whatever starts it.
SCHEDULED_AT = time(2, 0)
SCHEDULE_ZONE = ZoneInfo("America/Sao_Paulo")

IncidentKind = Literal["missed", "slow", "killed", "clock", "unreadable", "backup", "anomaly"]
_ALERT_KINDS: Mapping[IncidentKind, AlertKind] = {
    "missed": "missed",
    "slow": "slow",
    "killed": "failure",
    "clock": "warning",
    "unreadable": "failure",
    "backup": "failure",
    "anomaly": "warning",
}


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
    """What is wrong at a moment; nobody is notified and nothing is written.

    Args:
        settings: Of the machine.
        now: The moment, with its zone.
    """
    try:
        history = read_history(settings.runs_dir, now)
    except OSError as error:
        return (_unreadable(settings, error),)
    candidates = (
        _missed(settings, history, now),
        _slow(settings, history.running, now),
        _killed(history),
        _clock(settings, history, now),
        _backup(settings, now),
    )
    return (*(one for one in candidates if one is not None), *_anomalies(settings))


def _anomalies(settings: Settings) -> Iterator[Incident]:
    """Figures that stand out, each episode once for as long as it lasts."""
    for alarm in open_alarms(settings.published_path):
        yield Incident(
            f"anomaly:{alarm.metric_name}:{alarm.episode_first_date}",
            "anomaly",
            alarm.title,
            "No event and no holiday that is known explains it."
            if alarm.anomaly_kind == "point"
            else "The five days that end with it stand off the three weeks before them.",
            f"Look at /forecasts. 'A figure stands out' in {RUNBOOK} has the steps.",
        )


def _missed(settings: Settings, history: History, now: datetime) -> Incident | None:
    # Until tonight's run must be done, the one of the night before is validated.
    scheduled = last_scheduled(now - timedelta(minutes=settings.missed_after_minutes))
    success = history.last_success
    if success is not None and success.finished_at >= scheduled:
        return None
    running = history.running
    if running is not None and scheduled <= running.since <= now + CLOCKS_DIFFER:
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


def _clock(settings: Settings, history: History, now: datetime) -> Incident | None:
    ids = [run.run_id for run in history.future]
    running = history.running
    if running is not None and is_of_the_future(running.since, now):
        ids.insert(0, running.run_id)
    if not ids:
        return None
    return Incident(
        f"clock:{ids[0]}",
        "clock",
        f"Run {ids[0]} is dated in the future",
        f"It is {_moment(now)} by the clock of this machine, which was wrong when that run was "
        "made, or is wrong now. Such a run counts nowhere as the newest one: "
        f"{', '.join(ids)}.",
        "Set the clock right (timedatectl shows it). If it is right, remove the directory of "
        f"the run from {settings.runs_dir}; what it published stays.",
        ids[0],
    )


def _backup(settings: Settings, now: datetime) -> Incident | None:
    most = settings.backup_max_age_hours
    if most is None:
        return None
    newest = newest_backup(settings.backups_dir, now)
    if newest is not None and now - newest.created_at <= timedelta(hours=most):
        return None
    last = (
        f"There is none in {settings.backups_dir}."
        if newest is None
        else f"The newest, {newest.path}, is of {_moment(newest.created_at)}."
    )
    return Incident(
        "backup:old",
        "backup",
        f"No backup for {most:g} hours",
        f"{last} OLIST_BACKUP_MAX_AGE_HOURS allows {most:g} hours.",
        "See why (journalctl -u olist-backup.service), then run `make backup`. 'No backup' in "
        f"{RUNBOOK} has the steps.",
    )


def _unreadable(settings: Settings, error: OSError) -> Incident:
    return Incident(
        "unreadable:runs",
        "unreadable",
        "The runs on record cannot be read",
        f"{settings.runs_dir} cannot be read ({error.strerror or error}), so nobody knows "
        "whether runs are missed.",
        "See whether the disk is there and whether this user may read it.",
    )


def watch(settings: Settings, now: datetime) -> tuple[Incident, ...]:
    """Look once: notify of incidents that are new, and of those that are over.

    An incident counts as notified once it has reached somebody, so one that met only dead
    receivers is notified again at the next look.

    Returns:
        All incidents of the moment, notified before or not.
    """
    found = find_incidents(settings, now)
    if not channels(settings) or (not found and not read_notified(settings.runs_dir)):
        return found  # nobody to notify, or nothing
    with one_look_at_a_time(settings.runs_dir):
        notified = read_notified(settings.runs_dir)
        open_now: dict[str, str] = {}
        for one in found:
            if one.key in notified or _reaches_somebody(settings, _of_incident(settings, one)):
                open_now[one.key] = notified.get(one.key, one.title)
        over = {key: title for key, title in notified.items() if key not in open_now}
        history = History() if not over else read_history(settings.runs_dir, now)
        for key, title in over.items():
            alert = _of_end(settings, history, key, title)
            if alert is not None and not _reaches_somebody(settings, alert):
                open_now[key] = title
        if open_now != notified:
            write_notified(settings.runs_dir, open_now)
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
        _ALERT_KINDS[incident.kind],
        incident.title,
        incident.text,
        (*run, *place_facts(settings), *log),
        (),
        (incident.advice,),
    )


def _of_end(settings: Settings, history: History, key: str, title: str) -> Alert | None:
    """That an incident is over; None where the run that ended it has notified of it itself."""
    kind, _, subject = key.partition(":")
    last = history.last
    if kind == "backup":
        newest = newest_backup(settings.backups_dir, datetime.now(UTC))
        where = f"{newest.path} is there." if newest else "Backups are not watched any more."
        over = f"Over: {title[:1].lower()}{title[1:]}"
        return Alert("recovery", over, where, place_facts(settings))
    if kind not in ("missed", "slow") or last is None:
        return None
    if kind == "slow":
        ended = next((run for run in history.runs if run.run_id == subject), None)
        if ended is None or ended.status == "failed":
            return None
        return _over(settings, title, ended)
    success = history.last_success
    due = datetime.combine(date.fromisoformat(subject), SCHEDULED_AT, SCHEDULE_ZONE)
    if success is None or success.finished_at < due or _has_told_recovery(history, success):
        return None  # or the next night is missed already, which is reported by itself
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


def _moment(value: datetime) -> str:
    local = value.astimezone(SCHEDULE_ZONE)
    return f"{local:%Y-%m-%d %H:%M} Sao Paulo time"


def look(settings: Settings) -> int:
    """Look once and print what is wrong; returns the exit code."""
    logging.basicConfig(format="%(message)s", level=logging.ERROR)
    found = watch(settings, datetime.now(UTC))
    for one in found:
        sys.stdout.write(printable(f"{one.title}\n  {one.text}\n  {one.advice}\n"))
    if not found:
        sys.stdout.write("All is well.\n")
    # What the figures say is news and no fault of the machine.
    is_wrong = any(one.kind != "anomaly" for one in found)
    return EXIT_FAILED if is_wrong else EXIT_DONE
