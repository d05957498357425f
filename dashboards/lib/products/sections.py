"""The parts of the products page as marimo shows them: answer, why, rows."""

from __future__ import annotations

from html import escape

import marimo as mo

from dashboards.lib import format as fmt
from dashboards.lib.cards import chart_cards, table_tabs
from dashboards.lib.products.charts import charts
from dashboards.lib.products.data import ProductsData
from dashboards.lib.products.tables import tables
from dashboards.lib.products.tiles import lead, tiles
from dashboards.lib.queries.products import ProductScope
from dashboards.lib.tiles import heading, message, tile_grid

TITLE = "Products"
QUESTION = "What sells, what grows, and what no longer does?"


def sales_words(scope: ProductScope) -> str:
    """What was chosen of the sales, as a reader would say it."""
    where = ", ".join(scope.states or scope.regions) or "all states"
    return f"{scope.period.label}, {where}, {_category_words(scope)}"


def product_words(scope: ProductScope) -> str:
    """What was chosen of the products, as a reader would say it."""
    words = [_category_words(scope)]
    if scope.stages:
        words.append(", ".join(fmt.name(one) for one in scope.stages))
    if scope.classes:
        words.append("class " + ", ".join(scope.classes))
    return ", ".join(words)


def _category_words(scope: ProductScope) -> str:
    if scope.categories:
        return ", ".join(fmt.name(one) for one in scope.categories)
    return ", ".join(scope.groups) or "all categories"


def answer(data: ProductsData) -> mo.Html:
    """The tiles, under the answer in words; a calm word where the filters leave nothing."""
    parts = []
    if not (data.has_no_sales and data.has_no_products):
        day = fmt.day(data.info.as_of_date)
        parts = [
            f'<p class="dw-lead">{escape(lead(data))}</p>',
            heading(
                "Summary",
                f"Sales of {sales_words(data.scope)}. All products as of {day}: "
                f"{product_words(data.scope)}. Period, regions and states act on sales by "
                "category alone, stage and ABC class on products alone.",
            ),
            tile_grid(tiles(data)),
        ]
    if data.has_no_sales:
        text = (
            f"Nothing was ordered in {sales_words(data.scope)}. Choose more months or states."
        )
        parts.insert(0, message("No sales match these filters", text))
    if data.has_no_products:
        text = f"No product is left of {product_words(data.scope)}. Choose more of them."
        parts.insert(0, message("No products match these filters", text))
    return mo.Html("".join(parts))


def why(data: ProductsData) -> mo.Html | None:
    """The charts, or nothing where nothing is left."""
    found = charts(data)
    if not found:
        return None
    return mo.Html(
        heading(
            "Trends and breakdowns",
            "Months without complete data are grey and never compared. A ranking names the "
            "volume from which it ranks.",
        )
        + chart_cards(found)
    )


def rows(data: ProductsData) -> mo.Html | None:
    """The tables in tabs, each with its download, or nothing where nothing is left."""
    found = tables(data)
    if not found:
        return None
    base = data.growth_base
    against = (
        f"GMV change is against {base.period.label}."
        if base.measures is not None
        else f"GMV change is n/a: {base.reason}."
    )
    return mo.vstack(
        [
            mo.Html(
                heading(
                    "Data",
                    f"Products: {product_words(data.scope)}, all sales, the highest GMV first. "
                    f"Categories and months: {sales_words(data.scope)}. {against} Click a "
                    "heading to sort.",
                )
            ),
            table_tabs(found, "products", data.period),
        ]
    )
