"""The queries on mart_seller_months and mart_seller_scorecard: sums, counts and medians.

The months hold what a seller did in a period; the scorecard holds place, tier and activity as
of the as-of date, and by these a `SellerScope` chooses sellers. Nothing here divides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, NamedTuple

import duckdb

from dashboards.lib.periods import Period, month_start
from dashboards.lib.sellers.measures import (
    SELLER_SUMS,
    TIER_SUMS,
    TOP_PART,
    MarketMeasures,
    ParetoPoint,
    SellerSums,
    TierMeasures,
)

Activity = Literal["all", "active", "inactive"]
TIERS = ("PLATINUM", "GOLD", "SILVER", "BRONZE")  # the best first
SCORE_BAND = 5  # the width of a band of scores, in points


def _sum(name: str) -> str:
    # Sums are cast back to the column's own kind: DuckDB widens them.
    kind = "decimal(18, 2)" if name.endswith("_amount") else "bigint"
    return f"coalesce(sum(months.{name}), 0)::{kind} as {name}"


_SUMS = ",\n            ".join(_sum(name) for name in SELLER_SUMS)
_CHOSEN = """
            (len($states::varchar[]) = 0 or list_contains($states, sellers.state))
            and (len($regions::varchar[]) = 0 or list_contains($regions, sellers.region))
            and (len($tiers::varchar[]) = 0 or list_contains($tiers, sellers.seller_tier))
            and (
                len($categories::varchar[]) = 0
                or list_contains($categories, sellers.main_category)
            )
            and ($activity = 'all' or sellers.is_active = ($activity = 'active'))
            and sellers.num_orders >= $min_orders
"""
_FROM_MONTHS = f"""
        from marts.mart_seller_months as months
        inner join marts.mart_seller_scorecard as sellers
            on months.seller_key = sellers.seller_key
        where months.order_month between $first_month and $last_month
            and {_CHOSEN}
"""
FROM_SELLERS = f"""
        from marts.mart_seller_scorecard as sellers
        where {_CHOSEN}
