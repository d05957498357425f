"""What shipping costs: what was asked on each route, and what to ask next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from extract.store.shared.errors import UnknownEntityError
from extract.store.shared.values import Money

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Route:
    """From the seller's state to the customer's."""

    seller_state: str
    customer_state: str


@dataclass(frozen=True, slots=True)
class FreightStatistics:
    """Freight of the items on one route.

    Attributes:
        num_items: How many.
        total: Their freight together.
    """

    num_items: int
    total: Money

    @property
    def mean(self) -> Money:
        """Freight of an item, rounded half up to the centavo."""
        mean = self.total.amount / self.num_items
        return Money(mean.quantize(_CENT, ROUND_HALF_UP))


def freight_by_route(items: Iterable[tuple[Route, Money]]) -> dict[Route, FreightStatistics]:
    """Add up the freight of items, route by route."""
    numbers: defaultdict[Route, int] = defaultdict(int)
    sums: defaultdict[Route, Decimal] = defaultdict(Decimal)
    for route, freight in items:
        numbers[route] += 1
        sums[route] += freight.amount
    return {route: FreightStatistics(numbers[route], Money(sums[route])) for route in numbers}


def shipping_cost(known: dict[Route, FreightStatistics], route: Route, num_items: int) -> Money:
    """What to ask for some items on a route: the mean of those before.

    Raises:
        UnknownEntityError: Nothing was ever sent on that route.
    """
    if route not in known:
        message = f"nothing was sent from {route.seller_state} to {route.customer_state} yet"
        raise UnknownEntityError(message)
    return Money(known[route].mean.amount * num_items)
