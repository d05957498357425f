"""The why: the charts of the sellers dashboard, each with its finding as title."""

from __future__ import annotations

from dashboards.lib import format as fmt
from dashboards.lib import theme
from dashboards.lib.cards import Chart, Panel
from dashboards.lib.charts import (
    BRL_AXIS,
    COUNT_AXIS,
    Axis,
    Rank,
    monthly_bars,
    monthly_lines,
    ranked_columns,
    ranked_rows,
)
from dashboards.lib.metrics import ratio
from dashboards.lib.months import (
    CHOSEN_BAND,
    INCOMPLETE_BAND,
    INCOMPLETE_BAR,
    OUTSIDE,
    legend,
    of_delivery,
    series,
    timeline,
)
from dashboards.lib.plots import Mark, Part, curve, stacked_rows
from dashboards.lib.queries.sellers import SCORE_BAND, SellerInPeriod
from dashboards.lib.sellers import findings
from dashboards.lib.sellers import measures as m
from dashboards.lib.sellers.data import SellersData
from dashboards.lib.sellers.measures import MIN_DISPATCHED, PARETO_PART, TOP_PART
from dashboards.lib.sellers.words import short_name, tier_name
from dashboards.lib.tiles import Key

_PANEL = 170
_RANKED = 6
_PERCENT = Axis(tick_format="~%", from_zero=True)
_TIER_COLOURS = {
    "PLATINUM": theme.PURPLE,
    "GOLD": theme.ORANGE,
    "SILVER": theme.SKY,
    "BRONZE": theme.VERMILION,
}
_NARROW_PART = 0.09  # of a bar: too narrow for a label


def charts(data: SellersData) -> tuple[Chart, ...]:
    """The cards, in the order of the questions."""
    return (
        _sellers(data),
        _gmv_per_seller(data),
        _tiers(data),
        _lacking(data),
        _pareto(data),
        _scores(data),
        _lateness(data),
        _dispatch_ranking(data),
    )


def _sellers(data: SellersData) -> Chart:
    figure = monthly_bars(
        timeline(data.months),
        (
            series(data.months, m.KNOWN_SELLERS, "Sold before", fmt.count),
            series(
                data.months,
                m.NEW_SELLERS,
                "New",
                fmt.count,
                colour=theme.GREEN,
                pale=theme.PALE_GREEN,
            ),
        ),
        COUNT_AXIS,
        height=2 * _PANEL,
    )
    return Chart(
        "sellers",
        findings.sellers(data),
        "Sellers with a sale by month; new are those with their first sale",
        (Panel(figure),),
        legend(
            data.months,
            Key("Sold before", theme.BLUE),
            Key("New", theme.GREEN),
            OUTSIDE,
            incomplete=INCOMPLETE_BAR,
        ),
    )


def _gmv_per_seller(data: SellersData) -> Chart:
    figure = monthly_lines(
        timeline(data.months),
        (series(data.months, m.GMV_PER_SELLER, "GMV per seller", fmt.brl),),
        Axis(prefix="R$ ", tick_format=",~f"),
        height=2 * _PANEL,
    )
    return Chart(
        "gmv_per_seller",
        findings.gmv_per_seller(data),
        "GMV in R$ for each seller with a sale in the month; the axis does not start at zero",
        (Panel(figure),),
        legend(data.months, CHOSEN_BAND, incomplete=INCOMPLETE_BAND),
    )


