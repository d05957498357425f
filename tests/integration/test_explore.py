"""Explore, as a page's views and in a terminal: what it answers, offers and refuses."""

from __future__ import annotations

import csv
import io
import random
import re
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from dashboards.lib.definitions import UnknownNameError
from dashboards.lib.explore import sections
from dashboards.lib.explore.data import (
    COMPARISONS,
    MOST_ORDERS,
    Choice,
    Outline,
    Row,
    View,
    load_orders,
    load_outline,
    load_view,
    read_choice,
)
from dashboards.lib.explore.words import WordsError
from dashboards.lib.files import parquet, workbook
from dashboards.lib.periods import Period
from dashboards.lib.query import Query
from dashboards.lib.semantics import GRAINS
from orchestration.cli import main as olist
from orchestration.settings import load_settings
from tests.support.plain_metrics import MEANS, RATIOS, SUMS, Key, number, plain

COMBINATIONS = 30


@pytest.fixture
def outline(built_warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> Outline:
    monkeypatch.setenv("OLIST_WAREHOUSE_DIR", str(built_warehouse.parent))
    return load_outline(load_settings(), built_warehouse.resolve())


@pytest.fixture
def connection(built_warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(built_warehouse), read_only=True) as one:
        yield one


def _view(outline: Outline, q: str, **others: str) -> View:
    return load_view(outline, read_choice(outline, {"q": q, **others}))


def _drawn(outline: Outline, chance: random.Random) -> Choice:
    """Any metrics that go together, by any of their dimensions, of any days."""
    names = sorted({*SUMS, *MEANS, *RATIOS})
    metrics = tuple(chance.sample(names, chance.randint(1, 4)))
    dimensions = [one.name for one in outline.semantics.dimensions(metrics) if not one.is_time]
    by = [*chance.sample(sorted(GRAINS), chance.randint(0, 1))]
    by += chance.sample(dimensions, chance.randint(0, 2))
    where = {}
    for name in chance.sample(dimensions, chance.randint(0, 2)):
        values = outline.values(metrics, name)
        where[name] = tuple(chance.sample(values, min(len(values), chance.randint(1, 4))))
    first = outline.calendar.first_date + timedelta(days=chance.randint(0, 500))
    days = Period(first, first + timedelta(days=chance.randint(0, 400)))
    period = chance.choice([days, *outline.calendar.presets().values()])
    return Choice(Query(metrics, tuple(by), where, period), chance.choice([*COMPARISONS]))


def test_thirty_views_drawn_at_random_equal_sql_that_is_written_for_each(
    outline: Outline, connection: duckdb.DuckDBPyConnection
) -> None:
    chance = random.Random(7)  # noqa: S311 - the same ones in each run
    rows = compared = 0
    for _ in range(COMBINATIONS):
        # By way of a link, as a reader would come.
        view = load_view(outline, read_choice(outline, _drawn(outline, chance).address()))
        query = view.query
        for name in query.metrics:
            expected = _plain(connection, view, name, view.period)
            assert set(expected) <= {row.key for row in view.rows}, view.choice
            for row in view.rows:
                value = expected.get(row.key, 0 if name in SUMS else None)
                found = number(row.values[name])
                assert found == pytest.approx(value), (view.choice, name, row.key)
        rows += len(view.rows)
        for row in view.rows[:40]:
            for name, value in row.before.items():
                compared += 1
                _check_before(connection, view, row, name, value)
    assert (rows > 500, compared > 100) == (True, True), (rows, compared)


def _plain(
    connection: duckdb.DuckDBPyConnection, view: View, name: str, days: Period
) -> dict[Key, float | None]:
    query = view.query
    return plain(connection, name, query.by, query.where, (days.start, days.end))


_BACK = {
    "order_date": "1 day",
    "order_week": "7 days",
    "order_month": "1 month",
    "order_quarter": "3 months",
    "order_year": "1 year",
}


def _check_before(
    connection: duckdb.DuckDBPyConnection,
    view: View,
    row: Row,
    name: str,
    value: Decimal | float | None,
) -> None:
    """The days before, asked on their own; of a time whatever days are chosen."""
    is_year, grain, key = view.choice.compare == "year", view.grain, row.key
    if grain is None:
        days = view.period.year_earlier() if is_year else view.period.previous()
    else:
        back = _BACK[grain]
        if is_year:
            back = "364 days" if grain == "order_week" else "1 year"
        found = connection.execute(
            f"select cast(? - interval '{back}' as date), cast(? - interval '{back}' "
            f"+ interval '{_BACK[grain]}' - interval '1 day' as date)",
            [key[0], key[0]],
        ).fetchone()
        assert found is not None
        days = Period(*found)
        key = (days.start, *key[1:])
    expected = _plain(connection, view, name, days)
    nothing = 0 if name in SUMS else None
    assert number(value) == pytest.approx(expected.get(key, nothing)), (view.choice, name, key)


def test_every_metric_has_a_second_way_a_label_of_its_own_and_a_volume_by_its_dimensions(
    outline: Outline,
) -> None:
    semantics = outline.semantics
    # Those on marts are compared with what pages read (test_metrics_agree).
    on_facts = {one for one in semantics.metrics if not semantics.definitions.is_on_mart(one)}
    assert {*SUMS, *MEANS, *RATIOS} == on_facts
    assert len({one.label for one in semantics.metrics.values()}) == len(semantics.metrics)
    for one in semantics.metrics.values():
        if one.volume:
            own = {dimension.name for dimension in semantics.dimensions((one.name,))}
            assert own <= {other.name for other in semantics.dimensions((one.volume,))}


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ({"q": "revenu by region"}, "no metric called revenu. Did you mean revenue_amount?"),
        ({"q": "num_sales by category"}, "no dimension of Sales called category"),
        ({"q": "revenue_amount, csat_rate by seller_id"}, "Revenue, Satisfied (CSAT) called"),
        ({"q": "num_sales where region = Suoth"}, "no value of region called Suoth. Did you"),
        ({"q": "num_sales where order_month = 2018-01-01"}, "Write the days as: from DAY"),
        ({"q": "num_sales by order_month, order_year"}, "are both times. Choose one"),
        ({"q": "num_sales by region, order_status, num_sellers"}, "3 dimensions are too many"),
        (
            {"q": "num_sales, num_items, num_late, num_orders, num_due"},
            "5 metrics are too many",
        ),
        ({"q": "num_sales", "compare": "decade"}, "compare='decade' is none of: before, year"),
        ({"q": "num_sales", "sort": "num_sales.change"}, "is none of: num_sales."),
        ({"q": "num_sales from 2018-03-01 to 2018-02-01"}, "are no days in order"),
        ({"q": "by by region"}, "There is no metric called by"),
        ({"q": "num_sales by order_key"}, "no dimension of Sales called order_key"),
    ],
)
def test_a_link_that_asks_for_what_there_is_not_says_what_there_is(
    outline: Outline, address: dict[str, str], words: str
) -> None:
    with pytest.raises((WordsError, UnknownNameError)) as caught:
        read_choice(outline, address)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "value", ["o'neill", 'say "hi"', "{{ x }}", "{% raw %}", "$1; --", "a, b and c = d", "%s"]
)
def test_a_value_is_bound_and_never_a_part_of_the_query(outline: Outline, value: str) -> None:
    with outline.asker() as source:
        plain_words = Query(("num_sales",), where={"customer_city": ("sao paulo", value)})
        alone = Query(("num_sales",), where={"customer_city": ("sao paulo",)})
        assert source.ask(plain_words).total == source.ask(alone).total
        assert value not in source.semantics.sql(plain_words.shape)
    with pytest.raises(UnknownNameError) as caught:
        read_choice(outline, Choice(plain_words).address())
    assert f"called {value}." in str(caught.value)


