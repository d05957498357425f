"""How figures are written."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from dashboards.lib import format as fmt

NBSP = "\N{NO-BREAK SPACE}"


def test_money_is_in_reais_with_commas_for_thousands() -> None:
    assert fmt.brl(Decimal("1234567.89")) == f"R${NBSP}1,234,568"
    assert fmt.brl(Decimal("1234567.89"), 2) == f"R${NBSP}1,234,567.89"


def test_a_half_rounds_away_from_zero() -> None:
    assert fmt.brl(Decimal("0.5")) == f"R${NBSP}1"
    assert fmt.number(2.5) == "3"
    assert fmt.number(-2.5) == "\N{MINUS SIGN}3"


def test_a_figure_that_rounds_to_zero_has_no_minus() -> None:
    assert fmt.number(-0.04, 1) == "0.0"


def test_negative_money_has_its_minus_before_the_currency() -> None:
    assert fmt.brl(-12) == f"\N{MINUS SIGN}R${NBSP}12"


@pytest.mark.parametrize(
    ("value", "text"),
    [(6511730.6, "6.51 million"), (842_300, "842 thousand"), (9_999, "9,999"), (512, "512")],
)
def test_money_in_a_sentence_is_short(value: float, text: str) -> None:
    assert fmt.brl_short(value) == f"R${NBSP}{text}"


def test_percent_has_one_decimal() -> None:
    assert fmt.percent(0.93044) == "93.0%"


def test_a_large_change_has_no_decimal() -> None:
    assert fmt.change_percent(-0.0412) == "4.1%"
    assert fmt.change_percent(12.345) == "1,235%"


def test_changes_carry_their_own_unit() -> None:
    assert fmt.change_stars(0.138) == "0.14 stars"


@pytest.mark.parametrize(
    "words",
    [fmt.brl, fmt.brl_short, fmt.percent, fmt.count, fmt.days, fmt.score,
     fmt.change_percent, fmt.change_stars],
)  # fmt: skip
def test_what_does_not_exist_is_said_to_be_not_available(words: object) -> None:
    assert callable(words)
    assert words(None) == "n/a"


def test_dates_are_written_in_words() -> None:
    assert fmt.day(date(2018, 8, 31)) == "31 Aug 2018"
    assert fmt.moment(datetime(2026, 11, 20, 10, 5)) == "20 Nov 2026, 10:05 UTC"  # noqa: DTZ001


def test_names_of_the_data_are_written_for_people() -> None:
    assert fmt.name("health_beauty") == "Health & beauty"
    assert fmt.name("ONE_TIME") == "One time"
    assert [fmt.name(one) for one in ("SP", "VIP", "NEW")] == ["SP", "VIP", "New"]
    assert fmt.name(None) == "None"
