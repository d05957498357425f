"""A dataset as it would have looked at a moment: from a live source, or as an extract.

The replay (`extract.replay`) does the former too, drop by drop and with faults; here it is one
moment, the reviews appear when their survey is sent, and no line is shared with it. A moment is
text as the files have it, ``2018-05-10 00:00:00``.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from extract.tables import TABLES

_MOMENT = "getvariable('moment')"


def _by_then(column: str) -> str:
    return f"case when {column} < {_MOMENT} then {column} end as {column}"


# An order as a live source shows it: stamps that have come true, and the status they make; the
# dataset's own status where nothing more is to come.
_ORDERS_BY_THEN = f"""
    select
        order_id,
        customer_id,
        case
            when
                greatest(
                    order_purchase_timestamp, order_approved_at,
                    order_delivered_carrier_date, order_delivered_customer_date
                ) < {_MOMENT}
                then order_status
            when order_delivered_customer_date < {_MOMENT} then 'delivered'
            when order_delivered_carrier_date < {_MOMENT} then 'shipped'
            when order_approved_at < {_MOMENT} then 'approved'
            else 'created'
        end as order_status,
        order_purchase_timestamp,
        {_by_then("order_approved_at")},
        {_by_then("order_delivered_carrier_date")},
        {_by_then("order_delivered_customer_date")},
        order_estimated_delivery_date
    from orders
    where order_purchase_timestamp < {_MOMENT}
"""
# An extract shows an order once its first survey was sent, and then as it stands today.
_ORDERS_SURVEYED = f"""
    select orders.*
    from orders
    semi join (
        select order_id from order_reviews
        group by order_id having min(review_creation_date) < {_MOMENT}
    ) using (order_id)
"""


def live_feed(files: Path, directory: Path, moment: str) -> Path:
    """Write the nine files as a live source would have shown them: nothing later is in them.

    Orders bought before the moment, with the stamps and the status that were known by then;
    reviews whose survey was sent before it. Products and sellers are all there.
    """
    return _cut(files, directory, moment, _ORDERS_BY_THEN)


def public_extract(files: Path, directory: Path, moment: str) -> Path:
    """Write the nine files as an extract made at the moment: surveyed orders only."""
    return _cut(files, directory, moment, _ORDERS_SURVEYED)


def _cut(files: Path, directory: Path, moment: str, orders: str) -> Path:
    directory.mkdir(parents=True)
    with duckdb.connect() as con:
        for table in TABLES:
            types = dict.fromkeys(table.columns, "varchar")
            con.execute(
                f"create table {table.name} as from read_csv($path, columns = {types}, "
                "header = true, delim = ',', quote = '\"', escape = '\"', auto_detect = false)",
                {"path": str(files / table.file_name)},
            )
        # Times are text of one form, so text is compared with text.
        con.execute("set variable moment = $moment", {"moment": moment})
        con.execute(f"create table known_orders as {orders}")
        con.execute("drop table orders; alter table known_orders rename to orders")
        kept = "semi join orders using (order_id)"
        conditions = {
            "customers": "semi join orders using (customer_id)",
            "order_items": kept,
            "order_payments": kept,
            "order_reviews": f"{kept} where review_creation_date < {_MOMENT}",
        }
        for table in TABLES:
            con.execute(
                f"copy (from {table.name} {conditions.get(table.name, '')}) "
                f"to '{directory / table.file_name}' (header, delimiter ',', quote '\"')"
            )
    return directory
