"""Sizes, calendar and persons of the generated data at scale 1, against the real figures.

Every expected number here and in the modules beside was counted on the real files and stands
as a number: nothing is imported from the generator's calibration, so a slip in there shows.
Counts that are dealt from a deck are exact; what is drawn has a tolerance.
"""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from tests.integration.synthetic.reading import by_key, number, rows


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("customers", 99_441),
        ("orders", 99_441),
        ("order_items", 112_650),
        ("order_payments", 103_886),
        ("order_reviews", 99_224),
        ("products", 32_951),
        ("sellers", 3_095),
        ("geolocation", 1_000_163),
        ("product_category_name_translation", 71),
    ],
)
def test_each_file_has_the_rows_of_the_real_one(
    olist: duckdb.DuckDBPyConnection, table: str, rows: int
) -> None:
    assert number(olist, f"select count(*) from {table}") == rows


@pytest.mark.parametrize(
    ("what", "sql", "expected", "tolerance"),
    [
        ("price", "select sum(price) from items", 13_591_643.70, 0.005),
        ("freight", "select sum(freight) from items", 2_251_909.54, 0.01),
        ("payments", "select sum(amount) from payments", 16_008_872.12, 0.005),
        (
            "price of delivered orders",
            (
                "select sum(price) from items inner join placed using (order_id) "
                "where status = 'delivered'"
            ),
            13_221_498.11,
            0.01,
        ),
        (
            "payments of orders without items",
            "select sum(amount) from payments anti join baskets using (order_id)",
            162_591.95,
            0.15,
        ),
    ],
)
def test_money_adds_up_to_the_real_sum(
    olist: duckdb.DuckDBPyConnection, what: str, sql: str, expected: float, tolerance: float
) -> None:
    assert number(olist, sql) == pytest.approx(expected, rel=tolerance), what


ORDERS_BY_MONTH = {
    "2016-09": 4, "2016-10": 324, "2016-12": 1,
    "2017-01": 800, "2017-02": 1780, "2017-03": 2682, "2017-04": 2404, "2017-05": 3700,
    "2017-06": 3245, "2017-07": 4026, "2017-08": 4331, "2017-09": 4285, "2017-10": 4631,
    "2017-11": 7544, "2017-12": 5673,
    "2018-01": 7269, "2018-02": 6728, "2018-03": 7211, "2018-04": 6939, "2018-05": 6873,
    "2018-06": 6167, "2018-07": 6292, "2018-08": 6512, "2018-09": 16, "2018-10": 4,
}  # fmt: skip


def test_every_month_has_its_orders_and_no_order_is_of_november_2016(
    olist: duckdb.DuckDBPyConnection,
) -> None:
    assert by_key(olist, "select month, count(*) from placed group by month") == ORDERS_BY_MONTH


@pytest.mark.parametrize(
    ("day", "orders"),
    [
        (date(2017, 11, 24), 1176),
        (date(2017, 11, 25), 499),
        (date(2017, 11, 26), 391),
        (date(2017, 11, 27), 403),
        (date(2017, 11, 28), 380),
        (date(2018, 8, 29), 14),
        (date(2018, 8, 31), 1),
    ],
)
def test_black_friday_and_the_last_days_stand_out_as_they_did(
    olist: duckdb.DuckDBPyConnection, day: date, orders: int
) -> None:
    counted = olist.execute(
        "select count(*) from placed where purchased_at::date = ?", [day]
    ).fetchone()

    assert counted == (orders,)


def test_black_friday_is_the_busiest_day(olist: duckdb.DuckDBPyConnection) -> None:
    busiest = "select mode(purchased_at::date) from placed"

    assert rows(olist, busiest) == [(date(2017, 11, 24),)]


def test_weekdays_have_their_shares(olist: duckdb.DuckDBPyConnection) -> None:
    expected = {1: 16196, 2: 15963, 3: 15552, 4: 14761, 5: 14122, 6: 10887, 7: 11960}

    counted = by_key(olist, "select isodow(purchased_at), count(*) from placed group by 1")

    assert counted == pytest.approx(expected, rel=0.05)


