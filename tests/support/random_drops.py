"""Random nights: what a source system may send, drawn by hypothesis over a tiny business.

The first drop is fixed and sound: a dozen orders of a few persons. Each night after it brings
rows of random tables with random keys out of the same few, so that they meet: new and late
ones, corrections, older states coming back, rows that cannot be used, keys repeated with equal
or other contents, orphans, and rows whose product, seller, customer or place has changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

from extract.load import LoadMode
from extract.tables import TABLES
from tests.support.replaying import csv_text

Row = Mapping[str, str | None]

_ORDERS = tuple(f"o{n:02}" for n in range(1, 15))
_CUSTOMERS = tuple(f"c{n:02}" for n in range(1, 15))
_PERSONS = ("p1", "p2", "p3", "p4")
_PLACES = (
    ("01037", "sao paulo", "SP", "-23.5456", "-46.6393"),
    ("20031", "rio de janeiro", "RJ", "-22.9064", "-43.1750"),
    ("13023", "campinas", "SP", "-22.9000", "-47.0600"),
    ("69005", "manaus", "AM", "-3.1300", "-60.0200"),
)
# The last one has no point, until a night brings one.
_PREFIXES = (*(place[0] for place in _PLACES), "99999")
_PRODUCTS = ("pr1", "pr2", "pr3", "pr4")
_SELLERS = ("s1", "s2", "s3")
_STATUSES = ("created", "approved", "shipped", "delivered", "canceled")
_MOMENTS = tuple(
    f"2018-{month:02}-{day:02} {hour:02}:00:00"
    for month, day, hour in (
        (1, 5, 9),
        (1, 5, 9),
        (2, 11, 14),
        (3, 30, 23),
        (6, 1, 0),
        (8, 20, 7),
    )
)
_DAYS = ("2018-02-01 00:00:00", "2018-03-30 00:00:00", "2018-09-10 00:00:00")


def _mostly(good: tuple[str | None, ...], *bad: str | None) -> st.SearchStrategy[str | None]:
    """A value that can be used, four times of five where others are named."""
    return st.sampled_from((*(good * (4 * len(bad) // len(good) + 1)), *bad) if bad else good)


# The values of each column, and which of them send the row to quarantine.
_VALUES: Mapping[str, Mapping[str, st.SearchStrategy[str | None]]] = {
    "customers": {
        "customer_id": _mostly(_CUSTOMERS),
        "customer_unique_id": _mostly(_PERSONS, None),
        "customer_zip_code_prefix": _mostly(_PREFIXES, "0103a"),
        "customer_city": _mostly(("sao paulo", "campinas")),
        "customer_state": _mostly(("SP", "RJ", None)),
    },
    "orders": {
        "order_id": _mostly((*_ORDERS, *_ORDERS, None)),
        "customer_id": _mostly(_CUSTOMERS, "gone"),
        "order_status": _mostly(_STATUSES, ""),
        "order_purchase_timestamp": _mostly(_MOMENTS, "1/2/2018", None),
        "order_approved_at": _mostly((*_MOMENTS, None)),
        "order_delivered_carrier_date": _mostly((*_MOMENTS, None)),
        "order_delivered_customer_date": _mostly((*_MOMENTS, None)),
        "order_estimated_delivery_date": _mostly(_DAYS, "soon"),
    },
    "order_items": {
        "order_id": _mostly(_ORDERS, "orphan"),
        "order_item_id": _mostly(("1", "2"), None),
        "product_id": _mostly(_PRODUCTS, "gone"),
        "seller_id": _mostly(_SELLERS, "gone"),
        "shipping_limit_date": _mostly(_MOMENTS),
        "price": _mostly(("10.00", "25.50", "99.90"), "-3.00", "dear"),
        "freight_value": _mostly(("0.00", "7.10")),
    },
    "order_payments": {
        "order_id": _mostly(_ORDERS, "orphan"),
        "payment_sequential": _mostly(("1", "2")),
        "payment_type": _mostly(("credit_card", "boleto", "voucher")),
        "payment_installments": _mostly(("1", "3", "8")),
        "payment_value": _mostly(("10.00", "17.10", "99.90"), "1e5"),
    },
    "order_reviews": {
        "review_id": _mostly(("r1", "r2", "r3")),
        "order_id": _mostly(_ORDERS, "orphan"),
        "review_score": _mostly(("1", "3", "5"), "6"),
        "review_comment_title": _mostly((None, "bom")),
        "review_comment_message": _mostly((None, "chegou antes,\ne bem embalado")),
        "review_creation_date": _mostly((*_DAYS[:2], None)),
        "review_answer_timestamp": _mostly((*_MOMENTS, None)),
    },
    "products": {
        "product_id": _mostly(_PRODUCTS),
        "product_category_name": _mostly(("bebes", "perfumaria", "sem_traducao", None)),
        "product_weight_g": _mostly(("100", "2500"), "heavy"),
        "product_length_cm": _mostly(("10", "40")),
        "product_height_cm": _mostly(("10", "40")),
        "product_width_cm": _mostly(("10", None)),
    },
    "sellers": {
        "seller_id": _mostly(_SELLERS),
        "seller_zip_code_prefix": _mostly(_PREFIXES, "x"),
        "seller_city": _mostly(("sao paulo", "campinas", "sp / sp")),
        "seller_state": _mostly(("SP", "RJ")),
    },
    "geolocation": {
        "geolocation_zip_code_prefix": _mostly(_PREFIXES, "0103a"),
        "geolocation_lat": _mostly(("-23.1", "-22.2", "-3.3"), "NaN"),
        "geolocation_lng": _mostly(("-46.1", "-43.2", "-60.3")),
        "geolocation_city": _mostly(("sao paulo", "são paulo")),
        "geolocation_state": _mostly(("SP",)),
    },
    "product_category_name_translation": {
        "product_category_name": _mostly(("bebes", "perfumaria", "sem_traducao")),
        "product_category_name_english": _mostly(("baby", "perfumery", "changed")),
    },
}


@dataclass(frozen=True, slots=True)
class Night:
    """One drop.

    Attributes:
        mode: How it is loaded.
        rows: Table name to the rows of its file.
    """

    mode: LoadMode
    rows: Mapping[str, tuple[Row, ...]]

    def write(self, directory: Path) -> Path:
        """Write the nine files; those without rows have a header only."""
        directory.mkdir(parents=True, exist_ok=True)
        for table in TABLES:
            text = csv_text(table.name, self.rows.get(table.name, ()))
            (directory / table.file_name).write_text(text, encoding="utf-8")
        return directory

    def __repr__(self) -> str:
        """The rows short enough to read in a failed test's output."""
        lines = [
            f"  {name}: {', '.join(str(value) for value in row.values())}"
            for name, rows in self.rows.items()
            for row in rows
        ]
        return "\n".join([f"Night({self.mode})", *lines])


