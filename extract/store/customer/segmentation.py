"""Segments of persons by recency, frequency and money: the second route of the customer mart.

Thresholds are handed in: they are vars of the dbt project, and stand only there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from extract.store.shared.values import Money


@dataclass(frozen=True, slots=True)
class SegmentRules:
    """The thresholds, under the names of the dbt vars."""

    churned_after_days: int
    frequent_above_sales: int
    vip_above_amount: int
    regular_from_sales: int
    new_customer_within_days: int
    rfm_num_bands: int
    rfm_frequency_band_starts: tuple[int, ...]
    rfm_recent_from_score: int
    rfm_active_from_score: int
    rfm_valuable_from_score: int
    rfm_repeat_from_frequency_score: int
    rfm_champion_from_frequency_score: int


@dataclass(frozen=True, slots=True)
class Purchases:
    """What a person bought: sales only.

    Attributes:
        num_sales: How many, one or more.
        num_days: On how many days.
        last_at: When the latest was placed.
        revenue: What they came to.
    """

    num_sales: int
    num_days: int
    last_at: datetime
    revenue: Money


@dataclass(frozen=True, slots=True)
class Scores:
    """Recency, frequency and money, 1 to the number of bands, the highest the best."""

    recency: int
    frequency: int
    money: int


@dataclass(frozen=True, slots=True)
class Segments:
    """Where a person stands."""

    scores: Scores
    customer_segment: str
    rfm_segment: str


def segment(
    purchases: Mapping[str, Purchases], as_of: date, rules: SegmentRules
) -> dict[str, Segments]:
    """Put every person into segments.

    Args:
        purchases: Person to what they bought.
        as_of: The day to look back from.
        rules: The thresholds.
    """
    recency = _bands(
        sorted(purchases, key=lambda one: (purchases[one].last_at, one)), rules.rfm_num_bands
    )
    money = _bands(
        sorted(purchases, key=lambda one: (purchases[one].revenue, one)), rules.rfm_num_bands
    )
    found = {}
    for person, bought in purchases.items():
        frequency = 1 + sum(
            bought.num_days >= start for start in rules.rfm_frequency_band_starts
        )
        scores = Scores(recency[person], frequency, money[person])
        days = (as_of - bought.last_at.date()).days
        found[person] = Segments(
            scores, customer_segment(bought, days, rules), rfm_segment(scores, rules)
        )
    return found


def customer_segment(bought: Purchases, recency_days: int, rules: SegmentRules) -> str:
    """The owner's segment of a person: the first that fits."""
    is_frequent = bought.num_sales > rules.frequent_above_sales
    cases = (
        ("CHURNED", recency_days > rules.churned_after_days),
        ("VIP", is_frequent and bought.revenue.amount > rules.vip_above_amount),
        ("LOYAL", is_frequent),
        ("REGULAR", bought.num_sales >= rules.regular_from_sales),
        ("NEW", recency_days <= rules.new_customer_within_days),
    )
    return next((name for name, holds in cases if holds), "ONE_TIME")


def rfm_segment(scores: Scores, rules: SegmentRules) -> str:
    """The segment by scores: the first that fits."""
    is_recent = scores.recency >= rules.rfm_recent_from_score
    is_active = scores.recency >= rules.rfm_active_from_score
    is_valuable = scores.money >= rules.rfm_valuable_from_score
    is_repeat = scores.frequency >= rules.rfm_repeat_from_frequency_score
    is_champion = scores.frequency >= rules.rfm_champion_from_frequency_score
    cases = (
        ("CHAMPIONS", is_champion and is_recent and is_valuable),
        ("RETURNING", is_repeat and is_active),
        ("AT_RISK", is_repeat),
        ("PROMISING", is_recent and is_valuable),
        ("RECENT", is_recent),
        ("COOLING", is_active),
        ("LAPSED_VALUABLE", is_valuable),
    )
    return next((name for name, holds in cases if holds), "HIBERNATING")


def _bands(ranked: Sequence[str], num_bands: int) -> dict[str, int]:
    """Cut a ranking into bands of equal size, the first ones larger by one where it must be."""
    size, larger = divmod(len(ranked), num_bands)
    bands, first = {}, 0
    for band in range(num_bands):
        last = first + size + (band < larger)
        bands.update(dict.fromkeys(ranked[first:last], band + 1))
        first = last
    return bands
