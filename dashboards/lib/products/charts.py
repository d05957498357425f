"""The why: the charts of the products dashboard, each with its finding as title."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dashboards.lib import format as fmt
from dashboards.lib import theme
from dashboards.lib.cards import Chart, Panel
from dashboards.lib.charts import (
    BRL_AXIS,
    COUNT_AXIS,
    Axis,
    Rank,
    monthly_bars,
    ranked_rows,
)
from dashboards.lib.metrics import Metric, share
from dashboards.lib.months import (
    INCOMPLETE_BAR,
    OUTSIDE,
    legend,
    series,
    timeline,
)
from dashboards.lib.plots import Mark, curve
from dashboards.lib.products import findings, measures
from dashboards.lib.products.data import CategoryChange, ProductsData
from dashboards.lib.products.measures import (
    ABC_CUTS,
    MIN_REVIEWED_ORDERS,
    MIN_UNITS,
    PARETO_PART,
    gmv_rate_at,
)
from dashboards.lib.queries.products import Product
from dashboards.lib.tiles import Key

_NAMES = 146  # pixels for the name of a category
_ROW = 27
_MAX_CATEGORIES = 14
_MAX_EACH = 7
_CATEGORY = 11  # and of its category
_ABBREVIATED = 6  # characters of a product's id that tell it apart on a chart
_STARS = Axis(suffix=" \N{BLACK STAR}", tick_format="~f", from_zero=True)
_MOST_STARS = 5
_SHARE = Axis(tick_format="~%", from_zero=True)


def charts(data: ProductsData) -> tuple[Chart, ...]:
    """The cards, in reading order; those of sales or of products only where there are any."""
    found: tuple[Chart, ...] = ()
    if not data.has_no_sales:
        found += (_gmv(data), _categories(data), _growth(data), _freight(data))
    if not data.has_no_products:
        found += (_curve(data), _stages(data))
    if not data.has_no_sales:
        found += (_category_stars(data),)
    if not data.has_no_products:
        found += (_product_stars(data),)
    return found


def _gmv(data: ProductsData) -> Chart:
    figure = monthly_bars(
        timeline(data.months),
        (
            series(data.months, measures.GMV, "GMV", fmt.brl),
            series(
                data.months,
                measures.FREIGHT,
                "Freight",
                fmt.brl,
                colour=theme.ORANGE,
                pale=theme.PALE_ORANGE,
            ),
        ),
        BRL_AXIS,
        height=_ROW * _MAX_CATEGORIES + 60,
    )
    return Chart(
        "gmv",
        findings.gmv(data),
        "GMV and freight by month of purchase, in R$, of the chosen categories and states",
        (Panel(figure),),
        legend(
            data.months,
            Key("GMV", theme.BLUE),
            Key("Freight", theme.ORANGE),
            OUTSIDE,
            incomplete=INCOMPLETE_BAR,
        ),
    )


def _categories(data: ProductsData) -> Chart:
    shown = [one for one in data.categories if one.now.num_units][:_MAX_CATEGORIES]
    ranks = [
        Rank(
            fmt.short_name(one.name),
            one.now.gmv_amount,
            fmt.percent(share(one.now, data.current, measures.GMV)),
            f"{fmt.brl(one.now.gmv_amount)}, {fmt.count(one.now.num_units)} units, "
            f"{fmt.brl(one.now.average_price, 2)} each",
        )
        for one in shown
    ]
    return Chart(
        "categories",
        findings.categories(data),
        f"GMV by category in R$ and its share, the largest {_MAX_CATEGORIES} at most, "
        f"{data.period.label}",
        (
            Panel(
                ranked_rows(
                    ranks, BRL_AXIS, row_height=_ROW, name_margin=_NAMES, label_room=0.35
                )
            ),
        ),
    )


def _growth(data: ProductsData) -> Chart:
    ranked = data.rankable
    up, down = _ends(ranked)
    against = data.growth_base.period.label

    def rank(one: CategoryChange) -> Rank:
        before = one.before or measures.CategoryMeasures()
        rose = (one.change or 0) > 0
        return Rank(
            fmt.short_name(one.name),
            one.change,
            f"{'+' if rose else ''}{fmt.percent(one.change)}",
            f"{fmt.brl(one.now.gmv_amount)} against {fmt.brl(before.gmv_amount)}",
            theme.BLUE if rose else theme.VERMILION,
        )

    axis = Axis(tick_format="~%")
    return Chart(
        "growth",
        findings.growth(data),
        f"Growth of GMV by category, {data.period.label} against {against}, complete months; "
        f"categories with {MIN_UNITS} units or more in {against}: {len(ranked)}",
        _pair(up, down, rank, axis, ("Fastest growing", "Slowest growing or shrinking"), 0.9),
        (Key("Growing", theme.BLUE), Key("Shrinking", theme.VERMILION)),
    )


def _freight(data: ProductsData) -> Chart:
    ranked = findings.by_freight(data)
    high, low = _ends(ranked)

    def rank(one: CategoryChange) -> Rank:
        return Rank(
            fmt.short_name(one.name),
            one.now.freight_rate,
            fmt.percent(one.now.freight_rate),
            f"{fmt.brl(one.now.freight_amount)} freight of {fmt.brl(one.now.revenue_amount)} "
            f"revenue, {fmt.count(one.now.num_units)} units",
            theme.ORANGE,
        )

    return Chart(
        "freight",
        findings.freight(data),
        f"Freight as a share of revenue by category, {MIN_UNITS} units or more in "
        f"{data.period.label}: {len(ranked)} categories",
        _pair(high, low, rank, _SHARE, ("Highest share", "Lowest share")),
    )


def _ends(
    ranked: Sequence[CategoryChange],
) -> tuple[Sequence[CategoryChange], Sequence[CategoryChange]]:
    """The first and the last of a ranking, none of them in both."""
    first = ranked[:_MAX_EACH]
    return first, ranked[max(len(first), len(ranked) - _MAX_EACH) :]


def _pair(
    first: Sequence[Any],
    last: Sequence[Any],
    rank: Callable[[Any], Rank],
    axis: Axis,
    captions: tuple[str, str],
    label_room: float = 0.4,
) -> tuple[Panel, ...]:
    """A panel for each end of a ranking; the second only where it has rows."""
    panels = [
        Panel(
            ranked_rows(
                [rank(one) for one in rows],
                axis,
                row_height=_ROW,
                name_margin=_NAMES,
                label_room=label_room,
            ),
            caption,
        )
        for rows, caption in zip((first, last), captions, strict=True)
        if rows
    ]
    return tuple(panels) or (Panel(ranked_rows([], axis, row_height=_ROW)),)


def _of_stars(
    best: Sequence[Any], worst: Sequence[Any], rank: Callable[[Any], Rank]
) -> tuple[Panel, ...]:
    """Both ends of a ranking by stars on the same scale, so that they can be compared."""
    panels = _pair(best, worst, rank, _STARS, ("Best rated", "Worst rated, the worst first"))
    for panel in panels:
        panel.figure.update_xaxes(
            range=[0, _MOST_STARS * 1.4], tickvals=list(range(1, _MOST_STARS + 1))
        )
    return panels


def _curve(data: ProductsData) -> Chart:
    day = fmt.day(data.info.as_of_date)
    to_cuts = data.concentration.num_to_cuts
    marks = []
    top = gmv_rate_at(data.curve, PARETO_PART)
    if top is not None:
        marks.append(Mark(PARETO_PART, top, f"{fmt.percent(top, 0)} at 20%"))
    for cut, number in zip(ABC_CUTS, to_cuts, strict=True):
        part = number / data.concentration.num_products
        words = f"{fmt.percent(float(cut), 0)} at {fmt.percent(part, 0)}"
        if data.curve:
            marks.append(Mark(part, float(cut), words))
    return Chart(
        "abc",
        findings.curve(data),
        f"Cumulative share of GMV by share of products, the best first; {_abc_words(data)}. "
        f"All sales to {day}: period and states do not act here",
        (
            Panel(
                curve(
                    [point.products_rate for point in data.curve],
                    [point.gmv_rate for point in data.curve],
                    [
                        f"{fmt.percent(point.products_rate)} of products make "
                        f"{fmt.percent(point.gmv_rate)} of GMV"
                        for point in data.curve
                    ],
                    x_axis=Axis(tick_format="~%", title="Products, best first"),
                    y_axis=Axis(tick_format="~%", title="GMV"),
                    marks=marks,
                    height=420,
                )
            ),
        ),
    )


def _abc_words(data: ProductsData) -> str:
    found = {one.name: one.measures for one in data.classes}
    return "class " + ", ".join(
        f"{name}: {fmt.count(found[name].num_products)} products" for name in sorted(found)
    )


def _stages(data: ProductsData) -> Chart:
    def ranks(metric: Metric, words: Callable[[Any], str] | None, colour: str) -> list[Rank]:
        return [
            Rank(
                fmt.name(one.name),
                metric.value(one.measures),
                words(metric.value(one.measures))
                if words is not None
                else fmt.percent(share(one.measures, data.catalogue, metric)),
                f"{fmt.count(one.measures.num_products)} products, "
                f"{fmt.count(one.measures.num_units)} units, "
                f"{fmt.brl(one.measures.gmv_amount)} GMV",
                colour,
            )
            for one in data.stages
        ]

    return Chart(
        "stages",
        findings.stages(data),
        f"Stages of life as of {fmt.day(data.info.as_of_date)}, all sales; period and states "
        "do not act here",
        (
            Panel(
                ranked_rows(
                    ranks(measures.PRODUCTS, fmt.count, theme.BLUE),
                    COUNT_AXIS,
                    row_height=_ROW,
                    name_margin=118,
                    label_room=0.35,
                ),
                "Products",
            ),
            Panel(
                ranked_rows(
                    ranks(measures.GMV, None, theme.ORANGE),
                    BRL_AXIS,
                    row_height=_ROW,
                    name_margin=118,
                    label_room=0.35,
                ),
                "GMV in R$, labelled with its share",
            ),
        ),
        (Key("Products", theme.BLUE), Key("GMV", theme.ORANGE)),
    )


def _category_stars(data: ProductsData) -> Chart:
    ranked = findings.by_stars(data)
    best, worst = _ends(ranked)

    def rank(one: CategoryChange) -> Rank:
        stars = fmt.score(one.now.average_review_score)
        orders = fmt.count(one.now.num_reviewed_orders)
        return Rank(
            fmt.short_name(one.name),
            one.now.average_review_score,
            stars,
            f"{stars} stars, {orders} reviewed orders",
            theme.GREEN,
        )

    return Chart(
        "category_stars",
        findings.category_stars(data),
        f"Average stars, 1 to 5, by category with {MIN_REVIEWED_ORDERS} reviewed orders or "
        f"more {data.period.when}: {len(ranked)}",
        _of_stars(best, worst[::-1], rank),
    )


def _product_stars(data: ProductsData) -> Chart:
    def rank(one: Product) -> Rank:
        stars = fmt.score(one.average_review_score)
        return Rank(
            f"{fmt.short_name(one.category, _CATEGORY)} {one.product_id[:_ABBREVIATED]}",
            one.average_review_score,
            f"{stars} ({fmt.count(one.num_reviewed_orders)})",
            f"{stars} stars, {fmt.count(one.num_reviewed_orders)} reviewed orders, "
            f"{fmt.count(one.num_units)} units; product {one.product_id}",
            theme.GREEN,
        )

    best = {one.product_id for one in data.best}
    worst = [one for one in data.worst if one.product_id not in best]
    return Chart(
        "product_stars",
        findings.product_stars(data),
        "Average stars, 1 to 5, by product with 10 reviewed orders or more; the name is its "
        "category and the start of its id, in brackets the orders. All "
        "sales: period and states do not act here",
        _of_stars(data.best, worst, rank),
    )
