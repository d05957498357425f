"""The repositories of the shop on PostgreSQL, and the unit of work that they make together.

Aggregates are loaded many at a time and kept; of those that were asked for, rows that differ
from what is stored are written when the unit of work ends: by COPY into a temporary table, and
from there by one statement a table.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlalchemy import ARRAY, Connection, Row, Table, Text, any_, literal, select
from sqlalchemy.dialects.postgresql import insert

from extract.store.customer.customer import Account, Customer
from extract.store.fulfillment.delivery import Delivery
from extract.store.marketplace.product import Listing, Product, ProductDimensions
from extract.store.marketplace.seller import Cnpj, Seller
from extract.store.postgres import schema
from extract.store.sales.order import (
    Order,
    OrderItem,
    Payment,
    Refund,
    Review,
    ReviewScore,
)
from extract.store.sales.status import Status
from extract.store.shared.errors import UnknownEntityError
from extract.store.shared.events import Aggregate, Event
from extract.store.shared.rules import Violation
from extract.store.shared.values import Address, Money

A = TypeVar("A", bound=Aggregate)
Values = tuple[Any, ...]
Rows = Mapping[Table, Sequence[Values]]
# Rows of a table by the identifier of the aggregate that they belong to.
Found = Mapping[Table, Mapping[str, list[Any]]]

# Aggregates kept beyond the unit of work; what is dropped is loaded again when it is wanted.
_MAX_HELD = 20_000


@dataclass(frozen=True, slots=True)
class Mapper(Generic[A]):
    """How an aggregate lies in tables.

    Attributes:
        tables: The root's table, then those of its parts; each begins with its written columns
            as in ``columns_of``.
        owner: Column of every table that holds the identifier of the aggregate.
        to_rows: The rows of an aggregate, by table.
        from_rows: The aggregate of an identifier, out of the rows of all tables.
    """

    tables: tuple[Table, ...]
    owner: str
    to_rows: Callable[[A], Rows]
    from_rows: Callable[[Row[Any], Found], A]


def columns_of(table: Table) -> list[str]:
    """The columns that the shop writes, in their order."""
    return [one.name for one in table.columns if one.name != schema.ROW_XID]


@dataclass
class PostgresRepository(Generic[A]):
    """The aggregates of one kind; see ``extract.store.shared.repository``."""

    connection: Connection
    mapper: Mapper[A]
    _held: dict[str, A] = field(default_factory=dict)
    _absent: set[str] = field(default_factory=set)
    _touched: dict[str, A] = field(default_factory=dict)
    _stored: dict[str, set[tuple[str, Values]]] = field(default_factory=dict)

    def get(self, id_: str) -> A:
        """Give an aggregate.

        Raises:
            UnknownEntityError: There is none of that identifier.
        """
        found = self.find(id_)
        if found is None:
            message = f"there is no {self.mapper.tables[0].name} {id_}"
            raise UnknownEntityError(message)
        return found

    def find(self, id_: str) -> A | None:
        """Give an aggregate, or None where there is none."""
        if id_ not in self._held and id_ not in self._absent:
            self.prefetch([id_])
        found = self._held.get(id_)
        if found is not None:
            self._touched[id_] = found
        return found

    def add(self, aggregate: A) -> None:
        """Keep a new aggregate."""
        self._held[aggregate.id] = self._touched[aggregate.id] = aggregate
        self._absent.discard(aggregate.id)

    def prefetch(self, ids: Iterable[str]) -> None:
        """Load what will be asked for, in one query a table."""
        wanted = [one for one in dict.fromkeys(ids) if one not in self._held]
        if not wanted:
            return
        self._absent.update(wanted)
        found: dict[Table, defaultdict[str, list[Any]]] = {}
        for table in self.mapper.tables:
            owner = table.c[self.mapper.owner]
            keys = list(table.primary_key.columns)
            query = (
                select(table).where(owner == any_(literal(wanted, ARRAY(Text)))).order_by(*keys)
            )
            found[table] = defaultdict(list)
            for row in self.connection.execute(query):
                found[table][row._mapping[self.mapper.owner]].append(row)
        for id_, (root,) in found[self.mapper.tables[0]].items():
            self._held[id_] = aggregate = self.mapper.from_rows(root, found)
            self._stored[id_] = _flat(self.mapper.to_rows(aggregate))
            self._absent.discard(id_)

    def changed_rows(self) -> Rows:
        """The rows of what was asked for that are not stored as they are now."""
        changed: defaultdict[Table, list[Values]] = defaultdict(list)
        for id_, aggregate in self._touched.items():
            stored = self._stored.get(id_, set())
            rows = self.mapper.to_rows(aggregate)
            for table, values in rows.items():
                changed[table] += [one for one in values if (table.name, one) not in stored]
            self._stored[id_] = _flat(rows)
        self._touched.clear()
        self._absent.clear()
        return {table: changed[table] for table in self.mapper.tables if changed[table]}

    def shrink(self) -> None:
        """Drop what was loaded longest ago, beyond what is worth keeping."""
        for id_ in list(self._held)[: max(0, len(self._held) - _MAX_HELD)]:
            del self._held[id_]
            self._stored.pop(id_, None)


def _flat(rows: Rows) -> set[tuple[str, Values]]:
    return {(table.name, one) for table, values in rows.items() for one in values}


class PostgresShop:
    """All repositories on one connection: a unit of work that ends with ``flush``."""

    def __init__(self, connection: Connection) -> None:
        """Begin on a connection; its transaction is the caller's."""
        self._connection = connection
        self.orders = PostgresRepository(connection, _ORDER)
        self.customers = PostgresRepository(connection, _CUSTOMER)
        self.products = PostgresRepository(connection, _PRODUCT)
        self.sellers = PostgresRepository(connection, _SELLER)
        self.deliveries = PostgresRepository(connection, _DELIVERY)

    def flush(self, events: Iterable[Event] = (), violations: Iterable[Violation] = ()) -> None:
        """Write what has changed, the events into the outbox, and the exceptions."""
        for repository in self._all():
            for table, rows in repository.changed_rows().items():
                upsert(self._connection, table, rows)
            repository.shrink()
        append(
            self._connection,
            schema.OUTBOX,
            ("kind", "aggregate_id", "occurred_at", "payload"),
            (
                (one.kind, one.aggregate_id, one.occurred_at, json.dumps(one.payload()))
                for one in events
            ),
        )
        append(
            self._connection,
            schema.EXCEPTIONS,
            ("kind", "entity_id", "occurred_at", "detail", "source"),
            (
                (
                    one.kind.value,
                    one.entity_id,
                    one.at,
                    one.detail,
                    None if one.source is None else json.dumps(one.source),
                )
                for one in violations
            ),
        )

    def _all(self) -> tuple[PostgresRepository[Any], ...]:
        return (self.customers, self.products, self.sellers, self.orders, self.deliveries)


