"""What only the products page shows: growth by category, the ABC curve, rated products."""

from __future__ import annotations

from typing import Any

from dashboards.lib import format as fmt
from dashboards.lib import words
from dashboards.lib.cards import Chart, Panel
from dashboards.lib.charts import Axis
from dashboards.lib.growth import grown
from dashboards.lib.plots import Mark
from dashboards.lib.plots import curve as curve_of
from dashboards.lib.render import name_of, ranked
from dashboards.lib.spec import Growth, Ranking
from dashboards.lib.tiles import Tile
from dashboards.lib.view import Values, View
from orchestration.dbt import variables as rules

CATALOGUE = "mart_product_performance"
CATEGORY = ("category_name_english",)
_PARETO = 0.20  # of the products, the best
_NUM_POINTS = 200  # of the curve: as fine as a screen can show
NO_PERIOD = "period and states do not act here"
# Products that were sold, best first, each with the GMV of those up to it.
_BEST = """
    with best as (
        select
            gmv_amount,
            row_number() over ranked as place,
            count(*) over () as num_products,
            sum(gmv_amount) over ranked as so_far_amount,
            sum(gmv_amount) over () as total_amount
        from marts.mart_product_performance
        where {where} and num_units > 0
        window ranked as (
            order by gmv_rank rows between unbounded preceding and current row
        )
    )
"""


# Categories

CATEGORIES = Ranking("categories", "gmv_amount", CATEGORY, most=14)


def largest(view: View) -> str | None:
    """A sentence on the largest category of the period."""
    rows = ranked(view, CATEGORIES)
    if not rows:
        return None
    part = float(rows[0]["gmv_amount"]) / float(view.total()["gmv_amount"])
    return f"{name_of(rows[0], CATEGORY)} is the largest category with {fmt.percent(part)}."


GROWTH = Growth(
    "growth", "gmv_amount", CATEGORY, "num_items", rules.var("min_units_for_ranking")
)


def growing(view: View) -> Tile | None:
    """How many of the categories that can be compared grow."""
    if not view.has_rows():
        return None
    rows, base, now = grown(view, GROWTH), view.growth_base, view.period.label
    return Tile(
        "growing_categories",
        "Growing categories",
        fmt.count(sum(one.growth > 0 for one in rows)) if rows else fmt.NOT_AVAILABLE,
        f"of {len(rows)} with {GROWTH.least} units in {base.period.label}, by GMV in {now}"
        if rows
        else f"none to compare with {now}: {base.reason or 'too few units'}",
    )


# Products


def _of_best(view: View, columns: str, tail: str = "", **values: Any) -> list[dict[str, Any]]:
    """A query on the chosen products that were sold, best first; of all sales."""
    where, bound = view.condition(CATALOGUE, None)
    sql = f"{_BEST.format(where=where)} select {columns} from best {tail}"
    return view.source.rows(sql, bound | values)


def cuts(view: View) -> Values:
    """How many products are sold, and how many of the best make the cuts of the ABC classes.

    The product that crosses a line counts to it, as in the classes.
    """
    (row,) = _of_best(
        view,
        """
        count(*) as num_products,
        count(*) filter (so_far_amount - gmv_amount < $a * total_amount) as num_a,
        count(*) filter (so_far_amount - gmv_amount < $b * total_amount) as num_b,
        max(so_far_amount / total_amount) filter (place <= $best * num_products) as top_rate
        """,
        a=rules.var("abc_a_until_rate"),
        b=rules.var("abc_b_until_rate"),
        best=_PARETO,
    )
    return row


def _a_cut() -> str:
    return fmt.percent(rules.var("abc_a_until_rate"), 0)


def behind_most(view: View) -> str | None:
    """A sentence on how few products make most of GMV."""
    found = cuts(view)
    if not found["num_products"]:
        return None
    part = fmt.percent(found["num_a"] / found["num_products"])
    return f"{part} of the products sold make {_a_cut()} of all GMV to date."


def concentration(view: View) -> Tile | None:
    """The fewest products that make most of GMV."""
    if not view.has_rows(CATALOGUE):
        return None
    found = cuts(view)
    sold = found["num_products"]
    return Tile(
        "concentration",
        f"Products behind {_a_cut()} of GMV",
        fmt.percent(found["num_a"] / sold if sold else None),
        f"{fmt.count(found['num_a'])} of {fmt.count(sold)} ever sold, {view.all_data}; the top "
        f"{fmt.percent(_PARETO, 0)} make {fmt.percent(found['top_rate'])}",
    )


def curve(view: View) -> Chart | None:
    """The ABC curve: which part of the products makes which part of GMV."""
    if not view.has_rows(CATALOGUE):
        return None
    found = cuts(view)
    points = _of_best(
        view,
        "place / num_products as products_rate, so_far_amount / total_amount as gmv_rate",
        "where place % greatest(num_products // $num_points, 1) = 0 or place = num_products "
        "order by place",
        num_points=_NUM_POINTS,
    )
    finding, marks = "None of these products has ever been sold", []
    if points:
        points = [{"products_rate": 0.0, "gmv_rate": 0.0}, *points]
        finding = (
            f"The best {fmt.percent(_PARETO, 0)} of the products sold make "
            f"{fmt.percent(found['top_rate'])} of GMV"
        )
        marks = [
            _mark(found["num_a"] / found["num_products"], rules.var("abc_a_until_rate")),
            _mark(found["num_b"] / found["num_products"], rules.var("abc_b_until_rate")),
        ]
        if found["top_rate"] is not None:
            marks.append(_mark(_PARETO, found["top_rate"]))
    counted = view.select(
        CATALOGUE, "abc_class, count(*) as num_products", "group by all order by all"
    )
    classes = ", ".join(
        f"{row['abc_class']}: {fmt.count(row['num_products'])} products" for row in counted
    )
    return Chart(
        "abc",
        finding,
        f"Cumulative share of GMV by share of products, the best first; class {classes}. "
        f"{words.capitalised(view.all_data)}: {NO_PERIOD}",
        (
            Panel(
                curve_of(
                    [point["products_rate"] for point in points],
                    [point["gmv_rate"] for point in points],
                    [
                        f"{fmt.percent(point['products_rate'])} of products make "
                        f"{fmt.percent(point['gmv_rate'])} of GMV"
                        for point in points
                    ],
                    x_axis=Axis(tick_format="~%", title="Products, best first"),
                    y_axis=Axis(tick_format="~%", title="GMV"),
                    marks=marks,
                    height=420,
                )
            ),
        ),
    )


def _mark(products: float, gmv: float) -> Mark:
    return Mark(products, gmv, f"{fmt.percent(gmv, 0)} at {fmt.percent(products, 0)}")


def _range_of_stars(view: View) -> str:
    """No product is named: of so few reviews each, many share the first place by chance."""
    rows, least = ranked(view, PRODUCT_STARS), PRODUCT_STARS.least
    if not rows:
        return f"No product has {least} reviewed orders: none is ranked"
    worst, best = (fmt.score(row["product_review_score"]) for row in (rows[-1], rows[0]))
    return f"Products with {least} reviewed orders or more have {worst} to {best} stars"


PRODUCT_STARS = Ranking(
    "product_stars",
    "product_review_score",
    (*CATEGORY, "product_id"),
    _range_of_stars,
    f"Stars by product, named by its category and the start of its id; {NO_PERIOD}",
    is_both_ends=True,
    least=rules.var("min_reviews_for_ranking"),
    mart=CATALOGUE,
)
