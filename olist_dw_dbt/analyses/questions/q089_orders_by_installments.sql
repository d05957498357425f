-- One row per length of the installment plan of orders paid mainly by credit card.
{% set starts = [
    2, var('short_plan_max_installments') + 1, var('medium_plan_max_installments') + 1,
] %}
with

fact_orders as (
    select
        {{ band_number('max_installments', starts) }} as plan_number,
        order_status,
        is_sale,
        has_items,
        is_delivered,
        is_late,
        num_items,
        review_score,
        freight_amount,
        revenue_amount
    from {{ ref('fact_orders') }}
    where main_payment_type = 'credit_card'
),

plans as (
    select
        plan_number,
        count(*) as num_orders,
        {{ count_where("order_status = 'canceled'") }} as num_canceled,
        {{ count_where('is_sale and has_items') }} as num_sales_with_items,
        sum(case when is_sale then num_items else 0 end) as num_items,
        {{ count_where('is_delivered') }} as num_delivered,
        {{ count_where('is_late') }} as num_late,
        count(review_score) as num_reviewed,
        sum(review_score) as sum_review_score,
        sum(case when is_sale then freight_amount else 0 end) as freight_amount,
        sum(revenue_amount) as revenue_amount
    from fact_orders
    group by plan_number
)

select
    {{ name_of_number('plan_number', ['single', 'short', 'medium', 'long']) }} as plan,
    num_orders,
    {{ ratio('num_orders', 'sum(num_orders) over ()') }} as order_rate,
    cast(revenue_amount as decimal(18, 2)) as revenue_amount,
    {{ ratio('revenue_amount', 'num_sales_with_items', 2) }} as average_order_value,
    {{ ratio('num_items', 'num_sales_with_items', 3) }} as average_items,
    {{ ratio('freight_amount', 'revenue_amount') }} as freight_rate,
    {{ ratio('num_canceled', 'num_orders') }} as cancellation_rate,
    {% for side in ['low', 'high'] -%}
    {{ rounded(wilson_bound('num_canceled', 'num_orders', side)) }}
        as {{ side }}_cancellation_rate,
    {% endfor -%}
    {{ ratio('num_late', 'num_delivered') }} as late_rate,
    {{ ratio('sum_review_score', 'num_reviewed', 2) }} as average_review_score,
    coalesce(
        {{ value_at(wilson_bound('num_canceled', 'num_orders', 'low'), 'plan_number desc') }}
        > {{ value_at(wilson_bound('num_canceled', 'num_orders', 'high'), 'plan_number') }},
        false
    ) as finding_is_riskier
from plans
order by plan_number
