"""What is bought in the generated data, for how much, and how it is paid."""

from __future__ import annotations

import duckdb
import pytest

from tests.integration.synthetic.reading import by_key, number, rows

REVENUE_BY_CATEGORY = {
    "beleza_saude": 1_258_681.34,
    "relogios_presentes": 1_205_005.68,
    "cama_mesa_banho": 1_036_988.68,
    "esporte_lazer": 988_048.97,
    "informatica_acessorios": 911_954.32,
    "moveis_decoracao": 729_762.49,
    "cool_stuff": 635_290.85,
    "utilidades_domesticas": 632_248.66,
    "automotivo": 592_720.11,
    "ferramentas_jardim": 485_256.46,
    "brinquedos": 483_946.60,
    "bebes": 411_764.89,
}


def test_the_great_categories_sell_for_as_much(olist: duckdb.DuckDBPyConnection) -> None:
    sold = by_key(olist, "select category, sum(price) from items group by 1")

    assert {name: sold[name] for name in REVENUE_BY_CATEGORY} == pytest.approx(
        REVENUE_BY_CATEGORY, rel=0.01
    )


def test_the_great_categories_sell_as_many_units(olist: duckdb.DuckDBPyConnection) -> None:
    expected = {"cama_mesa_banho": 11115, "beleza_saude": 9670, "esporte_lazer": 8641}

    sold = by_key(olist, "select category, count(*) from items group by 1")

    assert {name: sold[name] for name in expected} == pytest.approx(expected, rel=0.08)


@pytest.mark.parametrize(
    ("quantile", "price"),
    [(0.05, 17.0), (0.25, 39.9), (0.5, 74.99), (0.75, 134.9), (0.9, 229.8), (0.95, 349.9)],
)
def test_prices_are_spread_alike(
    olist: duckdb.DuckDBPyConnection, quantile: float, price: float
) -> None:
    counted = number(olist, f"select quantile_cont(price::double, {quantile}) from items")

    assert counted == pytest.approx(price, rel=0.15)


def test_prices_stay_within_the_real_ones(olist: duckdb.DuckDBPyConnection) -> None:
    ((least, most),) = rows(olist, "select min(price), max(price) from items")

    assert 0.85 <= float(least) < 10
    assert 2000 < float(most) <= 6735


def test_prices_end_in_90_00_and_99(olist: duckdb.DuckDBPyConnection) -> None:
    endings = "select (price * 100)::int % 100, count(*) / 112650 from items group by 1"

    counted = by_key(olist, endings)

    assert [counted[90], counted[0], counted[99]] == pytest.approx([0.36, 0.29, 0.18], abs=0.04)


def test_orders_have_as_many_items(olist: duckdb.DuckDBPyConnection) -> None:
    sql = "select least(num_items, 7), count(*) from baskets group by 1"

    assert by_key(olist, sql) == {
        1: 88_863, 2: 7_516, 3: 1_322, 4: 505, 5: 204, 6: 198, 7: 58
    }  # fmt: skip


def test_as_many_orders_have_several_sellers_and_several_products(
    olist: duckdb.DuckDBPyConnection,
) -> None:
    (counted,) = rows(
        olist,
        "select count(*) filter (num_sellers > 1), count(*) filter (num_products > 1) "
        "from baskets",
    )

    assert list(counted) == pytest.approx([1_278, 3_236], rel=0.005)


def test_every_product_and_every_seller_has_sold(olist: duckdb.DuckDBPyConnection) -> None:
    (counted,) = rows(
        olist, "select count(distinct product_id), count(distinct seller_id) from items"
    )

    assert counted == (32_951, 3_095)


def test_most_products_sell_once_or_twice_and_a_few_hundreds_of_times(
    olist: duckdb.DuckDBPyConnection,
) -> None:
    # Real quantiles at 0.6, 0.9, 0.99 and the most: 2, 6, 30, 467.
    sold = rows(
        olist,
        """
        select unnest(quantile_disc(orders, [0.6, 0.9, 0.99, 1])) from (
            select count(distinct order_id) as orders from items group by product_id
        )
        """,
    )

    assert [row[0] for row in sold[:3]] == pytest.approx([2, 6, 30], rel=0.35)
    assert 250 < sold[3][0] < 700


def test_freight_is_spread_alike(olist: duckdb.DuckDBPyConnection) -> None:
    sql = "select unnest(quantile_cont(freight::double, [0.1, 0.5, 0.9, 0.99])) from items"

    counted = [row[0] for row in rows(olist, sql)]

    assert counted == pytest.approx([8.73, 16.26, 34.04, 84.52], rel=0.2)


def test_payments_are_of_their_types(olist: duckdb.DuckDBPyConnection) -> None:
    assert by_key(olist, "select payment_type, count(*) from payments group by 1") == {
        "credit_card": 76_795,
        "boleto": 19_784,
        "voucher": 5_775,
        "debit_card": 1_529,
        "not_defined": 3,
    }


def test_each_type_pays_as_much(olist: duckdb.DuckDBPyConnection) -> None:
    expected = {
        "credit_card": 12_542_084.19,
        "boleto": 2_869_361.27,
        "voucher": 379_436.87,
        "debit_card": 217_989.79,
        "not_defined": 0,
    }

    paid = by_key(olist, "select payment_type, sum(amount) from payments group by 1")

    assert paid == pytest.approx(expected, rel=0.1)


def test_cards_are_paid_in_as_many_installments(olist: duckdb.DuckDBPyConnection) -> None:
    expected = {
        0: 2,
        1: 25455,
        2: 12413,
        3: 10461,
        4: 7098,
        5: 5239,
        6: 3920,
        8: 4268,
        10: 5328,
    }

    counted = by_key(
        olist,
        "select installments, count(*) from payments where payment_type = 'credit_card' "
        "group by 1",
    )

    assert {number: counted[number] for number in expected} == expected


def test_dear_orders_are_paid_in_more_installments(olist: duckdb.DuckDBPyConnection) -> None:
    expected = {1: 95.87, 3: 142.54, 5: 183.47, 8: 307.74, 10: 415.09}

    means = by_key(
        olist,
        "select installments, avg(amount) from payments where payment_type = 'credit_card' "
        "group by 1",
    )

    assert {number: means[number] for number in expected} == pytest.approx(expected, rel=0.25)
