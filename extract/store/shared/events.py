"""Domain events, the aggregates that raise them, and the bus that carries them on.

An event is what has happened, in the past tense, named by its class. What happens because of it
in another context is a handler's (``extract.store.handlers``).
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, TypeVar

from extract.store.shared.rules import Rules, refuse


@dataclass(frozen=True, slots=True)
class Event:
    """Something that has happened to one aggregate.

    Attributes:
        aggregate_id: The order, customer, ... it happened to.
        occurred_at: When, as the shop's clock says.
    """

    aggregate_id: str
    occurred_at: datetime

    @property
    def kind(self) -> str:
        """Its name, such as OrderPlaced."""
        return type(self).__name__

    def payload(self) -> dict[str, Any]:
        """What it says besides whose it is and when, as JSON can hold it."""
        return {
            one.name: _plain(getattr(self, one.name))
            for one in fields(self)
            if one.name not in {"aggregate_id", "occurred_at"}
        }


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value if value is None or isinstance(value, int | str) else str(value)


@dataclass(slots=True)
class Aggregate:
    """The root of what changes together; keeps its events until they are collected.

    Attributes:
        id: Its identifier.
    """

    id: str
    _events: list[Event] = field(default_factory=list, init=False, repr=False, compare=False)

    def collect(self) -> list[Event]:
        """Hand over the events raised since the last call."""
        events, self._events = self._events, []
        return events


E_ = TypeVar("E_", bound=Event)


class EventBus:
    """Hands events to those who want them, in the order in which they were raised."""

    def __init__(self) -> None:
        """Begin without subscribers."""
        self._handlers: defaultdict[type[Event], list[Callable[[Any, Rules], Iterable[Event]]]]
        self._handlers = defaultdict(list)

    def subscribe(
        self, kind: type[E_], handler: Callable[[E_, Rules], Iterable[Event]]
    ) -> None:
        """Have a handler called with each event of a class.

        Args:
            kind: The class.
            handler: Takes the event and the rules; gives the events that it caused.
        """
        self._handlers[kind].append(handler)

    def publish(self, events: Iterable[Event], rules: Rules = refuse) -> list[Event]:
        """Hand out events, and those that handlers cause, until none is left.

        Returns:
            All of them, in the order in which they happened.
        """
        waiting, published = deque(events), list[Event]()
        while waiting:
            event = waiting.popleft()
            published.append(event)
            for handler in self._handlers.get(type(event), ()):
                waiting.extend(handler(event, rules))
        return published
