"""What the marts gate asks after dbt, before anything is published.

dbt's tests look at keys, sets of values and the reconciliation of each mart with its facts.
Here stand the bounds of the business: what Olist's figures may look like at all, whether the
marts agree with each other, and whether tonight's are those of yesterday plus a night. Each
bound is wide of what two years of Olist show (given beside it), so that generated data of any
scale and a replay of single months pass.
"""

from __future__ import annotations

from orchestration.dbt.variables import project_vars
from orchestration.quality.mart_parts import (
    ENOUGH_ORDERS,
    FACT_GMV,
    FACT_ORDERS,
    FACT_SALES,
    WITHOUT_PERSONS,
    agrees,
    average,
    complete,
    keeps,
    never_negative,
    no_group_takes_all,
    rate,
    stays_near,
)
from orchestration.quality.mart_suites_offer import (
    CATEGORIES,
    PRODUCTS,
    REVIEWS,
    SELLER_MONTHS,
    SELLERS,
)
from orchestration.quality.spec import Check, Previous, Suite, between, suite

MARTS = (
    *("mart_executive_dashboard", "mart_customer_analytics", "mart_cohort_analysis"),
    *("mart_category_performance", "mart_product_performance", "mart_review_analysis"),
    *("mart_seller_scorecard", "mart_seller_months", "mart_delivery_metrics"),
    *("mart_order_funnel", "mart_payment_analysis", "mart_geographic_analysis"),
    "mart_urban_areas",
)

# All marts in one query: the other suites rely on it.
TABLES = Suite(
    table="marts",
    query=(
        "select table_name as name from duckdb_tables() "
        "where database_name = 'warehouse' and schema_name = 'marts'"
    ),
    checks=tuple(
        Check(
            "is_there",
            "ExpectColumnDistinctValuesToContainSet",
            {"column": "name", "value_set": (name,)},
            "critical",
            f"a table {name} in the schema marts",
            "Run the pipeline without --select to build every model.",
            table=f"marts.{name}",
        )
        for name in MARTS
    ),
)

_VARS = project_vars()
_GMV = "sum(gmv_amount)"
_PERSON_ADVICE = "Is a person still told by customer_unique_id, and not by the id of an order?"

_EXECUTIVE = suite(
    "marts.mart_executive_dashboard",
    agrees("gmv_is_that_of_the_items", _GMV, FACT_GMV, expected="GMV"),
    agrees("orders_are_those_of_the_facts", "sum(num_orders)", FACT_ORDERS, expected="orders"),
    never_negative("num_orders", "gmv_amount", "freight_amount", "num_delivered"),
    rate(
        "orders_become_sales",
        "num_sales",
        "num_orders",
        expected="orders that are sales",
        critical=(0.40, 1.0),
        warning=(0.85, 1.0),  # 98.8 %
    ),
    rate(
        "deliveries_are_on_time",
        "num_on_time",
        "num_delivered",
        expected="deliveries on time",
        critical=(0.30, 1.0),
        warning=(0.75, 0.999),  # 93.2 %; 79 % in the worst month
    ),
    rate(
        "freight_is_a_part_of_revenue",
        "freight_amount",
        "revenue_amount",
        expected="freight of the revenue",
        critical=(0.01, 0.60),
        warning=(0.08, 0.25),  # 14.2 %
    ),
    average(
        "order_value_is_plausible",
        "revenue_amount",
        "num_sales_with_items",
        expected="average order value in R$",
        critical=(20, 2000),
        warning=(90, 300),  # R$ 160
    ),
    average(
        "score_is_plausible",
        "sum_review_score",
        "num_reviews",
        expected="average score",
        critical=(1.5, 4.95),
        warning=(3.3, 4.7),  # 4.09
    ),
    average(
        "delivery_takes_days",
        "sum_delivery_days",
        "num_delivered",
        expected="days from purchase to door",
        critical=(0.5, 60),
        warning=(6, 25),  # 12.6
    ),
    keeps("gmv_grows_by_a_night", _GMV, expected="GMV in R$", room=2_000_000),
    keeps("orders_grow_by_a_night", "sum(num_orders)", expected="orders", room=15_000),
    keeps(
        "deliveries_grow_by_a_night", "sum(num_delivered)", expected="deliveries", room=15_000
    ),
    keeps("reviews_grow_by_a_night", "sum(num_reviews)", expected="reviews", room=15_000),
    stays_near(
        "on_time_rate_moves_slowly",
        f"case when sum(num_delivered) >= 10 * {ENOUGH_ORDERS} "
        "then sum(num_on_time) / sum(num_delivered) end",
        expected="deliveries on time",
        by=0.05,
    ),
    between(
        "newest_day_does_not_go_back",
        "date_diff('day', date '2016-01-01', max(order_date))",
        expected="days of history",
        advice="The newest orders are gone: were they put into quarantine?",
        # In days since 2016; a published day is never taken back.
        critical=(Previous("newest_day_does_not_go_back", 1.0), None),
        unit="days",
    ),
)