def append(
    connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Values]
) -> None:
    """Add rows by COPY."""
    _copy(connection, table.fullname, columns, rows)


def upsert(connection: Connection, table: Table, rows: Iterable[Values]) -> None:
    """Put rows in the place of those of their keys, and add those that are new."""
    columns = columns_of(table)
    stage = Table(
        f"stage_{table.name}",
        schema.METADATA.__class__(),
        *(column._copy() for column in table.columns if column.name in columns),
    )
    connection.exec_driver_sql(
        f"create temp table if not exists {stage.name} on commit delete rows"
        f" as select {', '.join(columns)} from {table.fullname} with no data"
    )
    _copy(connection, stage.name, columns, rows)
    keys = [one.name for one in table.primary_key.columns]
    statement = insert(table).from_select(columns, select(*(stage.c[one] for one in columns)))
    rest = {one: statement.excluded[one] for one in columns if one not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=rest))
    connection.exec_driver_sql(f"truncate {stage.name}")


def _copy(
    connection: Connection, target: str, columns: Sequence[str], rows: Iterable[Values]
) -> None:
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 - the connection is open
    with driver.cursor().copy(f"copy {target} ({', '.join(columns)}) from stdin") as copy:
        for row in rows:
            copy.write_row(row)


def _order_rows(order: Order) -> Rows:
    id_ = order.id
    return {
        schema.ORDERS: [
            (id_, order.customer_id, order.status.value, order.placed_at, order.approved_at)
        ],
        schema.ITEMS: [
            (
                *(id_, one.number, one.product_id, one.seller_id),
                *(one.price.amount, one.freight.amount, one.dispatch_by),
            )
            for one in order.items
        ],
        schema.PAYMENTS: [
            (id_, one.sequential, one.method, one.installments, one.amount.amount)
            for one in order.payments
        ],
        schema.REFUNDS: [
            (id_, one.sequential, one.amount.amount, one.at) for one in order.refunds
        ],
        schema.REVIEWS: [
            (
                *(id_, one.review_id, one.score.stars, one.title, one.message),
                *(one.asked_at, one.answered_at),
            )
            for one in order.reviews
        ],
    }