def test_hours_have_their_shares(olist: duckdb.DuckDBPyConnection) -> None:
    # Orders by hour, 0 to 23.
    expected = [
        2394, 1170, 510, 272, 206, 188, 502, 1231, 2967, 4785, 6177, 6578,
        5995, 6518, 6569, 6454, 6675, 6150, 5769, 5982, 6193, 6217, 5816, 4123,
    ]  # fmt: skip

    counted = by_key(olist, "select hour(purchased_at), count(*) from placed group by 1")

    assert counted == pytest.approx(dict(enumerate(expected)), rel=0.05, abs=100)


def test_statuses_have_their_counts(olist: duckdb.DuckDBPyConnection) -> None:
    assert by_key(olist, "select status, count(*) from placed group by 1") == {
        "delivered": 96_478,
        "shipped": 1_107,
        "canceled": 625,
        "unavailable": 609,
        "invoiced": 314,
        "processing": 301,
        "created": 5,
        "approved": 2,
    }


ORDERS_BY_STATE = {
    "SP": 41746, "RJ": 12852, "MG": 11635, "RS": 5466, "PR": 5045, "SC": 3637, "BA": 3380,
    "DF": 2140, "ES": 2033, "GO": 2020, "PE": 1652, "CE": 1336, "PA": 975, "MT": 907,
    "MA": 747, "MS": 715, "PB": 536, "PI": 495, "RN": 485, "AL": 413, "SE": 350, "TO": 280,
    "RO": 253, "AM": 148, "AC": 81, "AP": 68, "RR": 46,
}  # fmt: skip


def test_the_27_states_have_their_orders(olist: duckdb.DuckDBPyConnection) -> None:
    # Who comes back brings the state along, by chance.
    counted = by_key(olist, "select customer_state, count(*) from placed group by 1")

    assert counted == pytest.approx(ORDERS_BY_STATE, rel=0.01, abs=20)


def test_sellers_sit_where_they_do(olist: duckdb.DuckDBPyConnection) -> None:
    expected = {"SP": 1849, "PR": 349, "MG": 244, "SC": 190, "RJ": 171, "RS": 129}

    counted = by_key(olist, "select seller_state, count(*) from sellers group by 1")

    assert {state: counted[state] for state in expected} == pytest.approx(expected, rel=0.05)


def test_persons_come_back_as_often(olist: duckdb.DuckDBPyConnection) -> None:
    sql = """
        select orders, count(*) from (
            select count(*) as orders from customers group by customer_unique_id
        ) group by orders
    """

    assert by_key(olist, sql) == {
        1: 93_099, 2: 2_745, 3: 203, 4: 30, 5: 8, 6: 6, 7: 3, 9: 1, 17: 1
    }  # fmt: skip


def test_a_quarter_comes_back_within_the_day_and_a_quarter_after_months(
    olist: duckdb.DuckDBPyConnection,
) -> None:
    # Real quantiles at 0.25, 0.5, 0.75, in days: 0.006, 28, 119.
    (soon, median, late) = rows(
        olist,
        """
        select unnest(quantile_cont(gap, [0.25, 0.5, 0.75])) from (
            select date_diff('second', lag(purchased_at) over person, purchased_at) / 86400.0
                as gap
            from placed
            window person as (partition by customer_unique_id order by purchased_at)
        )
        """,
    )

    assert soon[0] < 0.5
    assert 7 < median[0] < 50
    assert 70 < late[0] < 160


def test_persons_move_house_as_often(olist: duckdb.DuckDBPyConnection) -> None:
    addresses = """
        select count(*) from (
            select customer_unique_id from placed group by 1
            having count(distinct (customer_zip_code_prefix, customer_city, customer_state)) > 1
        )
    """
    versions = """
        select count(*) from (
            select
                (customer_zip_code_prefix, customer_city, customer_state) as address,
                lag((customer_zip_code_prefix, customer_city, customer_state)) over (
                    partition by customer_unique_id order by purchased_at, order_id
                ) as previous
            from placed
        ) where address is distinct from previous
    """

    assert (number(olist, addresses), number(olist, versions)) == (252, 96_355)
