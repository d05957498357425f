-- One row per complete month of a seller's first sale: how many of the new sellers sold in the
-- quarter that ends 6 months later, and 12. A quarter, as a seller is active with a sale in 90
-- days.
with

mart_seller_months as (
    select seller_key, order_month, is_complete_month, is_first_sale_month
    from {{ ref('mart_seller_months') }}
    where num_sales > 0 and seller_key <> {{ unknown_key() }}
),

latest as (
    select max(order_month) as last_month
    from mart_seller_months
    where is_complete_month
),

new_sellers as (
    select seller_key, order_month as first_sale_month
    from mart_seller_months
    where is_first_sale_month and is_complete_month
),

-- One row per new seller: whether there is a sale in each of the two quarters.
followed as (
    select
        new_sellers.seller_key,
        new_sellers.first_sale_month,
        {% for months in [6, 12] -%}
        max(case
            when
                {{ dbt.datediff(
                    'new_sellers.first_sale_month', 'mart_seller_months.order_month', 'month'
                ) }} between {{ months - 2 }} and {{ months }}
                then 1
            else 0
        end) as is_active_{{ months }}{{ ',' if not loop.last }}
        {% endfor %}
    from new_sellers
    inner join mart_seller_months on new_sellers.seller_key = mart_seller_months.seller_key
    group by new_sellers.seller_key, new_sellers.first_sale_month
),

cohorts as (
    select
        followed.first_sale_month,
        count(*) as num_new_sellers,
        {% for months in [6, 12] -%}
        sum(case
            when
                {{ dbt.datediff('followed.first_sale_month', 'latest.last_month', 'month') }}
                >= {{ months }}
                then followed.is_active_{{ months }}
        end) as num_active_{{ months }}{{ ',' if not loop.last }}
        {% endfor %}
    from followed
    cross join latest
    group by followed.first_sale_month
)

select
    first_sale_month,
    num_new_sellers,
    {% for months in [6, 12] -%}
    cast(num_active_{{ months }} as integer) as num_active_after_{{ months }}_months,
    {{ ratio('num_active_' ~ months, 'num_new_sellers') }}
        as active_after_{{ months }}_months_rate,
    {% endfor -%}
    {% for months in [6, 12] -%}
    {%- set active = 'sum(num_active_' ~ months ~ ') over ()' -%}
    {%- set followed = 'sum(case when num_active_' ~ months
        ~ ' is not null then num_new_sellers end) over ()' -%}
    {{ ratio(active, followed) }} as all_active_after_{{ months }}_months_rate,
    coalesce({{ followed }}, 0) as finding_num_followed_{{ months }},
    {% for side in ['low', 'high'] -%}
    {{ rounded(wilson_bound(active, followed, side)) }} as finding_{{ side }}_{{ months }}_rate
    {{- ',' if not loop.last }}
    {% endfor -%}
    {{- ',' if not loop.last }}
    {% endfor %}
from cohorts
order by first_sale_month
