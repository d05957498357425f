"""Pricing: what orders come to. The second route of ``item_amount`` .. ``revenue_amount``."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from extract.store.sales.order import Order
from extract.store.sales.status import Status
from extract.store.shared.values import ZERO, Money


@dataclass(frozen=True, slots=True)
class OrderTotals:
    """What one order comes to, in BRL.

    Attributes:
        goods: Prices of its items.
        freight: Freight of its items.
        charged: Both together.
        revenue: The same, zero where the order is no sale.
        paid: What its payments come to.
    """

    goods: Money
    freight: Money
    charged: Money
    revenue: Money
    paid: Money


def is_sale(status: Status) -> bool:
    """Whether an order counts: it was not given up."""
    return status not in {Status.CANCELED, Status.UNAVAILABLE}


def order_totals(order: Order) -> OrderTotals:
    """Add up one order."""
    goods = Money(sum((one.price.amount for one in order.items), Decimal(0)))
    freight = Money(sum((one.freight.amount for one in order.items), Decimal(0)))
    charged = goods + freight
    revenue = charged if is_sale(order.status) else ZERO
    return OrderTotals(goods, freight, charged, revenue, order.paid)