"""


@dataclass(frozen=True)
class SellerScope:
    """The sellers and months a query may look at; empty names mean all of them.

    ``categories`` are the sellers' main ones, ``min_orders`` counts all orders they ever had.
    """

    period: Period
    states: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    activity: Activity = "all"
    min_orders: int = 0

    def during(self, period: Period) -> SellerScope:
        """The same sellers over another period."""
        return replace(self, period=period)

    def of_sellers(self) -> dict[str, Any]:
        """The values to bind that choose sellers."""
        return {
            "states": list(self.states),
            "regions": list(self.regions),
            "tiers": list(self.tiers),
            "categories": list(self.categories),
            "activity": self.activity,
            "min_orders": self.min_orders,
        }

    def bound(self) -> dict[str, Any]:
        """The values to bind that choose sellers and months."""
        return self.of_sellers() | {
            "first_month": month_start(self.period.start),
            "last_month": month_start(self.period.end),
        }


@dataclass(frozen=True)
class SellerPlace:
    """A place that sellers are in."""

    state: str
    region: str


@dataclass(frozen=True)
class SellerInPeriod:
    """What one seller did in the period; the tier is as of the as-of date."""

    seller_id: str
    state: str
    tier: str
    sums: SellerSums


class SellerCard(NamedTuple):
    """A row of the scorecard: figures of all data to the as-of date; money is BRL.

    A tuple, for there are thousands a page, and a frozen dataclass takes ten times as long.
    """

    seller_id: str
    city: str
    state: str
    region: str
    main_category: str | None
    seller_tier: str
    seller_tier_12m: str | None
    next_tier: str | None
    is_active: bool
    is_rankable: bool
    is_below_next_gmv: bool
    is_below_next_score: bool
    is_below_next_on_time: bool
    gmv_rank: int
    num_orders: int
    num_sales: int
    num_reviewed_orders: int
    num_deliveries: int
    num_dispatched: int
    gmv_amount: Any
    gmv_12m_amount: Any
    average_review_score: float | None
    on_time_rate: float | None
    dispatch_late_rate: float | None
    cancellation_rate: float | None
    score: float | None
    next_tier_gmv_amount: Any
    next_tier_review_score: float | None
    next_tier_on_time_rate: float | None
    first_sale_date: date | None
    last_sale_date: date | None
    days_since_last_sale: int | None


_CARD = ", ".join(f"sellers.{name}" for name in SellerCard._fields)


@dataclass(frozen=True)
class ScoreBand:
    """Rankable sellers with a score from ``start`` up to five points more."""

    start: int
    num_sellers: int


def read_places(connection: duckdb.DuckDBPyConnection) -> tuple[SellerPlace, ...]:
    """The states of sellers with their regions, by name."""
    rows = connection.execute(
        "select distinct state, region from marts.mart_seller_scorecard order by state, region"
    ).fetchall()
    return tuple(SellerPlace(*row) for row in rows)


def read_categories(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """The main categories of sellers, by name."""
    rows = connection.execute(
        """
        select distinct main_category
        from marts.mart_seller_scorecard
        where main_category is not null
        order by main_category
        """
    ).fetchall()
    return tuple(row[0] for row in rows)


def read_market(connection: duckdb.DuckDBPyConnection, scope: SellerScope) -> MarketMeasures:
    """All sellers of the scope together; all zero where it holds no row."""
    row = connection.execute(
        f"""
        with
        months as (
            select
                months.seller_key,
                max(months.is_first_sale_month::integer) as is_new,
            {_SUMS}
            {_FROM_MONTHS}
            group by months.seller_key
        ),
        ranked as (
            select
                *,
                row_number() over (order by gmv_amount desc, seller_key) as gmv_rank,
                ceil({TOP_PART} * count(*) over ()) as num_top
            from months
            where num_sales > 0
        ),
        best as (
            select count(*) as num_top, coalesce(sum(gmv_amount), 0) as top_gmv_amount
            from ranked
            where gmv_rank <= num_top
        )
        select
            {_SUMS},
            count(*) filter (where months.num_sales > 0) as num_sellers,
            count(*) filter (where months.num_sales > 0 and months.is_new = 1)
                as num_new_sellers,
            any_value(best.num_top) as num_top,
            any_value(best.top_gmv_amount)::decimal(18, 2) as top_gmv_amount
        from months
        cross join best
        """,
        scope.bound(),
    ).fetchone()
    if row is None or not row[0]:
        return MarketMeasures()
    size = len(SELLER_SUMS)
    return MarketMeasures(SellerSums(*row[:size]), *row[size:])


def read_months(
    connection: duckdb.DuckDBPyConnection, scope: SellerScope
) -> dict[date, MarketMeasures]:
    """All sellers by month of purchase, without the share of the best."""
    rows = connection.execute(
        f"""
        select
            months.order_month,
            {_SUMS},
            count(*) filter (where months.num_sales > 0) as num_sellers,
            count(*) filter (where months.num_sales > 0 and months.is_first_sale_month)
                as num_new_sellers
        {_FROM_MONTHS}
        group by months.order_month
        """,
        scope.bound(),
    ).fetchall()
    size = len(SELLER_SUMS) + 1
    return {row[0]: MarketMeasures(SellerSums(*row[1:size]), *row[size:]) for row in rows}


def read_sellers(
    connection: duckdb.DuckDBPyConnection, scope: SellerScope
) -> tuple[SellerInPeriod, ...]:
    """Each seller with an order in the scope, the largest GMV first."""
    rows = connection.execute(
        f"""
        select
            sellers.seller_id,
            sellers.state,
            sellers.seller_tier,
            {_SUMS}
        {_FROM_MONTHS}
        group by sellers.seller_id, sellers.state, sellers.seller_tier
        order by sum(months.gmv_amount) desc, sellers.seller_id
        """,
        scope.bound(),
    ).fetchall()
    return tuple(SellerInPeriod(row[0], row[1], row[2], SellerSums(*row[3:])) for row in rows)


def read_pareto(
    connection: duckdb.DuckDBPyConnection, scope: SellerScope
) -> tuple[ParetoPoint, ...]:
    """The cumulative GMV of the best sellers, at every percent of the sellers with a sale."""
    rows = connection.execute(
        f"""
        with
        sold as (
            select months.seller_key, sum(months.gmv_amount) as gmv_amount
            {_FROM_MONTHS}
            group by months.seller_key
            having sum(months.num_sales) > 0
        ),
        ranked as (
            select
                row_number() over best_first as gmv_rank,
                count(*) over () as num_sellers,
                sum(gmv_amount) over (
                    best_first rows between unbounded preceding and current row
                ) as gmv_amount,
                sum(gmv_amount) over () as total_amount
            from sold
            window best_first as (order by gmv_amount desc, seller_key)
        )
        select
            gmv_rank, num_sellers, gmv_amount::decimal(18, 2), total_amount::decimal(18, 2)
        from ranked
        where gmv_rank * 100 // num_sellers > (gmv_rank - 1) * 100 // num_sellers
        order by gmv_rank
        """,
        scope.bound(),
    ).fetchall()
    return tuple(ParetoPoint(*row) for row in rows)


def read_tiers(
    connection: duckdb.DuckDBPyConnection, scope: SellerScope
) -> dict[str, TierMeasures]:
    """The sellers with a sale by tier, the best tier first; a tier without one is left out."""
    lacking = {
        "num_lacking_gmv": ("is_below_next_gmv",),
        "num_lacking_score": ("is_below_next_score",),
        "num_lacking_on_time": ("is_below_next_on_time",),
    }
    flags = [flag for (flag,) in lacking.values()]
    number = " + ".join(f"sellers.{flag}::integer" for flag in flags)
    counted = {
        "num_sellers": "count(*)",
        "num_active": "count(*) filter (where sellers.is_active)",
        "gmv_amount": "sum(sellers.gmv_amount)::decimal(18, 2)",
        **{
            name: f"count(*) filter (where sellers.{flag} and {number} = 1)"
            for name, (flag,) in lacking.items()
        },
        "num_lacking_several": f"count(*) filter (where {number} > 1)",
    }
    columns = ", ".join(f"{counted[name]} as {name}" for name in TIER_SUMS)
    rows = connection.execute(
        f"""
        select sellers.seller_tier, {columns}
        {FROM_SELLERS}
            and sellers.num_sales > 0
        group by sellers.seller_tier
        """,
        scope.of_sellers(),
    ).fetchall()
    found = {row[0]: TierMeasures(*row[1:]) for row in rows}
    return {tier: found[tier] for tier in TIERS if tier in found}


def read_score_bands(
    connection: duckdb.DuckDBPyConnection, scope: SellerScope
) -> tuple[ScoreBand, ...]:
    """How many rankable sellers have which score, from the lowest band to the highest."""
    rows = connection.execute(
        f"""
        select
            (least(floor(sellers.score / {SCORE_BAND}), {100 // SCORE_BAND - 1})
                * {SCORE_BAND})::integer as start,
            count(*) as num_sellers
        {FROM_SELLERS}
            and sellers.is_rankable
            and sellers.score is not null
        group by start
        order by start
        """,
        scope.of_sellers(),
    ).fetchall()
    return tuple(ScoreBand(*row) for row in rows)


def read_median_score(
    connection: duckdb.DuckDBPyConnection, scope: SellerScope
) -> float | None:
    """The score of the middle one of the rankable sellers."""
    row = connection.execute(
        f"""
        select median(sellers.score)
        {FROM_SELLERS}
            and sellers.is_rankable
        """,
        scope.of_sellers(),
    ).fetchone()
    return None if row is None else row[0]


def read_cards(
    connection: duckdb.DuckDBPyConnection, scope: SellerScope
) -> tuple[SellerCard, ...]:
    """The scorecards of the sellers of the scope, the largest GMV first."""
    rows = connection.execute(
        f"""
        select {_CARD}
        {FROM_SELLERS}
        order by sellers.gmv_rank
        """,
        scope.of_sellers(),
    ).fetchall()
    return tuple(map(SellerCard._make, rows))


def read_card(connection: duckdb.DuckDBPyConnection, seller_id: str) -> SellerCard | None:
    """The scorecard of one seller, or None where there is no such seller."""
    row = connection.execute(
        f"select {_CARD} from marts.mart_seller_scorecard as sellers "
        "where sellers.seller_id = $seller_id",
        {"seller_id": seller_id},
    ).fetchone()
    return None if row is None else SellerCard(*row)


def read_seller_months(
    connection: duckdb.DuckDBPyConnection, seller_id: str
) -> dict[date, SellerSums]:
    """What one seller did by month of purchase."""
    rows = connection.execute(
        f"""
        select
            months.order_month,
            {_SUMS}
        from marts.mart_seller_months as months
        where months.seller_id = $seller_id
        group by months.order_month
        """,
        {"seller_id": seller_id},
    ).fetchall()
    return {row[0]: SellerSums(*row[1:]) for row in rows}
