"""The queries on the category and product marts: sums by category, month, stage; products.

Period, states and regions act on the mart of categories alone, stages and classes on that of
products alone: the other mart does not know them. Nothing here divides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

import duckdb

from dashboards.lib.periods import Period, month_start
from dashboards.lib.products.measures import (
    ABC_CUTS,
    CATEGORY_MEASURE_NAMES,
    STAGE_MEASURE_NAMES,
    CategoryMeasures,
    Slice,
    StageMeasures,
)

# Points of the ABC curve: as fine as a screen can show.
_NUM_SLICES = 200
# An empty list means no restriction.
_OF_CATEGORY = """
            and (len($groups::varchar[]) = 0 or list_contains($groups, category_group))
            and (
                len($categories::varchar[]) = 0
                or list_contains($categories, category_name_english)
            )
"""
_WHERE_SALES = f"""
        where order_month between $first_month and $last_month
            and (len($states::varchar[]) = 0 or list_contains($states, customer_state))
            and (len($regions::varchar[]) = 0 or list_contains($regions, region))
            {_OF_CATEGORY}
"""
_WHERE_PRODUCTS = f"""
        where (len($stages::varchar[]) = 0 or list_contains($stages, lifecycle_stage))
            and (len($classes::varchar[]) = 0 or list_contains($classes, abc_class))
            {_OF_CATEGORY}
"""


def _sums(names: tuple[str, ...]) -> str:
    kinds = {name: "decimal(18, 2)" if name.endswith("_amount") else "bigint" for name in names}
    kinds.pop("num_products", None)
    parts = [f"coalesce(sum({name}), 0)::{kind} as {name}" for name, kind in kinds.items()]
    if "num_products" in names:
        parts.insert(names.index("num_products"), "count(*) as num_products")
    return ",\n            ".join(parts)


_CATEGORY_SUMS = _sums(CATEGORY_MEASURE_NAMES)
_STAGE_SUMS = _sums(STAGE_MEASURE_NAMES)

# A share of products is one of those ever sold: what was never sold has no place in a ranking.
_SOLD = "and num_units > 0"


class Attribute(StrEnum):
    """What products can be grouped by: the columns of the mart."""

    LIFECYCLE_STAGE = "lifecycle_stage"
    ABC_CLASS = "abc_class"


@dataclass(frozen=True)
class ProductScope:
    """What the queries may look at; an empty tuple means all."""

    period: Period
    states: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()

    def of_category(self) -> dict[str, Any]:
        """The values that both marts know, to bind."""
        return {"groups": list(self.groups), "categories": list(self.categories)}

    def of_sales(self, period: Period) -> dict[str, Any]:
        """The values to bind for the mart of categories, over the months of a period."""
        return self.of_category() | {
            "first_month": month_start(period.start),
            "last_month": month_start(period.end),
            "states": list(self.states),
            "regions": list(self.regions),
        }

    def of_products(self) -> dict[str, Any]:
        """The values to bind for the mart of products."""
        return self.of_category() | {
            "stages": list(self.stages),
            "classes": list(self.classes),
        }


@dataclass(frozen=True)
class CategoryName:
    """A category and the group it belongs to."""

    category: str
    group: str


@dataclass(frozen=True)
class CategorySums:
    """The sums of one category."""

    category: str
    group: str
    measures: CategoryMeasures


@dataclass(frozen=True)
class StageSums:
    """The sums of the products of one stage or class."""

    name: str
    measures: StageMeasures


@dataclass(frozen=True)
class Concentration:
    """Of how many products, and how many of the best make 80 % and 95 % of their GMV."""

    num_products: int
    num_to_cuts: tuple[int, int]


@dataclass(frozen=True)
class Product:
    """A row of the table of products; all sales ever."""

    product_id: str
    category: str
    group: str
    abc_class: str
    abc_class_12m: str | None
    lifecycle_stage: str
    gmv_rank: int
    num_units: int
    num_recent_units: int
    num_previous_units: int
    gmv_amount: Decimal
    average_price: float | None
    freight_rate: float | None
    num_sellers: int
    num_reviewed_orders: int
    average_review_score: float | None
    cancellation_rate: float | None
    first_sale_date: date | None
    last_sale_date: date | None


_PRODUCT = """
            product_id,
            category_name_english,
            category_group,
            abc_class,
            abc_class_12m,
            lifecycle_stage,
            gmv_rank,
            num_units,
            num_recent_units,
            num_previous_units,
            gmv_amount,
            average_price,
            freight_rate,
            num_sellers,
            num_reviewed_orders,
            average_review_score,
            cancellation_rate,
            first_sale_date,
            last_sale_date