_CUSTOMERS = suite(
    "marts.mart_customer_analytics",
    # Orders of persons whose row is in quarantine have nobody here.
    agrees(
        "gmv_is_that_of_the_items", _GMV, FACT_GMV, expected="GMV", critical=WITHOUT_PERSONS
    ),
    agrees(
        "orders_are_the_sales",
        "sum(num_orders)",
        FACT_SALES,
        expected="orders",
        critical=WITHOUT_PERSONS,
    ),
    never_negative("num_orders", "gmv_amount", "recency_days"),
    # VIP and LOYAL have 3 and 6 of 94,990 persons: at a tenth of that there may be none.
    complete(
        "segments_are_complete",
        "customer_segment",
        6,
        enough=90_000,
        expected="customer segments",
        is_critical=False,
    ),
    # CHAMPIONS bought on three days: of a part of the orders ever fewer customers have so many.
    # 101 of 94,990 do, and of a random fifth of these orders none may.
    complete(
        "rfm_segments_are_complete", "rfm_segment", 8, enough=60_000, expected="RFM segments"
    ),
    # By its own rule: of an honest month of orders every customer may be NEW.
    between(
        "segments_follow_their_rule",
        f"""count(*) filter (
            (customer_segment = 'CHURNED') <> (recency_days > {_VARS["churned_after_days"]})
            or (customer_segment = 'NEW' and (
                recency_days > {_VARS["new_customer_within_days"]}
                or num_orders >= {_VARS["regular_from_sales"]}
            ))
        )""",
        expected="customers of a segment that their days and sales do not allow",
        advice="See customer_segment in mart_customer_analytics, and its vars.",
        critical=(None, 0),
    ),
    no_group_takes_all(
        "segments_tell_customers_apart",
        "marts.mart_customer_analytics",
        "customer_segment",
        expected="customers of one segment",
        is_critical=False,
    ),
    between(
        "few_customers_come_back",
        f"case when count(*) >= {ENOUGH_ORDERS} then avg(is_repeat_customer::integer) end",
        expected="customers with a sale on a later day",
        advice=_PERSON_ADVICE,
        critical=(None, 0.60),
        warning=(None, 0.12),  # 2.2 %
        unit="share",
    ),
    # Of a random tenth of the orders a hundredth of the pairs is left, and 0.2 % come back.
    between(
        "some_customers_come_back",
        "case when count(*) >= 10000 then avg(is_repeat_customer::integer) end",
        expected="customers with a sale on a later day",
        advice=_PERSON_ADVICE,
        critical=(0.0001, None),
        warning=(0.001, None),
        unit="share",
    ),
    keeps("customers_grow_by_a_night", "count(*)", expected="persons", room=15_000),
)

_COHORTS = suite(
    "marts.mart_cohort_analysis",
    agrees(
        "orders_are_the_sales",
        "sum(num_orders)",
        FACT_SALES,
        expected="orders",
        critical=WITHOUT_PERSONS,
    ),
    between(
        "cohorts_begin_whole",
        "min(retention_rate) filter (months_since_first = 0)",
        expected="least retention in the month of the first purchase",
        advice="Months since the first purchase are counted from another month.",
        critical=(1, 1),
        unit="share",
    ),
    between(
        "retention_is_a_share",
        "max(greatest(retention_rate, repeat_rate))",
        expected="highest retention or repeat rate",
        advice="More persons came back than there were: a join multiplies rows.",
        critical=(None, 1),
        unit="share",
    ),
)

_DELIVERIES = suite(
    "marts.mart_delivery_metrics",
    agrees(
        "shipments_are_those_of_the_facts",
        "sum(num_shipments)",
        "(select count(*) from core.fact_deliveries)",
        expected="shipments",
        critical=WITHOUT_PERSONS,
    ),
    never_negative("num_shipments", "num_deliveries", "item_amount"),
    rate(
        "deliveries_are_on_time",
        "num_on_time",
        "num_deliveries",
        expected="deliveries on time",
        critical=(0.30, 1.0),
        warning=(0.75, 0.999),  # 93.3 %
    ),
    rate(
        "sellers_hand_over_in_time",
        "num_dispatch_late",
        "num_dispatched",
        expected="shipments handed over late",
        critical=(0.0, 0.80),
        warning=(0.005, 0.30),  # 9.0 %
    ),
    average(
        "distances_fit_brazil",
        "sum_distance_km",
        "num_with_distance",
        expected="kilometres from seller to customer",
        critical=(20, 4000),
        warning=(200, 1500),  # 601 km
    ),
)

