-- One row per complete month: sellers with a sale in the quarter that ends with it (active), and
-- those the quarter before lost. A seller is lost after three months without a sale; one who
-- sells again later counts as back, not as new.
with

mart_seller_months as (
    select seller_key, order_month, num_sales
    from {{ ref('mart_seller_months') }}
    where num_sales > 0
),

mart_executive_dashboard as (
    select distinct order_month, is_complete_month
    from {{ ref('mart_executive_dashboard') }}
),

neighbours as (
    select
        seller_key,
        order_month,
        {{ dbt.dateadd('month', var('short_trend_months'), 'order_month') }} as lost_month,
        lag(order_month) over (partition by seller_key order by order_month) as previous_month,
        lead(order_month) over (partition by seller_key order by order_month) as next_month
    from mart_seller_months
),

-- Every change of the number of active sellers: they come, come back, or fall silent.
changes as (
    select
        order_month,
        1 as num_selling,
        case when previous_month is null then 1 else 0 end as num_new,
        case
            when {{ dbt.dateadd('month', var('short_trend_months'), 'previous_month') }}
                < order_month then 1 else 0
        end as num_back,
        0 as num_lost
    from neighbours
    union all
    select
        cast(lost_month as date) as order_month,
        0 as num_selling,
        0 as num_new,
        0 as num_back,
        1 as num_lost
    from neighbours
    where next_month is null or next_month > lost_month
),

months as (
    select
        order_month,
        {{ total('num_selling') }} as num_selling_sellers,
        {{ total('num_new') }} as num_new_sellers,
        {{ total('num_back') }} as num_back_sellers,
        {{ total('num_lost') }} as num_lost_sellers
    from changes
    group by order_month
),

counted as (
    select
        *,
        sum(num_new_sellers + num_back_sellers - num_lost_sellers) over (order by order_month)
            as num_active_sellers
    from months
)

select
    counted.order_month,
    counted.num_selling_sellers,
    cast(counted.num_active_sellers as {{ dbt.type_bigint() }}) as num_active_sellers,
    counted.num_new_sellers,
    counted.num_back_sellers,
    counted.num_lost_sellers,
    {{ ratio('counted.num_lost_sellers', '(counted.num_active_sellers - counted.num_new_sellers '
        ~ '- counted.num_back_sellers + counted.num_lost_sellers)') }} as seller_churn_rate
from counted
inner join mart_executive_dashboard
    on counted.order_month = mart_executive_dashboard.order_month
where mart_executive_dashboard.is_complete_month
order by counted.order_month
