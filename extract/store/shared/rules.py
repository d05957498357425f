"""Invariants of the contexts, by name, and what becomes of one that is broken.

Every command of an aggregate asks the same rules. A living shop refuses (``refuse``); history
that is played has happened, so it is stored and the exception recorded (``Recorded``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from extract.store.shared.errors import DomainError


class Kind(StrEnum):
    """What can be wrong with something that is otherwise understood."""

    ORDER_WITHOUT_ITEMS = "order_without_items"
    ORDER_WITHOUT_PAYMENT = "order_without_payment"
    PAYMENTS_DIFFER = "payments_differ"
    STEP_NOT_ALLOWED = "step_not_allowed"
    SHIPPED_BEFORE_PURCHASE = "shipped_before_purchase"
    DELIVERED_BEFORE_SHIPPED = "delivered_before_shipped"
    DELIVERED_WITHOUT_DATE = "delivered_without_date"
    REVIEWED_BEFORE_PURCHASE = "reviewed_before_purchase"
    INVALID_VALUE = "invalid_value"


@dataclass(frozen=True, slots=True)
class Violation:
    """One invariant broken by one entity.

    Attributes:
        kind: Which invariant.
        entity_id: The order, product, ... that breaks it.
        at: When, as the shop's clock says.
        detail: What was found, for people.
        source: The source row as text by column, where it cannot be stored as what it is.
    """

    kind: Kind
    entity_id: str
    at: datetime
    detail: str = ""
    source: dict[str, str | None] | None = None


Rules = Callable[[Violation], None]


class RuleBrokenError(DomainError):
    """An invariant would be broken; the command was refused."""

    def __init__(self, violation: Violation) -> None:
        """Say which entity breaks which invariant."""
        self.violation = violation
        super().__init__(f"{violation.entity_id}: {violation.kind} ({violation.detail})")


def refuse(violation: Violation) -> None:
    """Refuse what breaks an invariant.

    Raises:
        RuleBrokenError: Always.
    """
    raise RuleBrokenError(violation)


@dataclass(slots=True)
class Recorded:
    """Let what has happened pass, and keep what it broke."""

    violations: list[Violation] = field(default_factory=list)

    def __call__(self, violation: Violation) -> None:
        """Keep a violation."""
        self.violations.append(violation)
