"""The path of an order through its statuses: the one table that code and docs share."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Status(StrEnum):
    """Where an order stands; in the order of the path."""

    CREATED = "created"
    APPROVED = "approved"
    INVOICED = "invoiced"
    PROCESSING = "processing"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    UNAVAILABLE = "unavailable"
    CANCELED = "canceled"


_GIVEN_UP = frozenset({Status.UNAVAILABLE, Status.CANCELED})

# Invoicing and picking are not dated in the dataset, so either may be passed over.
ALLOWED: Mapping[Status, frozenset[Status]] = {
    Status.CREATED: frozenset({Status.APPROVED}) | _GIVEN_UP,
    Status.APPROVED: frozenset({Status.INVOICED, Status.PROCESSING, Status.SHIPPED})
    | _GIVEN_UP,
    Status.INVOICED: frozenset({Status.PROCESSING, Status.SHIPPED}) | _GIVEN_UP,
    Status.PROCESSING: frozenset({Status.SHIPPED}) | _GIVEN_UP,
    Status.SHIPPED: frozenset({Status.DELIVERED, Status.CANCELED}),
    Status.DELIVERED: frozenset(),
    Status.UNAVAILABLE: frozenset(),
    Status.CANCELED: frozenset(),
}
_PLACE = {status: place for place, status in enumerate(Status)}


def is_allowed(here: Status, there: Status) -> bool:
    """Whether an order may go from one status to another."""
    return there in ALLOWED[here]


def is_further(here: Status, there: Status) -> bool:
    """Whether a status lies after another, allowed or not."""
    return _PLACE[there] > _PLACE[here]


def mermaid() -> str:
    """The path as the state diagram of docs/store.md."""
    lines = ["stateDiagram-v2", "    [*] --> created"]
    for here, targets in ALLOWED.items():
        lines += [
            f"    {here} --> {there}" for there in sorted(targets, key=_PLACE.__getitem__)
        ]
        lines += [] if targets else [f"    {here} --> [*]"]
    return "\n".join(lines)
