"""The sellers page shows what the marts hold: its sums, its ratios, its words and its rows.

The marts are read whole into pandas and added up there. All of it runs on generated data, and
again on the real data where there is some.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from dashboards import sellers
from dashboards.lib import format as fmt
from dashboards.lib import render, shell, words
from dashboards.lib.cards import Chart
from dashboards.lib.parts import sellers as parts
from dashboards.lib.periods import Period
from dashboards.lib.queries.warehouse import published
from dashboards.lib.spec import Group
from dashboards.lib.tables import Table
from dashboards.lib.view import View
from tests.support.pages import view_of

# What the metrics of the page are sums of, by the columns of mart_seller_months.
SUMS = {
    "num_seller_orders": "num_orders",
    "num_seller_sales": "num_sales",
    "num_canceled_seller_orders": "num_canceled_orders",
    "num_items": "num_units",
    "num_reviewed_seller_orders": "num_reviewed_orders",
    "num_seller_dispatched": "num_dispatched",
    "num_seller_dispatch_late": "num_dispatch_late",
    "num_seller_deliveries": "num_deliveries",
    "num_seller_on_time": "num_on_time",
    "num_seller_late": "num_late",
    "gmv_amount": "gmv_amount",
    "freight_amount": "freight_amount",
    "revenue_amount": "revenue_amount",
}
RATIOS = {
    "seller_dispatch_late_rate": ("num_dispatch_late", "num_dispatched"),
    "seller_on_time_rate": ("num_on_time", "num_deliveries"),
    "seller_review_score": ("sum_review_score", "num_reviewed_orders"),
    "seller_cancellation_rate": ("num_canceled_orders", "num_orders"),
}
FIRST_DISPATCHES = 20  # handed over, to be ranked


@dataclass(frozen=True)
class Page:
    """One warehouse: its default view, and its marts as they are."""

    view: View
    months: pd.DataFrame
    cards: pd.DataFrame

    def sellers(self, chosen: Mapping[str, Any]) -> pd.DataFrame:
        """The scorecards that some choices mean."""
        keep = self.cards["num_orders"] >= chosen.get("orders", 0)
        for name, column in (
            ("seller_state", "state"),
            ("seller_region", "region"),
            ("tier", "seller_tier"),
            ("category", "main_category"),
        ):
            if name in chosen:
                keep &= self.cards[column].isin(chosen[name])
        if "activity" in chosen:
            keep &= self.cards["is_active"] == (chosen["activity"] == "Active sellers")
        kept: pd.DataFrame = self.cards[keep]
        return kept

    def rows(self, chosen: Mapping[str, Any]) -> pd.DataFrame:
        """The rows of mart_seller_months that some choices mean, of the view's period."""
        months = [pd.Timestamp(month) for month in self.view.period.months]
        own = self.months["seller_key"].isin(self.sellers(chosen)["seller_key"])
        found: pd.DataFrame = self.months[own & self.months["order_month"].isin(months)]
        return found

    def chosen(self, chosen: Mapping[str, Any]) -> View:
        """The view of some choices."""
        where = {name: value for name, value in chosen.items() if isinstance(value, tuple)}
        options = {}
        if "activity" in chosen:
            options["activity"] = chosen["activity"]
        if "orders" in chosen:
            options["orders"] = f"{chosen['orders']} orders or more"
        return replace(self.view, where=where, chosen=options)

    def chart(self, key: str) -> Chart:
        """A card of the default view."""
        return next(one for one in render.charts(self.view) if one.key == key)

    def table(self, key: str) -> Table:
        """A table of the default view."""
        return next(one for one in render.tables(self.view) if one.key == key)


@pytest.fixture(
    scope="module", params=["generated", pytest.param("real", marks=pytest.mark.real_data)]
)
def page(request: pytest.FixtureRequest) -> Page:
    name = {"generated": "built_warehouse", "real": "real_warehouse"}[request.param]
    path: Path = request.getfixturevalue(name)
    with published(path) as connection:
        return Page(
            view_of(sellers.PAGE, path),
            connection.execute("select * from marts.mart_seller_months").df(),
            connection.execute("select * from marts.mart_seller_scorecard").df(),
        )


