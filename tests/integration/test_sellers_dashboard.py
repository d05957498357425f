"""The sellers page shows what the marts hold: its sums, its ratios, its words and its rows.

The marts are read whole into pandas and added up there. All of it runs on generated data, and
again on the real data where there is some.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from dashboards.lib import format as fmt
from dashboards.lib.periods import Period
from dashboards.lib.queries import sellers as queries
from dashboards.lib.queries.sellers import SellerScope
from dashboards.lib.queries.warehouse import published
from dashboards.lib.sellers import charts, data, findings, one_seller, tables, tiles
from dashboards.lib.sellers.data import Outline, SellersData
from dashboards.lib.sellers.measures import MIN_DISPATCHED, SELLER_SUMS


@dataclass(frozen=True)
class Page:
    """One warehouse: its outline, its default view, and its marts as they are."""

    path: Path
    outline: Outline
    view: SellersData
    months: pd.DataFrame
    cards: pd.DataFrame

    def sellers(self, scope: SellerScope) -> pd.DataFrame:
        """The scorecards that a scope means."""
        cards = self.cards
        keep = cards["num_orders"] >= scope.min_orders
        for column, wanted in (
            ("state", scope.states),
            ("region", scope.regions),
            ("seller_tier", scope.tiers),
            ("main_category", scope.categories),
        ):
            if wanted:
                keep &= cards[column].isin(wanted)
        if scope.activity != "all":
            keep &= cards["is_active"] == (scope.activity == "active")
        return cards[keep]

    def rows(self, scope: SellerScope) -> pd.DataFrame:
        """The rows of mart_seller_months that a scope means."""
        months = [pd.Timestamp(month) for month in scope.period.months]
        own = self.months["seller_key"].isin(self.sellers(scope)["seller_key"])
        return self.months[own & self.months["order_month"].isin(months)]


@pytest.fixture(
    scope="module", params=["generated", pytest.param("real", marks=pytest.mark.real_data)]
)
def page(request: pytest.FixtureRequest) -> Iterator[Page]:
    name = {"generated": "built_warehouse", "real": "real_warehouse"}[request.param]
    path: Path = request.getfixturevalue(name)
    outline = data.load_outline(path)
    with published(path) as connection:
        yield Page(
            path,
            outline,
            data.load(path, SellerScope(outline.calendar.default_period())),
            connection.execute("select * from marts.mart_seller_months").df(),
            connection.execute("select * from marts.mart_seller_scorecard").df(),
        )


def sold(rows: pd.DataFrame) -> pd.Series:
    """GMV of each seller with a sale, the largest first."""
    by_seller = rows.groupby("seller_id")[["gmv_amount", "num_sales"]].sum()
    gmv: pd.Series = by_seller[by_seller["num_sales"] > 0]["gmv_amount"]
    return gmv.sort_values(ascending=False)


SCOPES: dict[str, dict[str, Any]] = {
    "everything": {},
    "a state": {"states": ("SP",)},
    "a region": {"regions": ("South",)},
    "a tier": {"tiers": ("SILVER", "GOLD")},
    "a category": {"categories": ("health_beauty", "watches_gifts")},
    "active": {"activity": "active"},
    "inactive": {"activity": "inactive"},
    "many orders": {"min_orders": 20},
    "all together": {"regions": ("Southeast",), "activity": "active", "min_orders": 5},
}


@pytest.mark.parametrize("name", SCOPES)
def test_the_market_holds_the_sellers_of_its_scope_and_no_others(page: Page, name: str) -> None:
    scope = replace(page.view.scope, **SCOPES[name])
    with published(page.path) as connection:
        market = queries.read_market(connection, scope)
    rows, gmv = page.rows(scope), sold(page.rows(scope))
    for column in SELLER_SUMS:
        assert float(getattr(market.sums, column)) == pytest.approx(
            float(rows[column].sum())
        ), column
    assert market.num_sellers == len(gmv)
    assert market.num_top == math.ceil(len(gmv) / 10)
    best = float(gmv.head(market.num_top).sum())
    assert float(market.top_gmv_amount) == pytest.approx(best)
    new = rows[rows["is_first_sale_month"]]["seller_id"].nunique()
    assert market.num_new_sellers == new


def test_the_tiles_show_the_ratios_of_the_sums(page: Page) -> None:
    rows = page.rows(page.view.scope)
    gmv = sold(rows)
    shown = {tile.key: tile.value for tile in tiles.tiles(page.view)}
    total = rows[list(SELLER_SUMS)].astype(float).sum()
    assert shown["num_sellers"] == fmt.count(len(gmv))
    assert shown["num_active"] == fmt.count(int(page.cards["is_active"].sum()))
    assert shown["gmv_per_seller"] == fmt.brl(float(gmv.sum()) / len(gmv))
    assert shown["dispatch_late_rate"] == fmt.percent(
        total["num_dispatch_late"] / total["num_dispatched"]
    )
    assert shown["on_time_rate"] == fmt.percent(total["num_on_time"] / total["num_deliveries"])


def test_every_tile_names_its_period_or_its_day(page: Page) -> None:
    day = fmt.day(page.view.info.as_of_date)
    for tile in tiles.tiles(page.view):
        wanted = day if tile.key in {"num_active", "median_score"} else page.view.period.label
        assert wanted in tile.unit, tile.key


def test_months_add_up_to_their_own_rows(page: Page) -> None:
    for point in page.view.months:
        rows = page.months[page.months["order_month"] == pd.Timestamp(point.month)]
        assert point.measures.num_sellers == (rows["num_sales"] > 0).sum()
        assert point.measures.sums.num_orders == rows["num_orders"].sum()
        assert point.measures.num_known_sellers >= 0


def test_the_pareto_curve_rises_to_all_of_gmv(page: Page) -> None:
    gmv = sold(page.rows(page.view.scope)).astype(float)
    points = page.view.pareto
    for point in points:
        assert float(point.gmv_amount) == pytest.approx(gmv.head(point.num_sellers).sum())
    assert (points[-1].seller_share, points[-1].gmv_share) == (1.0, 1.0)
    assert len(points) <= 100
    assert fmt.percent(page.view.current.top_share) in findings.pareto(page.view)


def test_tiers_and_what_is_missing_for_the_next_are_those_of_the_scorecard(page: Page) -> None:
    cards = page.cards[page.cards["num_sales"] > 0]
    flags = ["is_below_next_gmv", "is_below_next_score", "is_below_next_on_time"]
    for tier, found in page.view.tiers.items():
        own = cards[cards["seller_tier"] == tier]
        assert found.num_sellers == len(own)
        assert float(found.gmv_amount) == pytest.approx(float(own["gmv_amount"].sum()))
        missing = own[flags].sum(axis=1)
        assert found.num_lacking_several == (missing > 1).sum()
        assert found.num_lacking_gmv == (own["is_below_next_gmv"] & (missing == 1)).sum()
        assert found.num_lacking == (0 if tier == "PLATINUM" else len(own))
    assert page.view.all_tiers.num_sellers == len(cards)


def test_tiers_of_the_year_are_of_active_sellers_and_lead_the_card(page: Page) -> None:
    year = page.cards[page.cards["seller_tier_12m"].notna()]
    counts = {one.tier: one.num_sellers for one in page.view.tiers_12m}
    assert counts == year["seller_tier_12m"].value_counts().to_dict()
    best = counts.get("PLATINUM", 0) + counts.get("GOLD", 0)
    assert findings.tiers(page.view).startswith(f"{fmt.count(best)} Gold and Platinum sellers")
    assert year["is_active"].all()


def test_only_sellers_with_enough_dispatches_are_ranked(page: Page) -> None:
    volumes = page.rows(page.view.scope).groupby("seller_id")["num_dispatched"].sum()
    ranked = page.view.ranked
    assert len(ranked) == (volumes >= MIN_DISPATCHED).sum()
    rates = [row.sums.dispatch_late_rate or 0 for row in ranked]
    assert rates == sorted(rates, reverse=True)
    shown = next(c for c in charts.charts(page.view) if c.key == "dispatch_ranking")
    assert f"sellers with {MIN_DISPATCHED} or more" in shown.subtitle


def test_the_score_bands_hold_every_rankable_seller_once(page: Page) -> None:
    scores = page.cards[page.cards["is_rankable"]]["score"].dropna()
    assert sum(band.num_sellers for band in page.view.score_bands) == len(scores)
    for band in page.view.score_bands:
        above = scores >= band.start
        below = scores < band.start + 5 if band.start < 95 else scores <= 100
        assert band.num_sellers == (above & below).sum()
    if len(scores):
        assert page.view.median_score == pytest.approx(scores.median())


def test_one_seller_stands_beside_the_medians_of_its_tier(page: Page) -> None:
    card = page.view.cards[0]
    one = data.load_seller(page.path, card.seller_id, page.view.period)
    assert one is not None
    tier = page.cards[
        (page.cards["seller_tier"] == card.seller_tier) & (page.cards["num_sales"] > 0)
    ]
    assert one.medians.num_sellers == len(tier)
    for name in ("gmv_amount", "num_orders", "on_time_rate", "score"):
        expected = tier[name].astype(float).median()
        assert getattr(one.medians, name) == pytest.approx(expected), name
    shown = {figure.name: figure for figure in one_seller.figures(one)}
    assert shown["GMV (R$)"].value == fmt.number(card.gmv_amount)
    assert shown["GMV (R$)"].median == fmt.number(one.medians.gmv_amount)


def test_one_seller_s_months_add_up_to_its_scorecard(page: Page) -> None:
    card = page.view.cards[0]
    one = data.load_seller(page.path, card.seller_id, page.view.period)
    assert one is not None
    assert sum(point.measures.gmv_amount for point in one.months) == card.gmv_amount
    assert sum(point.measures.num_orders for point in one.months) == card.num_orders


def test_a_seller_that_does_not_exist_has_no_page(page: Page) -> None:
    assert data.load_seller(page.path, "' or 1=1 --", page.view.period) is None


def test_what_is_missing_for_the_next_tier_is_marked(page: Page) -> None:
    below = next(card for card in page.view.cards if card.is_below_next_gmv)
    one = data.load_seller(page.path, below.seller_id, page.view.period)
    assert one is not None
    gmv = one_seller.figures(one)[0]
    assert gmv.is_met is False
    assert gmv.bound == f"> {fmt.number(below.next_tier_gmv_amount)}"


def test_the_csv_of_the_scorecard_adds_up_to_the_mart(page: Page) -> None:
    scorecard, in_period, _ = tables.tables(page.view)
    read = list(csv.DictReader(io.StringIO(scorecard.csv().decode("utf-8"))))
    assert len(read) == len(page.cards)
    everything = Decimal(str(round(page.cards["gmv_amount"].astype(float).sum(), 2)))
    assert sum(Decimal(row["GMV (R$)"]) for row in read) == everything
    read = list(csv.DictReader(io.StringIO(in_period.csv().decode("utf-8"))))
    total = sum(Decimal(row["GMV (R$)"]) for row in read)
    assert total == page.view.current.sums.gmv_amount


def test_a_score_is_shown_only_where_sellers_may_be_ranked_by_it(page: Page) -> None:
    scorecard = tables.tables(page.view)[0]
    column = [one.name for one in scorecard.columns].index("Score (0-100), from 20 orders")
    shown = sum(row[column] is not None for row in scorecard.rows)
    assert shown == page.cards[page.cards["is_rankable"]]["score"].notna().sum()


def test_filters_that_leave_nothing_leave_an_empty_view_and_no_error(page: Page) -> None:
    first = page.outline.calendar.months[0].start
    nobody = SellerScope(Period.of_months(first, 1), states=("RR",), tiers=("PLATINUM",))
    view = data.load(page.path, nobody)
    assert view.is_empty
    assert view.ranked == ()
    assert view.pareto == ()


def test_an_incomplete_period_is_not_compared_and_says_why(page: Page) -> None:
    view = data.load(page.path, SellerScope(page.outline.calendar.whole_months))
    assert view.previous.measures is None
    html = tiles.tiles(view)[0].html()
    assert "n/a" in html
    assert (view.previous.reason or "nothing") in html
