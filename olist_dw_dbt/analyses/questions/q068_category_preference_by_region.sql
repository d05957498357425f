-- One row per region of the customer and category group, the strongest leaning first. Pairs of
-- fewer than min_orders_for_ranking units are left out, and products without a category.
with

mart_category_performance as (
    select region, category_group, num_units, gmv_amount
    from {{ ref('mart_category_performance') }}
),

pairs as (
    select
        region,
        category_group,
        {{ total('num_units') }} as num_units,
        sum(gmv_amount) as gmv_amount
    from mart_category_performance
    group by region, category_group
),

shares as (
    select
        *,
        {{ safe_divide('gmv_amount', 'sum(gmv_amount) over (partition by region)') }}
            as region_gmv_rate,
        {{ safe_divide(
            'sum(gmv_amount) over (partition by category_group)', 'sum(gmv_amount) over ()'
        ) }} as all_gmv_rate
    from pairs
)

select
    region,
    category_group,
    num_units,
    cast(gmv_amount as decimal(18, 2)) as gmv_amount,
    {{ rounded('region_gmv_rate') }} as region_gmv_rate,
    {{ rounded('all_gmv_rate') }} as all_gmv_rate,
    {{ ratio('region_gmv_rate', 'all_gmv_rate', 3) }} as preference_index
from shares
where num_units >= {{ var('min_orders_for_ranking') }} and category_group <> 'Unknown'
order by preference_index desc, region, category_group
