"""What each source column means, and so how it is profiled.

``raw`` holds text. A price has quantiles as a number and not as text, an identifier has none at
all, and what customers wrote is measured by its length and never shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from extract.tables import SourceTable

Meaning = Literal["id", "text", "integer", "amount", "coordinate", "timestamp", "free_text"]

_MEANINGS: dict[Meaning, tuple[str, ...]] = {
    "id": (
        *("customer_id", "customer_unique_id", "order_id", "product_id", "seller_id"),
        "review_id",
    ),
    "text": (
        *("customer_zip_code_prefix", "customer_city", "customer_state"),
        *("seller_zip_code_prefix", "seller_city", "seller_state"),
        *("geolocation_zip_code_prefix", "geolocation_city", "geolocation_state"),
        *("order_status", "payment_type"),
        *("product_category_name", "product_category_name_english"),
    ),
    "integer": (
        *("order_item_id", "payment_sequential", "payment_installments", "review_score"),
        *("product_name_lenght", "product_description_lenght", "product_photos_qty"),
        *("product_weight_g", "product_length_cm", "product_height_cm", "product_width_cm"),
    ),
    "amount": ("price", "freight_value", "payment_value"),
    "coordinate": ("geolocation_lat", "geolocation_lng"),
    "timestamp": (
        *("order_purchase_timestamp", "order_approved_at", "order_delivered_carrier_date"),
        *("order_delivered_customer_date", "order_estimated_delivery_date"),
        *("shipping_limit_date", "review_creation_date", "review_answer_timestamp"),
    ),
    "free_text": ("review_comment_title", "review_comment_message"),
}
_MEANING_OF = {name: meaning for meaning, names in _MEANINGS.items() for name in names}

# The value that is ordered and cut into quantiles.
_TYPED: dict[Meaning, str] = {
    "id": "{column}",
    "text": "{column}",
    "integer": "try_cast({column} as bigint)",
    "amount": "try_cast({column} as decimal(18, 2))",
    "coordinate": "try_cast({column} as double)",
    "timestamp": "try_cast({column} as timestamp)",
    "free_text": "length({column})",
}
# The value whose frequency is counted. Identifiers and free text are left out: they say nothing
# about the column and something about a person. Coordinates are almost all different.
_COUNTED: dict[Meaning, str] = {
    "text": "{column}",
    "integer": "{column}",
    "amount": "{column}",
    "timestamp": "left({column}, 10)",
}


@dataclass(frozen=True, slots=True)
class ProfiledColumn:
    """How one column of a raw table is profiled.

    Attributes:
        table: Table in schema ``raw``.
        name: Column of the source.
        position: Place in the file, from 1.
        meaning: What its text stands for.
    """

    table: str
    name: str
    position: int
    meaning: Meaning

    @property
    def typed(self) -> str:
        """The SQL of the value that has a range; of free text the length in characters."""
        return _TYPED[self.meaning].format(column=self.name)

    @property
    def counted(self) -> str | None:
        """The SQL of the value whose frequency is counted; None where none is."""
        counted = _COUNTED.get(self.meaning)
        return None if counted is None else counted.format(column=self.name)

    @property
    def has_range(self) -> bool:
        """Whether a lowest and a highest value are given. Identifiers have no order."""
        return self.meaning != "id"

    @property
    def has_quantiles(self) -> bool:
        """Whether the values are numbers or moments."""
        return self.meaning not in ("id", "text")

    @property
    def is_distinct_approximate(self) -> bool:
        """Whether distinct values are estimated (HyperLogLog) for the time it saves."""
        return self.meaning in ("coordinate", "free_text")


def profiled_columns(table: SourceTable) -> tuple[ProfiledColumn, ...]:
    """Give the columns of a table in file order.

    Raises:
        KeyError: A column has no meaning yet: give it one here.
    """
    return tuple(
        ProfiledColumn(table.name, name, position, _MEANING_OF[name])
        for position, name in enumerate(table.columns, 1)
    )
