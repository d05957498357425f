-- One row per seller, those without a sale included; items whose seller the source does not
-- know share one row, which exists only where there are such items.
with

fact_order_items as (
    select
        order_key,
        seller_key,
        customer_key,
        product_key,
        category_key,
        order_date,
        {{ is_in_trailing_12_months() }} as is_12m,
        order_status,
        is_sale,
        price_amount,
        freight_amount,
        revenue_amount
    from {{ ref('fact_order_items') }}
),

fact_orders as (
    select order_key, review_score
    from {{ ref('fact_orders') }}
),

fact_deliveries as (
    select
        seller_key,
        {{ is_in_trailing_12_months() }} as is_12m,
        shipping_limit_at,
        handed_to_carrier_at,
        lateness_cause,
        {{ is_due() }} as is_due,
        is_delivered,
        is_on_time,
        is_late,
        is_dispatch_late,
        delivery_days,
        handling_days
    from {{ ref('fact_deliveries') }}
),

dim_seller as (
    select
        seller_key,
        geography_key,
        seller_id,
        city,
        state,
        state_name,
        region,
        is_unknown
    from {{ ref('dim_seller') }}
),

dim_category as (
    select category_key, category_name_english
    from {{ ref('dim_category') }}
),

int_as_of_date as (
    select as_of_date
    from {{ ref('int_as_of_date') }}
),

-- An order is reviewed and canceled once, however many items of it the seller sends.
orders_by_seller as (
    select
        fact_order_items.seller_key,
        fact_order_items.order_key,
        max(case when fact_order_items.is_sale then 1 else 0 end) as is_sale_number,
        max(case when fact_order_items.order_status = 'canceled' then 1 else 0 end)
            as is_canceled_number,
        max(case when fact_order_items.is_12m then fact_orders.review_score end)
            as review_score_12m,
        max(fact_orders.review_score) as review_score
    from fact_order_items
    left join fact_orders on fact_order_items.order_key = fact_orders.order_key
    group by fact_order_items.seller_key, fact_order_items.order_key
),

order_counts as (
    select
        seller_key,
        count(*) as num_orders,
        sum(is_sale_number) as num_sales,
        sum(is_canceled_number) as num_canceled_orders,
        count(review_score) as num_reviewed_orders,
        coalesce(sum(review_score), 0) as sum_review_score,
        count(review_score_12m) as num_reviewed_orders_12m,
        coalesce(sum(review_score_12m), 0) as sum_review_score_12m,
        {{ count_where('review_score <= ' ~ var('negative_review_max_score')) }}
            as num_negative_reviews
    from orders_by_seller
    group by seller_key
),

sales_by_seller as (
    select
        seller_key,
        min(order_date) as first_sale_date,
        max(order_date) as last_sale_date,
        -- A window ends on the as-of date: later sales are in no one's last 90 days.
        max(case when order_date <= as_of_date then order_date end) as last_sale_by_then_date,
        count(*) as num_units,
        count(distinct product_key) as num_products,
        count(distinct category_key) as num_categories,
        count(distinct {{ month_start('order_date') }}) as num_active_months,
        sum(price_amount) as gmv_amount,
        sum(freight_amount) as freight_amount,
        sum(revenue_amount) as revenue_amount,
        sum(case when is_12m then price_amount else 0 end) as gmv_12m_amount
    from fact_order_items
    cross join int_as_of_date
    where is_sale
    group by seller_key
),

gmv_by_category as (
    select
        fact_order_items.seller_key,
        dim_category.category_name_english,
        sum(fact_order_items.price_amount) as gmv_amount
    from fact_order_items
    inner join dim_category on fact_order_items.category_key = dim_category.category_key
    where fact_order_items.is_sale
    group by fact_order_items.seller_key, dim_category.category_name_english
),

ranked_categories as (
    select
        *,
        row_number() over (
            partition by seller_key
            order by gmv_amount desc, category_name_english
        ) as category_rank
    from gmv_by_category
),

deliveries_by_seller as (
    select
        seller_key,
        {{ count_where('handed_to_carrier_at is not null and shipping_limit_at is not null') }}
            as num_dispatched,
        {{ count_where('is_dispatch_late') }} as num_dispatch_late,
        {{ count_where('is_delivered') }} as num_deliveries,
        {{ count_where('is_on_time') }} as num_on_time,
        {{ count_where('is_12m and is_delivered') }} as num_deliveries_12m,
        {{ count_where('is_12m and is_on_time') }} as num_on_time_12m,
        {{ count_where('is_late') }} as num_late,
        {{ count_where('is_due') }} as num_due,
        {{ count_where('is_due and is_on_time') }} as num_promise_kept,
        {{ count_where("lateness_cause = 'SELLER'") }} as num_late_by_seller,
        count(handling_days) as num_handled,
        {{ sum_days('handling_days') }} as sum_handling_days,
        {{ sum_days('delivery_days') }} as sum_delivery_days
    from fact_deliveries
    group by seller_key
),