def sold(rows: pd.DataFrame) -> pd.Series:
    """GMV of each seller with a sale, the largest first."""
    by_seller = rows.groupby("seller_id")[["gmv_amount", "num_sales"]].sum()
    gmv: pd.Series = by_seller[by_seller["num_sales"] > 0]["gmv_amount"]
    return gmv.sort_values(ascending=False)


CHOICES: dict[str, dict[str, Any]] = {
    "everything": {},
    "a state": {"seller_state": ("SP",)},
    "a region": {"seller_region": ("South",)},
    "a tier": {"tier": ("SILVER", "GOLD")},
    "a category": {"category": ("health_beauty", "watches_gifts")},
    "active": {"activity": "Active sellers"},
    "inactive": {"activity": "Inactive sellers"},
    "many orders": {"orders": 20},
    "all together": {
        "seller_region": ("Southeast",),
        "activity": "Active sellers",
        "orders": 5,
    },
}


@pytest.mark.parametrize("name", CHOICES)
def test_the_market_holds_the_chosen_sellers_and_no_others(page: Page, name: str) -> None:
    view, rows = page.chosen(CHOICES[name]), page.rows(CHOICES[name])
    asked = view.ask((*SUMS, *RATIOS, "num_selling_sellers", "num_new_sellers"))[0]
    for metric, column in SUMS.items():
        assert float(asked[metric]) == pytest.approx(float(rows[column].sum())), metric
    for metric, (above, below) in RATIOS.items():
        assert asked[metric] == pytest.approx(rows[above].sum() / rows[below].sum()), metric
    gmv = sold(rows)
    found, best = parts.best(view, view.period)
    assert asked["num_selling_sellers"] == len(gmv) == len(found)
    assert best["num_top"] == math.ceil(len(gmv) / 10)
    top = float(gmv.head(best["num_top"]).sum())
    assert best["top_share"] == pytest.approx(top / float(gmv.sum()))
    new = rows[rows["is_first_sale_month"]]["seller_id"].nunique()
    assert asked["num_new_sellers"] == new


def test_the_tiles_show_the_ratios_of_the_sums(page: Page) -> None:
    rows = page.rows({})
    gmv = sold(rows)
    shown = {tile.key: tile.value for tile in render.tiles(page.view)}
    total = rows.select_dtypes("number").astype(float).sum()
    assert len(shown) == 10
    assert shown["num_sellers"] == fmt.count(len(gmv))
    assert shown["num_active"] == fmt.count(int(page.cards["is_active"].sum()))
    assert shown["gmv_per_seller"] == fmt.brl(float(gmv.sum()) / len(gmv))
    assert shown["dispatch_late_rate"] == fmt.percent(
        total["num_dispatch_late"] / total["num_dispatched"]
    )
    assert shown["on_time_rate"] == fmt.percent(total["num_on_time"] / total["num_deliveries"])


def test_every_tile_names_its_period_or_its_day(page: Page) -> None:
    day = fmt.day(page.view.source.info.as_of_date)
    for tile in render.tiles(page.view):
        wanted = day if tile.key in {"num_active", "median_score"} else page.view.period.label
        assert wanted in tile.unit, tile.key


def test_the_lead_says_all_of_its_sentences(page: Page) -> None:
    lead = words.lead(page.view)
    active = fmt.count(int(page.cards["is_active"].sum()))
    assert f"{active} sellers are active as of" in lead
    assert "The best tenth brought" in lead
    assert "were dispatched late" in lead


def test_months_add_up_to_their_own_rows(page: Page) -> None:
    names = ("num_selling_sellers", "num_known_sellers", "num_new_sellers", "num_seller_orders")
    for month, values in page.view.by_month(names).items():
        rows = page.months[page.months["order_month"] == pd.Timestamp(month)]
        assert values.get("num_selling_sellers", 0) == (rows["num_sales"] > 0).sum()
        assert values.get("num_seller_orders", 0) == rows["num_orders"].sum()
        new = rows["is_first_sale_month"].sum()
        assert values.get("num_new_sellers", 0) == new
        assert values.get("num_known_sellers", 0) == (rows["num_sales"] > 0).sum() - new