def _tiers(data: SellersData) -> Chart:
    everyone = data.all_tiers

    def panel(caption: str, part: str, axis: Axis) -> Panel:
        ranks = []
        for tier, measures in data.tiers.items():
            value = getattr(measures, part)
            share = fmt.percent(ratio(value, getattr(everyone, part)))
            is_count = part == "num_sellers"
            number = fmt.count(value) if is_count else fmt.brl_short(value)
            label = f"{number} ({share})" if is_count else share
            hover = f"{number}, {share}"
            ranks.append(Rank(tier_name(tier), value, label, hover, _TIER_COLOURS[tier]))
        return Panel(ranked_rows(ranks, axis, row_height=32, label_room=0.6), caption)

    day = fmt.day(data.info.as_of_date)
    active = sum(one.num_sellers for one in data.tiers_12m)
    of_year = [
        Rank(
            tier_name(one.tier),
            one.num_sellers,
            f"{fmt.count(one.num_sellers)} ({fmt.percent(ratio(one.num_sellers, active))})",
            f"{fmt.brl_short(one.gmv_amount)} of GMV in the 12 months",
            _TIER_COLOURS[one.tier],
        )
        for one in data.tiers_12m
    ]
    return Chart(
        "tiers",
        findings.tiers(data),
        f"Active sellers by their tier of the 12 months to {day}, and sellers that ever had a "
        "sale by the tier of all time, with shares",
        (
            Panel(
                ranked_rows(of_year, COUNT_AXIS, row_height=32, label_room=0.6),
                f"Active sellers by tier of the 12 months to {day}",
            ),
            panel("Sellers by tier of all time", "num_sellers", COUNT_AXIS),
            panel(f"GMV of all data to {day}, in R$", "gmv_amount", BRL_AXIS),
        )
        if data.tiers
        else (),
    )


_REASONS = (
    ("GMV alone", "num_lacking_gmv", theme.BLUE, "white"),
    ("Stars alone", "num_lacking_score", theme.ORANGE, theme.INK),
    ("On-time rate alone", "num_lacking_on_time", theme.GREEN, "white"),
    ("Several", "num_lacking_several", theme.INCOMPLETE, theme.INK),
)


def _lacking(data: SellersData) -> Chart:
    with_next = {tier: one for tier, one in data.tiers.items() if one.num_lacking}
    parts = []
    for name, field, colour, ink in _REASONS:
        shares = [ratio(getattr(one, field), one.num_lacking) for one in with_next.values()]
        counts = [getattr(one, field) for one in with_next.values()]
        parts.append(
            Part(
                name,
                tuple(shares),
                tuple(
                    fmt.percent(share, 0) if (share or 0) >= _NARROW_PART else ""
                    for share in shares
                ),
                tuple(
                    f"{fmt.count(number)} sellers, {fmt.percent(share)}"
                    for number, share in zip(counts, shares, strict=True)
                ),
                colour,
                ink,
            )
        )
    rows = [tier_name(tier) for tier in with_next]
    bounds = _bounds(data)
    return Chart(
        "lacking",
        findings.lacking(data),
        "What is missing for the tier above, % of the sellers of a tier with a sale, as of "
        f"{fmt.day(data.info.as_of_date)}. {bounds}",
        (Panel(stacked_rows(rows, parts, _PERCENT, row_height=80)),) if rows else (),
        tuple(Key(name, colour) for name, _, colour, _ in _REASONS),
    )


def _bounds(data: SellersData) -> str:
    """What the tiers ask for, as the mart states it with the sellers below them."""
    asked = {card.next_tier: card for card in data.cards if card.next_tier is not None}
    return " ".join(
        f"{tier_name(tier)}: GMV above {fmt.brl(card.next_tier_gmv_amount)}, "
        f"{fmt.number(card.next_tier_review_score, 1)} stars, "
        f"{fmt.percent(card.next_tier_on_time_rate, 0)} on time."
        for tier, card in sorted(
            asked.items(), key=lambda one: -float(one[1].next_tier_gmv_amount)
        )
        if tier is not None
    )


def _pareto(data: SellersData) -> Chart:
    points = data.pareto
    marks = []
    if needed := next((p for p in points if p.gmv_share >= PARETO_PART), None):
        marks.append(
            Mark(
                needed.seller_share,
                needed.gmv_share,
                f"{fmt.percent(needed.seller_share, 0)} bring {fmt.percent(PARETO_PART, 0)}",
            )
        )
    top = data.current.top_share
    if top is not None and data.current.num_top > 1:
        share = ratio(data.current.num_top, data.current.num_sellers) or TOP_PART
        marks.append(Mark(share, top, f"top 10%: {fmt.percent(top)}"))
    figure = curve(
        [0.0, *(point.seller_share for point in points)],
        [0.0, *(point.gmv_share for point in points)],
        [
            "",
            *(
                f"Best {fmt.count(point.num_sellers)} sellers "
                f"({fmt.percent(point.seller_share, 0)}): {fmt.percent(point.gmv_share)} of GMV"
                for point in points
            ),
        ],
        x_axis=Axis(tick_format="~%", title="Share of the sellers, the largest first"),
        y_axis=Axis(tick_format="~%"),
        marks=marks,
        height=2 * _PANEL,
    )
    return Chart(
        "pareto",
        findings.pareto(data),
        f"Cumulative share of GMV over the {fmt.count(data.current.num_sellers)} sellers with "
        f"a sale, {data.period.label}",
        (Panel(figure),) if points else (),
    )