def test_filters_of_numbers_and_of_yes_and_no_restrict(outline: Outline) -> None:
    rows = _view(outline, "num_reviews by review_stars, is_answered_before_delivery").rows
    for q, place, value in (
        ("review_stars = 5", 0, 5),
        ("is_answered_before_delivery = true", 1, True),
    ):
        view = _view(outline, f"num_reviews where {q}")
        expected = sum(row.values["num_reviews"] for row in rows if row.key[place] == value)
        assert view.rows[0].values["num_reviews"] == expected > 0


@pytest.mark.parametrize(
    "q",
    [
        "revenue_amount, num_items by order_month, category",
        "revenue_amount by seller_state where category_group = Electronics",
        "num_payments, payment_amount by payment_type from 2018-01-01 to 2018-03-31",
        "num_canceled_orders by region",
        "num_reviews by review_stars, is_answered_before_delivery",
        "num_late",
    ],
)
def test_the_orders_behind_a_row_add_up_to_it_and_are_counted(outline: Outline, q: str) -> None:
    view = _view(outline, q.replace("Electronics", _a_group(outline)))
    for row in view.rows[:6]:
        orders = load_orders(view, row)
        assert len(orders.rows) == min(orders.count, MOST_ORDERS)
        if orders.count > MOST_ORDERS:
            continue
        for n, name in enumerate(view.query.metrics):
            place = n - len(view.query.metrics)
            assert sum(one[place] or 0 for one in orders.rows) == row.values[name], row.key
        assert all(row.days.start <= one[1] <= row.days.end for one in orders.rows)


