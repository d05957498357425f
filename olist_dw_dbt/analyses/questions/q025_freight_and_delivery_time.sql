-- One row per band of distance and third of the freight within it: whether more expensive carriage
-- over the same way is faster. A shipment is what one seller sends of one order.
{%- set starts = var('distance_band_starts') %}
with

fact_deliveries as (
    select
        delivery_key,
        {{ band_number('distance_km', starts) }} as band_number,
        {{ safe_divide('freight_amount', 'num_items') }} as item_freight,
        freight_amount,
        num_items,
        distance_km,
        delivery_days,
        is_on_time
    from {{ ref('fact_deliveries') }}
    where is_delivered and distance_km is not null and not is_orphan
),

thirds as (
    select
        *,
        ntile(3) over (partition by band_number order by item_freight, delivery_key)
            as freight_third
    from fact_deliveries
),

answer as (
    select
        band_number,
        {{ name_of_number('band_number', band_names(starts, ' km')) }} as distance_band,
        freight_third,
        {{ name_of_number('freight_third', ['lowest third', 'middle third', 'highest third']) }}
            as freight_third_name,
        count(*) as num_shipments,
        {{ ratio('sum(freight_amount)', 'sum(num_items)', 2) }} as average_freight_amount,
        {{ rounded('avg(distance_km)', 0) }} as average_distance_km,
        {{ ratio(sum_days('delivery_days'), 'count(*)', 2) }} as average_delivery_days,
        {{ ratio('sum(case when is_on_time then 1 else 0 end)', 'count(*)') }} as on_time_rate
    from thirds
    group by band_number, freight_third
),

compared as (
    select
        *,
        max(case when freight_third = 3 then average_delivery_days end)
            over (partition by band_number)
        - max(case when freight_third = 1 then average_delivery_days end)
            over (partition by band_number) as slower_days
    from answer
)

select
    *,
    sum(case when freight_third = 1 then 1 else 0 end) over () as finding_num_bands,
    sum(case when freight_third = 1 and slower_days < 0 then 1 else 0 end) over ()
        as finding_num_faster,
    max(case when freight_third = 1 then slower_days end) over () as finding_most_slower_days,
    min(case when freight_third = 1 then slower_days end) over () as finding_least_slower_days,
    sum(case when freight_third = 1 and slower_days < 0 then 1 else 0 end) over () = 0
        as finding_buys_nothing
from compared
order by band_number, freight_third