joined as (
    select
        dim_seller.*,
        ranked_categories.category_name_english as main_category,
        sales_by_seller.first_sale_date,
        sales_by_seller.last_sale_date,
        {% for measure in [
            'num_units', 'num_products', 'num_categories', 'num_active_months', 'gmv_amount',
            'freight_amount', 'revenue_amount', 'gmv_12m_amount',
        ] -%}
        coalesce(sales_by_seller.{{ measure }}, 0) as {{ measure }},
        {% endfor -%}
        {% for measure in [
            'num_orders', 'num_sales', 'num_canceled_orders', 'num_reviewed_orders',
            'sum_review_score', 'num_negative_reviews', 'num_reviewed_orders_12m',
            'sum_review_score_12m',
        ] -%}
        coalesce(order_counts.{{ measure }}, 0) as {{ measure }},
        {% endfor -%}
        {% for measure in [
            'num_dispatched', 'num_dispatch_late', 'num_deliveries', 'num_on_time', 'num_late',
            'num_due', 'num_promise_kept', 'num_late_by_seller', 'num_handled',
            'sum_handling_days', 'sum_delivery_days', 'num_deliveries_12m', 'num_on_time_12m',
        ] -%}
        coalesce(deliveries_by_seller.{{ measure }}, 0) as {{ measure }},
        {% endfor -%}
        {{ days_before('sales_by_seller.last_sale_date', 'int_as_of_date.as_of_date') }}
            as days_since_last_sale,
        {{ days_before('sales_by_seller.first_sale_date', 'int_as_of_date.as_of_date') }}
            as days_since_first_sale,
        coalesce(
            {{ days_before('sales_by_seller.last_sale_by_then_date', 'int_as_of_date.as_of_date') }}
            <= {{ var('seller_active_within_days') }},
            false
        ) as is_active
    from dim_seller
    left join sales_by_seller on dim_seller.seller_key = sales_by_seller.seller_key
    left join order_counts on dim_seller.seller_key = order_counts.seller_key
    left join deliveries_by_seller on dim_seller.seller_key = deliveries_by_seller.seller_key
    left join ranked_categories
        on
            dim_seller.seller_key = ranked_categories.seller_key
            and ranked_categories.category_rank = 1
    cross join int_as_of_date
    where not dim_seller.is_unknown or order_counts.seller_key is not null
),

rated as (
    select
        *,
        {{ safe_divide('sum_review_score', 'num_reviewed_orders') }} as average_review_score,
        {{ safe_divide('num_on_time', 'num_deliveries') }} as on_time_rate,
        {{ safe_divide('num_promise_kept', 'num_due') }} as promise_kept_rate,
        {{ safe_divide('sum_review_score_12m', 'num_reviewed_orders_12m') }}
            as average_review_score_12m,
        {{ safe_divide('num_on_time_12m', 'num_deliveries_12m') }} as on_time_12m_rate,
        {{ safe_divide('num_dispatch_late', 'num_dispatched') }} as dispatch_late_rate,
        {{ safe_divide('num_canceled_orders', 'num_orders') }} as cancellation_rate,
        row_number() over (order by gmv_amount desc, seller_id) as gmv_rank,
        sum(gmv_amount) over (
            order by gmv_amount desc, seller_id
            rows between unbounded preceding and current row
        ) as cumulative_gmv_amount,
        sum(gmv_amount) over () as total_gmv_amount
    from joined
),

active_sellers as (
    select
        seller_key,
        seller_id,
        gmv_12m_amount,
        average_review_score_12m,
        on_time_12m_rate,
        cast(null as {{ dbt.type_string() }}) as tier,
        count(*) over () as num_active_sellers
    from rated
    where is_active and gmv_12m_amount > 0
),

-- The best tier first: of the active sellers without one who have its stars and punctuality, those
-- of most GMV, until its part of all active ones has this tier or a better one.
{% set placed = namespace(relation='active_sellers') -%}
{% for tier in var('seller_tiers') -%}
ranked_for_{{ tier.tier | lower }} as (
    select
        *,
        coalesce(
            tier is null
            and average_review_score_12m >= {{ tier.from_score }}
            and on_time_12m_rate >= {{ tier.from_on_time_rate }},
            false
        ) as is_candidate,
        count(tier) over () as num_placed
    from {{ placed.relation }}
),

placed_in_{{ tier.tier | lower }} as (
    select
        seller_key,
        seller_id,
        gmv_12m_amount,
        average_review_score_12m,
        on_time_12m_rate,
        case
            when
                is_candidate
                and num_placed + row_number() over (
                    partition by is_candidate
                    order by gmv_12m_amount desc, seller_id
                ) <= {{ top_count('num_active_sellers', tier.top_12m) }}
                then '{{ tier.tier }}'
            else tier
        end as tier,
        num_active_sellers
    from ranked_for_{{ tier.tier | lower }}
),

{% set placed.relation = 'placed_in_' ~ tier.tier | lower -%}
{% endfor -%}
asked_amounts as (
    select tier, min(gmv_12m_amount) as asked_gmv_amount
    from {{ placed.relation }}
    where tier is not null
    group by tier
),

