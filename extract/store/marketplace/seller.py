"""Sellers, their registration number and what reviews of their orders say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from extract.store.shared.errors import InvalidValueError
from extract.store.shared.events import Aggregate, Event
from extract.store.shared.values import Address

_WEIGHTS = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
_FORM = re.compile(r"\d{2}\.?\d{3}\.?\d{3}/?\d{4}-?\d{2}")


@dataclass(frozen=True, slots=True)
class SellerOnboarded(Event):
    """A seller joined."""

    state: str


@dataclass(frozen=True, slots=True)
class Cnpj:
    """The registration number of a Brazilian firm: 14 digits, the last two from the others.

    Attributes:
        digits: The digits alone, whatever points and dashes it was given with.

    Raises:
        InvalidValueError: It has another form, or its check digits are wrong.
    """

    digits: str

    def __post_init__(self) -> None:
        """Strip the marks and check the digits."""
        if not _FORM.fullmatch(self.digits):
            raise InvalidValueError(f"{self.digits!r} has not the form of a CNPJ")
        digits = re.sub(r"\D", "", self.digits)
        body = digits[:12]
        for _ in range(2):
            body += _check_digit(body)
        if body != digits or len(set(digits)) == 1:
            raise InvalidValueError(f"{self.digits!r} has wrong check digits")
        object.__setattr__(self, "digits", digits)


def _check_digit(body: str) -> str:
    weights = _WEIGHTS[-len(body) :]
    rest = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11
    return "0" if rest < 2 else str(11 - rest)  # noqa: PLR2004 - as the rule has it


@dataclass(slots=True)
class Seller(Aggregate):
    """A seller. The dataset has neither CNPJ nor name: both are optional.

    Attributes:
        address: Where they send from.
        joined_at: When they first sold.
        num_reviews: Reviews of orders with an item of theirs.
        sum_score: Stars of these reviews together.
        cnpj: Their registration number.
        name: Their firm.
    """

    address: Address
    joined_at: datetime
    num_reviews: int = 0
    sum_score: int = 0
    cnpj: Cnpj | None = None
    name: str | None = None

    @classmethod
    def onboard(
        cls, seller_id: str, address: Address, at: datetime, cnpj: Cnpj | None = None
    ) -> Self:
        """Welcome a seller."""
        seller = cls(seller_id, address, at, cnpj=cnpj)
        seller._events.append(SellerOnboarded(seller_id, at, address.state))
        return seller

    def note_review(self, score: int) -> None:
        """Count a review of an order with an item of theirs."""
        self.num_reviews += 1
        self.sum_score += score