def _order(root: Row[Any], found: Found) -> Order:
    id_ = root.order_id
    return Order(
        id_,
        root.customer_id,
        root.placed_at,
        tuple(
            OrderItem(
                *(one.number, one.product_id, one.seller_id, one.dispatch_by),
                *(Money(one.price), Money(one.freight)),
            )
            for one in found[schema.ITEMS].get(id_, ())
        ),
        Status(root.status),
        root.approved_at,
        [
            Payment(one.sequential, one.method, one.installments, Money(one.amount))
            for one in found[schema.PAYMENTS].get(id_, ())
        ],
        [
            Refund(one.sequential, Money(one.amount), one.refunded_at)
            for one in found[schema.REFUNDS].get(id_, ())
        ],
        [
            Review(
                *(one.review_id, ReviewScore(one.score), one.title, one.message),
                *(one.asked_at, one.answered_at),
            )
            for one in found[schema.REVIEWS].get(id_, ())
        ],
    )


def _customer_rows(customer: Customer) -> Rows:
    return {
        schema.PERSONS: [
            (
                *(customer.id, customer.registered_at, customer.num_orders),
                *(customer.last_ordered_at, customer.name, customer.email),
            )
        ],
        schema.ACCOUNTS: [
            (
                *(one.customer_id, customer.id, position),
                *(one.address.zip_code_prefix, one.address.city, one.address.state),
            )
            for position, one in enumerate(customer.accounts)
        ],
    }


def _customer(root: Row[Any], found: Found) -> Customer:
    accounts = sorted(found[schema.ACCOUNTS].get(root.person_id, ()), key=lambda a: a.position)
    return Customer(
        root.person_id,
        root.registered_at,
        [
            Account(one.customer_id, Address(one.zip_code_prefix, one.city, one.state))
            for one in accounts
        ],
        root.num_orders,
        root.last_ordered_at,
        root.name,
        root.email,
    )


def _product_rows(product: Product) -> Rows:
    listing, size = product.listing, product.dimensions
    return {
        schema.PRODUCTS: [
            (
                *(product.id, product.listed_at, listing.category, listing.name_length),
                *(listing.description_length, listing.num_photos),
                *(size.weight_g, size.length_cm, size.height_cm, size.width_cm),
            )
        ],
        schema.OFFERS: [
            (product.id, seller_id, price.amount) for seller_id, price in product.offers.items()
        ],
    }


def _product(root: Row[Any], found: Found) -> Product:
    offers = found[schema.OFFERS].get(root.product_id, ())
    return Product(
        root.product_id,
        Listing(root.category, root.name_length, root.description_length, root.num_photos),
        ProductDimensions(root.weight_g, root.length_cm, root.height_cm, root.width_cm),
        root.listed_at,
        {one.seller_id: Money(one.price) for one in offers},
    )


def _seller_rows(seller: Seller) -> Rows:
    address, cnpj = seller.address, seller.cnpj
    return {
        schema.SELLERS: [
            (
                *(seller.id, address.zip_code_prefix, address.city, address.state),
                *(seller.joined_at, cnpj.digits if cnpj else None, seller.name),
            )
        ],
        schema.RATINGS: [(seller.id, seller.num_reviews, seller.sum_score)],
    }


def _seller(root: Row[Any], found: Found) -> Seller:
    (rating,) = found[schema.RATINGS][root.seller_id]
    return Seller(
        root.seller_id,
        Address(root.zip_code_prefix, root.city, root.state),
        root.joined_at,
        rating.num_reviews,
        rating.sum_score,
        Cnpj(root.cnpj) if root.cnpj else None,
        root.name,
    )


def _delivery_rows(delivery: Delivery) -> Rows:
    return {
        schema.DELIVERIES: [
            (
                *(delivery.id, delivery.ordered_at, delivery.promised_for),
                *(delivery.is_stopped, delivery.handed_over_at, delivery.delivered_at),
            )
        ]
    }


def _delivery(root: Row[Any], found: Found) -> Delivery:  # noqa: ARG001 - has no parts
    return Delivery(
        *(root.order_id, root.ordered_at, root.promised_for),
        *(root.handed_over_at, root.delivered_at, root.is_stopped),
    )


_ORDER = Mapper(
    (schema.ORDERS, schema.ITEMS, schema.PAYMENTS, schema.REFUNDS, schema.REVIEWS),
    "order_id",
    _order_rows,
    _order,
)
_CUSTOMER = Mapper((schema.PERSONS, schema.ACCOUNTS), "person_id", _customer_rows, _customer)
_PRODUCT = Mapper((schema.PRODUCTS, schema.OFFERS), "product_id", _product_rows, _product)
_SELLER = Mapper((schema.SELLERS, schema.RATINGS), "seller_id", _seller_rows, _seller)
_DELIVERY = Mapper((schema.DELIVERIES,), "order_id", _delivery_rows, _delivery)