def test_the_pareto_curve_rises_to_all_of_gmv(page: Page) -> None:
    gmv = sold(page.rows({})).astype(float)
    card = page.chart("pareto")
    curve = card.panels[0].figure.data[0]
    assert len(curve.x) <= 101
    assert (curve.x[-1], curve.y[-1]) == (1.0, pytest.approx(1.0))
    for share, part in zip(curve.x, curve.y, strict=True):
        best = gmv.head(round(share * len(gmv)))
        assert part == pytest.approx(best.sum() / gmv.sum())
    share = gmv.head(math.ceil(len(gmv) / 10)).sum() / gmv.sum()
    assert fmt.percent(share) in card.finding


def test_tiers_and_what_is_missing_for_the_next_are_those_of_the_scorecard(page: Page) -> None:
    cards = page.cards[page.cards["num_sales"] > 0]
    flags = ["is_below_next_gmv", "is_below_next_score", "is_below_next_on_time"]
    names = ("num_lacking", "num_lacking_several", "num_lacking_gmv", "num_sellers_to_date")
    asked = page.view.ask(
        (*names, "seller_gmv_amount", "num_active_sellers"), ("seller_tier",), mart=parts.CARDS
    )
    assert sum(row["num_sellers_to_date"] for row in asked) == len(cards)
    for row in asked:
        tier = row["seller_tier"]
        own = cards[cards["seller_tier"] == tier]
        assert row["num_sellers_to_date"] == len(own)
        assert float(row["seller_gmv_amount"]) == pytest.approx(float(own["gmv_amount"].sum()))
        missing = own[flags].sum(axis=1)
        assert row["num_lacking_several"] == (missing > 1).sum()
        assert row["num_lacking_gmv"] == (own["is_below_next_gmv"] & (missing == 1)).sum()
        assert row["num_lacking"] == (0 if tier == "PLATINUM" else len(own))
        assert row["num_active_sellers"] == own["is_active"].sum()


def test_tiers_of_the_year_are_of_active_sellers_and_lead_the_card(page: Page) -> None:
    year = page.cards[page.cards["seller_tier_12m"].notna()]
    panel = Group(("num_active_sellers_12m",), "seller_tier_12m", mart=parts.CARDS)
    counts = dict(render.group_rows(page.view, panel))
    assert counts == year["seller_tier_12m"].value_counts().to_dict()
    best = counts.get("PLATINUM", 0) + counts.get("GOLD", 0)
    card = page.chart("tiers")
    assert card.finding.startswith(f"{fmt.count(best)} Gold and Platinum sellers")
    assert [str(name).upper() for name in card.panels[0].figure.data[0].y] == [
        tier for tier in parts.TIERS if tier in counts
    ]
    assert year["is_active"].all()


def test_only_sellers_with_enough_dispatches_are_ranked(page: Page) -> None:
    volumes = page.rows({}).groupby("seller_id")["num_dispatched"].sum()
    ranked = render.ranked(page.view, sellers.DISPATCHES)
    assert len(ranked) == (volumes >= FIRST_DISPATCHES).sum()
    rates = [row["seller_dispatch_late_rate"] for row in ranked]
    assert rates == sorted(rates, reverse=True)
    shown = page.chart("dispatch_ranking")
    assert f"with {FIRST_DISPATCHES} shipments handed over" in shown.subtitle


def test_the_score_bands_hold_every_rankable_seller_once(page: Page) -> None:
    scores = page.cards[page.cards["is_rankable"]]["score"].dropna()
    bands = parts.bands(page.view)
    assert sum(bands.values()) == len(scores)
    for start, number in bands.items():
        above = scores >= start
        below = scores < start + 5 if start < 95 else scores <= 100
        assert number == (above & below).sum()
    if len(scores):
        assert parts.scored(page.view)["score"] == pytest.approx(scores.median())


