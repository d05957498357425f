"""Values are what they are said to be, or they are not made."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.store.marketplace.product import ProductDimensions
from extract.store.marketplace.seller import Cnpj
from extract.store.sales.order import OrderItem, ReviewScore
from extract.store.shared.errors import InvalidValueError
from extract.store.shared.values import STATES, Address, DateRange, Money
from tests.support.shop import money

CENTS = st.integers(min_value=-(10**12), max_value=10**12)


@given(CENTS, CENTS)
def test_money_adds_up_to_the_centavo(one: int, other: int) -> None:
    left, right = Money(Decimal(one) / 100), Money(Decimal(other) / 100)
    assert (left + right).amount * 100 == one + other
    assert (left + right) - right == left
    assert re.fullmatch(r"-?\d+\.\d\d", str(left))


@pytest.mark.parametrize("text", ["0.001", "12,50", "NaN", "Infinity", "", "1e40"])
def test_what_is_no_amount_of_two_decimals_is_no_money(text: str) -> None:
    with pytest.raises(InvalidValueError):
        Money.of(text)


def test_money_is_the_same_however_many_zeros_it_was_written_with() -> None:
    assert money("5") == money("5.0") == Money(Decimal("5.00"))
    assert str(money("5")) == "5.00"


def test_amounts_differ_only_beyond_the_tolerance() -> None:
    cent = money("0.01")
    assert not money("1.00").differs_from(money("1.01"), by_more_than=cent)
    assert money("1.02").differs_from(money("1.00"), by_more_than=cent)


def test_there_are_27_states_and_no_other() -> None:
    assert len(STATES) == 27
    for state in STATES:
        assert Address("01037", "somewhere", state).state == state
    with pytest.raises(InvalidValueError, match="27 states"):
        Address("01037", "somewhere", "XX")


@pytest.mark.parametrize("prefix", ["1037", "010370", "0103a", ""])
def test_a_zip_prefix_has_five_digits(prefix: str) -> None:
    with pytest.raises(InvalidValueError, match="five digits"):
        Address(prefix, "sao paulo", "SP")


@pytest.mark.parametrize("stars", [0, 6, -1])
def test_a_score_is_1_to_5(stars: int) -> None:
    with pytest.raises(InvalidValueError):
        ReviewScore(stars)


def test_scores_from_1_to_5_are_taken() -> None:
    assert [ReviewScore(stars).stars for stars in range(1, 6)] == [1, 2, 3, 4, 5]


def test_a_range_does_not_end_before_it_starts() -> None:
    start, end = (datetime.fromisoformat(one) for one in ("2018-01-01", "2018-01-02 12:00"))
    assert DateRange(start, end).days == 1.5
    assert start in DateRange(start, end)
    assert end in DateRange(start, end)
    assert datetime.fromisoformat("2018-01-03") not in DateRange(start, end)
    with pytest.raises(InvalidValueError):
        DateRange(end, start)


def test_dimensions_may_be_unknown_but_not_negative() -> None:
    assert ProductDimensions(None, 2, 3, 4).volume_cm3 == 24
    assert ProductDimensions(0, 2, None, 4).volume_cm3 is None
    with pytest.raises(InvalidValueError):
        ProductDimensions(-1, None, None, None)


def test_an_item_does_not_cost_less_than_nothing() -> None:
    for price, freight in (("-0.01", "0"), ("1", "-1")):
        with pytest.raises(InvalidValueError):
            OrderItem(1, "lamp", "lucia", None, money(price), money(freight))


# Numbers of firms that publish theirs.
@pytest.mark.parametrize("text", ["00.000.000/0001-91", "33000167000101", "60.746.948/0001-12"])
def test_a_cnpj_with_right_check_digits_is_taken(text: str) -> None:
    assert len(Cnpj(text).digits) == 14


@pytest.mark.parametrize(
    "text",
    ["00.000.000/0001-92", "33000167000110", "11111111111111", "123", "", "0000000000019x"],
)
def test_a_cnpj_with_another_form_or_wrong_digits_is_refused(text: str) -> None:
    with pytest.raises(InvalidValueError):
        Cnpj(text)


@given(st.integers(min_value=1, max_value=10**12 - 1), st.integers(0, 13), st.integers(1, 9))
def test_one_wrong_digit_of_a_cnpj_is_found(body: int, place: int, shift: int) -> None:
    """By a second route: the weights counted from the right, 2 to 9 and again."""
    digits = f"{body:012d}"
    for _ in range(2):
        weighted = sum(int(d) * (2 + i % 8) for i, d in enumerate(reversed(digits)))
        digits += str((11 - weighted % 11) % 11 % 10 if weighted % 11 > 1 else 0)
    if len(set(digits)) > 1:
        assert Cnpj(digits).digits == digits
    wrong = digits[:place] + str((int(digits[place]) + shift) % 10) + digits[place + 1 :]
    rest_is_ambiguous = any(_weighted(digits[:n]) % 11 in (0, 1) for n in (12, 13)) or any(
        _weighted(wrong[:n]) % 11 in (0, 1) for n in (12, 13)
    )
    if not rest_is_ambiguous:  # rests 0 and 1 share the digit 0
        with pytest.raises(InvalidValueError):
            Cnpj(wrong)


def _weighted(digits: str) -> int:
    return sum(int(d) * (2 + i % 8) for i, d in enumerate(reversed(digits)))
