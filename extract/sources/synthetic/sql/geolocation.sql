-- geolocation: points around each known prefix. Distinct points are numbered within their
-- prefix; the other rows repeat one of them exactly, spelling and all.

create or replace table point_counts as
with running as (
    select
        *,
        sum(point_weight) over (order by prefix_no) as upto,
        sum(point_weight) over () as total,
        count(*) over () as known_prefixes,
    from prefixes
    where not is_unknown
),

counted as (
    select
        * exclude (upto, total, known_prefixes),
        1 + card_count(
            point_weight, upto, total,
            greatest(0, getvariable('points') - known_prefixes)
        ) as points,
        card_count(point_weight, upto, total, getvariable('repeated_points')) as repeats,
    from running
)

-- Odd are only prefixes with a second point, which is the one to be repeated: then the odd
-- point stands in the file once.
select
    *,
    row_number() over (
        order by points = 1, draw('a point abroad', prefix_no), prefix_no
    ) <= quirk('geolocation points outside Brazil') as has_point_abroad,
    row_number() over (
        order by points = 1, draw('two states', prefix_no), prefix_no
    ) <= quirk('prefixes in two states') as has_two_states,
from counted
order by prefix_no;

create or replace table geolocation as
with expanded as (
    select
        *,
        unnest(range(points + repeats)) as row_no,
    from point_counts
),

-- All is drawn for the point, not for the row: a repeated row is equal in every column.
numbered as (
    select
        * exclude (row_no),
        case
            when row_no < points then row_no
            else
                points - die(
                    'which point again', prefix_no * 1000000 + row_no, greatest(1, points - 1)
                )
        end as point_no,
        prefix_no * 1000000 + point_no as point,
    from expanded
)

select
    numbered.prefix as geolocation_zip_code_prefix,
    coalesce(
        foreign_points.latitude + 0.2 * draw('abroad, north', point),
        numbered.latitude + 0.006 * normal('point north', point)
    ) as geolocation_lat,
    coalesce(
        foreign_points.longitude + 0.2 * draw('abroad, east', point),
        numbered.longitude + 0.006 * normal('point east', point)
    ) as geolocation_lng,
    case
        when draw('spelling', point) < 0.001 then neighbour
        when draw('spelling', point) < 0.002 then replace(city, ' ', '-')
        when draw('spelling', point) < 0.16 then spelling
        else city
    end as geolocation_city,
    if(
        has_two_states and point_no = 0,
        if(numbered.state = 'SP', 'MG', 'SP'),
        numbered.state
    ) as geolocation_state,
from numbered
left join (
    select *, row_number() over (order by latitude, longitude) as foreign_no
    from foreign_points
) as foreign_points
    on
        numbered.has_point_abroad
        and numbered.point_no = 0
        and foreign_points.foreign_no = 1 + numbered.prefix_no % 11;
