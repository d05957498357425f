-- One row per window before the as-of date: the products that sold before but not within it.
with

mart_product_performance as (
    select
        days_since_last_sale,
        abc_class,
        num_units,
        gmv_amount
    from {{ ref('mart_product_performance') }}
    where not is_unknown and num_units > 0
),

windows as (
    {% for days in var('no_sale_windows_days') -%}
    select {{ days }} as window_days
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    windows.window_days,
    count(*) as num_sold_products,
    {{ count_where('mart_product_performance.days_since_last_sale > windows.window_days') }}
        as num_silent_products,
    {{ ratio('sum(case when mart_product_performance.days_since_last_sale > windows.window_days '
        ~ 'then 1 else 0 end)', 'count(*)') }} as silent_rate,
    {{ count_where("mart_product_performance.days_since_last_sale > windows.window_days "
        ~ "and mart_product_performance.abc_class = 'A'") }} as num_silent_a_products,
    sum(case
        when mart_product_performance.days_since_last_sale > windows.window_days
            then mart_product_performance.gmv_amount else 0
    end) as silent_gmv_amount,
    {{ ratio('sum(case when mart_product_performance.days_since_last_sale > windows.window_days '
        ~ 'then mart_product_performance.gmv_amount else 0 end)',
        'sum(mart_product_performance.gmv_amount)') }} as silent_gmv_rate
from mart_product_performance
cross join windows
group by windows.window_days
order by windows.window_days
