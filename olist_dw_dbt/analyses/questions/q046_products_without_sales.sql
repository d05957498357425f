-- One row per window before the as-of date: the products that sold before but not within it.
-- Class A
-- is that of the twelve months to the as-of date: of all history it would hold what ended long ago.
with

mart_product_performance as (
    select
        days_since_last_sale,
        abc_class_12m,
        gmv_12m_amount,
        gmv_amount
    from {{ ref('mart_product_performance') }}
    where not is_unknown and num_units > 0
),

windows as (
    {% for days in var('no_sale_windows_days') -%}
    select {{ days }} as window_days
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

marked as (
    select
        windows.window_days,
        mart_product_performance.gmv_12m_amount,
        mart_product_performance.abc_class_12m = 'A' as is_class_a,
        mart_product_performance.gmv_12m_amount > 0 as has_sold_in_year,
        mart_product_performance.days_since_last_sale > windows.window_days as is_silent
    from mart_product_performance
    cross join windows
)

select
    window_days,
    count(*) as num_sold_products,
    {{ count_where('is_silent') }} as num_silent_products,
    {{ ratio('sum(case when is_silent then 1 else 0 end)', 'count(*)') }} as silent_rate,
    {{ count_where('has_sold_in_year') }} as num_products_12m,
    {{ count_where('has_sold_in_year and is_silent') }} as num_silent_products_12m,
    {{ count_where('is_class_a') }} as num_a_products,
    {{ count_where('is_class_a and is_silent') }} as num_silent_a_products,
    {{ ratio('sum(case when is_class_a and is_silent then 1 else 0 end)',
        'sum(case when is_class_a then 1 else 0 end)') }} as silent_a_rate,
    sum(case when is_silent then gmv_12m_amount else 0 end) as silent_gmv_amount,
    {{ ratio('sum(case when is_silent then gmv_12m_amount else 0 end)', 'sum(gmv_12m_amount)') }}
        as silent_gmv_rate
from marked
group by window_days
order by window_days
