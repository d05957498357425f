-- One row per product category with enough units a year before: revenue of the latest complete
-- months (the long trend) against the same months a year before, the largest gain first.
{%- set months = var('long_trend_months') %}
with

complete_months as (
    {{ complete_months() }}
),

mart_category_performance as (
    select category_name_english, order_month, num_units, revenue_amount
    from {{ ref('mart_category_performance') }}
    where category_name_english <> 'Unknown'
),

categories as (
    select
        mart_category_performance.category_name_english as category,
        {% for name, first in [('recent', 1), ('year_before', 13)] -%}
        -- Empty where the complete months do not reach back so far.
        sum(case
            when complete_months.num_complete_months < {{ first + months - 1 }} then null
            when complete_months.months_back between {{ first }} and {{ first + months - 1 }}
                then mart_category_performance.num_units else 0
        end) as num_{{ name }}_units,
        sum(case
            when complete_months.num_complete_months < {{ first + months - 1 }} then null
            when complete_months.months_back between {{ first }} and {{ first + months - 1 }}
                then mart_category_performance.revenue_amount else 0
        end) as {{ name }}_revenue_amount
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from mart_category_performance
    inner join complete_months
        on mart_category_performance.order_month = complete_months.order_month
    group by mart_category_performance.category_name_english
),

overall as (
    select
        {{ safe_divide('sum(recent_revenue_amount) - sum(year_before_revenue_amount)',
            'sum(year_before_revenue_amount)') }} as growth_rate
    from categories
),

answer as (
    select
        row_number() over (
            order by categories.recent_revenue_amount - categories.year_before_revenue_amount desc,
                categories.category
        ) as gain_rank,
        categories.category,
        {{ months }} as num_months,
        cast(categories.num_recent_units as {{ dbt.type_bigint() }}) as num_recent_units,
        cast(categories.num_year_before_units as {{ dbt.type_bigint() }}) as num_year_before_units,
        categories.recent_revenue_amount,
        categories.year_before_revenue_amount,
        categories.recent_revenue_amount - categories.year_before_revenue_amount as gain_amount,
        {{ ratio('categories.recent_revenue_amount - categories.year_before_revenue_amount',
            'categories.year_before_revenue_amount') }} as growth_rate,
        {{ rounded('overall.growth_rate') }} as overall_growth_rate,
        case
            when categories.recent_revenue_amount < categories.year_before_revenue_amount
                then 'declining'
            when (categories.recent_revenue_amount - categories.year_before_revenue_amount)
                < overall.growth_rate * categories.year_before_revenue_amount
                then 'growing slower than the whole'
            else 'growing faster than the whole'
        end as trend,
        {{ var('min_orders_for_ranking') }} as min_units
    from categories
    cross join overall
    where
        categories.num_recent_units >= {{ var('min_orders_for_ranking') }}
        or categories.num_year_before_units >= {{ var('min_orders_for_ranking') }}
)

select
    *,
    sum(case when gain_amount > 0 then 1 else 0 end) over () as finding_num_growing
from answer
order by gain_rank
