"""The answer: the tiles of the sellers dashboard and the sentences above them."""

from __future__ import annotations

from dashboards.lib import format as fmt
from dashboards.lib.changes import Words, delta, moved
from dashboards.lib.metrics import Metric
from dashboards.lib.sellers import measures as m
from dashboards.lib.sellers.data import SellersData
from dashboards.lib.tiles import Delta, Tile


def _both(data: SellersData, metric: Metric, words: Words) -> tuple[Delta, ...]:
    """Against the period before and the year before; once, where they are the same."""
    comparisons = [data.previous]
    if data.year_earlier.period != data.previous.period:
        comparisons.append(data.year_earlier)
    return tuple(
        delta(metric, data.current, one, words, f"vs {one.period.label}") for one in comparisons
    )


def tiles(data: SellersData) -> tuple[Tile, ...]:
    """The tiles, in reading order."""
    now, sums, period = data.current, data.current.sums, data.period.label
    return (
        Tile(
            "num_sellers",
            "Sellers with a sale",
            fmt.count(now.num_sellers),
            f"sellers, {period}",
            _both(data, m.SELLERS, fmt.change_percent),
        ),
        _active(data),
        Tile(
            "num_new_sellers",
            "New sellers",
            fmt.count(now.num_new_sellers),
            f"sellers with their first sale, {period}",
            _both(data, m.NEW_SELLERS, fmt.change_percent),
        ),
        Tile(
            "gmv_per_seller",
            "GMV per seller",
            fmt.brl(now.gmv_per_seller),
            f"of {fmt.brl_short(sums.gmv_amount)} over sellers with a sale, {period}",
            _both(data, m.GMV_PER_SELLER, fmt.change_percent),
        ),
        Tile(
            "top_share",
            "Share of the top 10%",
            fmt.percent(now.top_share),
            f"of GMV, from the best {fmt.count(now.num_top)} of "
            f"{fmt.count(now.num_sellers)} sellers, {period}",
            _both(data, m.TOP_SHARE, fmt.change_percentage_points),
        ),
        Tile(
            "dispatch_late_rate",
            "Dispatched late",
            fmt.percent(now.dispatch_late_rate),
            f"of {fmt.count(sums.num_dispatched)} shipments handed over, {period}",
            _both(data, m.DISPATCH_LATE, fmt.change_percentage_points),
        ),
        Tile(
            "on_time_rate",
            "Delivered on time",
            fmt.percent(now.on_time_rate),
            f"of {fmt.count(sums.num_deliveries)} delivered shipments, {period}",
            _both(data, m.ON_TIME, fmt.change_percentage_points),
        ),
        Tile(
            "review_score",
            "Review score",
            fmt.score(now.average_review_score),
            f"stars of 5, {fmt.count(sums.num_reviewed_orders)} reviewed orders, {period}",
            _both(data, m.REVIEW_SCORE, fmt.change_stars),
        ),
        Tile(
            "cancellation_rate",
            "Canceled orders",
            fmt.percent(now.cancellation_rate, 2),
            f"of {fmt.count(sums.num_orders)} orders with an item, {period}",
            _both(data, m.CANCELLATION, fmt.change_percentage_points),
        ),
        _median_score(data),
    )


def _active(data: SellersData) -> Tile:
    everyone = data.all_tiers
    return Tile(
        "num_active",
        "Active sellers",
        fmt.count(everyone.num_active),
        f"with a sale in the last 90 days, as of {fmt.day(data.info.as_of_date)}",
        note=f"{fmt.percent(everyone.active_rate)} of {fmt.count(everyone.num_sellers)} that "
        "ever sold. Known for that day alone, so there is no change.",
    )


def _median_score(data: SellersData) -> Tile:
    scored = sum(band.num_sellers for band in data.score_bands)
    return Tile(
        "median_score",
        "Median seller score",
        fmt.number(data.median_score, 1),
        f"points of 100, {fmt.count(scored)} sellers with 20 orders or more, as of "
        f"{fmt.day(data.info.as_of_date)}",
        note="Stars 40%, on time 30%, dispatch in time 20%, orders not canceled 10%.",
    )


def lead(data: SellersData) -> str:
    """The answer in a few sentences."""
    now, everyone = data.current, data.all_tiers
    if not now.num_sellers:
        return f"No seller had a sale {data.period.when}."
    return (
        f"{fmt.count(now.num_sellers)} sellers had a sale {data.period.when}"
        f"{_compared(data)}, with {fmt.brl(now.gmv_per_seller)} of GMV each. "
        f"The best tenth brought {fmt.percent(now.top_share)} of it. "
        f"{fmt.percent(now.dispatch_late_rate)} of shipments were dispatched late. "
        f"{fmt.count(everyone.num_active)} sellers are active as of "
        f"{fmt.day(data.info.as_of_date)}."
    )


def _compared(data: SellersData) -> str:
    parts: list[str] = []
    for comparison in (data.previous, data.year_earlier):
        if comparison.measures is None:
            continue
        if change := moved(m.SELLERS.change(data.current, comparison.measures)):
            words = f"{change} on {comparison.period.label}"
            if words not in parts:
                parts.append(words)
    if not parts:
        return f" (change not available: {data.previous.reason or 'nothing to compare with'})"
    return ", " + " and ".join(parts)
