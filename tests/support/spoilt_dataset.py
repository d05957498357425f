"""A generated dataset with one row for every way to spoil a value, and what must come of each.

The corpus of what is validated after loading: a row that cannot be used is quarantined with its
reason, a row that is merely odd is published. Files that cannot be read at all are in
``test_load_bad_input``; archives in ``test_sources_archive``. To add a case, add a row to one
of the tables below: it is appended to a sound file, the pipeline runs once over all of them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from extract.sources.synthetic import generate
from extract.tables import TABLES, TABLES_BY_NAME

SCALE, SEED = 0.003, 5


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A sound row with one value replaced, which cannot be used for the reason given."""

    table: str
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A row that is odd and published: what a query must give then.

    ``amount`` is what it adds to the price, value or stars of its table.
    """

    name: str
    table: str
    values: Mapping[str, str]
    query: str
    expected: tuple[object, ...]
    amount: str = "0"


@dataclass(frozen=True, slots=True)
class Rejected:
    """A line that cannot be read."""

    name: str
    table: str
    line: bytes
    reason: str


_MOMENT = "not a time like 2017-10-02 10:56:33"
_DAY = "not a date like 2017-10-02"
_PURCHASE = "order_purchase_timestamp"

QUARANTINED = (
    # Times and days.
    Quarantined("orders", _PURCHASE, "10/2/2017 10:56", _MOMENT),
    Quarantined("orders", _PURCHASE, "02.10.2017 10:56:33", _MOMENT),
    Quarantined("orders", _PURCHASE, "2017-10-02 10:56:33+00", _MOMENT),
    Quarantined("orders", _PURCHASE, "2017-10-02 10:56:33-03:00", _MOMENT),
    Quarantined("orders", _PURCHASE, "2017-10-02T10:56:33Z", _MOMENT),
    Quarantined("orders", _PURCHASE, "2017-10-02 10:56:33 BRT", _MOMENT),
    Quarantined("orders", _PURCHASE, "2017-02-30 10:56:33", _MOMENT),
    Quarantined("orders", _PURCHASE, "2017-10-02 24:00:00", _MOMENT),
    Quarantined("orders", _PURCHASE, "43010.456", _MOMENT),
    Quarantined("orders", _PURCHASE, "1506941793", _MOMENT),
    Quarantined("orders", _PURCHASE, "20018-01-01 00:00:00", _MOMENT),
    Quarantined("orders", _PURCHASE, "1970-01-01 00:00:00", "before 2016-01-01"),
    Quarantined("orders", _PURCHASE, "2099-01-01 00:00:00", "after the day it was loaded"),
    Quarantined("orders", _PURCHASE, "", "missing"),
    Quarantined("orders", "order_delivered_customer_date", "soon", _MOMENT),
    Quarantined("orders", "order_estimated_delivery_date", "18/10/2017", _DAY),
    Quarantined("order_reviews", "review_creation_date", "Oct 2 2017", _DAY),
    # Amounts.
    Quarantined("order_items", "price", "1.234,56", "not an amount"),
    Quarantined("order_items", "price", "58,90", "not an amount"),
    Quarantined("order_items", "price", "1e5", "not an amount"),
    Quarantined("order_items", "price", "inf", "not an amount"),
    Quarantined("order_items", "price", "Infinity", "not an amount"),
    Quarantined("order_items", "price", "R$ 58.90", "not an amount"),
    Quarantined("order_items", "price", "1_000", "not an amount"),
    Quarantined("order_items", "price", "0x10", "not an amount"),
    Quarantined("order_items", "price", "-3.00", "negative"),
    Quarantined("order_items", "price", "99999999999", "above 10000000"),
    Quarantined("order_items", "price", "", "missing"),
    Quarantined("order_items", "freight_value", "-0.01", "negative"),
    Quarantined("order_payments", "payment_value", "1,5", "not an amount"),
    Quarantined("order_payments", "payment_value", "-10.00", "negative"),
    # Whole numbers.
    Quarantined("order_items", "order_item_id", "one", "not a whole number"),
    Quarantined("order_items", "order_item_id", "0", "below 1"),
    Quarantined("order_payments", "payment_installments", "1.5", "not a whole number"),
    Quarantined("order_payments", "payment_installments", "1e1", "not a whole number"),
    Quarantined("order_payments", "payment_sequential", "-1", "below 1"),
    Quarantined("order_reviews", "review_score", "0", "below 1"),
    Quarantined("order_reviews", "review_score", "6", "above 5"),
    Quarantined("order_reviews", "review_score", "4.5", "not a whole number"),
    Quarantined("order_reviews", "review_score", "five", "not a whole number"),
    Quarantined("order_reviews", "review_score", "", "missing"),
    Quarantined("products", "product_weight_g", "-5", "negative"),
    Quarantined("products", "product_weight_g", "999999999", "above 10000000"),
    Quarantined("products", "product_length_cm", "20000", "above 10000"),
    # Keys and places.
    Quarantined("orders", "order_id", "", "missing"),
    Quarantined("orders", "customer_id", "  ", "missing"),
    Quarantined("orders", "order_status", "", "missing"),
    Quarantined("customers", "customer_unique_id", "", "missing"),
    Quarantined("customers", "customer_zip_code_prefix", "123456", "not 1 to 5 digits"),
    Quarantined("customers", "customer_zip_code_prefix", "01037-010", "not 1 to 5 digits"),
    Quarantined("sellers", "seller_zip_code_prefix", "-1037", "not 1 to 5 digits"),
    Quarantined("sellers", "seller_id", " ", "missing"),
    Quarantined("geolocation", "geolocation_lat", "Infinity", "above 90"),
    Quarantined("geolocation", "geolocation_lat", "-23,54", "not a number"),
    Quarantined("geolocation", "geolocation_lng", "-181", "below -180"),
    Quarantined("geolocation", "geolocation_zip_code_prefix", "", "missing"),
    Quarantined("product_category_name_translation", "product_category_name", "", "missing"),
)

# Tables in which one new key stands twice with different contents, and the column that differs.
CONFLICTING = {
    "customers": "customer_city",
    "orders": "order_status",
    "order_items": "price",
    "order_payments": "payment_value",
    "order_reviews": "review_score",
    "products": "product_weight_g",
    "sellers": "seller_city",
}
CONFLICT = "key: repeated with other contents in the same file"

# Tables in which a new row stands three times, exactly.
REPEATED = ("customers", "orders", "order_items", "order_payments", "products", "sellers")

KEPT = (
    Kept(
        "a zip prefix without its leading zero",
        "customers",
        {"customer_id": "zip", "customer_unique_id": "zip", "customer_zip_code_prefix": "1037"},
        "select zip_code_prefix from staging.stg_customers where customer_id = 'zip'",
        ("01037",),
    ),
    Kept(
        "a zip prefix of one digit",
        "sellers",
        {"seller_id": "zip", "seller_zip_code_prefix": "7"},
        "select zip_code_prefix from staging.stg_sellers where seller_id = 'zip'",
        ("00007",),
    ),
    Kept(
        "an unknown status",
        "orders",
        {"order_id": "status", "order_status": "teleported"},
        "select order_status from core.fact_orders where order_id = 'status'",
        ("teleported",),
    ),
    Kept(
        "blanks around a status",
        "orders",
        {"order_id": "blanks", "order_status": "  shipped "},
        "select order_status from core.fact_orders where order_id = 'blanks'",
        ("shipped",),
    ),
    Kept(
        "an order delivered before it was bought",
        "orders",
        {
            "order_id": "timely",
            "order_status": "delivered",
            "order_purchase_timestamp": "2018-01-05 10:00:00",
            "order_delivered_customer_date": "2018-01-04 10:00:00",
        },
        "select has_timestamp_anomaly from core.fact_orders where order_id = 'timely'",
        (True,),
    ),
    Kept(
        "an order without a customer",
        "orders",
        {"order_id": "lonely", "customer_id": "nobody"},
        "select customer_key from core.fact_orders where order_id = 'lonely'",
        ("unknown",),
    ),
    Kept(
        "an item without an order",
        "order_items",
        {"order_id": "none", "order_item_id": "1", "price": "11.00"},
        "select is_orphan, is_sale from core.fact_order_items where order_id = 'none'",
        (True, False),
        "11.00",
    ),
    Kept(
        "an item without a product",
        "order_items",
        {"order_item_id": "901", "product_id": "nothing", "price": "12.00"},
        "select product_key from core.fact_order_items where order_item_id = 901",
        ("unknown",),
        "12.00",
    ),
    Kept(
        "an item without a seller",
        "order_items",
        {"order_item_id": "902", "seller_id": "", "price": "0.00"},
        "select seller_key from core.fact_order_items where order_item_id = 902",
        ("unknown",),
    ),
    Kept(
        "a price with a tenth of a centavo",
        "order_items",
        {"order_item_id": "903", "price": "58.999"},
        "select cast(price_amount as varchar) from core.fact_order_items"
        " where order_item_id = 903",
        ("59.00",),
        "59.00",
    ),
    Kept(
        "a payment without an order",
        "order_payments",
        {"order_id": "none", "payment_sequential": "1", "payment_value": "13.00"},
        "select is_orphan, is_sale from core.fact_payments where order_id = 'none'",
        (True, False),
        "13.00",
    ),
    Kept(
        "an unknown payment type",
        "order_payments",
        {"payment_sequential": "901", "payment_type": "pix", "payment_value": "14.00"},
        "select payment_type from core.fact_payments where payment_sequential = 901",
        ("pix",),
        "14.00",
    ),
    Kept(
        "a whole number with a plus",
        "order_payments",
        {
            "payment_sequential": "902",
            "payment_installments": "+5",
            "payment_value": "15.00",
        },
        "select num_installments from core.fact_payments where payment_sequential = 902",
        (5,),
        "15.00",
    ),
    Kept(
        "a review without an order",
        "order_reviews",
        {"review_id": "none", "order_id": "none", "review_score": "4"},
        "select is_orphan from core.fact_reviews where review_id = 'none'",
        (True,),
        "4",
    ),
    Kept(
        "a product whose category nobody translates",
        "products",
        {"product_id": "category", "product_category_name": "sem_traducao"},
        "select category_name from core.dim_product where product_id = 'category'",
        ("sem_traducao",),
    ),
    Kept(
        "a product without a category",
        "products",
        {"product_id": "plain", "product_category_name": ""},
        "select category_key from core.dim_product where product_id = 'plain'",
        ("unknown",),
    ),
    Kept(
        "a weight with a point",
        "products",
        {"product_id": "weight", "product_weight_g": "225.0"},
        "select weight_g from core.dim_product where product_id = 'weight'",
        (225,),
    ),
    Kept(
        "a weight of nothing",
        "products",
        {"product_id": "light", "product_weight_g": "0"},
        "select weight_g from core.dim_product where product_id = 'light'",
        (0,),
    ),
    Kept(
        "a city that is SQL",
        "sellers",
        {"seller_id": "sql", "seller_city": "'); drop table raw.orders; --"},
        "select seller_city from raw.sellers where seller_id = 'sql'",
        ("'); drop table raw.orders; --",),
    ),
    Kept(
        "a point outside Brazil",
        "geolocation",
        {"geolocation_lat": "48.123", "geolocation_lng": "11.5"},
        "select count(*) from staging.stg_geolocation where latitude = 48.123",
        (1,),
    ),
)

REJECTED = (
    Rejected("a field too few", "customers", b"c,1,2", "too few fields"),
    Rejected("a field too many", "orders", b"o,1,2,3,4,5,6,7,8", "too many fields"),
    Rejected("a NUL byte", "sellers", b"s,1,a\0b,SP", "NUL"),
    Rejected("latin-1", "geolocation", b"1,1,1,s\xe3o,SP", "not UTF-8"),
    Rejected("an open quote", "order_items", b'"o,1,p,s,2018,1,1', "not closed"),
)


def write_spoilt_dataset(directory: Path) -> dict[str, list[dict[str, str]]]:
    """Generate sound files and append every case.

    Args:
        directory: Where to; must be empty.

    Returns:
        The sound rows of each table, before anything was appended.
    """
    generate(directory, scale=SCALE, seed=SEED)
    sound = {}
    for table in TABLES:
        path = directory / table.file_name
        with path.open(encoding="utf-8-sig", newline="") as file:
            sound[table.name] = list(csv.DictReader(file))
        rows = list(_appended(table.name, sound[table.name][0]))
        text = io.StringIO()
        csv.DictWriter(text, table.columns).writerows(rows)
        lines = [case.line + b"\r\n" for case in REJECTED if case.table == table.name]
        content = path.read_bytes().rstrip(b"\r\n") + b"\r\n"
        path.write_bytes(content + text.getvalue().encode() + b"".join(lines))
    return sound


def _appended(table: str, template: Mapping[str, str]) -> Sequence[dict[str, str]]:
    """The rows of all cases of a table: the first sound row under new keys, and spoilt."""
    fresh = (_new_key(table, template, number) for number in range(100, 1000))
    rows = [
        next(fresh) | {case.column: case.value} for case in QUARANTINED if case.table == table
    ]
    rows += [{**template, **case.values} for case in KEPT if case.table == table]
    if table in CONFLICTING:
        row = next(fresh)
        rows += [row | {CONFLICTING[table]: value} for value in ("1", "2")]
    if table in REPEATED:
        rows += [next(fresh)] * 3
    return rows


def _new_key(table: str, template: Mapping[str, str], number: int) -> dict[str, str]:
    row = dict(template)
    key = TABLES_BY_NAME[table].key
    # Items and payments stay with their order: the number within it is the new part.
    for column in [name for name in key if name != "order_id"] or key:
        is_number = column in ("order_item_id", "payment_sequential")
        row[column] = str(number) if is_number else f"new-{number}"
    return row
