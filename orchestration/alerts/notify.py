"""Telling people how a run ended: who is notified when, and that telling never harms a run.

Every run ends in :func:`notify_of_run`, whichever way it was started. ``olist alerts
test`` sends a message to show that messages arrive.

A run that finds the warehouse locked is not reported: another one is at work, and if that one
hangs, or the night brings no new version, ``orchestration.alerts.watch`` notifies. Nor is a run
that somebody ended by Ctrl-C: that person knows.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestration.alerts.channels import Channel, NotDeliveredError, channels
from orchestration.alerts.incidents import read_notified
from orchestration.alerts.texts import (
    Alert,
    of_failure,
    of_recovery,
    of_slow_run,
    of_test,
    of_warning,
    with_warning,
)
from orchestration.errors import EXIT_DONE, EXIT_FAILED, EXIT_WRONG_USE
from orchestration.runs.history import History, is_interrupted, read_history
from orchestration.runs.summary import RunSummary
from orchestration.settings import Settings
from orchestration.terminal.printable import printable

logger = logging.getLogger(__name__)

# Seconds that telling may hold up a run, however many receivers are dead.
LIMIT = 10.0
_PAUSE = 0.5  # before the second try


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a message on one channel; ``problem`` is None where it arrived."""

    channel: str
    problem: str | None = None


def notify_of_run(
    settings: Settings, summary: RunSummary, directory: Path | None
) -> tuple[Delivery, ...]:
    """Notify of a run that has just ended, if there is something to say; never raises."""
    try:
        if not channels(settings):
            return ()
        alert = alert_of_run(
            settings,
            summary,
            directory,
            read_history(settings.runs_dir),
            notified=read_notified(settings.runs_dir),
        )
    except Exception as error:  # noqa: BLE001 - a run that is done must not fail by its alert
        logger.warning("No alert could be written: %s", type(error).__name__)
        return ()
    return () if alert is None else send(settings, alert)


def alert_of_run(
    settings: Settings,
    summary: RunSummary,
    directory: Path | None,
    history: History,
    *,
    notified: Collection[str] = (),
) -> Alert | None:
    """What there is to say of a run, or None; the most urgent where it is several things.

    Args:
        settings: Of the machine.
        summary: The run that ended.
        directory: Its directory, or None if it ended before it had one.
        history: All runs; this one may be among them.
        notified: The incidents that somebody was notified of while the run was at work.
    """
    if is_interrupted(summary):
        return None
    before = history.before(summary)
    if summary.status == "failed":
        return of_failure(settings, summary, directory, before)
    if before is not None and before.status == "failed":
        return of_recovery(settings, summary, directory, before)
    if with_warning(summary):
        return of_warning(settings, summary, directory)
    is_slow = summary.seconds > settings.max_run_minutes * 60
    if is_slow and slow_key(summary.run_id) not in notified:
        return of_slow_run(settings, summary, directory)
    return None


def send(settings: Settings, alert: Alert) -> tuple[Delivery, ...]:
    """Send a message on every channel, in at most ``LIMIT`` seconds; never raises.

    What did not arrive is a warning in the log, without any address.
    """
    safe = alert.without(settings.secrets)
    deliveries = _deliver(channels(settings), safe)
    for delivery in deliveries:
        if delivery.problem is None:
            logger.info("Told by %s: %s", delivery.channel, safe.title)
        else:
            logger.warning(
                "The alert %r did not arrive by %s: %s",
                *(safe.title, delivery.channel, delivery.problem),
            )
    return deliveries


def _deliver(receivers: Sequence[Channel], alert: Alert) -> tuple[Delivery, ...]:
    """Each receiver in a thread of its own, so that a dead one holds up no other.

    A thread that hangs is left behind: it ends with the process.
    """
    found: list[Delivery | None] = [None] * len(receivers)

    def work(index: int) -> None:
        found[index] = Delivery(receivers[index].name, _try_twice(receivers[index], alert))

    threads = [
        threading.Thread(target=work, args=(index,), name="alert", daemon=True)
        for index in range(len(receivers))
    ]
    until = time.monotonic() + LIMIT
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(max(until - time.monotonic(), 0))
    except KeyboardInterrupt:  # the run itself is over: only the waiting is cut short
        logger.warning("Interrupted while an alert was on its way.")
    return tuple(
        one or Delivery(receiver.name, f"no answer within {LIMIT:g} seconds")
        for one, receiver in zip(found, receivers, strict=True)
    )


def _try_twice(receiver: Channel, alert: Alert) -> str | None:
    """None once it arrived, else why not."""
    for is_last in (False, True):
        try:
            receiver.send(alert)
        except NotDeliveredError as error:
            if is_last or not error.may_pass:
                return str(error)
        except Exception as error:  # noqa: BLE001 - its text may hold an address
            return f"unexpected {type(error).__name__}"
        else:
            return None
        time.sleep(_PAUSE)
    return None


def slow_key(run_id: str) -> str:
    """The name of the incident that a run is too slow."""
    return f"slow:{run_id}"


def send_test(settings: Settings) -> int:
    """Send a test message and print what happened to it; returns the exit code."""
    if not channels(settings):
        sys.stdout.write(
            "No recipients are configured: set OLIST_ALERT_WEBHOOK_URL, or "
            "OLIST_ALERT_EMAIL_TO and OLIST_SMTP_HOST, in .env; .env.example explains them.\n"
        )
        return EXIT_WRONG_USE
    logging.getLogger("orchestration").addHandler(logging.NullHandler())  # said below
    deliveries = send(settings, of_test(settings))
    for one in deliveries:
        outcome = "arrived" if one.problem is None else f"did not arrive: {one.problem}"
        sys.stdout.write(printable(f"{one.channel}: {outcome}\n"))
    return EXIT_DONE if all(one.problem is None for one in deliveries) else EXIT_FAILED
