-- prefixes: one row per zip prefix, numbered from 0 in the order of the prefix.
-- Made once, not per batch: a bigger dataset has more points per prefix, not more of Brazil.
--
-- A place of figures/places.csv is a town with the run of CEP prefixes around it. Its
-- prefixes are spread evenly over its run and differ in size.

create or replace table prefixes as
with numbered_places as (
    select
        *,
        row_number() over (order by first_prefix) as place_no,
        sum(prefixes) over (order by first_prefix) as upto,
        sum(prefixes) over () as total,
        lead(city) over (partition by state order by first_prefix) as next_city,
        lag(city) over (partition by state order by first_prefix) as previous_city,
    from places
),

sized_places as (
    select
        * exclude (prefixes),
        card_count(prefixes, upto, total, getvariable('prefixes')) as prefix_count,
        last_prefix::bigint - first_prefix::bigint + 1 as width,
    from numbered_places
),

spread_prefixes as (
    select
        *,
        first_prefix::bigint + (unnest(range(prefix_count)) * width) // prefix_count as prefix,
    from sized_places
),

drawn as (
    select
        *,
        row_number() over (order by prefix) - 1 as prefix_no,
        -- Sizes within a town differ by far more than a factor of two.
        (1000 * exp(1.7 * least(1.3, normal('size of a prefix', prefix))))::bigint as size,
        (1000 * exp(least(2.3, normal('points of a prefix', prefix))))::bigint as point_size,
        row_number() over (order by draw('prefix unknown to geolocation', prefix)) as unknown_rank,
    from spread_prefixes
),

shared as (
    select
        *,
        unknown_rank <= getvariable('unknown_prefixes') as is_unknown,
        -- In millionths of an order. 157 of the 162 unknown prefixes belong to customers
        -- (1.78 orders each), the last 7 to sellers.
        case
            when unknown_rank <= getvariable('unknown_prefixes') * 157 // 162 then 1780000
            when unknown_rank <= getvariable('unknown_prefixes') then 0
            else orders::hugeint * 1000000 * size // sum(size) over (partition by place_no)
        end as order_share,
        points::hugeint * 1000000 * point_size
        // sum(point_size) over (partition by place_no) as point_share,
    from drawn
)

select
    prefix_no,
    lpad(prefix::text, 5, '0') as prefix,
    place_no,
    shared.state,
    city,
    spelling,
    coalesce(next_city, previous_city, city) as neighbour,
    greatest(-33.7, least(5.2, latitude + spread * normal('north', prefix_no))) as latitude,
    greatest(-73.9, least(-34.8, longitude + spread * normal('east', prefix_no))) as longitude,
    is_unknown,
    sum((not is_unknown)::int) over (order by prefix_no) - 1 as known_no,
    case when is_unknown then unknown_rank end as unknown_rank,
    -- Brought back to the state's own count: with few prefixes some towns drop out.
    (states.orders::hugeint * 1000000000 * order_share
    // sum(order_share) over (partition by shared.state))::hugeint as order_weight,
    (case when is_unknown then 0 else point_share end)::hugeint as point_weight,
from shared
inner join states on shared.state = states.state
order by prefix_no;

-- The known prefixes of a place, as a range of numbers, for what is dealt to places: sellers.
create or replace table place_prefixes as
select
    place_no,
    any_value(prefixes.state) as state,
    min(known_no) as first_known_no,
    count(*) as prefix_count,
from prefixes
where not is_unknown
group by place_no
order by place_no;
