"""How figures are written: BRL, percent, counts, days, changes.

English page, so thousands take a comma and decimals a point: R$ 1,234,567.89. Functions here
round half away from zero, return text, and know nothing of metrics or of HTML.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path

import yaml

NOT_AVAILABLE = "n/a"
_MINUS = "\N{MINUS SIGN}"
_THOUSAND = 1_000
_MILLION = 1_000_000
# From tenfold growth on, a decimal of a percent says nothing.
_HUGE_CHANGE = 10
_LEAST_P = 0.001
_LONGEST_CODE = 2  # capitals that stay as they are: codes of states

Number = int | float | Decimal


def number(value: Number | None, decimals: int = 0) -> str:
    """A plain number: ``1,234.5``."""
    if value is None:
        return NOT_AVAILABLE
    rounded = _rounded(value, decimals)
    sign = _MINUS if rounded < 0 else ""
    return f"{sign}{abs(rounded):,.{decimals}f}"


def count(value: int | None) -> str:
    """A count of things: ``38,360``."""
    return number(value, 0)


def brl(value: Number | None, decimals: int = 0) -> str:
    """Money in BRL: whole reais on tiles (``R$ 1,234``), two decimals where centavos count."""
    if value is None:
        return NOT_AVAILABLE
    text = number(value, decimals)
    sign = _MINUS if text.startswith(_MINUS) else ""
    # A no-break space: the sign of the currency and its number stay on one line.
    return f"{sign}R$\N{NO-BREAK SPACE}{text.removeprefix(_MINUS)}"


def brl_short(value: Number | None) -> str:
    """Money for a sentence: ``R$ 6.51 million``, ``R$ 842 thousand``, ``R$ 512``."""
    if value is None:
        return NOT_AVAILABLE
    size = abs(float(value))
    if size >= _MILLION:
        return f"{brl(Decimal(str(value)) / _MILLION, 2)} million"
    if size >= 10 * _THOUSAND:
        return f"{brl(Decimal(str(value)) / _THOUSAND, 0)} thousand"
    return brl(value)


def percent(value: float | None, decimals: int = 1) -> str:
    """A share given as 0 to 1: ``93.4%``."""
    return NOT_AVAILABLE if value is None else f"{number(value * 100, decimals)}%"


def days(value: float | None, decimals: int = 1) -> str:
    """A duration in days: ``9.8 days``."""
    return NOT_AVAILABLE if value is None else f"{number(value, decimals)} days"


def score(value: float | None) -> str:
    """A review score: ``4.18``."""
    return number(value, 2)


def probability(value: float | None) -> str:
    """The p of a test: ``0.034``, ``< 0.001``."""
    if value is None:
        return NOT_AVAILABLE
    return f"< {_LEAST_P}" if value < _LEAST_P else number(value, 3)


def change_percent(value: float | None) -> str:
    """The size of a relative change, without its sign: ``12.3%``; large ones whole."""
    if value is None:
        return NOT_AVAILABLE
    return percent(abs(value), 0 if abs(value) >= _HUGE_CHANGE else 1)


def change_stars(value: float | None) -> str:
    """The size of a difference of review scores: ``0.12 stars``."""
    return NOT_AVAILABLE if value is None else f"{number(abs(value), 2)} stars"


def name(value: str | None) -> str:
    """A name of the data for people: ``Health & beauty`` of ``health_beauty``, but ``SP``.

    What the list of names (display_names.yml) lacks loses its underscores and capitals.
    """
    if value is None:
        return "None"
    if (shown := _display_names("values").get(value)) is not None:
        return shown
    words = value.replace("_", " ").strip()
    if words.isupper() and len(words) > _LONGEST_CODE:
        words = words.lower()
    return f"{words[:1].upper()}{words[1:]}"


def city(value: str | None) -> str:
    """A city for people: ``São José dos Campos`` of ``sao jose dos campos``."""
    if value is None or not value.islower():
        return value or "None"
    words = _display_names("city_words")
    shown = " ".join(
        words.get(word) or "-".join(part.capitalize() for part in word.split("-"))
        for word in value.split()
    )
    return f"{shown[:1].upper()}{shown[1:]}"


def choice(column: str, value: str) -> str:
    """A value in a list of choices: ``SP, São Paulo`` in a column of states."""
    if column.endswith("state") and (state := _display_names("states").get(value)):
        return f"{value}, {state}"
    return name(value)


def value_name(value: object) -> str:
    """A value that figures are grouped by: a day, a month, a name as it is."""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:%Y-%m-%d}" if isinstance(value, date) else str(value)


def day(value: date) -> str:
    """A date in words: ``31 Aug 2018``."""
    return f"{value.day} {value:%b %Y}"


def moment(value: datetime) -> str:
    """A UTC time stamp in words: ``20 Nov 2026, 10:30 UTC``."""
    return f"{day(value.date())}, {value:%H:%M} UTC"


@cache
def _display_names(kind: str) -> Mapping[str, str]:
    path = Path(__file__).with_name("display_names.yml")
    names: dict[str, str] = yaml.safe_load(path.read_text(encoding="utf-8"))[kind]
    return names


def _rounded(value: Number, decimals: int) -> Decimal:
    quantum = Decimal(1).scaleb(-decimals)
    return Decimal(str(value)).quantize(quantum, rounding=ROUND_HALF_UP) + 0
