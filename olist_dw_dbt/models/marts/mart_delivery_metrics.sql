-- One row per month of purchase, state of the seller and state of the customer, for the routes
-- with a shipment. Additive measures only: sum them over any period and route, divide
-- afterwards. A shipment is what one seller sends of one order.
{% set reviewed = [
    ('late', 'is_late'),
    ('on_time', 'is_on_time'),
    ('late_after_delivery', 'is_late and not is_reviewed_before_delivery'),
    ('on_time_after_delivery', 'is_on_time and not is_reviewed_before_delivery'),
] -%}
with

fact_deliveries as (
    select
        order_key,
        seller_key,
        customer_key,
        {{ month_start('order_date') }} as order_month,
        shipping_limit_at,
        handed_to_carrier_at,
        lateness_cause,
        {{ is_due() }} as is_due,
        is_delivered,
        is_on_time,
        is_late,
        is_dispatch_late,
        item_amount,
        freight_amount,
        distance_km,
        delivery_days,
        delay_days,
        -- The stages of a delivery add up to its delivery_days where all of them are dated.
        is_delivered and approval_hours is not null and handling_days is not null as has_stages,
        approval_hours,
        handling_days,
        transit_days
    from {{ ref('fact_deliveries') }}
    where not is_orphan
),

fact_orders as (
    select order_key, promised_days, review_score, is_reviewed_before_delivery
    from {{ ref('fact_orders') }}
),

dim_seller as (
    select seller_key, state, region
    from {{ ref('dim_seller') }}
),

dim_customer as (
    select customer_key, state, region
    from {{ ref('dim_customer') }}
),

int_order_months as (
    select order_month, is_complete, is_delivery_mature
    from {{ ref('int_order_months') }}
),

-- Many shipments to one order, seller and customer.
shipments as (
    select
        fact_deliveries.*,
        dim_seller.state as seller_state,
        dim_seller.region as seller_region,
        coalesce(dim_customer.state, 'Unknown') as customer_state,
        dim_customer.region as customer_region,
        fact_orders.promised_days,
        fact_orders.review_score,
        fact_orders.is_reviewed_before_delivery
    from fact_deliveries
    inner join fact_orders on fact_deliveries.order_key = fact_orders.order_key
    inner join dim_seller on fact_deliveries.seller_key = dim_seller.seller_key
    inner join dim_customer on fact_deliveries.customer_key = dim_customer.customer_key
),

-- What a route usually takes, over all its deliveries: a month alone has too few on most routes.
route_medians as (
    select
        seller_state,
        customer_state,
        {{ median('delivery_days') }} as median_delivery_days
    from shipments
    group by seller_state, customer_state
),

-- Late though dispatched in time and faster than half of the deliveries of its route: it was the
-- promise that was too short. A fact that is rebuilt order by order cannot know this median.
caused_shipments as (
    select
        shipments.*,
        case
            when
                shipments.lateness_cause = 'CARRIER'
                and shipments.delivery_days < route_medians.median_delivery_days
                then 'PROMISE'
            else shipments.lateness_cause
        end as cause
    from shipments
    inner join route_medians
        on
            shipments.seller_state = route_medians.seller_state
            and shipments.customer_state = route_medians.customer_state
),

aggregated as (
    select
        order_month,
        seller_state,
        seller_region,
        customer_state,
        customer_region,
        cast(count(*) as integer) as num_shipments,
        {{ count_where('handed_to_carrier_at is not null and shipping_limit_at is not null') }}
            as num_dispatched,
        {{ count_where('is_dispatch_late') }} as num_dispatch_late,
        {{ count_where('is_delivered') }} as num_deliveries,
        {{ count_where('is_on_time') }} as num_on_time,
        {{ count_where('is_late') }} as num_late,
        {{ count_where('is_due') }} as num_due,
        {{ count_where('is_due and is_on_time') }} as num_promise_kept,
        {{ count_where("cause = 'SELLER'") }} as num_late_by_seller,
        {{ count_where("cause = 'CARRIER'") }} as num_late_by_carrier,
        {{ count_where("cause = 'PROMISE'") }} as num_late_by_promise,
        {{ count_where('has_stages') }} as num_with_stages,
        cast(count(distance_km) as integer) as num_with_distance,
        cast(count(review_score) as integer) as num_reviews,
        cast(coalesce(sum(review_score), 0) as integer) as sum_review_score,
        {% for name, condition in reviewed -%}
        {{ count_where(condition ~ ' and review_score is not null') }} as num_{{ name }}_reviews,
        cast(coalesce(sum(case when {{ condition }} then review_score end), 0) as integer)
            as sum_{{ name }}_review_score,
        {% endfor -%}
        cast(sum(item_amount) as decimal(18, 2)) as item_amount,
        cast(sum(freight_amount) as decimal(18, 2)) as freight_amount,
        cast({{ sum_days('delivery_days') }} as {{ type_double() }}) as sum_delivery_days,
        cast(coalesce(sum(promised_days), 0) as {{ type_double() }}) as sum_promised_days,
        cast(coalesce(sum(case when is_late then delay_days end), 0) as {{ type_double() }})
            as sum_late_days,
        cast({{ sum_days('case when has_stages then approval_hours / 24.0 end') }}
            as {{ type_double() }}) as sum_approval_days,
        cast({{ sum_days('case when has_stages then handling_days end') }}
            as {{ type_double() }}) as sum_handling_days,
        cast({{ sum_days('case when has_stages then transit_days end') }}
            as {{ type_double() }}) as sum_transit_days,
        cast({{ sum_exact('distance_km') }} as {{ type_double() }}) as sum_distance_km
    from caused_shipments
    group by order_month, seller_state, seller_region, customer_state, customer_region
)

select
    aggregated.order_month,
    aggregated.seller_state,
    aggregated.seller_region,
    aggregated.customer_state,
    aggregated.customer_region,
    coalesce(int_order_months.is_complete, false) as is_complete_month,
    coalesce(int_order_months.is_delivery_mature, false) as is_delivery_mature,
    aggregated.num_shipments,
    aggregated.num_dispatched,
    aggregated.num_dispatch_late,
    aggregated.num_deliveries,
    aggregated.num_on_time,
    aggregated.num_late,
    aggregated.num_due,
    aggregated.num_promise_kept,
    aggregated.num_late_by_seller,
    aggregated.num_late_by_carrier,
    aggregated.num_late_by_promise,
    aggregated.num_with_stages,
    aggregated.num_with_distance,
    aggregated.num_reviews,
    aggregated.sum_review_score,
    {% for name, condition in reviewed -%}
    aggregated.num_{{ name }}_reviews,
    aggregated.sum_{{ name }}_review_score,
    {% endfor -%}
    aggregated.item_amount,
    aggregated.freight_amount,
    aggregated.sum_delivery_days,
    aggregated.sum_promised_days,
    aggregated.sum_late_days,
    aggregated.sum_approval_days,
    aggregated.sum_handling_days,
    aggregated.sum_transit_days,
    aggregated.sum_distance_km
from aggregated
left join int_order_months on aggregated.order_month = int_order_months.order_month
