-- One row per category of the ten with the most revenue in the latest complete months (the short
-- trend), beside the months before and the same months a year before.
{%- set months = var('short_trend_months') %}
with

complete_months as (
    {{ complete_months() }}
),

mart_category_performance as (
    select category_name_english, order_month, num_units, revenue_amount
    from {{ ref('mart_category_performance') }}
),

category_months as (
    select
        mart_category_performance.category_name_english as category,
        complete_months.months_back,
        complete_months.num_complete_months,
        {{ total('mart_category_performance.num_units') }} as num_units,
        sum(mart_category_performance.revenue_amount) as revenue_amount
    from mart_category_performance
    inner join complete_months
        on mart_category_performance.order_month = complete_months.order_month
    group by
        mart_category_performance.category_name_english,
        complete_months.months_back,
        complete_months.num_complete_months
),

categories as (
    select
        category,
        {% for name, first in [('recent', 1), ('before', 1 + months), ('year_before', 13)] -%}
        -- Empty where the complete months do not reach back so far.
        sum(case
            when num_complete_months < {{ first + months - 1 }} then null
            when months_back between {{ first }} and {{ first + months - 1 }}
                then revenue_amount else 0
        end) as {{ name }}_revenue_amount,
        {% endfor -%}
        {{ total('case when months_back <= ' ~ months ~ ' then num_units end') }}
            as num_recent_units
    from category_months
    group by category
),

ranked as (
    select
        *,
        row_number() over (order by recent_revenue_amount desc, category) as revenue_rank,
        sum(recent_revenue_amount) over () as all_recent_revenue_amount
    from categories
),

answer as (
    select
        revenue_rank,
        category,
        {{ months }} as num_months,
        num_recent_units,
        recent_revenue_amount,
        {{ ratio('recent_revenue_amount', 'all_recent_revenue_amount') }} as revenue_share_rate,
        before_revenue_amount,
        {{ ratio('recent_revenue_amount - before_revenue_amount', 'before_revenue_amount') }}
            as growth_rate,
        year_before_revenue_amount,
        {{ ratio('recent_revenue_amount - year_before_revenue_amount',
            'year_before_revenue_amount') }} as yoy_growth_rate
    from ranked
    where revenue_rank <= 10
)

select
    *,
    sum(case when yoy_growth_rate > 0 then 1 else 0 end) over () as finding_num_growing,
    count(yoy_growth_rate) over () as finding_num_compared,
    {{ value_at('category', 'yoy_growth_rate desc nulls last, category') }} as finding_fastest,
    max(yoy_growth_rate) over () as finding_fastest_rate,
    {{ value_at('category', 'yoy_growth_rate nulls last, category') }} as finding_slowest,
    min(yoy_growth_rate) over () as finding_slowest_rate,
    count(yoy_growth_rate) over () > 0 as finding_has_year_before
from answer
order by revenue_rank