"""


def read_categories(connection: duckdb.DuckDBPyConnection) -> tuple[CategoryName, ...]:
    """The categories of the products with their groups, by name."""
    rows = connection.execute(
        """
        select distinct category_name_english, category_group
        from marts.mart_product_performance
        order by category_name_english
        """
    ).fetchall()
    return tuple(CategoryName(*row) for row in rows)


def read_stages(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """The lifecycle stages that a product is in, by name."""
    rows = connection.execute(
        "select distinct lifecycle_stage from marts.mart_product_performance order by 1"
    ).fetchall()
    return tuple(row[0] for row in rows)


def read_total(
    connection: duckdb.DuckDBPyConnection, scope: ProductScope, period: Period
) -> CategoryMeasures:
    """The sums over all categories of the scope in the months of a period."""
    row = connection.execute(
        f"""
        select
            {_CATEGORY_SUMS}
        from marts.mart_category_performance
        {_WHERE_SALES}
        """,
        scope.of_sales(period),
    ).fetchone()
    return CategoryMeasures() if row is None else CategoryMeasures(*row)


def read_by_month(
    connection: duckdb.DuckDBPyConnection, scope: ProductScope, period: Period
) -> dict[date, CategoryMeasures]:
    """The sums by month; a month without an order is left out."""
    rows = connection.execute(
        f"""
        select
            order_month,
            {_CATEGORY_SUMS}
        from marts.mart_category_performance
        {_WHERE_SALES}
        group by order_month
        order by order_month
        """,
        scope.of_sales(period),
    ).fetchall()
    return {row[0]: CategoryMeasures(*row[1:]) for row in rows}


def read_by_category(
    connection: duckdb.DuckDBPyConnection, scope: ProductScope, period: Period
) -> tuple[CategorySums, ...]:
    """The sums by category, the largest GMV first."""
    rows = connection.execute(
        f"""
        select
            category_name_english,
            category_group,
            {_CATEGORY_SUMS}
        from marts.mart_category_performance
        {_WHERE_SALES}
        group by category_name_english, category_group
        order by sum(gmv_amount) desc, category_name_english
        """,
        scope.of_sales(period),
    ).fetchall()
    return tuple(CategorySums(row[0], row[1], CategoryMeasures(*row[2:])) for row in rows)


def read_by(
    connection: duckdb.DuckDBPyConnection, scope: ProductScope, attribute: Attribute
) -> tuple[StageSums, ...]:
    """The products by stage or class, the most products first."""
    rows = connection.execute(
        f"""
        select
            {attribute},
            {_STAGE_SUMS}
        from marts.mart_product_performance
        {_WHERE_PRODUCTS}
        group by {attribute}
        order by count(*) desc, {attribute}
        """,
        scope.of_products(),
    ).fetchall()
    return tuple(StageSums(row[0], StageMeasures(*row[1:])) for row in rows)


def read_slices(
    connection: duckdb.DuckDBPyConnection, scope: ProductScope
) -> tuple[Slice, ...]:
    """The products sold in the order of their GMV, in 200 slices of equal number."""
    rows = connection.execute(
        f"""
        select
            count(*) as num_products,
            sum(gmv_amount)::decimal(18, 2) as gmv_amount
        from (
            select
                gmv_amount,
                ntile({_NUM_SLICES}) over (order by gmv_rank) as slice_number
            from marts.mart_product_performance
            {_WHERE_PRODUCTS} {_SOLD}
        )
        group by slice_number
        order by slice_number
        """,
        scope.of_products(),
    ).fetchall()
    return tuple(Slice(*row) for row in rows)


def read_concentration(
    connection: duckdb.DuckDBPyConnection, scope: ProductScope
) -> Concentration:
    """How many of the best products make 80 % and 95 % of the GMV of the chosen ones sold.

    The product that crosses a line counts to it, as in the ABC classes.
    """
    row = connection.execute(
        f"""
        select
            count(*) as num_products,
            count(*) filter (before_amount < $first_cut * total_amount) as num_to_first,
            count(*) filter (before_amount < $second_cut * total_amount) as num_to_second
        from (
            select
                sum(gmv_amount) over (
                    order by gmv_rank
                    rows between unbounded preceding and current row
                ) - gmv_amount as before_amount,
                sum(gmv_amount) over () as total_amount
            from marts.mart_product_performance
            {_WHERE_PRODUCTS} {_SOLD}
        )
        """,
        scope.of_products() | {"first_cut": ABC_CUTS[0], "second_cut": ABC_CUTS[1]},
    ).fetchone()
    return Concentration(0, (0, 0)) if row is None else Concentration(row[0], (row[1], row[2]))


def read_num_recent(connection: duckdb.DuckDBPyConnection, scope: ProductScope) -> int:
    """How many products have been sold in the last 90 days."""
    row = connection.execute(
        f"""
        select count(*) filter (num_recent_units > 0) as num_recent
        from marts.mart_product_performance
        {_WHERE_PRODUCTS}
        """,
        scope.of_products(),
    ).fetchone()
    return 0 if row is None else int(row[0])


def read_products(
    connection: duckdb.DuckDBPyConnection, scope: ProductScope, limit: int
) -> tuple[Product, ...]:
    """The products of most GMV, at most ``limit`` of them."""
    rows = connection.execute(
        f"""
        select
            {_PRODUCT}
        from marts.mart_product_performance
        {_WHERE_PRODUCTS}
        order by gmv_rank
        limit $limit
        """,
        scope.of_products() | {"limit": limit},
    ).fetchall()
    return tuple(Product(*row) for row in rows)


def read_rated(
    connection: duckdb.DuckDBPyConnection, scope: ProductScope, limit: int, *, best: bool
) -> tuple[Product, ...]:
    """The best or the worst rated of the products with enough reviews to be ranked.

    Of equals the one with more reviews comes first.
    """
    rows = connection.execute(
        f"""
        select
            {_PRODUCT}
        from marts.mart_product_performance
        {_WHERE_PRODUCTS}
            and is_rankable
        order by
            case when $best then -average_review_score else average_review_score end,
            num_reviewed_orders desc,
            product_id
        limit $limit
        """,
        scope.of_products() | {"limit": limit, "best": best},
    ).fetchall()
    return tuple(Product(*row) for row in rows)
