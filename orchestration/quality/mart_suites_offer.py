"""The suites of the marts of the offer: categories, products, reviews, sellers.

What the marts gate is for, and the other suites, are in ``mart_suites``.
"""

from __future__ import annotations

from orchestration.quality.mart_parts import (
    ENOUGH_ORDERS,
    FACT_GMV,
    agrees,
    average,
    complete,
    keeps,
    never_negative,
    no_group_takes_all,
    rate,
)
from orchestration.quality.spec import between, suite

_GMV = "sum(gmv_amount)"
# Two fifths of the public orders; the tiers of all time were made for R$ 13 million.
_ENOUGH_FOR_AMOUNTS = "sum(gmv_amount) >= 5000000"

CATEGORIES = suite(
    "marts.mart_category_performance",
    agrees("gmv_is_that_of_the_items", _GMV, FACT_GMV, expected="GMV"),
    never_negative("num_units", "gmv_amount", "freight_amount"),
    between(
        "no_category_takes_all",
        f"case when sum(num_units) >= {ENOUGH_ORDERS} then (select max(gmv) / sum(gmv) from "
        "(select sum(gmv_amount) as gmv from marts.mart_category_performance "
        "group by category_key) as by_category) end",
        expected="GMV of the largest category",
        advice="Was the category column filled with one value, or are products unknown?",
        critical=(None, 0.80),
        warning=(None, 0.25),  # 9.2 %
        unit="share",
    ),
)

PRODUCTS = suite(
    "marts.mart_product_performance",
    agrees("gmv_is_that_of_the_items", _GMV, FACT_GMV, expected="GMV"),
    never_negative("num_units", "gmv_amount", "num_orders"),
    complete("abc_classes_are_complete", "abc_class", 3, enough=500, expected="ABC classes"),
    # 55 bestsellers of 32,951 products: a small warehouse has none.
    complete(
        "lifecycle_is_complete",
        "lifecycle_stage",
        6,
        enough=30_000,
        expected="stages of the lifecycle",
        is_critical=False,
    ),
    between(
        "class_a_holds_its_share",
        "case when count(*) >= 500 then sum(gmv_amount) filter (abc_class = 'A') "
        "/ nullif(sum(gmv_amount), 0) end",
        expected="GMV of the products of class A",
        advice="See abc_a_until_rate in dbt_project.yml and the order the model sums in.",
        critical=(0.60, 0.90),  # 80 % by its rule
        unit="share",
    ),
    rate(
        "few_orders_are_canceled",
        "num_canceled_orders",
        "num_orders_of_any_status",
        expected="canceled orders",
        critical=(0.0, 0.60),
        warning=(0.0, 0.10),  # 0.5 %
    ),
)

REVIEWS = suite(
    "marts.mart_review_analysis",
    agrees("gmv_is_that_of_the_items", _GMV, FACT_GMV, expected="GMV"),
    average(
        "score_is_plausible",
        "sum_review_score",
        "num_reviews",
        expected="average score",
        critical=(1.5, 4.95),
        warning=(3.3, 4.7),  # 4.08
    ),
    rate(
        "some_reviews_have_a_comment",
        "num_with_comment",
        "num_reviews",
        expected="reviews with a comment",
        critical=(0.001, 1.0),
        warning=(0.15, 0.80),  # 43 %
    ),
)

SELLERS = suite(
    "marts.mart_seller_scorecard",
    agrees("gmv_is_that_of_the_items", _GMV, FACT_GMV, expected="GMV"),
    never_negative("num_orders", "gmv_amount", "num_units"),
    # PLATINUM has one of 3,095 sellers: it may be empty, the three others not. These tiers ask
    # for amounts of BRL, so they say something only where as much was sold.
    between(
        "tiers_are_complete",
        f"case when {_ENOUGH_FOR_AMOUNTS} then count(distinct seller_tier) end",
        expected="tiers of sellers",
        advice="A rule lost a group: see seller_tiers in dbt_project.yml.",
        critical=(3, 4),
    ),
    no_group_takes_all(
        "tiers_tell_sellers_apart",
        "marts.mart_seller_scorecard",
        "seller_tier",
        enough=_ENOUGH_FOR_AMOUNTS,
        expected="sellers of one tier",
    ),
    # Parts of the active sellers, whatever they sold: BRONZE has 70 % by its rule.
    between(
        "tiers_of_12_months_are_complete",
        "case when count(seller_tier_12m) >= 100 then count(distinct seller_tier_12m) end",
        expected="tiers of active sellers",
        advice="A rule lost a group: see seller_tiers in dbt_project.yml.",
        critical=(3, 4),
    ),
    no_group_takes_all(
        "tiers_of_12_months_tell_sellers_apart",
        "marts.mart_seller_scorecard",
        "seller_tier_12m",
        enough="count(seller_tier_12m) >= 100",
        expected="active sellers of one tier",
    ),
    between(
        "scores_are_percentages",
        "max(greatest(score, 100 * on_time_rate, 100 * cancellation_rate))",
        expected="highest score or rate of a seller, in percent",
        advice="See the weights of the score in dbt_project.yml: they must add up to 1.",
        critical=(None, 100.000001),
    ),
    keeps("sellers_grow_by_a_night", "count(*)", expected="sellers", room=1000),
)

SELLER_MONTHS = suite(
    "marts.mart_seller_months",
    agrees("gmv_is_that_of_the_items", _GMV, FACT_GMV, expected="GMV"),
    never_negative("num_orders", "gmv_amount"),
)
