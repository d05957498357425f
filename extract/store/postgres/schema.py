"""The tables of the shop as SQLAlchemy knows them.

The migrations make them; a test compares the two. Columns that only the database fills
(``row_xid``) are here too, and are never written from here.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID
from sqlalchemy.types import TypeEngine, UserDefinedType

METADATA = MetaData()
VERSION_TABLE = "alembic_version"
ROW_XID = "row_xid"


class Xid8(UserDefinedType[str]):
    """The number of a transaction, which never wraps around."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:  # noqa: ANN401 - as the base class has it
        """The name of the type in PostgreSQL."""
        return "xid8"


_TEXT, _WHOLE, _MONEY, _MOMENT = Text(), Integer(), Numeric(18, 2), DateTime()
_Columns = dict[str, TypeEngine[Any]]


def _table(
    name: str,
    key: _Columns,
    required: _Columns | None = None,
    optional: _Columns | None = None,
    *,
    is_extracted: bool = True,
) -> Table:
    schema, _, bare = name.partition(".")
    columns: list[Column[Any]] = [
        Column(one, kind, primary_key=True) for one, kind in key.items()
    ]
    columns += [Column(one, kind, nullable=False) for one, kind in (required or {}).items()]
    columns += [Column(one, kind) for one, kind in (optional or {}).items()]
    if is_extracted:
        columns.append(Column(ROW_XID, Xid8(), nullable=False))
    return Table(bare, METADATA, *columns, schema=schema)


ORDERS = _table(
    "sales.orders",
    {"order_id": _TEXT},
    {"customer_id": _TEXT, "status": _TEXT, "placed_at": _MOMENT},
    {"approved_at": _MOMENT},
)
ITEMS = _table(
    "sales.order_items",
    {"order_id": _TEXT, "number": _WHOLE},
    {"product_id": _TEXT, "seller_id": _TEXT, "price": _MONEY, "freight": _MONEY},
    {"dispatch_by": _MOMENT},
)
PAYMENTS = _table(
    "sales.payments",
    {"order_id": _TEXT, "sequential": _WHOLE},
    {"method": _TEXT, "installments": _WHOLE, "amount": _MONEY},
)
REFUNDS = _table(
    "sales.refunds",
    {"order_id": _TEXT, "sequential": _WHOLE},
    {"amount": _MONEY, "refunded_at": _MOMENT},
)
REVIEWS = _table(
    "sales.reviews",
    {"order_id": _TEXT, "review_id": _TEXT},
    {"score": _WHOLE},
    {"title": _TEXT, "message": _TEXT, "asked_at": _MOMENT, "answered_at": _MOMENT},
)
PERSONS = _table(
    "customer.persons",
    {"person_id": _TEXT},
    {"registered_at": _MOMENT, "num_orders": _WHOLE},
    {"last_ordered_at": _MOMENT, "name": _TEXT, "email": _TEXT},
    is_extracted=False,
)
ACCOUNTS = _table(
    "customer.accounts",
    {"customer_id": _TEXT},
    {
        "person_id": _TEXT,
        "position": _WHOLE,
        "zip_code_prefix": _TEXT,
        "city": _TEXT,
        "state": _TEXT,
    },
)
PRODUCTS = _table(
    "marketplace.products",
    {"product_id": _TEXT},
    {"listed_at": _MOMENT},
    {
        "category": _TEXT,
        "name_length": _WHOLE,
        "description_length": _WHOLE,
        "num_photos": _WHOLE,
        "weight_g": _WHOLE,
        "length_cm": _WHOLE,
        "height_cm": _WHOLE,
        "width_cm": _WHOLE,
    },
)
OFFERS = _table(
    "marketplace.offers",
    {"product_id": _TEXT, "seller_id": _TEXT},
    {"price": _MONEY},
    is_extracted=False,
)
SELLERS = _table(
    "marketplace.sellers",
    {"seller_id": _TEXT},
    {"zip_code_prefix": _TEXT, "city": _TEXT, "state": _TEXT, "joined_at": _MOMENT},
    {"cnpj": _TEXT, "name": _TEXT},
)
RATINGS = _table(
    "marketplace.ratings",
    {"seller_id": _TEXT},
    {"num_reviews": _WHOLE, "sum_score": _WHOLE},
    is_extracted=False,
)
CATEGORIES = _table("marketplace.categories", {"name": _TEXT}, None, {"english": _TEXT})
GEOGRAPHY = _table(
    "marketplace.geography",
    {},
    None,
    {
        "zip_code_prefix": _TEXT,
        "latitude": Numeric(),
        "longitude": Numeric(),
        "city": _TEXT,
        "state": _TEXT,
    },
)
DELIVERIES = _table(
    "fulfillment.deliveries",
    {"order_id": _TEXT},
    {"ordered_at": _MOMENT, "promised_for": _MOMENT, "is_stopped": Boolean()},
    {"handed_over_at": _MOMENT, "delivered_at": _MOMENT},
)
IDENTITY = _table(
    "store.identity",
    {"is_the_only_one": Boolean()},
    {"store_id": UUID(), "is_synthetic": Boolean()},
    is_extracted=False,
)
PLAYBACK = _table(
    "store.playback",
    {"is_the_only_one": Boolean()},
    {"dataset": _TEXT, "position": BigInteger(), "num_steps": BigInteger()},
    {"clock": _MOMENT},
    is_extracted=False,
)
OUTBOX = _table(
    "store.outbox",
    {"event_id": BigInteger()},
    {"kind": _TEXT, "aggregate_id": _TEXT, "occurred_at": _MOMENT, "payload": JSONB()},
    is_extracted=False,
)
EXCEPTIONS = _table(
    "store.exceptions",
    {"exception_id": BigInteger()},
    {"kind": _TEXT, "entity_id": _TEXT, "occurred_at": _MOMENT, "detail": _TEXT},
    {"source": JSONB()},
    is_extracted=False,
)
TOMBSTONES = _table(
    "store.tombstones", {}, {"table_name": _TEXT, "key": ARRAY(Text())}, is_extracted=True
)