_FUNNEL = suite(
    "marts.mart_order_funnel",
    agrees("orders_are_those_of_the_facts", "sum(num_orders)", FACT_ORDERS, expected="orders"),
    between(
        "the_funnel_narrows",
        "greatest(sum(num_reached_delivered) - sum(num_reached_shipped), "
        "sum(num_reached_approved) - sum(num_orders))",
        expected="orders by which a step has more than the one before",
        advice="See the events of fact_order_events: a step is counted without the one before.",
        critical=(None, 0),
    ),
    rate(
        "few_orders_are_stuck",
        "num_stuck",
        "num_orders",
        expected="orders that are stuck",
        critical=(0.0, 0.60),
        warning=(0.0, 0.10),  # 1.7 %
    ),
)

_PAYMENTS = suite(
    "marts.mart_payment_analysis",
    agrees(
        "amounts_are_those_of_the_facts",
        "sum(payment_amount)",
        "(select sum(payment_amount) from core.fact_payments)",
        expected="payments",
        critical=WITHOUT_PERSONS,
    ),
    between(
        "shares_add_up",
        "(select max(abs(total - 1)) from (select sum(payment_share_rate) as total from "
        "marts.mart_payment_analysis group by order_month having sum(payment_amount) > 0) "
        "as by_month)",
        expected="difference from 1 of the shares of a month's payment types",
        advice="A payment type was left out of a month, or counted twice.",
        critical=(None, 0.001),
        unit="ratio",
    ),
    between(
        "plans_add_up",
        "abs(sum(single_plan_amount + short_plan_amount + medium_plan_amount "
        "+ long_plan_amount) / nullif(sum(payment_amount), 0) - 1)",
        expected="amounts of the four plans, difference from all payments",
        advice="See short_plan_max_installments and its like in dbt_project.yml.",
        critical=(None, 0.001),
        unit="share",
    ),
    average(
        "installments_are_plausible",
        "sum_installments",
        "num_payments",
        expected="installments per payment",
        critical=(0.9, 12),
        warning=(1.5, 5),  # 2.9
    ),
)

_PLACES = suite(
    "marts.mart_geographic_analysis",
    agrees("gmv_is_that_of_the_items", _GMV, FACT_GMV, expected="GMV"),
    never_negative("num_orders", "gmv_amount", "num_customers"),
    # Orders of one state are honest, too: what counts is that no state of theirs is lost.
    between(
        "no_state_is_lost",
        """(select count(distinct state) from core.dim_customer where not is_unknown
            and state not in (select state from marts.mart_geographic_analysis
            where state is not null))""",
        expected="states of customers that the mart has not",
        advice="A state is missing: see dim_geography.",
        critical=(None, 0),
    ),
    between(
        "all_states_are_there",
        "case when sum(num_orders) >= 20000 then count(distinct state) "
        "filter (state in (select state from core.dim_geography where not is_unknown)) end",
        expected="states of Brazil",
        advice="Are these the orders of the whole country?",
        warning=(27, 27),
    ),
    between(
        "places_lie_in_brazil",
        "coalesce(avg((latitude not between -34 and 6 or longitude not between -75 and -28)"
        "::integer), 0)",
        expected="places outside Brazil",
        advice="Were latitude and longitude turned in the geolocation?",
        critical=(None, 0.01),
        unit="share",
    ),
)

_AREAS = suite(
    "marts.mart_urban_areas",
    agrees(
        "gmv_is_that_of_the_items",
        _GMV,
        FACT_GMV,
        expected="GMV",
        critical=WITHOUT_PERSONS,
    ),
    agrees(
        "orders_are_those_of_the_facts",
        "sum(num_orders)",
        FACT_ORDERS,
        expected="orders",
        critical=WITHOUT_PERSONS,
    ),
)

SUITES: tuple[Suite, ...] = (
    *(_EXECUTIVE, _CUSTOMERS, _COHORTS, CATEGORIES, PRODUCTS, REVIEWS, SELLERS),
    *(SELLER_MONTHS, _DELIVERIES, _FUNNEL, _PAYMENTS, _PLACES, _AREAS),
)
