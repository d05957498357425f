"""Everything one view of the sellers dashboard shows, read from one published version."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dashboards.lib.changes import Comparison
from dashboards.lib.months import MonthPoint, compare, month_points
from dashboards.lib.periods import DataCalendar, Period
from dashboards.lib.queries import seller_tiers
from dashboards.lib.queries import sellers as queries
from dashboards.lib.queries.sellers import (
    Activity,
    ScoreBand,
    SellerCard,
    SellerInPeriod,
    SellerPlace,
    SellerScope,
)
from dashboards.lib.queries.warehouse import PublishedInfo, published, read_calendar, read_info
from dashboards.lib.sellers.measures import (
    MIN_DISPATCHED,
    MarketMeasures,
    ParetoPoint,
    SellerSums,
    TierMeasures,
    add_tiers,
)

ACTIVITIES: dict[str, Activity] = {
    "All sellers": "all",
    "Active sellers": "active",
    "Inactive sellers": "inactive",
}
MINIMUM_ORDERS: dict[str, int] = {
    "Any number": 0,
    **{f"{number} or more": number for number in (5, 20, 50, 100, 500)},
}
Months = tuple[MonthPoint[MarketMeasures], ...]


@dataclass(frozen=True)
class Outline:
    """What the filters need to know before anything is chosen."""

    info: PublishedInfo
    calendar: DataCalendar
    places: tuple[SellerPlace, ...]
    categories: tuple[str, ...]

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions of the sellers, by name."""
        return tuple(sorted({place.region for place in self.places}))

    def states_of(self, regions: tuple[str, ...]) -> tuple[str, ...]:
        """The states of some regions, by name; of all where none is named."""
        return tuple(p.state for p in self.places if not regions or p.region in regions)


@dataclass(frozen=True)
class SellersData:
    """One view: the chosen scope and all its figures.

    ``tiers``, ``tiers_12m``, ``score_bands``, ``median_score`` and ``cards`` are of all data to
    the as-of date; everything else is of the chosen period.
    """

    info: PublishedInfo
    calendar: DataCalendar
    scope: SellerScope
    current: MarketMeasures
    previous: Comparison[MarketMeasures]
    year_earlier: Comparison[MarketMeasures]
    months: Months
    sellers: tuple[SellerInPeriod, ...]
    pareto: tuple[ParetoPoint, ...]
    tiers: dict[str, TierMeasures]
    tiers_12m: tuple[seller_tiers.TierOfYear, ...]
    score_bands: tuple[ScoreBand, ...]
    median_score: float | None
    cards: tuple[SellerCard, ...]

    @property
    def period(self) -> Period:
        """The chosen period, whole months."""
        return self.scope.period

    @property
    def is_empty(self) -> bool:
        """Whether the filters leave no order."""
        return self.current.is_empty

    @property
    def all_tiers(self) -> TierMeasures:
        """All sellers of the scope that ever had a sale."""
        return add_tiers(list(self.tiers.values()))

    @property
    def ranked(self) -> tuple[SellerInPeriod, ...]:
        """The sellers with enough dispatches, the largest share of late ones first.

        Of equals the one with more dispatches is the more certain: it stands further out.
        """
        rows = [row for row in self.sellers if row.sums.num_dispatched >= MIN_DISPATCHED]
        # A rate of 0 stands at the good end, where more dispatches are better.
        return tuple(
            sorted(
                rows,
                key=lambda row: (
                    -(row.sums.dispatch_late_rate or 0.0),
                    -row.sums.num_dispatched
                    if row.sums.num_dispatch_late
                    else row.sums.num_dispatched,
                    row.seller_id,
                ),
            )
        )


@dataclass(frozen=True)
class SellerPage:
    """One seller: the scorecard, the medians of its tier, its months."""

    info: PublishedInfo
    card: SellerCard
    medians: seller_tiers.TierMedians
    months: tuple[MonthPoint[SellerSums], ...]


def scope(
    period: Period,
    *,
    regions: Iterable[object],
    states: Iterable[object],
    tiers: Iterable[object],
    categories: Iterable[object],
    activity: Activity,
    min_orders: int,
) -> SellerScope:
    """The scope that the widgets' values describe."""
    return SellerScope(
        period,
        states=tuple(str(state) for state in states),
        regions=tuple(str(region) for region in regions),
        tiers=tuple(str(tier) for tier in tiers),
        categories=tuple(str(category) for category in categories),
        activity=activity,
        min_orders=min_orders,
    )


def load_outline(path: Path) -> Outline:
    """The published version, its calendar, its sellers' places and categories.

    Raises:
        DashboardDataError: There is nothing to read.
    """
    with published(path) as connection:
        info = read_info(connection)
        return Outline(
            info=info,
            calendar=read_calendar(connection, info.as_of_date),
            places=queries.read_places(connection),
            categories=queries.read_categories(connection),
        )


def load(path: Path, chosen: SellerScope) -> SellersData:
    """Everything the page shows for a scope, on one connection.

    Raises:
        DashboardDataError: There is nothing to read.
    """
    with published(path) as connection:
        info = read_info(connection)
        calendar = read_calendar(connection, info.as_of_date)

        def read(period: Period) -> MarketMeasures:
            return queries.read_market(connection, chosen.during(period))

        def against(period: Period) -> Comparison[MarketMeasures]:
            return compare(calendar, period, read, chosen.period)

        ever = chosen.during(calendar.whole_months)
        return SellersData(
            info=info,
            calendar=calendar,
            scope=chosen,
            current=read(chosen.period),
            previous=against(chosen.period.previous()),
            year_earlier=against(chosen.period.year_earlier()),
            months=month_points(
                calendar,
                chosen.period,
                queries.read_months(connection, ever),
                MarketMeasures(),
            ),
            sellers=queries.read_sellers(connection, chosen),
            pareto=queries.read_pareto(connection, chosen),
            tiers=queries.read_tiers(connection, chosen),
            tiers_12m=seller_tiers.read_tiers_12m(connection, chosen),
            score_bands=queries.read_score_bands(connection, chosen),
            median_score=queries.read_median_score(connection, chosen),
            cards=queries.read_cards(connection, chosen),
        )


def load_seller(path: Path, seller_id: str, period: Period) -> SellerPage | None:
    """One seller's page, or None where the published version has no such seller.

    Raises:
        DashboardDataError: There is nothing to read.
    """
    with published(path) as connection:
        info = read_info(connection)
        calendar = read_calendar(connection, info.as_of_date)
        card = queries.read_card(connection, seller_id)
        if card is None:
            return None
        months = queries.read_seller_months(connection, seller_id)
        return SellerPage(
            info=info,
            card=card,
            medians=seller_tiers.read_tier_medians(connection, card.seller_tier),
            months=month_points(calendar, period, months, SellerSums()),
        )
