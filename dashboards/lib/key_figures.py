"""The figures of the front door: five metrics of the latest complete month, and their course.

They are asked of the metrics once for each published version, away from the reader. How they
look is in ``front_door``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date

from dashboards.lib.definitions import Metric
from dashboards.lib.figures import Number, change, is_material
from dashboards.lib.periods import Period, add_months, month_end
from dashboards.lib.queries.warehouse import read_calendar, read_info
from dashboards.lib.query import Asker, Query

# Each with the page that says more of it.
PAGES = {
    "revenue_amount": "executive",
    "num_sales": "executive",
    "num_new_customers": "customers",
    "promise_kept_rate": "delivery",
    "average_review_score": "delivery",
}
_MONTHS = 13  # of the course: the same month a year before is the first


@dataclass(frozen=True)
class KeyFigure:
    """A metric of a month, and of the months before it.

    Attributes:
        metric: Which.
        month: The first day of the latest month that is complete for it.
        course: Its values by month, the last of ``month``; None where there is none.
    """

    metric: Metric
    month: date
    course: tuple[Number | None, ...]

    @property
    def value(self) -> Number | None:
        """Of the latest month."""
        return self.course[-1]

    @property
    def before(self) -> Number | None:
        """Of the month before it."""
        return self.course[-2] if len(self.course) > 1 else None

    @property
    def is_worse(self) -> bool:
        """Whether it is worse than in the month before, by more than is too small to matter."""
        size = change(self.metric, self.value, self.before)
        if size is None or self.metric.better == "none" or not is_material(self.metric, size):
            return False
        return (size > 0) != (self.metric.better == "more")


def load(source: Asker) -> tuple[KeyFigure, ...]:
    """The figures of a version; none before its first complete month."""
    as_of_date = read_info(source.connection).as_of_date
    calendar = read_calendar(source.connection, as_of_date)
    if not calendar.complete_months:
        return ()
    last = calendar.complete_months[-1]
    first = max(add_months(last, 1 - _MONTHS), calendar.complete_months[0])
    period = Period(first, month_end(last))
    found = source.ask(Query(tuple(PAGES), ("order_month",), period=period)).by_key()
    figures = []
    for name in PAGES:
        metric = source.semantics.metric(name)
        fit = calendar.of_delivery if metric.is_mature_late else calendar
        months = [month for month in period.months if month in fit.complete_months]
        if months:
            course = tuple(found.get((month,), {}).get(name) for month in months)
            figures.append(KeyFigure(metric, months[-1], course))
    return tuple(figures)


class KeyFigures:
    """Those of the version that is published, each version asked once, in a thread of its own.

    Safe to share between threads.
    """

    def __init__(self, ask: Callable[[], AbstractContextManager[Asker]]) -> None:
        """Keep how to ask the published version; nothing is asked yet."""
        self._ask = ask
        self._asking = ThreadPoolExecutor(1, thread_name_prefix="key-figures")
        self._lock = threading.Lock()
        self._known: tuple[str, Future[tuple[KeyFigure, ...]]] | None = None

    def of(self, version: str, patience: float = 0.5) -> tuple[KeyFigure, ...] | None:
        """The figures of a version; None where they take longer than ``patience`` in seconds.

        Raises:
            DashboardDataError: Nothing is published.
            SemanticError: dbt refuses the definitions.
        """
        with self._lock:
            if self._known is None or self._known[0] != version:
                self._known = version, self._asking.submit(self._load)
            coming = self._known[1]
        try:
            return coming.result(patience)
        except TimeoutError:
            return None
        except Exception:
            with self._lock:  # the next reader may be luckier
                self._known = None
            raise

    def _load(self) -> tuple[KeyFigure, ...]:
        with self._ask() as source:
            return load(source)
