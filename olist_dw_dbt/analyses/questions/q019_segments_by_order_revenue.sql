-- One row per segmentation and segment, the highest revenue per order first within each.
with

mart_customer_analytics as (
    select
        rfm_segment,
        customer_segment,
        region,
        first_category,
        num_orders_with_items,
        revenue_amount
    from {{ ref('mart_customer_analytics') }}
),

mart_payment_analysis as (
    select payment_type, num_sales_with_items, revenue_amount
    from {{ ref('mart_payment_analysis') }}
),

segments as (
    {% for segmentation in ['rfm_segment', 'customer_segment', 'region'] -%}
    select
        '{{ segmentation }}' as segmentation,
        {{ segmentation }} as segment,
        count(*) as num_customers,
        {{ total('num_orders_with_items') }} as num_sales,
        sum(revenue_amount) as revenue_amount
    from mart_customer_analytics
    group by {{ segmentation }}
    union all
    {% endfor -%}
    select
        'payment_type' as segmentation,
        payment_type as segment,
        cast(null as {{ dbt.type_bigint() }}) as num_customers,
        {{ total('num_sales_with_items') }} as num_sales,
        sum(revenue_amount) as revenue_amount
    from mart_payment_analysis
    group by payment_type
),

answer as (
    select
        segmentation,
        segment,
        num_customers,
        num_sales,
        revenue_amount,
        {{ ratio('revenue_amount', 'sum(revenue_amount) over (partition by segmentation)') }}
            as revenue_share_rate,
        {{ ratio('revenue_amount', 'num_sales', 2) }} as revenue_per_order_amount
    from segments
    where num_sales > 0
)

select
    *,
    {% for name in ['region', 'payment_type', 'customer_segment', 'rfm_segment'] -%}
    {% set mine = "case when segmentation = '" ~ name ~ "' and num_sales >= "
        ~ var('min_orders_for_rare_rates') ~ " then 0 else 1 end" -%}
    {% for end, order in [('top', 'revenue_per_order_amount desc'),
        ('low', 'revenue_per_order_amount')] -%}
    {{ value_at('segment', mine ~ ', ' ~ order ~ ', segment') }}
        as finding_{{ end }}_{{ name }},
    {{ value_at('revenue_per_order_amount', mine ~ ', ' ~ order ~ ', segment') }}
        as finding_{{ end }}_{{ name }}_amount,
    {% endfor -%}
    {% endfor -%}
    {{ var('min_orders_for_rare_rates') }} as finding_min_sales
from answer
order by case segmentation
        when 'region' then 1 when 'payment_type' then 2 when 'customer_segment' then 3 else 4
    end,
    revenue_per_order_amount desc,
    segment
