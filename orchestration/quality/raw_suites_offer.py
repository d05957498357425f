"""The raw suites of what is offered and where: products, sellers, places, names of categories.

What the raw gate is for, and the suites of the orders, are in ``raw_suites``.
"""

from __future__ import annotations

from orchestration.quality.raw_parts import if_enough, mean, share, share_found, volume
from orchestration.quality.raw_values import STATES, present, states, zip_prefixes
from orchestration.quality.spec import between, suite

PRODUCTS = suite(
    "raw.products",
    *volume("products"),
    present("product_category_name", critical=0.30, warning=0.08),  # 1.9 % in the real data
    present("product_weight_g", critical=0.30, warning=0.05),  # 2 of 32,951
    mean(
        "weights_are_in_grams",
        "product_weight_g",
        expected="mean weight of the products that arrived, in grams",
        critical=(100, 50_000),  # 2,276 g; in kilograms it would be 2.3
        warning=(500, 10_000),
        advice="Was the unit changed? Compare a few products.",
    ),
    mean(
        "lengths_are_in_centimetres",
        "product_length_cm",
        expected="mean length of the products that arrived, in centimetres",
        critical=(3, 150),  # 31 cm; in millimetres it would be 308
        warning=(15, 70),
        advice="Was the unit changed? Compare a few products.",
    ),
    between(
        "products_have_many_categories",
        if_enough("count(distinct product_category_name)", rows=1000),
        expected="categories of products",
        advice="Was the column filled with one value, or a part of the file cut off?",
        critical=(10, None),
        warning=(40, None),  # 73 in the real data
    ),
    share_found(
        "categories_are_translated",
        "product_category_name",
        "raw.product_category_name_translation.product_category_name",
        expected="products whose category has no translation",
        critical=0.20,
        warning=0.02,  # 13 of 32,951 in the real data
    ),
    key=("product_id",),
)

SELLERS = suite(
    "raw.sellers",
    *volume("sellers"),
    states("seller_state"),
    zip_prefixes("seller_zip_code_prefix"),
    present("seller_city", critical=0.05, warning=0.005),
    key=("seller_id",),
)

GEOLOCATION = suite(
    "raw.geolocation",
    *volume("geolocation"),
    states("geolocation_state"),
    zip_prefixes("geolocation_zip_code_prefix"),
    share(
        "coordinates_lie_in_brazil",
        # Not "not between": a coordinate that is no number is as wrong.
        "coalesce(try_cast(geolocation_lat as double) not between -34 and 6 "
        "or try_cast(geolocation_lng as double) not between -75 and -28, true)",
        expected="points that lie outside Brazil or nowhere",
        critical=0.02,  # turned coordinates are all outside
        warning=0.001,  # 42 of 1,000,163 in the real data
        advice="Were latitude and longitude turned, or decimal points lost?",
    ),
    between(
        "all_states_have_points",
        if_enough("count(distinct upper(trim(geolocation_state)))", rows=20_000),
        expected="states with points",
        advice="A state is missing: was a part of the file cut off?",
        critical=(20, None),
        warning=(len(STATES), None),
    ),
    key=("geolocation_zip_code_prefix", "geolocation_lat", "geolocation_lng"),
)

TRANSLATION = suite(
    "raw.product_category_name_translation",
    *volume("product_category_name_translation"),
    present("product_category_name_english", critical=0.05, warning=0.0),
    between(
        "english_names_differ",
        "count(distinct product_category_name_english) / greatest(count(*), 1)",
        expected="English names per category",
        advice="Was the column filled with one value?",
        critical=(0.5, None),  # each has its own in the real data
        warning=(0.95, None),
        unit="share",
    ),
    key=("product_category_name",),
)
