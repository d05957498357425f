-- One row per band of days from a customer's first sale to the first of a later day.
{%- set starts = var('repeat_gap_band_starts') %}
with

mart_customer_analytics as (
    select
        {{ band_number('days_to_return', starts) }} as band_number,
        days_to_return
    from {{ ref('mart_customer_analytics') }}
    where is_repeat_customer
),

overall as (
    select
        {{ rounded(median('days_to_return'), 0) }} as median_days,
        {{ ratio('sum(days_to_return)', 'count(*)', 1) }} as average_days
    from mart_customer_analytics
),

bands as (
    select band_number, count(*) as num_customers
    from mart_customer_analytics
    group by band_number
),

answer as (
    select
        bands.band_number,
        {{ name_of_number('bands.band_number', band_names(starts, ' days', is_whole=true)) }}
            as gap_band,
        bands.num_customers,
        {{ ratio('bands.num_customers', 'sum(bands.num_customers) over ()') }}
            as customer_share_rate,
        {{ ratio('sum(bands.num_customers) over (order by bands.band_number)',
            'sum(bands.num_customers) over ()') }} as cumulative_customer_rate,
        overall.median_days,
        overall.average_days
    from bands
    cross join overall
)

select
    *,
    sum(num_customers) over () as finding_num_customers,
    {{ value_at('gap_band', 'num_customers desc, band_number') }} as finding_top_band,
    {{ value_at('customer_share_rate', 'num_customers desc, band_number') }} as finding_top_rate
from answer
order by band_number
