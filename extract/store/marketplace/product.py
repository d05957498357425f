"""Products with the offers of their sellers, and the reference entities around them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from extract.store.shared.errors import InvalidValueError
from extract.store.shared.events import Aggregate, Event
from extract.store.shared.values import Money


@dataclass(frozen=True, slots=True)
class ProductListed(Event):
    """A product was put on offer."""

    category: str | None


@dataclass(frozen=True, slots=True)
class ProductPriceChanged(Event):
    """A seller asks another price for a product than at the sale before."""

    seller_id: str
    before: Money
    after: Money


@dataclass(frozen=True, slots=True)
class Category:
    """A category of the source and its English name."""

    name: str
    english: str


@dataclass(frozen=True, slots=True)
class ProductDimensions:
    """Weight and size, as far as they are known.

    Attributes:
        weight_g: Grams; the source has a few zeros.
        length_cm: Centimetres.
        height_cm: Centimetres.
        width_cm: Centimetres.

    Raises:
        InvalidValueError: One of them is below zero.
    """

    weight_g: int | None
    length_cm: int | None
    height_cm: int | None
    width_cm: int | None

    def __post_init__(self) -> None:
        """Check the signs."""
        if any(
            one is not None and one < 0
            for one in (self.weight_g, self.length_cm, self.height_cm, self.width_cm)
        ):
            raise InvalidValueError(f"{self} is smaller than nothing")

    @property
    def volume_cm3(self) -> int | None:
        """Its box, in cubic centimetres; None where a side is not known."""
        if self.length_cm is None or self.height_cm is None or self.width_cm is None:
            return None
        return self.length_cm * self.height_cm * self.width_cm


@dataclass(frozen=True, slots=True)
class Listing:
    """How a product is shown: counts of characters and pictures, where the source has them."""

    category: str | None
    name_length: int | None
    description_length: int | None
    num_photos: int | None


@dataclass(slots=True)
class Product(Aggregate):
    """A product and, for each seller, the price of the last sale."""

    listing: Listing
    dimensions: ProductDimensions
    listed_at: datetime
    offers: dict[str, Money] = field(default_factory=dict)

    @classmethod
    def list_(
        cls, product_id: str, listing: Listing, dimensions: ProductDimensions, at: datetime
    ) -> Self:
        """Put a product on offer."""
        product = cls(product_id, listing, dimensions, at)
        product._events.append(ProductListed(product_id, at, listing.category))
        return product

    def sell(self, seller_id: str, price: Money, at: datetime) -> None:
        """Note a sale, and whether its price is a new one."""
        before = self.offers.get(seller_id)
        if before is not None and before != price:
            self._events.append(ProductPriceChanged(self.id, at, seller_id, before, price))
        self.offers[seller_id] = price