def test_one_seller_stands_beside_the_medians_of_its_tier(page: Page) -> None:
    first = page.cards.sort_values("gmv_rank").iloc[0]
    found = parts.compared(page.view, first["seller_id"])
    assert found is not None
    card, medians = found
    tier = page.cards[
        (page.cards["seller_tier"] == first["seller_tier"]) & (page.cards["num_sales"] > 0)
    ]
    assert medians["num_sellers"] == len(tier)
    for name in ("gmv_amount", "num_orders", "on_time_rate", "score"):
        expected = tier[name].astype(float).median()
        assert medians[name] == pytest.approx(expected), name
    shown = parts.one_seller(page.view, first["seller_id"])
    assert shown is not None
    assert (
        f">{fmt.number(card['gmv_amount'])}</td><td>{fmt.number(medians['gmv_amount'])}<"
        in (shown.text)
    )


def test_one_seller_s_months_add_up_to_its_scorecard(page: Page) -> None:
    first = page.cards.sort_values("gmv_rank").iloc[0]
    gmv, deliveries = parts.months(page.view, first["seller_id"]).panels
    amounts = [value or 0 for value in gmv.figure.data[0].y]
    assert sum(amounts) == pytest.approx(float(first["gmv_amount"]))
    for part, column in zip(deliveries.figure.data, ("num_on_time", "num_late"), strict=True):
        assert sum(value or 0 for value in part.y) == first[column]


def test_a_seller_that_does_not_exist_has_no_page(page: Page) -> None:
    assert parts.one_seller(page.view, "' or 1=1 --") is None


def test_what_is_missing_for_the_next_tier_is_marked(page: Page) -> None:
    below = page.cards[page.cards["is_below_next_gmv"]].iloc[0]
    shown = parts.one_seller(page.view, below["seller_id"])
    assert shown is not None
    row = shown.text.split("<tbody>")[1].split("</tr>")[0]
    assert '<td class="dw-bad">' in row
    assert f"<td>> {fmt.number(below['next_tier_gmv_amount'])}</td>" in row


def test_the_csv_of_the_scorecard_adds_up_to_the_mart(page: Page) -> None:
    read = list(csv.DictReader(io.StringIO(page.table("scorecard").csv().decode("utf-8"))))
    assert len(read) == len(page.cards)
    everything = Decimal(str(round(page.cards["gmv_amount"].astype(float).sum(), 2)))
    assert sum(Decimal(row["GMV (R$)"]) for row in read) == everything
    read = list(csv.DictReader(io.StringIO(page.table("in_period").csv().decode("utf-8"))))
    total = sum(Decimal(row["GMV (R$)"]) for row in read)
    assert total == page.view.total()["gmv_amount"]
    tiers = page.cards.set_index("seller_id")["seller_tier"]
    assert all(row["Tier"].upper() == tiers[row["Seller"]] for row in read)


def test_the_file_of_the_scorecard_names_all_days(page: Page) -> None:
    name = page.table("scorecard").file_name("sellers", page.view.period)
    assert name.endswith(f"_{page.view.source.info.as_of_date}")


def test_a_score_is_shown_only_where_sellers_may_be_ranked_by_it(page: Page) -> None:
    scorecard = page.table("scorecard")
    column = [one.name for one in scorecard.columns].index("Score (0-100), from 20 orders")
    shown = sum(row[column] is not None for row in scorecard.rows)
    assert shown == page.cards[page.cards["is_rankable"]]["score"].notna().sum()


def test_filters_that_leave_nothing_leave_an_empty_view_and_no_error(page: Page) -> None:
    first = page.view.calendar.months[0].start
    view = replace(
        page.view,
        period=Period.of_months(first, 1),
        where={"seller_state": ("RR",), "tier": ("PLATINUM",)},
    )
    assert view.is_empty
    assert "No sellers match these filters" in shell.summary(view).text
    assert shell.charts(view) is None
    assert parts.chooser(view) is None
    assert render.ranked(view, sellers.DISPATCHES) == []


def test_an_incomplete_period_is_not_compared_and_says_why(page: Page) -> None:
    view = replace(page.view, period=page.view.calendar.whole_months)
    html = render.tiles(view)[0].html()
    assert "n/a" in html
    assert str(view.previous.reason) in html
