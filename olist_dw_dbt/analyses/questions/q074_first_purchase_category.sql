-- One row per category of the first order, most customers first. Customers whose first order has
-- no items are left out.
{%- set returning -%}
    case when is_discovery and repeat_rate > all_repeat_rate then 0 else 1 end,
    low_repeat_rate desc, category_name_english
{%- endset %}
with

mart_customer_analytics as (
    select
        first_category,
        is_repeat_customer,
        num_reviewed_orders,
        sum_review_score,
        revenue_amount
    from {{ ref('mart_customer_analytics') }}
    where first_category is not null
),

categories as (
    select
        first_category as category_name_english,
        count(*) as num_customers,
        {{ count_where('is_repeat_customer') }} as num_repeat_customers,
        sum(num_reviewed_orders) as num_reviewed_orders,
        sum(sum_review_score) as sum_review_score,
        sum(revenue_amount) as revenue_amount
    from mart_customer_analytics
    group by first_category
),

compared as (
    select
        *,
        sum(num_customers) over () as all_customers,
        {{ safe_divide('sum(num_repeat_customers) over ()', 'sum(num_customers) over ()') }}
            as all_repeat_rate
    from categories
),

ranked as (
    select *
    from compared
    where num_customers >= {{ var('min_customers_for_ranking') }}
),

tests as (
    {{ binomial_tests(
        'ranked', 'category_name_english', 'num_repeat_customers', 'num_customers',
        'all_repeat_rate'
    ) }}
),

found as (
    {{ discoveries('tests', 'category_name_english') }}
),

answer as (
    select
        compared.category_name_english,
        compared.num_customers,
        {{ ratio('compared.num_customers', 'compared.all_customers') }} as customer_rate,
        {{ ratio(
            'sum(compared.num_customers) over ('
            ~ 'order by compared.num_customers desc, compared.category_name_english)',
            'compared.all_customers'
        ) }} as cumulative_customer_rate,
        compared.num_repeat_customers,
        {{ ratio('compared.num_repeat_customers', 'compared.num_customers') }} as repeat_rate,
        {% for side in ['low', 'high'] -%}
        {{ rounded(wilson_bound(
            'compared.num_repeat_customers', 'compared.num_customers', side
        )) }} as {{ side }}_repeat_rate,
        {% endfor -%}
        {{ rounded('compared.all_repeat_rate') }} as all_repeat_rate,
        {{ rounded('found.adjusted_p_value') }} as adjusted_p_value,
        coalesce(found.is_discovery, false) as is_discovery,
        cast(compared.revenue_amount as decimal(18, 2)) as revenue_amount,
        {{ ratio('compared.revenue_amount', 'compared.num_customers', 2) }}
            as revenue_per_customer_amount,
        {{ ratio('compared.sum_review_score', 'compared.num_reviewed_orders', 2) }}
            as average_review_score
    from compared
    left join found on compared.category_name_english = found.category_name_english
)

select
    *,
    sum(case when is_discovery and repeat_rate > all_repeat_rate then 1 else 0 end) over ()
        as finding_num_more,
    sum(case when is_discovery and repeat_rate > all_repeat_rate then 1 else 0 end) over () > 0
        as finding_has_more,
    {% for column in ['category_name_english', 'repeat_rate', 'low_repeat_rate',
        'high_repeat_rate', 'num_customers'] -%}
    {{ value_at(column, returning) }} as finding_{{ column }}{{ ',' if not loop.last }}
    {% endfor %}
from answer
order by num_customers desc, category_name_english