-- First match, best tier first; a missing rate passes none.
tiered as (
    select
        rated.*,
        case
            {%- for tier in var('seller_tiers') %}
            when
                rated.gmv_amount > {{ tier.above_gmv }}
                and rated.average_review_score >= {{ tier.from_score }}
                and rated.on_time_rate >= {{ tier.from_on_time_rate }}
                then '{{ tier.tier }}'
            {%- endfor %}
            else 'BRONZE'
        end as seller_tier,
        case
            when placed.seller_key is not null then coalesce(placed.tier, 'BRONZE')
        end as seller_tier_12m
    from rated
    left join {{ placed.relation }} as placed on rated.seller_key = placed.seller_key
),

-- What each tier but the best lacks for the next; a missing figure keeps out, too.
next_tiers as (
    {% for tier in var('seller_tiers') -%}
    select
        '{{ loop.nextitem.tier if loop.nextitem is defined else 'BRONZE' }}' as seller_tier,
        '{{ tier.tier }}' as next_tier,
        {{ tier.above_gmv }} as next_tier_gmv_amount,
        {{ tier.from_score }} as next_tier_review_score,
        {{ tier.from_on_time_rate }} as next_tier_on_time_rate
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
),

compared as (
    select
        tiered.*,
        next_tiers.next_tier,
        next_tiers_12m.next_tier as next_tier_12m,
        asked_amounts.asked_gmv_amount as next_tier_12m_gmv_amount,
        next_tiers.next_tier_gmv_amount,
        next_tiers.next_tier_review_score,
        next_tiers.next_tier_on_time_rate,
        next_tiers.next_tier is not null
        and not coalesce(tiered.gmv_amount > next_tiers.next_tier_gmv_amount, false)
            as is_below_next_gmv,
        next_tiers.next_tier is not null
        and not coalesce(
            tiered.average_review_score >= next_tiers.next_tier_review_score, false
        ) as is_below_next_score,
        next_tiers.next_tier is not null
        and not coalesce(tiered.on_time_rate >= next_tiers.next_tier_on_time_rate, false)
            as is_below_next_on_time
    from tiered
    left join next_tiers on tiered.seller_tier = next_tiers.seller_tier
    left join next_tiers as next_tiers_12m
        on tiered.seller_tier_12m = next_tiers_12m.seller_tier
    left join asked_amounts on next_tiers_12m.next_tier = asked_amounts.tier
)

select
    seller_key,
    geography_key,
    seller_id,
    first_sale_date,
    last_sale_date,
    city,
    state,
    state_name,
    region,
    main_category,
    seller_tier,
    seller_tier_12m,
    next_tier,
    next_tier_12m,
    is_unknown,
    is_active,
    num_orders >= {{ var('min_orders_for_ranking') }} as is_rankable,
    is_below_next_gmv,
    is_below_next_score,
    is_below_next_on_time,
    days_since_first_sale,
    days_since_last_sale,
    cast(gmv_rank as integer) as gmv_rank,
    {% for count in [
        'num_orders', 'num_sales', 'num_canceled_orders', 'num_units', 'num_products',
        'num_categories', 'num_active_months', 'num_reviewed_orders', 'sum_review_score',
        'num_negative_reviews', 'num_dispatched', 'num_dispatch_late', 'num_deliveries',
        'num_on_time', 'num_late', 'num_due', 'num_promise_kept', 'num_late_by_seller',
        'num_handled',
    ] -%}
    cast({{ count }} as integer) as {{ count }},
    {% endfor -%}
    cast(gmv_amount as decimal(18, 2)) as gmv_amount,
    cast(freight_amount as decimal(18, 2)) as freight_amount,
    cast(revenue_amount as decimal(18, 2)) as revenue_amount,
    cast(gmv_12m_amount as decimal(18, 2)) as gmv_12m_amount,
    cast(next_tier_gmv_amount as decimal(18, 2)) as next_tier_gmv_amount,
    cast(next_tier_12m_gmv_amount as decimal(18, 2)) as next_tier_12m_gmv_amount,
    cast(sum_handling_days as {{ type_double() }}) as sum_handling_days,
    cast(sum_delivery_days as {{ type_double() }}) as sum_delivery_days,
    {{ safe_divide('cumulative_gmv_amount', 'total_gmv_amount') }} as cumulative_gmv_rate,
    cast(next_tier_review_score as {{ type_double() }}) as next_tier_review_score,
    cast(next_tier_on_time_rate as {{ type_double() }}) as next_tier_on_time_rate,
    average_review_score,
    average_review_score_12m,
    on_time_rate,
    on_time_12m_rate,
    promise_kept_rate,
    dispatch_late_rate,
    cancellation_rate,
    -- Stars 1 to 5 become 0 to 1; a seller who lacks one of the four has no score.
    100 * (
        {{ var('seller_score_review_weight') }} * (average_review_score - 1) / 4
        + {{ var('seller_score_on_time_weight') }} * on_time_rate
        + {{ var('seller_score_dispatch_weight') }} * (1 - dispatch_late_rate)
        + {{ var('seller_score_cancellation_weight') }} * (1 - cancellation_rate)
    ) as score
from compared
