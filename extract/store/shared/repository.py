"""How the domain asks for aggregates, whatever keeps them."""

from __future__ import annotations

from typing import Protocol, TypeVar

from extract.store.shared.events import Aggregate

A = TypeVar("A", bound=Aggregate)


class Repository(Protocol[A]):
    """The aggregates of one kind, as if all were at hand.

    What was asked for is saved, if it changed, when the unit of work ends.
    """

    def get(self, id_: str) -> A:
        """Give an aggregate.

        Raises:
            UnknownEntityError: There is none of that identifier.
        """

    def find(self, id_: str) -> A | None:
        """Give an aggregate, or None where there is none."""

    def add(self, aggregate: A) -> None:
        """Keep a new aggregate."""
