"""The executive dashboard's figures, read from a file and added up again by another route."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from dashboards.lib.catalogue import DASHBOARDS
from dashboards.lib.executive import charts, data, findings, tables, tiles
from dashboards.lib.executive.data import ExecutiveData
from dashboards.lib.front_door import index_page
from dashboards.lib.health import look
from dashboards.lib.metrics import MEASURE_NAMES, Measures
from dashboards.lib.months import MonthPoint
from dashboards.lib.page import attempt
from dashboards.lib.periods import Period
from dashboards.lib.queries import executive as queries
from dashboards.lib.queries.executive import Scope
from dashboards.lib.queries.warehouse import DashboardDataError, published
from orchestration.errors import NotAWarehouseError
from tests.support.executive_mart import Row, added_up, publish, rows

HALF_YEAR = Period(date(2018, 3, 1), date(2018, 8, 31))


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


def assert_adds_up(measures: Measures, expected: list[Row]) -> None:
    for name in MEASURE_NAMES:
        found = Decimal(str(getattr(measures, name)))
        assert found == pytest.approx(added_up(expected, name)), name


def tile(view: ExecutiveData, key: str) -> str:
    return next(one for one in tiles.tiles(view) if one.key == key).html()


# The queries


@pytest.mark.parametrize(
    ("scope", "having"),
    [
        (Scope(HALF_YEAR), {}),
        (Scope(HALF_YEAR, states=("RS",)), {"customer_state": "RS"}),
        (Scope(HALF_YEAR, regions=("Southeast",)), {"region": "Southeast"}),
        (
            Scope(HALF_YEAR, states=("SP", "AC"), regions=("Southeast",)),
            {"customer_state": "SP"},
        ),
    ],
    ids=["everything", "a state", "a region", "states within a region"],
)
def test_a_total_holds_the_rows_of_its_scope_and_no_others(
    path: Path, scope: Scope, having: dict[str, object]
) -> None:
    with published(path) as connection:
        assert_adds_up(queries.read_total(connection, scope), chosen(HALF_YEAR, **having))


def test_a_scope_with_one_day_holds_that_day(path: Path) -> None:
    day = Period(date(2018, 8, 31), date(2018, 8, 31))
    with published(path) as connection:
        assert_adds_up(queries.read_total(connection, Scope(day)), chosen(day))


def test_months_states_and_regions_each_add_up_to_their_own_rows(path: Path) -> None:
    scope = Scope(HALF_YEAR)
    with published(path) as connection:
        months = queries.read_months(connection, scope)
        states = queries.read_by_state(connection, scope)
        regions = queries.read_by_region(connection, scope)
    assert [row.month for row in months] == list(HALF_YEAR.months)
    for month in months:
        assert_adds_up(month.measures, chosen(HALF_YEAR, order_month=month.month))
    for state in states:
        assert_adds_up(state.measures, chosen(HALF_YEAR, customer_state=state.state))
    for region in regions:
        assert_adds_up(region.measures, chosen(HALF_YEAR, region=region.region))
    revenues = [row.measures.revenue_amount for row in states]
    assert revenues == sorted(revenues, reverse=True)


def test_money_comes_back_exact_to_the_centavo(path: Path) -> None:
    with published(path) as connection:
        total = queries.read_total(connection, Scope(HALF_YEAR))
    assert isinstance(total.revenue_amount, Decimal)
    assert total.revenue_amount == added_up(chosen(HALF_YEAR), "revenue_amount")


def test_the_calendar_knows_which_months_are_complete(path: Path) -> None:
    calendar = data.load_outline(path).calendar
    assert calendar.first_date == date(2017, 1, 15)
    assert calendar.last_date == date(2018, 9, 3)
    assert calendar.complete_months[0] == date(2017, 2, 1)
    assert calendar.complete_months[-1] == date(2018, 8, 1)
    assert calendar.default_period() == HALF_YEAR


def test_a_month_without_any_order_is_in_the_calendar_as_incomplete(tmp_path: Path) -> None:
    gap = publish(tmp_path, keep=lambda row: row.order_month != date(2018, 4, 1))
    calendar = data.load_outline(gap).calendar
    assert calendar.why_incomplete(HALF_YEAR) == "Apr 2018 is incomplete"


def test_a_value_of_a_filter_is_bound_and_never_part_of_the_query(path: Path) -> None:
    evil = "SP') or ('1'='1"
    with published(path) as connection:
        assert queries.read_total(connection, Scope(HALF_YEAR, states=(evil,))).is_empty


def test_a_reader_cannot_write(path: Path) -> None:
    with pytest.raises(DashboardDataError, match="read-only"), published(path) as connection:
        connection.execute("delete from marts.mart_executive_dashboard")


# What the page makes of them


def test_tiles_compare_with_the_period_before_and_the_year_before(path: Path) -> None:
    view = data.load(path, Scope(HALF_YEAR))
    now = added_up(chosen(HALF_YEAR), "revenue_amount")
    before = added_up(chosen(HALF_YEAR.previous()), "revenue_amount")
    year_before = added_up(chosen(HALF_YEAR.year_earlier()), "revenue_amount")
    html = tile(view, "revenue").replace("\N{NO-BREAK SPACE}", " ")
    assert f"R$ {now:,.0f}" in html
    assert f"{now / before - 1:.1%}</b> vs Sep 2017\N{EN DASH}Feb 2018" in html
    assert f"{now / year_before - 1:.1%}</b> vs Mar\N{EN DASH}Aug 2017" in html


def test_every_tile_names_its_unit_and_its_period(path: Path) -> None:
    view = data.load(path, Scope(HALF_YEAR))
    for one in tiles.tiles(view):
        if one.key != "latest_month":
            assert HALF_YEAR.label in one.unit, one.key
    assert "Aug 2018" in tile(view, "latest_month")


def test_a_previous_period_with_incomplete_data_gives_a_reason_and_no_number(
    path: Path,
) -> None:
    year = Period(date(2017, 9, 1), date(2018, 8, 31))
    view = data.load(path, Scope(year))
    assert view.previous.measures is None
    html = tile(view, "revenue")
    assert "<b>n/a</b>" in html
    assert "no data before Jan 2017" in html
    assert not re.search(r"\d%", html)


def test_a_period_that_is_incomplete_itself_is_not_compared(path: Path) -> None:
    with_september = Period(date(2018, 8, 1), date(2018, 9, 30))
    view = data.load(path, Scope(with_september))
    assert view.previous.reason == "Sep 2018 is incomplete"
    assert view.year_earlier.reason == "Sep 2018 is incomplete"
    assert view.latest is not None
    assert view.latest.period.label == "Aug 2018"


def test_twelve_months_are_compared_once_for_the_year_before_is_the_period_before(
    path: Path,
) -> None:
    view = data.load(path, Scope(Period(date(2017, 9, 1), date(2018, 8, 31))))
    assert len(next(t for t in tiles.tiles(view) if t.key == "gmv").deltas) == 1


def test_growth_is_never_shown_for_or_from_an_incomplete_month(path: Path) -> None:
    view = data.load(path, Scope(view_period := Period(date(2017, 1, 1), date(2018, 9, 30))))
    assert view.period == view_period
    growth = view.revenue_growth(1)
    assert date(2017, 2, 1) not in growth  # January is incomplete
    assert date(2018, 9, 1) not in growth
    assert len(growth) == 18
    months = {row[0]: row for row in tables.tables(view)[2].rows}
    assert months["2018-09"][1:4] == ("incomplete", None, None)


def test_incomplete_months_are_hatched_as_bars_and_left_out_of_lines(path: Path) -> None:
    view = data.load(path, Scope(HALF_YEAR))
    shown = {chart.key: chart for chart in charts.charts(view)}
    bars = shown["gmv"].panels[0].figure.data[0]
    assert [bool(shape) for shape in bars.marker.pattern.shape] == [
        not point.is_complete for point in view.months
    ]
    assert "(incomplete month)" in bars.customdata[-1]
    line = shown["average_order_value"].panels[0].figure.data[0]
    assert [y is None for y in line.y] == [not point.is_complete for point in view.months]


def test_the_chart_of_states_shows_each_state_with_its_revenue(path: Path) -> None:
    view = data.load(path, Scope(HALF_YEAR))
    figure = next(c for c in charts.charts(view) if c.key == "states").panels[0].figure
    for state, revenue in zip(figure.data[0].x, figure.data[0].y, strict=True):
        own = chosen(HALF_YEAR, customer_state=state)
        assert revenue == pytest.approx(float(added_up(own, "revenue_amount")))


def test_titles_say_findings_with_figures_of_the_data(path: Path) -> None:
    view = data.load(path, Scope(HALF_YEAR))
    top = chosen(HALF_YEAR, region="Southeast")
    share = added_up(top, "revenue_amount") / added_up(chosen(HALF_YEAR), "revenue_amount")
    assert findings.regions(view) == f"The Southeast brings {share:.1%} of revenue"
    august = Period(date(2018, 8, 1), date(2018, 8, 31))
    growth = added_up(chosen(august), "revenue_amount") / added_up(
        chosen(august.previous()), "revenue_amount"
    )
    word = "up" if growth > 1 else "down"
    assert f"{word} {abs(growth - 1):.1%} on Jul 2018" in findings.growth(view)


def test_filters_that_leave_nothing_leave_an_empty_view_and_no_error(path: Path) -> None:
    view = data.load(path, Scope(HALF_YEAR, states=("AC",)))
    assert view.is_empty


def test_the_table_of_months_shows_only_the_chosen_days(path: Path) -> None:
    view = data.load(path, Scope(Period(date(2018, 7, 10), date(2018, 8, 31))))
    july, august = tables.tables(view)[2].rows
    assert july[1] == "days 10\N{EN DASH}31 only"
    assert july[2] is None  # growth is of whole months
    assert august[1] == "complete"
    part = chosen(Period(date(2018, 7, 10), date(2018, 7, 31)))
    assert july[4] == added_up(part, "revenue_amount")


def test_a_csv_adds_up_to_the_tile_to_the_centavo(path: Path) -> None:
    view = data.load(path, Scope(HALF_YEAR))
    for table in tables.tables(view):
        read = list(csv.DictReader(io.StringIO(table.csv().decode("utf-8"))))
        total = sum(Decimal(row["Revenue (R$)"]) for row in read)
        assert total == view.current.revenue_amount, table.key


def test_a_line_of_the_chart_stands_for_every_month_even_without_orders(path: Path) -> None:
    view = data.load(path, Scope(HALF_YEAR, states=("AC",)))
    january_2017: MonthPoint[Measures] = view.months[0]
    assert january_2017.measures == Measures()
    assert len(view.months) == 21


# The warehouse behind it


def test_a_page_follows_a_publish_without_a_restart(tmp_path: Path) -> None:
    path = publish(tmp_path, run_id="20180901T000000")
    first = data.load(path, Scope(HALF_YEAR))
    publish(tmp_path, run_id="20180902T000000", keep=lambda row: row.customer_state == "SP")
    second = data.load(path, Scope(HALF_YEAR))
    assert (first.info.run_id, second.info.run_id) == ("20180901T000000", "20180902T000000")
    assert_adds_up(second.current, chosen(HALF_YEAR, customer_state="SP"))


def test_a_missing_warehouse_says_to_run_the_pipeline(tmp_path: Path) -> None:
    nothing, box = attempt(lambda: data.load_outline(tmp_path / "olist.duckdb"))
    assert nothing is None
    assert box is not None
    assert "make pipeline" in box.text


def test_a_warehouse_without_the_mart_says_to_run_the_pipeline(tmp_path: Path) -> None:
    path = publish(tmp_path)
    with duckdb.connect(path.resolve()) as connection:
        connection.execute("drop table marts.mart_executive_dashboard")
    with pytest.raises(DashboardDataError, match="make pipeline"):
        data.load_outline(path)


def test_a_mart_without_orders_says_so(tmp_path: Path) -> None:
    path = publish(tmp_path, keep=lambda _: False)
    with pytest.raises(DashboardDataError, match="no orders"):
        data.load_outline(path)


def test_a_file_that_is_no_warehouse_is_named_as_such(tmp_path: Path) -> None:
    path = tmp_path / "olist.duckdb"
    path.write_text("not a database")
    with pytest.raises(DashboardDataError) as raised:
        data.load_outline(path)
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
