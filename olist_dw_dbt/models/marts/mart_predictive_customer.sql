-- One row per customer with a sale up to the as-of date: how likely another purchase is within 180
-- days of it, and what that would bring. Customers alike in what the model sees have one score.
with

scores_predictive_customer as (
    select
        customer_unique_id,
        scored_as_of_date,
        repeat_rate,
        expected_purchases,
        expected_revenue_amount,
        revenue_variance,
        reason_1,
        reason_2,
        method
    from {{ ref('scores_predictive_customer') }}
),

mart_customer_analytics as (
    select
        customer_unique_id,
        last_order_date,
        state,
        region,
        customer_segment,
        rfm_segment,
        recency_days,
        num_sale_days,
        revenue_amount
    from {{ ref('mart_customer_analytics') }}
),

ranked as (
    select
        scores_predictive_customer.*,
        mart_customer_analytics.last_order_date,
        mart_customer_analytics.state,
        mart_customer_analytics.region,
        mart_customer_analytics.customer_segment,
        mart_customer_analytics.rfm_segment,
        mart_customer_analytics.recency_days,
        mart_customer_analytics.num_sale_days,
        mart_customer_analytics.revenue_amount,
        rank() over (order by scores_predictive_customer.repeat_rate desc) as repeat_rank,
        count(*) over () as num_customers
    from scores_predictive_customer
    inner join mart_customer_analytics
        on
            scores_predictive_customer.customer_unique_id
            = mart_customer_analytics.customer_unique_id
)

select
    customer_unique_id,
    last_order_date,
    scored_as_of_date,
    state,
    region,
    customer_segment,
    rfm_segment,
    method,
    reason_1,
    reason_2,
    case
        when method <> 'logistic and BG/NBD' then 'nothing: no model'
        when {{ top_group('repeat_rank', 'num_customers', 10) }} > 1
            then 'nothing: hardly differs from the others'
        when num_sale_days > 1 then 'thank, and offer what goes with the last order'
        else 'one message soon: the chance falls with each week'
    end as next_step,
    recency_days,
    cast({{ top_group('repeat_rank', 'num_customers', 10) }} as integer) as repeat_tenth,
    num_sale_days,
    revenue_amount,
    cast(expected_revenue_amount as decimal(18, 2)) as expected_revenue_amount,
    repeat_rate,
    expected_purchases,
    revenue_variance
from ranked
