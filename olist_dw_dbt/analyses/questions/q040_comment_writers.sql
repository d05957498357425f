-- One row per group of customers: those who wrote a comment with a review, those who gave stars
-- only, and those who never reviewed.
with

mart_customer_analytics as (
    select
        case
            when has_comment then 1
            when num_reviewed_orders > 0 then 2
            else 3
        end as group_number,
        is_repeat_customer,
        num_orders,
        num_orders_with_items,
        num_items,
        num_delivered,
        num_late,
        num_reviewed_orders,
        sum_review_score,
        max_installments,
        revenue_amount
    from {{ ref('mart_customer_analytics') }}
),

groups as (
    select
        group_number,
        count(*) as num_customers,
        {{ count_where('is_repeat_customer') }} as num_repeat_customers,
        {{ total('num_orders') }} as num_orders,
        {{ total('num_orders_with_items') }} as num_orders_with_items,
        {{ total('num_items') }} as num_items,
        {{ total('num_delivered') }} as num_delivered,
        {{ total('num_late') }} as num_late,
        {{ total('num_reviewed_orders') }} as num_reviewed_orders,
        {{ total('sum_review_score') }} as sum_review_score,
        {{ total('max_installments') }} as sum_max_installments,
        count(max_installments) as num_with_installments,
        sum(revenue_amount) as revenue_amount
    from mart_customer_analytics
    group by group_number
),

answer as (
    select
        group_number,
        {{ name_of_number('group_number', [
            'wrote a comment', 'gave stars only', 'never reviewed',
        ]) }} as customer_group,
        num_customers,
        {{ ratio('num_customers', 'sum(num_customers) over ()') }} as customer_share_rate,
        {{ ratio('revenue_amount', 'num_orders_with_items', 2) }} as average_order_value_amount,
        {{ ratio('num_items', 'num_orders_with_items') }} as items_per_order,
        {{ ratio('sum_max_installments', 'num_with_installments', 2) }} as average_installments,
        {{ ratio('num_repeat_customers', 'num_customers') }} as repeat_rate,
        {{ rounded(wilson_bound('num_repeat_customers', 'num_customers', 'low')) }}
            as low_repeat_rate,
        {{ rounded(wilson_bound('num_repeat_customers', 'num_customers', 'high')) }}
            as high_repeat_rate,
        {{ ratio('sum_review_score', 'num_reviewed_orders', 2) }} as average_review_score,
        {{ ratio('num_late', 'num_delivered') }} as late_rate
    from groups
)

select
    *,
    max(case when group_number = 1 then low_repeat_rate end) over ()
        > max(case when group_number = 2 then high_repeat_rate end) over () as finding_is_more,
    max(case when group_number = 1 then high_repeat_rate end) over ()
        < max(case when group_number = 2 then low_repeat_rate end) over () as finding_is_less,
    max(case when group_number = 2 then repeat_rate end) over () as finding_stars_rate,
    max(case when group_number = 2 then average_order_value_amount end) over ()
        as finding_stars_value,
    max(case when group_number = 2 then average_review_score end) over () as finding_stars_score
from answer
order by group_number