def first_night() -> Night:
    """The sound business that all sequences begin with."""
    numbered = list(enumerate(_ORDERS[:12]))
    return Night(
        "snapshot",
        {
            "customers": tuple(
                {
                    "customer_id": _CUSTOMERS[n],
                    "customer_unique_id": _PERSONS[n % 4],
                    "customer_zip_code_prefix": _PREFIXES[(n // 4) % 3],
                    "customer_city": "sao paulo",
                    "customer_state": "SP",
                }
                for n, _ in numbered
            ),
            "orders": tuple(
                {
                    "order_id": order,
                    "customer_id": _CUSTOMERS[n],
                    "order_status": _STATUSES[n % 5],
                    "order_purchase_timestamp": _MOMENTS[n % 6],
                    "order_approved_at": _MOMENTS[n % 6],
                    "order_delivered_carrier_date": _MOMENTS[min(n % 6 + 1, 5)],
                    "order_delivered_customer_date": _MOMENTS[5] if n % 5 == 3 else None,
                    "order_estimated_delivery_date": _DAYS[n % 3],
                }
                for n, order in numbered
            ),
            "order_items": tuple(
                {
                    "order_id": order,
                    "order_item_id": item,
                    "product_id": _PRODUCTS[n % 4],
                    "seller_id": _SELLERS[(n + int(item)) % 3],
                    "shipping_limit_date": _MOMENTS[3],
                    "price": "25.50",
                    "freight_value": "7.10",
                }
                for n, order in numbered
                for item in ("1", "2")[: 1 + n % 2]
            ),
            "order_payments": tuple(
                {
                    "order_id": order,
                    "payment_sequential": "1",
                    "payment_type": "boleto",
                    "payment_installments": "1",
                    "payment_value": "32.60",
                }
                for _, order in numbered
            ),
            "order_reviews": tuple(
                {
                    "review_id": f"r{1 + n % 3}",
                    "order_id": order,
                    "review_score": str(1 + n % 5),
                    "review_creation_date": _DAYS[1],
                    "review_answer_timestamp": _MOMENTS[3],
                }
                for n, order in numbered[:8]
            ),
            "products": tuple(
                {
                    "product_id": product,
                    "product_category_name": "bebes" if product != "pr4" else None,
                    "product_weight_g": "100",
                    "product_length_cm": "10",
                    "product_height_cm": "10",
                    "product_width_cm": "10",
                }
                for product in _PRODUCTS
            ),
            "sellers": tuple(
                {
                    "seller_id": seller,
                    "seller_zip_code_prefix": _PREFIXES[n],
                    "seller_city": "sao paulo",
                    "seller_state": "SP",
                }
                for n, seller in enumerate(_SELLERS)
            ),
            "geolocation": tuple(
                {
                    "geolocation_zip_code_prefix": prefix,
                    "geolocation_lat": latitude,
                    "geolocation_lng": longitude,
                    "geolocation_city": city,
                    "geolocation_state": state,
                }
                for prefix, city, state, latitude, longitude in _PLACES
            ),
            "product_category_name_translation": (
                {
                    "product_category_name": "bebes",
                    "product_category_name_english": "baby",
                },
            ),
        },
    )


def nights(*, at_most: int) -> st.SearchStrategy[list[Night]]:
    """Sequences of nights after the first one; some of them come twice, out of order."""
    one = st.builds(Night, mode=st.sampled_from(("delta", "snapshot")), rows=_tables())
    return st.lists(one, min_size=1, max_size=at_most).flatmap(_with_repeats)


def _with_repeats(fresh: list[Night]) -> st.SearchStrategy[list[Night]]:
    again = st.lists(st.sampled_from(fresh), max_size=1)
    return again.map(lambda repeated: [*fresh, *repeated])


def _tables() -> st.SearchStrategy[dict[str, tuple[Row, ...]]]:
    return st.fixed_dictionaries(
        {},
        optional={
            name: st.lists(
                st.fixed_dictionaries(dict(columns)), min_size=1, max_size=3
            ).flatmap(_with_twins)
            for name, columns in _VALUES.items()
        },
    )


def _with_twins(rows: Sequence[Row]) -> st.SearchStrategy[tuple[Row, ...]]:
    """Now and then the first row stands twice in the file."""
    return st.sampled_from((False, False, False, True)).map(
        lambda twice: tuple([*rows, rows[0]] if twice else rows)
    )
