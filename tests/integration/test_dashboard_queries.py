"""The executive dashboard's figures, read from a file and added up again by another route."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from dashboards.executive import PAGE
from dashboards.lib import render
from dashboards.lib.catalogue import DASHBOARDS
from dashboards.lib.front_door import index_page
from dashboards.lib.health import look
from dashboards.lib.page import attempt
from dashboards.lib.periods import Period
from dashboards.lib.queries.warehouse import DashboardDataError, published
from dashboards.lib.source import open_source
from dashboards.lib.view import View
from orchestration.errors import NotAWarehouseError
from tests.support.executive_mart import Row, added_up, publish, rows
from tests.support.pages import chart, table, tile, view_of

HALF_YEAR = Period(date(2018, 3, 1), date(2018, 8, 31))
# The metrics that are sums of the mart's columns.
SUMS = (
    *("revenue_amount", "gmv_amount", "freight_amount", "num_orders", "num_sales"),
    *("num_delivered", "num_on_time", "num_late", "num_due", "num_promise_kept"),
    *("num_reviews", "num_promoters", "num_detractors", "num_new_customers", "num_items"),
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(tmp_path_factory.mktemp("warehouse"))


def chosen(period: Period, **having: object) -> list[Row]:
    """The rows of the mart in a period whose columns have the given values."""
    return [
        row
        for row in rows()
        if period.start <= row.order_date <= period.end
        and all(getattr(row, name) == value for name, value in having.items())
    ]


def assert_adds_up(values: Mapping[str, object], expected: list[Row]) -> None:
    for name in SUMS:
        assert Decimal(str(values[name])) == pytest.approx(added_up(expected, name)), name


def shown(view: View, key: str) -> str:
    return tile(view, key).html().replace("\N{NO-BREAK SPACE}", " ")


# The queries


@pytest.mark.parametrize(
    ("where", "having"),
    [
        ({}, {}),
        ({"state": ("RS",)}, {"customer_state": "RS"}),
        ({"region": ("Southeast",)}, {"region": "Southeast"}),
        ({"state": ("SP", "AC"), "region": ("Southeast",)}, {"customer_state": "SP"}),
    ],
    ids=["everything", "a state", "a region", "states within a region"],
)
def test_a_total_holds_the_rows_of_its_scope_and_no_others(
    path: Path, where: dict[str, tuple[str, ...]], having: dict[str, object]
) -> None:
    view = view_of(PAGE, path, HALF_YEAR, where)
    assert_adds_up(view.ask(SUMS)[0], chosen(HALF_YEAR, **having))


def test_a_scope_with_one_day_holds_that_day(path: Path) -> None:
    day = Period(date(2018, 8, 31), date(2018, 8, 31))
    assert_adds_up(view_of(PAGE, path, day).ask(SUMS)[0], chosen(day))


@pytest.mark.parametrize("by", ["order_month", "customer_state", "region"])
def test_months_states_and_regions_each_add_up_to_their_own_rows(path: Path, by: str) -> None:
    found = view_of(PAGE, path, HALF_YEAR).ask(SUMS, (by,))
    assert len(found) == len({getattr(row, by) for row in chosen(HALF_YEAR)})
    for row in found:
        assert_adds_up(row, chosen(HALF_YEAR, **{by: row[by]}))


def test_money_comes_back_exact_to_the_centavo(path: Path) -> None:
    total = view_of(PAGE, path, HALF_YEAR).total()
    assert isinstance(total["revenue_amount"], Decimal)
    assert total["revenue_amount"] == added_up(chosen(HALF_YEAR), "revenue_amount")


def test_the_calendar_knows_which_months_are_complete(path: Path) -> None:
    calendar = open_source(PAGE, path).calendar
    assert calendar.first_date == date(2017, 1, 15)
    assert calendar.last_date == date(2018, 9, 3)
    assert calendar.complete_months[0] == date(2017, 2, 1)
    assert calendar.complete_months[-1] == date(2018, 8, 1)
    assert calendar.default_period() == HALF_YEAR


def test_a_month_without_any_order_is_in_the_calendar_as_incomplete(tmp_path: Path) -> None:
    gap = publish(tmp_path, keep=lambda row: row.order_month != date(2018, 4, 1))
    calendar = open_source(PAGE, gap).calendar
    assert calendar.why_incomplete(HALF_YEAR) == "Apr 2018 is incomplete"


def test_a_value_of_a_filter_is_bound_and_never_part_of_the_query(path: Path) -> None:
    evil = "SP') or ('1'='1"
    assert view_of(PAGE, path, HALF_YEAR, {"state": (evil,)}).is_empty


def test_a_reader_cannot_write(path: Path) -> None:
    with pytest.raises(DashboardDataError, match="read-only"), published(path) as connection:
        connection.execute("delete from marts.mart_executive_dashboard")


# What the page makes of them


def test_tiles_compare_with_the_period_before_and_the_year_before(path: Path) -> None:
    view = view_of(PAGE, path, HALF_YEAR)
    now = added_up(chosen(HALF_YEAR), "revenue_amount")
    before = added_up(chosen(HALF_YEAR.previous()), "revenue_amount")
    year_before = added_up(chosen(HALF_YEAR.year_earlier()), "revenue_amount")
    html = shown(view, "revenue")
    assert f"R$ {now:,.0f}" in html
    assert f"{now / before - 1:.1%}</b> vs Sep 2017\N{EN DASH}Feb 2018" in html
    assert f"{now / year_before - 1:.1%}</b> vs Mar\N{EN DASH}Aug 2017" in html


def test_every_tile_names_its_unit_and_its_period(path: Path) -> None:
    view = view_of(PAGE, path, HALF_YEAR)
    for one in render.tiles(view):
        if one.key != "latest_month":
            assert HALF_YEAR.label in one.unit, one.key
    assert "Aug 2018" in shown(view, "latest_month")


def test_a_previous_period_with_incomplete_data_gives_a_reason_and_no_number(
    path: Path,
) -> None:
    year = Period(date(2017, 9, 1), date(2018, 8, 31))
    view = view_of(PAGE, path, year)
    assert view.previous.reason is not None
    html = shown(view, "revenue")
    assert "<b>n/a</b>" in html
    assert "no data before Jan 2017" in html
    assert not re.search(r"\d%", html)


def test_a_period_that_is_incomplete_itself_is_not_compared(path: Path) -> None:
    with_september = Period(date(2018, 8, 1), date(2018, 9, 30))
    view = view_of(PAGE, path, with_september)
    assert view.previous.reason == "Sep 2018 is incomplete"
    assert view.year_earlier.reason == "Sep 2018 is incomplete"
    assert view.latest_month == date(2018, 8, 1)


def test_twelve_months_are_compared_once_for_the_year_before_is_the_period_before(
    path: Path,
) -> None:
    view = view_of(PAGE, path, Period(date(2017, 9, 1), date(2018, 8, 31)))
    assert len(tile(view, "gmv").deltas) == 1


def test_growth_is_never_shown_for_or_from_an_incomplete_month(path: Path) -> None:
    view = view_of(PAGE, path, Period(date(2017, 1, 1), date(2018, 9, 30)))
    bars = chart(view, "growth").panels[0].figure.data[0]
    growth = {month: y for month, y in zip(bars.x, bars.y, strict=True) if y is not None}
    assert date(2017, 2, 1) not in growth  # January is incomplete
    assert date(2018, 9, 1) not in growth
    assert len(growth) == 18
    months = {row[0]: row for row in table(view, "by_month").rows}
    assert months["2018-09"][1:4] == ("Sep 2018 is incomplete", None, None)


def test_incomplete_months_are_hatched_as_bars_and_left_out_of_lines(path: Path) -> None:
    view = view_of(PAGE, path, HALF_YEAR)
    complete = [month.is_complete for month in view.calendar.months]
    bars = chart(view, "gmv").panels[0].figure.data[0]
    assert [not shape for shape in bars.marker.pattern.shape] == complete
    assert "(incomplete month)" in bars.customdata[-1]
    line = chart(view, "average_order_value").panels[0].figure.data[0]
    assert [y is not None for y in line.y] == complete


@pytest.fixture
def young(tmp_path: Path) -> View:
    """August alone, whose orders are all there and whose parcels are still under way."""
    path = publish(tmp_path)
    with duckdb.connect(path.resolve()) as connection:
        connection.execute(
            "update marts.mart_executive_dashboard set is_delivery_mature = false "
            "where order_month >= date '2018-08-01'"
        )
    return view_of(PAGE, path, Period(date(2018, 8, 1), date(2018, 8, 31)))


def test_a_tile_compares_the_revenue_of_a_young_month_and_not_its_days_to_the_door(
    young: View,
) -> None:
    assert tile(young, "revenue").deltas[0].text is not None
    days = tile(young, "delivery_days").deltas[0]
    assert (days.text, days.reason) == (None, "deliveries of Aug 2018 are still under way")


def test_a_young_month_is_neither_the_fastest_nor_drawn(young: View) -> None:
    days = chart(young, "delivery").panels[0].figure.data[0]
    drawn = dict(zip(days.x, days.y, strict=True))
    assert drawn[date(2018, 8, 1)] is None
    assert drawn[date(2018, 7, 1)] is not None
    assert "no complete month in Aug 2018" in chart(young, "delivery").finding
    assert table(young, "by_month").rows[0][1] == "deliveries under way"


def test_the_chart_of_states_shows_each_state_with_its_revenue(path: Path) -> None:
    figure = chart(view_of(PAGE, path, HALF_YEAR), "states").panels[0].figure
    for state, revenue in zip(figure.data[0].x, figure.data[0].y, strict=True):
        own = chosen(HALF_YEAR, customer_state=state)
        assert revenue == pytest.approx(float(added_up(own, "revenue_amount")))


def test_titles_say_findings_with_figures_of_the_data(path: Path) -> None:
    view = view_of(PAGE, path, HALF_YEAR)
    top = chosen(HALF_YEAR, region="Southeast")
    share = added_up(top, "revenue_amount") / added_up(chosen(HALF_YEAR), "revenue_amount")
    assert chart(view, "regions").finding == f"The Southeast brings {share:.1%} of revenue"
    august = Period(date(2018, 8, 1), date(2018, 8, 31))
    growth = added_up(chosen(august), "revenue_amount") / added_up(
        chosen(august.previous()), "revenue_amount"
    )
    word = "up" if growth > 1 else "down"
    assert f"{word} {abs(growth - 1):.1%} on Jul 2018" in chart(view, "growth").finding


def test_filters_that_leave_nothing_leave_an_empty_view_and_no_error(path: Path) -> None:
    view = view_of(PAGE, path, HALF_YEAR, {"state": ("AC",)})
    assert view.is_empty


def test_the_table_of_months_shows_only_the_chosen_days(path: Path) -> None:
    view = view_of(PAGE, path, Period(date(2018, 7, 10), date(2018, 8, 31)))
    july, august = table(view, "by_month").rows
    assert july[1] == "days 10\N{EN DASH}31 only"
    assert july[2] is None  # growth is of whole months
    assert august[1] == "complete"
    part = chosen(Period(date(2018, 7, 10), date(2018, 7, 31)))
    assert july[4] == added_up(part, "revenue_amount")


def test_a_csv_adds_up_to_the_tile_to_the_centavo(path: Path) -> None:
    view = view_of(PAGE, path, HALF_YEAR)
    for one in render.tables(view):
        read = list(csv.DictReader(io.StringIO(one.csv().decode("utf-8"))))
        total = sum(Decimal(row["Revenue (R$)"]) for row in read)
        assert total == view.total()["revenue_amount"], one.key


def test_a_line_of_the_chart_stands_for_every_month_even_without_orders(path: Path) -> None:
    months = view_of(PAGE, path, HALF_YEAR, {"state": ("AC",)}).months()
    assert months[date(2017, 1, 1)] == {}
    assert len(months) == 21


# The warehouse behind it


def test_a_page_follows_a_publish_without_a_restart(tmp_path: Path) -> None:
    path = publish(tmp_path, run_id="20180901T000000")
    first = view_of(PAGE, path, HALF_YEAR)
    publish(tmp_path, run_id="20180902T000000", keep=lambda row: row.customer_state == "SP")
    second = view_of(PAGE, path, HALF_YEAR)
    assert (first.source.info.run_id, second.source.info.run_id) == (
        "20180901T000000",
        "20180902T000000",
    )
    assert_adds_up(second.ask(SUMS)[0], chosen(HALF_YEAR, customer_state="SP"))


def test_a_missing_warehouse_says_to_run_the_pipeline(tmp_path: Path) -> None:
    nothing, box = attempt(lambda: open_source(PAGE, tmp_path / "olist.duckdb"))
    assert nothing is None
    assert box is not None
    assert "make pipeline" in box.text


def test_a_warehouse_without_the_mart_says_to_run_the_pipeline(tmp_path: Path) -> None:
    path = publish(tmp_path)
    with duckdb.connect(path.resolve()) as connection:
        connection.execute("drop table marts.mart_executive_dashboard")
    with pytest.raises(DashboardDataError, match="make pipeline"):
        open_source(PAGE, path)


def test_a_mart_without_orders_says_so(tmp_path: Path) -> None:
    path = publish(tmp_path, keep=lambda _: False)
    with pytest.raises(DashboardDataError, match="no orders"):
        open_source(PAGE, path)


def test_a_file_that_is_no_warehouse_is_named_as_such(tmp_path: Path) -> None:
    path = tmp_path / "olist.duckdb"
    path.write_text("not a database")
    with pytest.raises(DashboardDataError) as raised:
        open_source(PAGE, path)
    assert isinstance(raised.value.__cause__, NotAWarehouseError)


# The front door


def _index(published: Path) -> str:
    health = look(published, published.parent / "runs", timedelta(hours=24))
    return index_page(health, DASHBOARDS)


def test_the_index_names_every_dashboard_the_day_the_version_and_the_source(path: Path) -> None:
    html = _index(path)
    for dashboard in DASHBOARDS:
        assert f'href="{dashboard.path}/"' in html
    for words in ("31 Aug 2018", "20180901T060000", "the rules of a test", "0.1.0"):
        assert words in html
    assert "Synthetic data" not in html


def test_the_index_warns_of_synthetic_data(tmp_path: Path) -> None:
    assert "Synthetic data" in _index(publish(tmp_path, is_synthetic=True))


def test_the_index_of_a_missing_warehouse_says_to_run_the_pipeline(tmp_path: Path) -> None:
    assert "make pipeline" in _index(tmp_path / "olist.duckdb")
