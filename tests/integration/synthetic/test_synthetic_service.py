"""Delivery and reviews in the generated data: distance, delay, and what they do to scores."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from tests.integration.synthetic.reading import by_key, number, rows


def test_as_many_parcels_are_late_by_date_and_by_the_wrong_timestamp(
    olist: duckdb.DuckDBPyConnection,
) -> None:
    (counted,) = rows(
        olist,
        """
        select
            count(*) filter (is_late),
            count(*) filter (delivered_at > promised_at),
            count(delivered_at)
        from placed where status = 'delivered'
        """,
    )

    assert counted == (6_534, 7_826, 96_470)


def test_parcels_are_late_in_the_months_they_were(olist: duckdb.DuckDBPyConnection) -> None:
    expected = {"2017-06": 95, "2017-11": 904, "2018-02": 926, "2018-03": 1328, "2018-06": 71}

    late = by_key(olist, "select month, count_if(is_late) from placed group by 1")

    assert {month: late[month] for month in expected} == expected


def test_parcels_are_late_in_the_states_they_were(olist: duckdb.DuckDBPyConnection) -> None:
    expected = {"SP": 0.044, "RJ": 0.116, "MG": 0.045, "BA": 0.117, "CE": 0.132, "AL": 0.206}

    late = by_key(olist, "select customer_state, avg(is_late::int) from placed group by 1")

    assert {state: late[state] for state in expected} == pytest.approx(expected, rel=0.2)


def test_delivery_takes_as_long(olist: duckdb.DuckDBPyConnection) -> None:
    sql = """
        select avg(delivery_days), median(delivery_days) from placed where status = 'delivered'
    """

    ((mean, median),) = rows(olist, sql)

    assert [mean, median] == pytest.approx([12.56, 10.22], rel=0.05)


@pytest.mark.parametrize(
    ("least_km", "most_km", "days", "freight"),
    [
        (0, 100, 6.51, 11.78),
        (100, 400, 11.19, 17.85),
        (400, 900, 13.61, 20.80),
        (900, 2000, 17.41, 28.09),
        (2000, 4500, 20.73, 35.03),
    ],
)
def test_delivery_and_freight_grow_with_the_distance(
    olist: duckdb.DuckDBPyConnection,
    least_km: int,
    most_km: int,
    days: float,
    freight: float,
) -> None:
    (counted,) = rows(
        olist,
        f"""
        select avg(delivery_days), avg(item_freight)
        from placed inner join distances using (order_id) inner join baskets using (order_id)
        where status = 'delivered'
            and distance_km >= {least_km} and distance_km < {most_km}
        """,
    )

    assert [float(value) for value in counted] == pytest.approx([days, freight], rel=0.15)


@pytest.mark.parametrize(
    ("stage", "sql", "median", "tolerance"),
    [
        ("approval", "date_diff('second', purchased_at, approved_at) / 3600.0", 0.343, 0.1),
        ("handling", "date_diff('second', approved_at, carrier_at) / 86400.0", 1.816, 0.1),
        ("transit", "date_diff('second', carrier_at, delivered_at) / 86400.0", 7.1, 0.1),
        ("promise", "date_diff('second', purchased_at, promised_at) / 86400.0", 23.23, 0.1),
    ],
)
def test_each_stage_takes_its_part(
    olist: duckdb.DuckDBPyConnection, stage: str, sql: str, median: float, tolerance: float
) -> None:
    counted = number(olist, f"select median({sql}) from placed where status = 'delivered'")

    assert counted == pytest.approx(median, rel=tolerance), stage


def test_late_parcels_were_often_handed_over_late(olist: duckdb.DuckDBPyConnection) -> None:
    # Real shares of parcels handed over after the last limit: 0.28 of the late, 0.077 else.
    shares = by_key(
        olist,
        """
        select is_late, avg((carrier_at > last_limit)::int)
        from placed inner join (
            select order_id, max(limit_at) as last_limit from items group by 1
        ) using (order_id)
        where status = 'delivered' and delivered_at is not null group by 1
        """,
    )

    assert shares == pytest.approx({True: 0.28, False: 0.077}, abs=0.06)


def test_scores_have_their_counts(olist: duckdb.DuckDBPyConnection) -> None:
    expected = {1: 11_424, 2: 3_151, 3: 8_179, 4: 19_142, 5: 57_328}

    counted = by_key(olist, "select score, count(*) from reviews group by 1")

    assert counted == pytest.approx(expected, rel=0.02)


def test_the_mean_score_is_the_real_one(olist: duckdb.DuckDBPyConnection) -> None:
    assert number(olist, "select avg(score) from reviews") == pytest.approx(4.0864, abs=0.02)


def test_scores_fall_when_a_parcel_is_late(olist: duckdb.DuckDBPyConnection) -> None:
    means = by_key(
        olist,
        "select is_late, avg(score) from reviews inner join placed using (order_id) "
        "where status = 'delivered' and delivered_at is not null group by 1",
    )

    assert means == pytest.approx({True: 2.271, False: 4.290}, abs=0.1)


def test_as_many_reviews_have_a_title_and_a_message(olist: duckdb.DuckDBPyConnection) -> None:
    (counted,) = rows(olist, "select count(title), count(message) from reviews")

    assert list(counted) == pytest.approx([11_568, 40_977], rel=0.04)


def test_angry_customers_write_more_often(olist: duckdb.DuckDBPyConnection) -> None:
    expected = {1: 0.765, 2: 0.681, 3: 0.435, 4: 0.312, 5: 0.359}

    shares = by_key(
        olist, "select score, avg((message is not null)::int) from reviews group by 1"
    )

    assert shares == pytest.approx(expected, abs=0.01)


def test_no_title_was_asked_for_before_may_2017(olist: duckdb.DuckDBPyConnection) -> None:
    sql = "select count(title) from reviews where created_at < '2017-05-01'"

    assert number(olist, sql) == 0


@pytest.mark.parametrize(
    ("what", "pattern", "least", "most"),
    [
        ("a line break", r"\r\n", 0.07, 0.12),
        ("a comma", ",", 0.25, 0.45),
        ("a quotation mark", '"', 0.001, 0.01),
        ("an accent", "[áàâãéêíóôõúç]", 0.4, 0.95),
    ],
)
def test_messages_hold_what_breaks_a_careless_reader(
    olist: duckdb.DuckDBPyConnection, what: str, pattern: str, least: float, most: float
) -> None:
    counted = olist.execute(
        "select avg(regexp_matches(message, ?)::int) from reviews", [pattern]
    ).fetchone()

    assert counted is not None
    assert least < counted[0] < most, what


def test_reviews_are_answered_as_soon(olist: duckdb.DuckDBPyConnection) -> None:
    sql = """
        select median(date_diff('second', created_at, answered_at) / 86400.0) from reviews
    """

    assert number(olist, sql) == pytest.approx(1.675, rel=0.1)


def test_the_last_orders_are_those_that_had_their_survey(
    olist: duckdb.DuckDBPyConnection,
) -> None:
    last = olist.execute("select max(review_creation_date::date) from order_reviews").fetchall()
    assert last == [(date(2018, 8, 31),)]
    days = dict(
        olist.execute(
            """
            select purchased_at::date, avg(delivery_days) from placed
            where purchased_at between '2018-08-01' and '2018-08-29'
                and delivery_days is not null
            group by 1
            """
        ).fetchall()
    )
    assert 7 < days[date(2018, 8, 1)] < 14
    assert 4 < days[date(2018, 8, 22)] < 7  # 5.8 in the real data
    assert days[date(2018, 8, 28)] < 3  # 1.9
    [(late,)] = olist.execute(
        "select count(*) from placed where is_late and purchased_at >= '2018-08-27'"
    ).fetchall()
    assert late == 0
