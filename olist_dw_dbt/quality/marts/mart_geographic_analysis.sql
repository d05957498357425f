-- Places: states and cities.
with

states as (
    select state
    from marts.mart_geographic_analysis
    where state is not null
)

select
    {{ difference('sum(gmv_amount)', fact_gmv) }} as gmv_is_that_of_the_items,
    min(least(num_orders, gmv_amount, num_customers)) as nothing_is_negative,
    (
        select count(distinct state)
        from core.dim_customer
        where not is_unknown and state not in (select state from states)
    ) as no_state_is_lost,
    case
        when sum(num_orders) >= 20000 then count(distinct state) filter (
            where state in (select state from core.dim_geography where not is_unknown)
        )
    end as all_states_are_there,
    coalesce(
        avg((
            latitude not between
            {{ var('brazil_min_latitude') }} and {{ var('brazil_max_latitude') }}
            or longitude not between
            {{ var('brazil_min_longitude') }} and {{ var('brazil_max_longitude') }}
        )::integer),
        0
    ) as places_lie_in_brazil
from marts.mart_geographic_analysis
