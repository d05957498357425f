-- One row per band of the risk that a sale of the last 60 days misses its promised day, the highest
-- first: the open orders in it, and how many of the closed ones were late; their scores are of
-- before these days.
{% set starts = var('late_risk_band_starts') -%}
{% set names = ['under 5 %', '5 to 10 %', '10 to 20 %', '20 to 30 %', '30 % or more'] -%}
with

mart_late_order_risk as (
    select
        {{ band_number('late_rate', starts) }} as band_number,
        is_open,
        outcome = 'LATE' as is_late,
        late_rate as risk,
        charged_amount,
        reason_1,
        method
    from {{ ref('mart_late_order_risk') }}
),

reasons as (
    select
        band_number,
        reason_1,
        row_number() over (
            partition by band_number
            order by count(*) desc, reason_1
        ) as place
    from mart_late_order_risk
    where is_open and reason_1 is not null
    group by band_number, reason_1
),

bands as (
    select
        band_number,
        {{ count_where('is_open') }} as num_open_orders,
        sum(case when is_open then risk else 0 end) as expected_late,
        cast(sum(case when is_open then charged_amount else 0 end) as decimal(18, 2))
            as charged_amount,
        {{ count_where('not is_open') }} as num_closed_orders,
        {{ count_where('is_late') }} as num_late,
        avg(case when not is_open then risk end) as predicted_rate,
        max(method) as method
    from mart_late_order_risk
    group by band_number
),

answer as (
    select
        bands.band_number,
        {{ name_of_number('bands.band_number', names) }} as risk_band,
        bands.num_open_orders,
        {{ rounded('bands.expected_late', 1) }} as expected_late,
        bands.charged_amount,
        reasons.reason_1 as main_reason,
        bands.num_closed_orders,
        bands.num_late,
        {{ rounded('bands.predicted_rate') }} as predicted_rate,
        {{ ratio('bands.num_late', 'bands.num_closed_orders') }} as late_rate,
        {{ rounded(wilson_bound('bands.num_late', 'bands.num_closed_orders', 'low')) }}
            as low_late_rate,
        {{ rounded(wilson_bound('bands.num_late', 'bands.num_closed_orders', 'high')) }}
            as high_late_rate,
        bands.method
    from bands
    left join reasons
        on bands.band_number = reasons.band_number and reasons.place = 1
)

select
    *,
    cast(sum(num_open_orders) over () as {{ dbt.type_bigint() }}) as finding_num_open,
    {{ rounded('sum(expected_late) over ()', 1) }} as finding_expected_late
from answer
order by band_number desc
