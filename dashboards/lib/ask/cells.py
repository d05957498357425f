"""How the values of a result are written: by the name of their column, as all pages write them.

The names of columns say their unit: ``_amount`` is BRL, ``_rate`` a share of 0 to 1, ``_month``
the first day of a month. Nothing here knows one question from another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from dashboards.lib import format as fmt

Unit = Literal["money", "share", "number", "month", "day", "moment", "flag", "text"]

_MONEY_WORDS = ("order_value", "monthly_revenue", "revenue_per_seller")
_NAMES = (
    *("category", "category_name_english", "main_category", "category_a", "category_b"),
    *("favourite_category", "rfm_segment", "seller_tier", "lifecycle_stage", "payment_type"),
)
_CITIES = ("city",)
_SMALL_SHARE = 0.1
_SPELLINGS = {"gmv": "GMV", "rfm": "RFM", "nps": "NPS"}


def unit_of(column: str, values: Sequence[Any]) -> Unit:
    """The unit of a column, by its name and its first value that is not missing."""
    value = next((one for one in values if one is not None), None)
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, datetime):
        return "moment"
    if isinstance(value, date):
        return "month" if column.endswith("_month") else "day"
    if not isinstance(value, (int, float, Decimal)):
        return "text"
    if column.endswith("_amount") or any(word in column for word in _MONEY_WORDS):
        return "money"
    return "share" if "_rate" in column else "number"


def writer(column: str, values: Sequence[Any]) -> Callable[[Any], str]:
    """What writes the values of a column; a missing one is left empty."""
    write = _WRITERS[unit_of(column, values)]
    if write is _text:
        return lambda value: "" if value is None else text(column, value)
    if write is _number:
        decimals = _decimals(values)
        return lambda value: "" if value is None else fmt.number(value, decimals)
    if write is _share:
        known = [abs(float(value)) for value in values if value is not None]
        decimals = 2 if max(known) < _SMALL_SHARE else 1
        return lambda value: "" if value is None else fmt.percent(float(value), decimals)
    return lambda value: "" if value is None else write(value)


def text(column: str, value: Any) -> str:
    """A word of the data for people: names of categories and cities with a capital."""
    words = str(value)
    if column in _CITIES:
        return words.title() if words.islower() else words
    return fmt.name(words) if column in _NAMES or "_" in words else words


def heading(column: str) -> str:
    """The name of a column for people."""
    words = column.removeprefix("num_").removesuffix("_amount").removesuffix("_id")
    words = fmt.name(words.replace("category_name_english", "category"))
    for word, spelling in _SPELLINGS.items():
        words = re.sub(rf"\b{word}\b", spelling, words, flags=re.IGNORECASE)
    return f"{words} (R$)" if column.endswith("_amount") else words


def _decimals(values: Sequence[Any]) -> int:
    """As many decimals as the values have, two at most."""
    found = 0
    for value in values:
        if isinstance(value, (float, Decimal)):
            digits = f"{round(float(value), 2):.2f}".rstrip("0").partition(".")[2]
            found = max(found, len(digits))
    return found


def _share(value: Any) -> str:
    return fmt.percent(float(value))


def _number(value: Any) -> str:
    return fmt.number(value)


def _text(value: Any) -> str:
    return str(value)


def _money(value: Any) -> str:
    return fmt.number(value, 2)


def _month(value: date) -> str:
    return f"{value:%b %Y}"


def _flag(value: Any) -> str:
    return "yes" if value else "no"


_WRITERS: dict[Unit, Callable[[Any], str]] = {
    "money": _money,
    "share": _share,
    "number": _number,
    "month": _month,
    "day": fmt.day,
    "moment": fmt.moment,
    "flag": _flag,
    "text": _text,
}
