"""Value objects of more than one context: equal by what they hold, never changed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Self

from extract.store.shared.errors import InvalidValueError

STATES = frozenset(
    (
        *("AC", "AL", "AM", "AP", "BA", "CE", "DF", "ES", "GO", "MA", "MG", "MS", "MT", "PA"),
        *("PB", "PE", "PI", "PR", "RJ", "RN", "RO", "RR", "RS", "SC", "SE", "SP", "TO"),
    )
)
_CENT = Decimal("0.01")
_PREFIX = re.compile(r"\d{5}")


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount of BRL with two decimals.

    Attributes:
        amount: BRL; kept with exactly two decimals.

    Raises:
        InvalidValueError: It is no number, or has more than two decimals.
    """

    amount: Decimal

    def __post_init__(self) -> None:
        """Give the amount its two decimals."""
        try:
            amount = self.amount.quantize(_CENT)
        except InvalidOperation as error:
            raise InvalidValueError(f"{self.amount} is no amount of money") from error
        if amount != self.amount:
            raise InvalidValueError(f"{self.amount} has more than two decimals")
        object.__setattr__(self, "amount", amount)

    @classmethod
    def of(cls, text: str) -> Self:
        """Read an amount such as 58.90.

        Raises:
            InvalidValueError: It is none.
        """
        try:
            return cls(Decimal(text))
        except InvalidOperation as error:
            raise InvalidValueError(f"{text!r} is no amount of money") from error

    def __add__(self, other: Money) -> Money:
        """Sum of two amounts."""
        return Money(self.amount + other.amount)

    def __sub__(self, other: Money) -> Money:
        """Difference of two amounts."""
        return Money(self.amount - other.amount)

    def differs_from(self, other: Money, *, by_more_than: Money) -> bool:
        """Whether two amounts are further apart than a tolerance."""
        return abs(self.amount - other.amount) > by_more_than.amount

    def __str__(self) -> str:
        """The amount as PostgreSQL and the files write it."""
        return str(self.amount)


ZERO = Money(Decimal(0))


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody is: as far as the shop's data go.

    Attributes:
        zip_code_prefix: The first five digits of the CEP.
        city: As it was typed.
        state: One of the 27.

    Raises:
        InvalidValueError: The prefix has other than five digits, or there is no such state.
    """

    zip_code_prefix: str
    city: str
    state: str

    def __post_init__(self) -> None:
        """Check prefix and state."""
        if not _PREFIX.fullmatch(self.zip_code_prefix):
            raise InvalidValueError(f"{self.zip_code_prefix!r} is no zip prefix of five digits")
        if self.state not in STATES:
            raise InvalidValueError(f"{self.state!r} is none of the 27 states")


@dataclass(frozen=True, slots=True)
class DateRange:
    """From one moment until another, both included.

    Attributes:
        start: The first moment.
        end: The last.

    Raises:
        InvalidValueError: The end is before the start.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        """Check the order of the two."""
        if self.end < self.start:
            raise InvalidValueError(f"{self.end} is before {self.start}")

    def __contains__(self, moment: datetime) -> bool:
        """Whether a moment lies in it."""
        return self.start <= moment <= self.end

    @property
    def days(self) -> float:
        """Its length in days of 86,400 seconds."""
        return (self.end - self.start).total_seconds() / 86400