def _scores(data: SellersData) -> Chart:
    by_start = {band.start: band.num_sellers for band in data.score_bands}
    first = min(by_start, default=0)
    ranks = []
    for start in range(first, 100, SCORE_BAND):
        number = by_start.get(start, 0)
        words = f"{fmt.count(number)} sellers score {start} to {start + SCORE_BAND}"
        ranks.append(Rank(f"{start}\N{EN DASH}{start + SCORE_BAND}", number, "", words))
    scored = sum(by_start.values())
    return Chart(
        "scores",
        findings.scores(data),
        f"Sellers by score (0 to 100 points), all data to {fmt.day(data.info.as_of_date)}; "
        f"{fmt.count(scored)} sellers with 20 orders or more",
        (Panel(ranked_columns(ranks, COUNT_AXIS, height=2 * _PANEL)),) if by_start else (),
    )


def _lateness(data: SellersData) -> Chart:
    points = of_delivery(data.months)
    months = timeline(points)
    late = monthly_lines(
        months,
        (
            series(
                points,
                m.DISPATCH_LATE,
                "Dispatched late",
                fmt.percent,
                colour=theme.ORANGE,
            ),
        ),
        _PERCENT,
        height=_PANEL + 55,
    )
    stars = monthly_lines(
        months,
        (series(points, m.REVIEW_SCORE, "Stars", fmt.score, colour=theme.PURPLE),),
        Axis(suffix=" \N{BLACK STAR}", tick_format="~f"),
        height=_PANEL + 55,
    )
    return Chart(
        "lateness",
        findings.lateness(data),
        "By month of purchase, the chosen sellers together",
        (
            Panel(late, "Handed over after the shipping limit, % of shipments handed over"),
            Panel(stars, "Average stars of reviewed orders; the axis does not start at 1"),
        ),
        legend(
            points,
            Key("Dispatched late", theme.ORANGE, "line"),
            Key("Stars", theme.PURPLE, "line"),
            CHOSEN_BAND,
            incomplete=INCOMPLETE_BAND,
        ),
    )


def _dispatch_ranking(data: SellersData) -> Chart:
    ranked = data.ranked
    # No seller stands on both sides: with few of them, the worse half and the better half.
    size = min(_RANKED, (len(ranked) + 1) // 2)

    def ranks(rows: tuple[SellerInPeriod, ...], field: str, colour: str) -> list[Rank]:
        return [
            Rank(
                short_name(row.seller_id, row.state),
                getattr(row.sums, field),
                f"{fmt.percent(row.sums.dispatch_late_rate)} of "
                f"{fmt.count(row.sums.num_dispatched)}",
                f"{fmt.count(row.sums.num_dispatch_late)} of "
                f"{fmt.count(row.sums.num_dispatched)} shipments late, seller {row.seller_id}",
                colour,
            )
            for row in rows
        ]

    def panel(rows: list[Rank], axis: Axis, caption: str) -> Panel:
        return Panel(ranked_rows(rows, axis, row_height=30, label_room=0.55), caption)

    worst = ranked[:size]
    best = tuple(reversed(ranked[size:][-size:])) if size else ()
    panels = []
    if worst:
        most = ranks(worst, "dispatch_late_rate", theme.VERMILION)
        panels.append(panel(most, _PERCENT, "Most often late, % of shipments"))
    if best:
        # The best are often at 0 %: their bars show how many shipments stand behind it.
        least = ranks(best, "num_dispatched", theme.GREEN)
        panels.append(panel(least, COUNT_AXIS, "Least often late; bars: shipments handed over"))
    return Chart(
        "dispatch_ranking",
        findings.dispatch_ranking(data),
        f"Dispatched late, % of shipments handed over, {data.period.label}; sellers with "
        f"{MIN_DISPATCHED} or more ({fmt.count(len(ranked))} of "
        f"{fmt.count(len(data.sellers))})",
        tuple(panels),
    )
