"""Everything odd that is data and not error: each in as many rows as in the real files."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from tests.integration.synthetic.reading import by_key, number, rows


@pytest.mark.parametrize(
    ("what", "sql", "expected", "tolerance"),
    [
        (
            "rows that repeat another",
            (
                "select count(*) - (select count(*) from (select distinct * from geolocation)) "
                "from geolocation"
            ),
            261_831,
            0,
        ),
        ("prefixes", "select count(distinct prefix) from points", 19_015, 0),
        ("points abroad", "select count(*) from points where is_abroad", 31, 0),
        ("sao paulo", "select count(*) from points where city = 'sao paulo'", 135_800, 0.1),
        ("são paulo", "select count(*) from points where city = 'são paulo'", 24_918, 0.1),
        (
            "prefixes of several spellings",
            (
                "select count(*) from (select prefix from points group by 1 "
                "having count(distinct city) > 1)"
            ),
            8_556,
            0.05,
        ),
        (
            "prefixes in two states",
            (
                "select count(*) from (select prefix from points group by 1 "
                "having count(distinct state) > 1)"
            ),
            8,
            0,
        ),
        (
            "prefixes with customers",
            "select count(distinct customer_zip_code_prefix) from customers",
            14_994,
            0.05,
        ),
        (
            "customer prefixes without point",
            (
                "select count(distinct customer_zip_code_prefix) from customers "
                "where customer_zip_code_prefix not in (select prefix from points)"
            ),
            157,
            0.02,
        ),
        (
            "seller prefixes without point",
            (
                "select count(distinct seller_zip_code_prefix) from sellers "
                "where seller_zip_code_prefix not in (select prefix from points)"
            ),
            7,
            0,
        ),
    ],
)
def test_geolocation_is_as_untidy(
    olist: duckdb.DuckDBPyConnection, what: str, sql: str, expected: float, tolerance: float
) -> None:
    assert number(olist, sql) == pytest.approx(expected, rel=tolerance), what


def test_prefixes_are_five_digits_within_the_range_of_their_state(
    olist: duckdb.DuckDBPyConnection,
) -> None:
    misplaced = """
        select count(*) from customers
        where customer_zip_code_prefix !~ '^[0-9]{5}$'
            or (customer_state = 'SP') != (customer_zip_code_prefix between '01000' and '19999')
            or (customer_state = 'RJ') != (customer_zip_code_prefix between '20000' and '28999')
            or (customer_state = 'RS') != (customer_zip_code_prefix between '90000' and '99999')
    """

    assert number(olist, misplaced) <= 5


@pytest.mark.parametrize(
    ("city", "state", "lat", "lng"),
    [
        ("sao paulo", "SP", -23.57, -46.63),
        ("rio de janeiro", "RJ", -22.91, -43.25),
        ("porto alegre", "RS", -30.04, -51.18),
        ("manaus", "AM", -3.08, -60.01),
        ("fortaleza", "CE", -3.76, -38.54),
    ],
)
def test_towns_lie_where_they_do(
    olist: duckdb.DuckDBPyConnection, city: str, state: str, lat: float, lng: float
) -> None:
    centre = olist.execute(
        "select median(lat), median(lng) from points where city = ? and state = ?",
        [city, state],
    ).fetchone()

    assert centre == pytest.approx((lat, lng), abs=0.15)


@pytest.mark.parametrize(
    ("quirk", "sql", "expected", "slack"),
    [
        ("orders without items", "from placed anti join baskets using (order_id)", 775, 0),
        (
            "unavailable without items",
            "from placed anti join baskets using (order_id) where status = 'unavailable'",
            603,
            0,
        ),
        (
            "canceled without items",
            "from placed anti join baskets using (order_id) where status = 'canceled'",
            164,
            0,
        ),
        (
            "created, invoiced, shipped without items",
            ("from placed anti join baskets using (order_id) "
            "where status in ('created', 'invoiced', 'shipped')"),
            8,
            0,
        ),
        ("orders without payment", "from placed anti join payments using (order_id)", 1, 0),
        ("orders without review", "from placed anti join reviews using (order_id)", 768, 0),
        (
            "orders with several reviews",
            "from (select order_id from reviews group by 1 having count(*) > 1)",
            547,
            0,
        ),
        ("distinct reviews", "from (select distinct review_id from reviews)", 98_410, 0),
        (
            "reviews of several orders",
            "from (select review_id from reviews group by 1 having count(*) > 1)",
            789,
            0,
        ),
        (
            "delivered without date",
            "from placed where status = 'delivered' and delivered_at is null",
            8,
            0,
        ),
        (
            "canceled with date",
            "from placed where status = 'canceled' and delivered_at is not null",
            6,
            0,
        ),
        ("handed over before approval", "from placed where carrier_at < approved_at", 1_359, 0),
        ("handed over before purchase", "from placed where carrier_at < purchased_at", 166, 0),
        ("delivered before handed over", "from placed where delivered_at < carrier_at", 23, 0),
        ("delivered before purchase", "from placed where delivered_at < purchased_at", 0, 0),
        (
            "reviewed before purchase",
            "from reviews inner join placed using (order_id) where created_at < purchased_at",
            74,
            3,
        ),
        ("not approved", "from placed where approved_at is null", 160, 0),
        ("not handed over", "from placed where carrier_at is null", 1_783, 0),
        ("not delivered", "from placed where delivered_at is null", 2_965, 0),
        ("payment off by a centavo", "from payment_gaps where abs(gap) = 0.01", 273, 0),
        ("payment off by more", "from payment_gaps where abs(gap) > 0.01", 303, 0),
        ("payment off by a real", "from payment_gaps where abs(gap) > 1", 249, 0),
        (
            "vouchers of zero",
            "from payments where amount = 0 and payment_type = 'voucher'",
            6,
            0,
        ),
        (
            "undefined of zero",
            "from payments where amount = 0 and payment_type = 'not_defined'",
            3,
            0,
        ),
        ("payments of zero", "from payments where amount = 0", 9, 0),
        ("installments of zero", "from payments where installments = 0", 2, 0),
        ("free freight", "from items where freight = 0", 383, 0),
        ("limits in 2020", "from items where limit_at >= '2020-01-01'", 4, 3),
        ("no category", "from products where product_category_name is null", 610, 0),
        ("no weight", "from products where product_weight_g is null", 2, 0),
        ("weight of zero", "from products where product_weight_g::int = 0", 4, 0),
        ("review without answer", "from reviews where answered_at is null", 45, 0),
        ("review without creation", "from reviews where created_at is null", 9, 0),
        ("odd seller cities", "from sellers where seller_city ~ '.*[@/,0-9].*'", 19, 0),
    ],
)  # fmt: skip
def test_each_quirk_stands_in_as_many_rows(
    olist: duckdb.DuckDBPyConnection, quirk: str, sql: str, expected: int, slack: int
) -> None:
    assert abs(number(olist, f"select count(*) {sql}") - expected) <= slack, quirk


def test_no_limit_is_after_9_april_2020(olist: duckdb.DuckDBPyConnection) -> None:
    assert rows(olist, "select max(limit_at)::date from items") == [(date(2020, 4, 9),)]


def test_two_categories_have_products_but_no_translation(
    olist: duckdb.DuckDBPyConnection,
) -> None:
    sql = """
        select product_category_name, count(*) from products
        anti join product_category_name_translation using (product_category_name)
        where product_category_name is not null group by 1
    """

    assert by_key(olist, sql) == {
        "pc_gamer": 3,
        "portateis_cozinha_e_preparadores_de_alimentos": 10,
    }


def test_a_shared_review_is_of_one_person(olist: duckdb.DuckDBPyConnection) -> None:
    sql = """
        select max(persons) from (
            select count(distinct customer_unique_id) as persons
            from reviews inner join placed using (order_id) group by review_id
        )
    """

    assert number(olist, sql) == 1


def test_purchases_run_from_september_2016_to_october_2018(
    olist: duckdb.DuckDBPyConnection,
) -> None:
    ((first, last),) = rows(
        olist, "select min(purchased_at)::date, max(purchased_at)::date from placed"
    )

    assert date(2016, 9, 4) <= first <= date(2016, 9, 15)
    assert date(2018, 10, 12) <= last <= date(2018, 10, 17)