def _a_group(outline: Outline) -> str:
    return f'"{outline.values(("revenue_amount",), "category_group")[0]}"'


def test_of_more_than_a_thousand_orders_the_first_thousand_are_listed(outline: Outline) -> None:
    view = _view(outline, "num_orders")
    orders = load_orders(view, view.rows[0])
    assert (orders.count, len(orders.rows)) == (view.rows[0].values["num_orders"], MOST_ORDERS)
    text = sections.orders(view, view.rows[0], orders).text
    assert f"{orders.count:,} orders; the first 1,000 by day are listed." in text


def test_what_is_of_few_or_of_incomplete_months_is_said_and_not_compared(
    outline: Outline,
) -> None:
    late = _view(outline, "num_sales, on_time_rate by order_month", compare="before")
    months = {month.start: month for month in outline.calendar.months}
    seen = set()
    for row in late.rows:
        month = months[row.key[0]]
        is_fit = (month.is_complete, month.is_complete and month.is_delivery_mature)
        assert (row.is_fit["num_sales"], row.is_fit["on_time_rate"]) == is_fit
        assert is_fit[0] or not row.before
        assert is_fit[1] or "on_time_rate" not in row.before
        assert all(is_fit) or any("not compared:" in note for note in row.notes)
        seen.add(is_fit)
    assert {(True, True), (False, False)} <= seen
    few = _view(outline, "average_review_score, num_reviews by customer_state")
    for row in few.rows:
        is_few = any("Review score is of few" in note for note in row.notes)
        assert is_few == (row.values["num_reviews"] < 30)
    assert "Note" in few.sheet.headings


def test_days_that_cut_a_month_are_not_compared_with_a_whole_one(outline: Outline) -> None:
    view = _view(
        outline, "num_sales by order_month from 2018-02-10 to 2018-04-30", compare="before"
    )
    cut, whole = view.rows[0], view.rows[-1]
    assert (cut.before, whole.before != {}) == ({}, True)
    assert cut.notes == ("not compared: from 10 Feb 2018 to 28 Feb 2018 alone",)


def test_rows_are_sorted_as_the_link_says(outline: Outline) -> None:
    for sort in ("-num_sales", "num_sales", "-num_sales.change"):
        view = _view(
            outline,
            "num_sales by customer_state from 2018-01-01 to 2018-06-30",
            sort=sort,
            compare="before",
        )
        metric = view.metrics[0]
        sizes = [
            row.change(metric) if "change" in sort else row.values["num_sales"]
            for row in view.rows
        ]
        known = [size for size in sizes if size is not None]
        assert known == sorted(known, reverse=sort[0] == "-")
        assert sizes[len(known) :] == [None] * (len(sizes) - len(known))


