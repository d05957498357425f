"""The person who buys, with one account for each order, as the source has it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from extract.store.shared.events import Aggregate, Event
from extract.store.shared.values import Address


@dataclass(frozen=True, slots=True)
class CustomerRegistered(Event):
    """A person bought for the first time."""


@dataclass(frozen=True, slots=True)
class CustomerMoved(Event):
    """A person ordered from another address than before."""

    zip_code_prefix: str
    state: str


@dataclass(frozen=True, slots=True)
class Account:
    """A person as one order knows them.

    Attributes:
        customer_id: One for each order.
        address: Where that order goes.
    """

    customer_id: str
    address: Address


@dataclass(slots=True)
class Customer(Aggregate):
    """A person. The dataset has neither names nor mail addresses: both are optional.

    Attributes:
        registered_at: When the person first bought.
        accounts: One for each order, in the order of registration.
        num_orders: Orders placed, whatever became of them.
        last_ordered_at: When the latest was placed.
        name: As they wish to be called.
        email: Where they can be written to.
    """

    registered_at: datetime
    accounts: list[Account] = field(default_factory=list)
    num_orders: int = 0
    last_ordered_at: datetime | None = None
    name: str | None = None
    email: str | None = None

    @classmethod
    def register(cls, person_id: str, at: datetime) -> Self:
        """Welcome a person."""
        customer = cls(person_id, at)
        customer._events.append(CustomerRegistered(person_id, at))
        return customer

    @property
    def address(self) -> Address | None:
        """The address of the latest account."""
        return self.accounts[-1].address if self.accounts else None

    def open_account(self, customer_id: str, address: Address, at: datetime) -> None:
        """Take down where the next order goes; the same account twice is one."""
        before = self.address
        if any(one.customer_id == customer_id for one in self.accounts):
            return
        self.accounts.append(Account(customer_id, address))
        if before is not None and before != address:
            moved = CustomerMoved(self.id, at, address.zip_code_prefix, address.state)
            self._events.append(moved)

    def note_order(self, at: datetime) -> None:
        """Remember that an order was placed."""
        self.num_orders += 1
        self.last_ordered_at = max(at, self.last_ordered_at or at)
