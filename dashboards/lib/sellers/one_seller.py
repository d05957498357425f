"""One seller's page: its figures beside those of its tier, and its months."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

from dashboards.lib import format as fmt
from dashboards.lib import theme
from dashboards.lib.cards import Chart, Panel
from dashboards.lib.charts import BRL_AXIS, COUNT_AXIS, monthly_bars
from dashboards.lib.metrics import Metric
from dashboards.lib.months import (
    INCOMPLETE_BAR,
    OUTSIDE,
    legend,
    of_delivery,
    series,
    timeline,
)
from dashboards.lib.sellers import findings
from dashboards.lib.sellers.data import SellerPage
from dashboards.lib.sellers.words import bounds, tier_name
from dashboards.lib.tiles import Key

_GMV = Metric("gmv_amount", "relative")
_ON_TIME = Metric("num_on_time", "relative")
_LATE = Metric("num_late", "relative", higher_is_better=False)


@dataclass(frozen=True)
class Figure:
    """A row of the comparison: one figure of the seller, its tier's median, the next bound."""

    name: str
    value: str
    median: str
    bound: str = "\N{EN DASH}"
    is_met: bool | None = None


def figures(page: SellerPage) -> tuple[Figure, ...]:
    """The seller beside the middle seller of its tier and what the next tier asks for."""
    one, tier = page.card, page.medians
    has_next = one.next_tier is not None

    def row(name: str, field: str, words: Callable[[Any], str]) -> Figure:
        return Figure(name, words(getattr(one, field)), words(getattr(tier, field)))

    def bounded(
        name: str, field: str, words: Callable[[Any], str], bound: str, *, is_below: bool
    ) -> Figure:
        plain = row(name, field, words)
        return (
            Figure(name, plain.value, plain.median, bound, not is_below) if has_next else plain
        )

    return (
        bounded(
            "GMV (R$)",
            "gmv_amount",
            fmt.number,
            f"> {fmt.number(one.next_tier_gmv_amount)}",
            is_below=one.is_below_next_gmv,
        ),
        bounded(
            "Stars (1 to 5)",
            "average_review_score",
            fmt.score,
            f"\N{GREATER-THAN OR EQUAL TO} {fmt.score(one.next_tier_review_score)}",
            is_below=one.is_below_next_score,
        ),
        bounded(
            "Delivered on time",
            "on_time_rate",
            fmt.percent,
            f"\N{GREATER-THAN OR EQUAL TO} {fmt.percent(one.next_tier_on_time_rate)}",
            is_below=one.is_below_next_on_time,
        ),
        row("Dispatched late", "dispatch_late_rate", fmt.percent),
        row("Canceled orders", "cancellation_rate", fmt.percent),
        row("Score (0 to 100)", "score", lambda value: fmt.number(value, 1)),
        row("Orders", "num_orders", fmt.number),
        row("Days since the last sale", "days_since_last_sale", fmt.number),
    )


def comparison_card(page: SellerPage) -> str:
    """The comparison as a card, as HTML."""
    one = page.card
    following = tier_name(one.next_tier) if one.next_tier else None
    heads = ["", "This seller", f"Median {tier_name(one.seller_tier)}"]
    if following:
        heads.append(f"{following} asks")
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    body = []
    for row in figures(page):
        mood = {True: ' class="dw-good"', False: ' class="dw-bad"', None: ""}[row.is_met]
        bound = f"<td>{escape(row.bound)}</td>" if following else ""
        body.append(
            f'<tr><th scope="row">{escape(row.name)}</th><td{mood}>{escape(row.value)}</td>'
            f"<td>{escape(row.median)}</td>{bound}</tr>"
        )
    table = (
        f'<table class="dw-figures"><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table>"
    )
    finding = (
        f"{tier_name(one.seller_tier)} seller in {one.city.title()}, {one.state}, number "
        f"{fmt.count(one.gmv_rank)} by GMV. {bounds(one)}"
    )
    subtitle = (
        f"Seller {one.seller_id}, {'active' if one.is_active else 'inactive'}, main category "
        f"{fmt.name(one.main_category)}. All data to {fmt.day(page.info.as_of_date)}; the "
        f"median is of {fmt.count(page.medians.num_sellers)} {tier_name(one.seller_tier)} "
        "sellers with a sale"
    )
    return (
        f'<section class="dw-card" data-figures="seller"><h3>{escape(finding)}</h3>'
        f'<p class="dw-subtitle">{escape(subtitle)}</p>{table}</section>'
    )


def months_chart(page: SellerPage) -> Chart:
    """What the seller did month by month."""
    months = timeline(page.months)
    gmv = monthly_bars(
        months, (series(page.months, _GMV, "GMV", fmt.brl),), BRL_AXIS, height=175
    )
    arrived = of_delivery(page.months)
    deliveries = monthly_bars(
        timeline(arrived),
        (
            series(
                arrived,
                _ON_TIME,
                "On time",
                fmt.count,
                colour=theme.GREEN,
                pale=theme.PALE_GREEN,
            ),
            series(
                arrived,
                _LATE,
                "Late",
                fmt.count,
                colour=theme.VERMILION,
                pale=theme.PALE_ORANGE,
            ),
        ),
        COUNT_AXIS,
        height=175,
    )
    return Chart(
        "seller_months",
        findings.seller_months(page),
        "By month of purchase",
        (
            Panel(gmv, "GMV, in R$"),
            Panel(deliveries, "Delivered shipments, on time and late"),
        ),
        legend(
            arrived,
            Key("GMV", theme.BLUE),
            Key("On time", theme.GREEN),
            Key("Late", theme.VERMILION),
            OUTSIDE,
            incomplete=INCOMPLETE_BAR,
        ),
    )
