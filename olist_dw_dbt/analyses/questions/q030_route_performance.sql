-- One row per route between regions with enough deliveries that were dispatched in time, the most
-- surely punctual first within each region of the customer. What a seller sent late is left out: no
-- carrier can make up for it. The data names no carrier.
{%- set names = ['Central-West', 'North', 'Northeast', 'South', 'Southeast'] %}
with

fact_deliveries as (
    select
        customer_key,
        seller_key,
        is_late,
        transit_days,
        distance_km
    from {{ ref('fact_deliveries') }}
    where is_delivered and not is_dispatch_late and not is_orphan
),

dim_customer as (
    select customer_key, region
    from {{ ref('dim_customer') }}
    where region <> 'Unknown'
),

dim_seller as (
    select seller_key, region
    from {{ ref('dim_seller') }}
    where region <> 'Unknown'
),

routes as (
    select
        dim_customer.region as customer_region,
        dim_seller.region as seller_region,
        count(*) as num_deliveries,
        {{ count_where('fact_deliveries.is_late') }} as num_late,
        {{ rounded('avg(fact_deliveries.transit_days)', 2) }} as average_transit_days,
        {{ rounded('avg(fact_deliveries.distance_km)', 0) }} as average_distance_km
    from fact_deliveries
    inner join dim_customer on fact_deliveries.customer_key = dim_customer.customer_key
    inner join dim_seller on fact_deliveries.seller_key = dim_seller.seller_key
    group by dim_customer.region, dim_seller.region
    having count(*) >= {{ var('min_deliveries_of_route') }}
),

measured as (
    select
        *,
        {{ ratio('num_late', 'num_deliveries') }} as late_rate,
        {{ rounded(wilson_bound('num_late', 'num_deliveries', 'low')) }} as low_late_rate,
        {{ rounded(wilson_bound('num_late', 'num_deliveries', 'high')) }} as high_late_rate
    from routes
),

ranked as (
    select
        *,
        row_number() over (
            partition by customer_region order by high_late_rate, seller_region
        ) as rank_in_region,
        high_late_rate < lead(low_late_rate) over (
            partition by customer_region order by high_late_rate, seller_region
        ) as is_next_worse
    from measured
),

answer as (
    select
        customer_region,
        rank_in_region,
        seller_region,
        num_deliveries,
        late_rate,
        low_late_rate,
        high_late_rate,
        coalesce(rank_in_region = 1 and is_next_worse, false) as is_apart,
        average_transit_days,
        average_distance_km,
        {{ var('min_deliveries_of_route') }} as min_deliveries,
        'A best carrier needs the id of the carrier of each shipment. Nearest: routes between '
        || 'regions, by the share late of what the seller had dispatched in time.' as not_in_data
    from ranked
)

select
    *,
    {% for name in names -%}
    {%- set best = "customer_region = '" ~ name ~ "' and rank_in_region = 1" -%}
    coalesce(
        max(case when {{ best }} then seller_region end) over (), 'no region'
    ) as finding_best_{{ loop.index }},
    max(case when {{ best }} then late_rate end) over () as finding_rate_{{ loop.index }},
    max(case when {{ best }} then num_deliveries end) over () as finding_number_{{ loop.index }},
    {% endfor -%}
    -- A lane differs where the whole of its interval lies below that of the next.
    sum(case when is_apart then 1 else 0 end) over () as finding_num_apart,
    sum(case when rank_in_region = 1 then 1 else 0 end) over () as finding_num_regions
from answer
order by customer_region, rank_in_region
