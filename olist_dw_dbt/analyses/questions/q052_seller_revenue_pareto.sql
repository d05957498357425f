-- One row per twentieth of the sellers with a sale, best by revenue first.
with

mart_seller_scorecard as (
    select seller_id, revenue_amount
    from {{ ref('mart_seller_scorecard') }}
    where num_sales > 0 and not is_unknown
),

ranked as (
    select
        *,
        row_number() over (order by revenue_amount desc, seller_id) as revenue_rank,
        count(*) over () as num_sellers,
        sum(revenue_amount) over (
            order by revenue_amount desc, seller_id
            rows between unbounded preceding and current row
        ) as cumulative_revenue_amount,
        sum(revenue_amount) over () as total_revenue_amount
    from mart_seller_scorecard
),

-- The seller who crosses the line counts among those it takes.
most as (
    select {{ count_where(
        'cumulative_revenue_amount - revenue_amount'
        ~ ' < ' ~ var('abc_a_until_rate') ~ ' * total_revenue_amount'
    ) }} as num_sellers_for_most
    from ranked
),

grouped as (
    select
        {{ top_group('revenue_rank', 'num_sellers', 20) }} as twentieth,
        count(*) as num_sellers,
        sum(revenue_amount) as revenue_amount,
        max(cumulative_revenue_amount) as cumulative_revenue_amount,
        max(total_revenue_amount) as total_revenue_amount
    from ranked
    group by {{ top_group('revenue_rank', 'num_sellers', 20) }}
)

select
    grouped.twentieth / 20.0 as seller_rate,
    grouped.num_sellers,
    cast(sum(grouped.num_sellers) over (order by grouped.twentieth) as integer)
        as cumulative_sellers,
    cast(grouped.revenue_amount as decimal(18, 2)) as revenue_amount,
    {{ ratio('grouped.revenue_amount', 'grouped.total_revenue_amount') }}
        as revenue_rate,
    {{ ratio(
        'grouped.cumulative_revenue_amount', 'grouped.total_revenue_amount'
    ) }} as cumulative_revenue_rate,
    {{ ratio('grouped.revenue_amount', 'grouped.num_sellers', 2) }}
        as average_revenue_per_seller,
    most.num_sellers_for_most,
    sum(grouped.num_sellers) over () as finding_num_sellers,
    {{ rounded(
        'max(case when grouped.twentieth = 4 then cast(grouped.cumulative_revenue_amount as '
        ~ type_double() ~ ') / grouped.total_revenue_amount end) over ()'
    ) }} as finding_fifth_rate,
    {{ var('abc_a_until_rate') }} as finding_most_rate
from grouped
cross join most
order by grouped.twentieth
