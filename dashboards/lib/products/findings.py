"""The titles of the products charts: each says what its chart shows, from its data."""

from __future__ import annotations

from dashboards.lib import format as fmt
from dashboards.lib.changes import moved
from dashboards.lib.metrics import ratio, share
from dashboards.lib.months import extremes
from dashboards.lib.periods import month_name
from dashboards.lib.products import measures
from dashboards.lib.products.data import CategoryChange, ProductsData
from dashboards.lib.products.measures import MIN_REVIEWED_ORDERS, MIN_UNITS, gmv_rate_at

_LEADERS = 5


def gmv(data: ProductsData) -> str:
    """GMV by month."""
    found = extremes(data.months, measures.GMV)
    if found is None:
        return f"GMV was {fmt.brl_short(data.current.gmv_amount)} {data.period.when}"
    low, high = found
    return (
        f"Monthly GMV moved between {fmt.brl_short(low.measures.gmv_amount)} "
        f"({month_name(low.month)}) and {fmt.brl_short(high.measures.gmv_amount)} "
        f"({month_name(high.month)})"
    )


def categories(data: ProductsData) -> str:
    """The concentration on the largest categories."""
    sold = [one for one in data.categories if one.now.num_units and one.name != "Unknown"]
    leaders = sold[:_LEADERS]
    if not leaders:
        return f"Nothing was sold {data.period.when}"
    if len(sold) <= _LEADERS:
        return f"{fmt.name(leaders[0].name)} is the largest category"
    money = sum(one.now.gmv_amount for one in leaders)
    part = fmt.percent(ratio(money, data.current.gmv_amount))
    return f"The {_LEADERS} largest of {len(sold)} categories bring {part} of GMV"


def growth(data: ProductsData) -> str:
    """The fastest growing and the most shrinking category."""
    ranked = data.rankable
    if not ranked:
        why = data.growth_base.reason or f"no category had {MIN_UNITS} units"
        return f"Growth of categories is not available: {why}"
    first, last = ranked[0], ranked[-1]
    words = f"{fmt.name(first.name)} is {moved(first.change)}"
    if last is not first:
        words += f"; {fmt.name(last.name)} is {moved(last.change)}"
    return f"{words} on {data.growth_base.period.label}"


def by_freight(data: ProductsData) -> list[CategoryChange]:
    """The categories of enough units in the period, the highest freight share first."""
    found = [
        one
        for one in data.categories
        if one.now.num_units >= MIN_UNITS and one.now.freight_rate is not None
    ]
    return sorted(found, key=lambda one: (-(one.now.freight_rate or 0), one.name))


def freight(data: ProductsData) -> str:
    """Where freight weighs most and least."""
    ranked = by_freight(data)
    if not ranked:
        return f"No category sold {MIN_UNITS} units: no freight share is ranked"
    first, last = ranked[0], ranked[-1]
    words = f"Freight is {fmt.percent(first.now.freight_rate)} of revenue in "
    words += fmt.name(first.name)
    if last is not first:
        words += f", {fmt.percent(last.now.freight_rate)} in {fmt.name(last.name)}"
    return words


def curve(data: ProductsData) -> str:
    """The concentration on the best products."""
    top = gmv_rate_at(data.curve, measures.PARETO_PART)
    if top is None:
        return "None of these products has ever been sold"
    return f"The best 20% of the products sold make {fmt.percent(top)} of GMV"


def stages(data: ProductsData) -> str:
    """How many of the products are no longer sold."""
    found = {one.name: one.measures for one in data.stages}
    gone = found.get("DISCONTINUED")
    if gone is None:
        return f"{fmt.name(data.stages[0].name)} is the most frequent stage of life"
    products = fmt.percent(share(gone, data.catalogue, measures.PRODUCTS), 0)
    money = fmt.percent(share(gone, data.catalogue, measures.GMV), 0)
    return (
        f"{products} of the products have not been sold for half a year; they made {money} of "
        "all GMV"
    )


def by_stars(data: ProductsData) -> list[CategoryChange]:
    """The categories of enough reviewed orders in the period, the best rated first."""
    found = [
        one for one in data.categories if one.now.num_reviewed_orders >= MIN_REVIEWED_ORDERS
    ]
    return sorted(found, key=lambda one: (-(one.now.average_review_score or 0), one.name))


def category_stars(data: ProductsData) -> str:
    """The best and worst rated categories."""
    ranked = by_stars(data)
    if not ranked:
        return f"No category has {MIN_REVIEWED_ORDERS} reviewed orders: none is ranked"
    first, last = ranked[0], ranked[-1]
    words = f"{fmt.name(first.name)} is rated best with {_stars(first)} stars"
    if last is not first:
        words += f", {fmt.name(last.name)} worst with {_stars(last)}"
    return words


def _stars(one: CategoryChange) -> str:
    return fmt.score(one.now.average_review_score)


def product_stars(data: ProductsData) -> str:
    """The best and worst rated products."""
    if not data.best:
        return "No product has 10 reviewed orders: none is ranked"
    best, worst = data.best[0], data.worst[0]
    return (
        f"Products are rated from {fmt.score(worst.average_review_score)} to "
        f"{fmt.score(best.average_review_score)} stars"
    )
