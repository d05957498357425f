"""Queries on the tiers of mart_seller_scorecard: those of twelve months, medians of a tier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb

from dashboards.lib.queries.sellers import FROM_SELLERS, TIERS, SellerScope


@dataclass(frozen=True)
class TierOfYear:
    """The active sellers in a tier of the twelve months to the as-of date."""

    tier: str
    num_sellers: int
    gmv_amount: Any


@dataclass(frozen=True)
class TierMedians:
    """The middle seller of a tier in each figure, of its sellers with a sale."""

    num_sellers: int
    gmv_amount: float | None
    num_orders: float | None
    average_review_score: float | None
    on_time_rate: float | None
    dispatch_late_rate: float | None
    cancellation_rate: float | None
    score: float | None
    days_since_last_sale: float | None


def read_tiers_12m(
    connection: duckdb.DuckDBPyConnection, scope: SellerScope
) -> tuple[TierOfYear, ...]:
    """The active sellers by tier of the twelve months, the best tier first."""
    rows = connection.execute(
        f"""
        select
            sellers.seller_tier_12m,
            count(*) as num_sellers,
            sum(sellers.gmv_12m_amount)::decimal(18, 2) as gmv_amount
        {FROM_SELLERS}
            and sellers.seller_tier_12m is not null
        group by sellers.seller_tier_12m
        """,
        scope.of_sellers(),
    ).fetchall()
    found = {row[0]: TierOfYear(*row) for row in rows}
    return tuple(found[tier] for tier in TIERS if tier in found)


def read_tier_medians(connection: duckdb.DuckDBPyConnection, tier: str) -> TierMedians:
    """The middle seller of a tier in each figure; rates and score over those that have one."""
    names = [name for name in TierMedians.__dataclass_fields__ if name != "num_sellers"]
    medians = ", ".join(f"median({name})::double as {name}" for name in names)
    row = connection.execute(
        f"""
        select count(*) as num_sellers, {medians}
        from marts.mart_seller_scorecard
        where seller_tier = $tier and num_sales > 0
        """,
        {"tier": tier},
    ).fetchone()
    return TierMedians(*row) if row else TierMedians(0, *[None] * len(names))