def test_every_kind_of_view_is_drawn_and_no_rows_are_said_in_words(outline: Outline) -> None:
    for q, expected in (
        ("num_sales, csat_rate", 'data-tile="csat_rate"'),
        ("num_sales by order_week", 'data-chart="num_sales"'),
        ("num_sales, csat_rate by order_month, customer_state", "8 of 2"),
        ("revenue_amount by category", "the largest; the table has all."),
        ("revenue_amount by seller_state, category", "8 of"),
        ("num_sales by region, order_status from 2018-01-01 to 2018-01-31", "<marimo-plotly"),
        ("num_sales where region = South from 2016-09-01 to 2016-09-01", "data-tile"),
    ):
        assert expected in sections.answer(_view(outline, q)).text, q
    nothing = _view(outline, "num_sales by region from 2010-01-01 to 2010-01-31")
    assert "No rows" in sections.answer(nothing).text


def test_files_hold_exact_rows_and_no_formula(outline: Outline, tmp_path: Path) -> None:
    view = _view(outline, "revenue_amount by region")
    rows = [*view.sheet.rows, ("=1+1", None), ("http://x.invalid", None)]
    path = tmp_path / "rows.parquet"
    path.write_bytes(parquet(["Group", "Revenue"], rows))
    with duckdb.connect() as memory:
        found = memory.execute("select * from read_parquet(?)", [str(path)]).fetchall()
    assert found == rows
    with zipfile.ZipFile(io.BytesIO(workbook(["Group", "Revenue"], rows))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert "=1+1" in book.read("xl/sharedStrings.xml").decode()
    assert ("<f>" in sheet, "<hyperlink" in sheet) == (False, False)
    assert f"<v>{float(rows[0][1] or 0)}</v>" in sheet


def test_a_workbook_has_numbers_days_and_flags_as_such() -> None:
    rows = [(date(2018, 3, 1), Decimal("1.50"), 7, True, "São Paulo", None)]
    with zipfile.ZipFile(io.BytesIO(workbook(list("abcdef"), rows))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert "yyyy-mm-dd" in book.read("xl/styles.xml").decode()
    assert re.search(r'<c r="A2" s="\d+"><v>43160</v>', sheet), "days since 30 Dec 1899"
    for cell in ('B2"><v>1.50</v>', 'C2"><v>7</v>', 'D2" t="b"><v>1</v>', 'E2" t="s">'):
        assert f'<c r="{cell}' in sheet


def test_the_terminal_writes_exact_csv_and_the_query(
    outline: Outline, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = "revenue_amount by order_month, customer_state where region = South"
    assert olist(["metric", asked, "--csv"]) == 0
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    with outline.asker() as source:
        query = Query(
            ("revenue_amount",), ("order_month", "customer_state"), {"region": ("South",)}
        )
        expected = [[str(cell) for cell in row] for row in source.ask(query).rows]
    assert rows == [["order_month", "customer_state", "revenue_amount"], *expected]
    assert olist(["metric", asked, "--sql"]) == 0
    sql = capsys.readouterr().out
    assert sql.startswith("select ")
    assert "$region" in sql
    assert "South" not in sql


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("revenu by region", "Did you mean revenue_amount?"),
        ("num_sales by seller_id", "There is no dimension of Sales called seller_id"),
        ("num_sales where region", "is no filter"),
        ("num_sales where region = ", "Write it as"),
    ],
)
@pytest.mark.usefixtures("outline")
def test_the_terminal_refuses_in_words(
    capsys: pytest.CaptureFixture[str], asked: str, words: str
) -> None:
    assert olist(["metric", asked]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.startswith("error: "), words in said.err) == ("", True, True)
