{#- Two fifths of the public orders; the tiers of all time were made for R$ 13 million. -#}
{% set enough_sold = 'sum(gmv_amount) >= 5000000' %}

-- Sellers.
select
    {{ difference('sum(gmv_amount)', fact_gmv) }} as gmv_is_that_of_the_items,
    min(least(num_orders, gmv_amount, num_units)) as nothing_is_negative,
    case when {{ enough_sold }} then count(distinct seller_tier) end as tiers_are_complete,
    {{ largest_group('marts.mart_seller_scorecard', 'seller_tier', enough_sold) }}
        as tiers_tell_sellers_apart,
    case
        when count(seller_tier_12m) >= 100 then count(distinct seller_tier_12m)
    end as tiers_of_12_months_are_complete,
    {{ largest_group(
        'marts.mart_seller_scorecard', 'seller_tier_12m', 'count(seller_tier_12m) >= 100'
    ) }} as tiers_of_12_months_tell_sellers_apart,
    max(greatest(score, 100 * on_time_rate, 100 * cancellation_rate)) as scores_are_percentages,
    count(*) as sellers_grow_by_a_night
from marts.mart_seller_scorecard
