"""The answer: the tiles of the products dashboard and the sentences above them."""

from __future__ import annotations

from dashboards.lib import format as fmt
from dashboards.lib.changes import Words, delta, moved
from dashboards.lib.metrics import Metric, ratio, share
from dashboards.lib.products import measures
from dashboards.lib.products.data import ProductsData
from dashboards.lib.products.measures import MIN_UNITS, PARETO_PART, gmv_rate_at
from dashboards.lib.tiles import Delta, Tile


def tiles(data: ProductsData) -> tuple[Tile, ...]:
    """The tiles, in reading order: those of the period, then those of the catalogue."""
    found: tuple[Tile, ...] = ()
    if not data.has_no_sales:
        found += _of_sales(data)
    if not data.has_no_products:
        found += _of_products(data)
    return found


def _changes(data: ProductsData, metric: Metric, words: Words) -> tuple[Delta, ...]:
    comparisons = [data.previous]
    if data.year_earlier.period != data.previous.period:
        comparisons.append(data.year_earlier)
    return tuple(
        delta(metric, data.current, one, words, f"vs {one.period.label}") for one in comparisons
    )


def _of_sales(data: ProductsData) -> tuple[Tile, ...]:
    now, period = data.current, data.period.label
    ranked = data.rankable
    growing = sum(1 for one in ranked if (one.change or 0) > 0)
    against = data.growth_base
    return (
        Tile(
            "gmv",
            "GMV",
            fmt.brl(now.gmv_amount),
            f"price of the units sold, {period}",
            _changes(data, measures.GMV, fmt.change_percent),
        ),
        Tile(
            "units",
            "Units sold",
            fmt.count(now.num_units),
            f"units of sales, {period}",
            _changes(data, measures.UNITS, fmt.change_percent),
        ),
        Tile(
            "average_price",
            "Price per unit",
            fmt.brl(now.average_price, 2),
            f"GMV per unit sold, {period}",
            _changes(data, measures.AVERAGE_PRICE, fmt.change_percent),
        ),
        Tile(
            "freight_rate",
            "Freight share",
            fmt.percent(now.freight_rate),
            f"freight of revenue, {period}",
            _changes(data, measures.FREIGHT_RATE, fmt.change_percentage_points),
        ),
        Tile(
            "review_score",
            "Review score",
            fmt.score(now.average_review_score),
            f"stars of 5, {fmt.count(now.num_reviewed_orders)} reviewed orders, {period}",
            _changes(data, measures.REVIEW_SCORE, fmt.change_stars),
        ),
        Tile(
            "growing_categories",
            "Growing categories",
            fmt.count(growing) if ranked else fmt.NOT_AVAILABLE,
            f"of {fmt.count(len(ranked))} with {MIN_UNITS} units in {against.period.label}, by "
            f"GMV in {period}"
            if ranked
            else f"none to compare with {period}: {against.reason or 'too few units'}",
        ),
        Tile(
            "cancellation_rate",
            "Orders canceled",
            fmt.percent(now.cancellation_rate, 2),
            f"of {fmt.count(now.num_orders_of_any_status)} orders by category, {period}",
            _changes(data, measures.CANCELLATION_RATE, fmt.change_percentage_points),
        ),
    )


def _of_products(data: ProductsData) -> tuple[Tile, ...]:
    day = fmt.day(data.info.as_of_date)
    catalogue, concentration = data.catalogue, data.concentration
    recent = ratio(data.num_recent, catalogue.num_products)
    to_first = ratio(concentration.num_to_cuts[0], concentration.num_products)
    top = gmv_rate_at(data.curve, PARETO_PART)
    return (
        Tile(
            "products",
            "Products",
            fmt.count(catalogue.num_products),
            f"that were ever listed, as of {day}",
        ),
        Tile(
            "recently_sold",
            "Sold in the last 90 days",
            fmt.percent(recent),
            f"{fmt.count(data.num_recent)} of {fmt.count(catalogue.num_products)} products, "
            f"to {day}",
        ),
        Tile(
            "concentration",
            "Products behind 80% of GMV",
            fmt.percent(to_first),
            f"{fmt.count(concentration.num_to_cuts[0])} of "
            f"{fmt.count(concentration.num_products)} ever sold, to {day}; the top "
            f"20% make {fmt.percent(top)}",
        ),
    )


def lead(data: ProductsData) -> str:
    """The answer in three sentences."""
    words = []
    now, period = data.current, data.period.label
    if not data.has_no_sales:
        parts = []
        for one in (data.previous, data.year_earlier):
            if one.measures is None:
                continue
            change = moved(measures.GMV.change(now, one.measures))
            text = f"{change} on {one.period.label}"
            if change and text not in parts:
                parts.append(text)
        compared = ", " + " and ".join(parts) if parts else ""
        words.append(f"Products were sold for {fmt.brl_short(now.gmv_amount)} in {period}")
        words[-1] += f"{compared}."
        top = data.categories[0]
        part = fmt.percent(share(top.now, now, measures.GMV))
        words.append(f"{fmt.name(top.name)} is the largest category with {part}.")
    to_first = ratio(data.concentration.num_to_cuts[0], data.concentration.num_products)
    if to_first:
        words.append(
            f"{fmt.percent(to_first)} of the products sold make 80% of all GMV to date."
        )
    return " ".join(words)
