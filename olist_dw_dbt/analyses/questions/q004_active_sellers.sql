-- One row per complete month: sellers with a sale in the days up to its end that make a seller
-- active, and those who no longer had one. A seller who sells again later counts as back, not as
-- new.
with

fact_order_items as (
    select distinct seller_key, order_date, {{ month_start('order_date') }} as order_month
    from {{ ref('fact_order_items') }}
    where is_sale
),

dim_date as (
    select
        month_start_date as order_month,
        max(full_date) as month_end_date,
        max(case when is_complete_month then 1 else 0 end) as is_complete
    from {{ ref('dim_date') }}
    group by month_start_date
),

first_months as (
    select seller_key, min(order_month) as first_month
    from fact_order_items
    group by seller_key
),

-- A sale keeps its seller active at the ends of the month and of those that follow within the days.
active as (
    select distinct fact_order_items.seller_key, dim_date.order_month
    from fact_order_items
    inner join dim_date
        on
            fact_order_items.order_date <= dim_date.month_end_date
            and fact_order_items.order_date
            >= {{ dbt.dateadd('day', -var('seller_active_within_days'),
                'dim_date.month_end_date') }}
),

neighbours as (
    select
        active.seller_key,
        active.order_month,
        first_months.first_month,
        {{ dbt.dateadd('month', 1, 'active.order_month') }} as next_calendar_month,
        lag(active.order_month) over (partition by active.seller_key order by active.order_month)
            as previous_month,
        lead(active.order_month) over (partition by active.seller_key order by active.order_month)
            as next_month
    from active
    inner join first_months on active.seller_key = first_months.seller_key
),

changes as (
    select
        order_month,
        1 as num_active,
        case when order_month = first_month then 1 else 0 end as num_new,
        case
            when
                order_month > first_month
                and {{ dbt.dateadd('month', 1, 'previous_month') }} < order_month
                then 1 else 0
        end as num_back,
        0 as num_lost
    from neighbours
    union all
    select
        cast(next_calendar_month as date) as order_month,
        0 as num_active,
        0 as num_new,
        0 as num_back,
        1 as num_lost
    from neighbours
    where next_month is null or next_month > next_calendar_month
),

months as (
    select
        order_month,
        {{ total('num_active') }} as num_active_sellers,
        {{ total('num_new') }} as num_new_sellers,
        {{ total('num_back') }} as num_back_sellers,
        {{ total('num_lost') }} as num_lost_sellers
    from changes
    group by order_month
),

selling as (
    select order_month, count(distinct seller_key) as num_selling_sellers
    from fact_order_items
    group by order_month
),

answer as (
    select
        months.order_month,
        coalesce(selling.num_selling_sellers, 0) as num_selling_sellers,
        months.num_active_sellers,
        months.num_new_sellers,
        months.num_back_sellers,
        months.num_lost_sellers,
        {{ ratio('months.num_lost_sellers', '(months.num_active_sellers - months.num_new_sellers '
            ~ '- months.num_back_sellers + months.num_lost_sellers)') }} as seller_churn_rate,
        {{ var('seller_active_within_days') }} as active_within_days
    from months
    inner join dim_date on months.order_month = dim_date.order_month
    left join selling on months.order_month = selling.order_month
    where dim_date.is_complete = 1
)

select
    *,
    {{ value_at('order_month', 'num_active_sellers desc, order_month') }} as finding_peak_month,
    max(num_active_sellers) over () as finding_peak_sellers,
    {{ value_at('order_month', 'order_month desc') }}
    = {{ value_at('order_month', 'num_active_sellers desc, order_month') }}
        as finding_is_peak,
    {{ ratio('sum(num_lost_sellers) over ()', 'sum(num_active_sellers - num_new_sellers '
        ~ '- num_back_sellers + num_lost_sellers) over ()') }} as finding_mean_churn_rate
from answer
order by order_month
