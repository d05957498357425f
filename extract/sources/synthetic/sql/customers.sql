-- visits: one row per order: when it was placed, by whom, delivered to which prefix.
-- customers: the file, one row per order too, as Olist gives each order its own customer_id.

-- The calendar: months hold their real totals, a few days are pinned (Black Friday and the
-- days after it, the ragged first and last weeks), the others follow the weekday.
create or replace table order_days as
with calendar as (
    select
        months.month,
        months.orders as month_orders,
        unnest(generate_series(first_day, last_day, interval 1 day))::date as day,
    from months
),

weighed as (
    select
        calendar.month,
        calendar.month_orders,
        calendar.day,
        special_days.orders as pinned_orders,
        case
            when special_days.orders is null
                then (
                    1000 * weekdays.weight
                    * exp(0.1 * normal('a good day', calendar.day - date '2016-01-01'))
                )::hugeint
        end as size,
    from calendar
    inner join weekdays on isodow(calendar.day) = weekdays.weekday
    left join special_days on calendar.day = special_days.day
),

millionths as (
    select
        month,
        day,
        pinned_orders,
        coalesce(
            pinned_orders * 1000000,
            (month_orders - coalesce(sum(pinned_orders) over (partition by month), 0))
            * 1000000 * size // sum(size) over (partition by month)
        )::hugeint as weight,
    from weighed
),

-- Pinned days first in their month: there the running sum is whole, so they stay exact.
running as (
    select
        day,
        weight,
        sum(weight) over (order by month, pinned_orders is null, day) as upto,
        sum(weight) over () as total,
    from millionths
),

cards as (
    select
        day,
        unnest(range(card_count(weight, upto, total, getvariable('orders')))) as card,
    from running
)

select
    row_number() over (order by day, card) - 1 as order_no,
    day,
from cards;

-- The 24 hours as lists of 2,000, each hour as often as it has its share.
create or replace table hour_slots as
with running as (
    select
        hour,
        weekday,
        weekend,
        sum(weekday) over (order by hour) as weekday_upto,
        sum(weekend) over (order by hour) as weekend_upto,
        sum(weekday) over () as weekday_total,
        sum(weekend) over () as weekend_total,
    from hours
),

cards as (
    select
        hour,
        unnest(range(card_count(weekday, weekday_upto, weekday_total, 2000))) as card,
        false as is_weekend,
    from running
    union all
    select
        hour,
        unnest(range(card_count(weekend, weekend_upto, weekend_total, 2000))) as card,
        true as is_weekend,
    from running
)

select
    list(hour order by hour) filter (not is_weekend) as weekday,
    list(hour order by hour) filter (is_weekend) as weekend,
from cards;

create or replace table purchases as
with placed_in_day_type as (
    select
        order_no,
        day,
        isodow(day) > 5 as is_weekend,
        row_number() over (
            partition by isodow(day) > 5 order by draw('hour', order_no), order_no
        ) - 1 as rank,
        count(*) over (partition by isodow(day) > 5) as orders,
    from order_days
)

select
    order_no,
    day,
    day::timestamp
    + to_hours(
        if(is_weekend, hour_slots.weekend, hour_slots.weekday)[1 + rank * 2000 // orders]
    )
    + to_seconds(floor(draw('second', order_no) * 3600)) as drawn_at,
from placed_in_day_type
cross join hour_slots;

-- People who come back. Their orders are drawn from all orders, put in a row by time plus a
-- shift, and given to one person after the other. More than half have no shift, so
-- that many come back within the day and others after months, while the calendar stays as dealt.
create or replace table returning_visits as
with sizes as (
    select
        orders,
        unnest(range(scaled(persons))) as card,
    from persons
    where orders > 1
),

numbered as (
    select
        orders,
        row_number() over (order by orders, card) - 1 as person_no,
    from sizes
),

seats as (
    select
        person_no,
        orders,
        row_number() over (
            order by draw('queue of persons', person_no), person_no, visit
        ) as seat,
    from (select *, unnest(range(orders)) as visit from numbered) as listed
),

picked as (
    select order_no, day
    from purchases
    order by draw('placed by a returning person', order_no), order_no
    limit (select count(*) from seats)
),

queued as (
    select
        order_no,
        row_number() over (
            order by
                (day - date '2016-01-01')
                + case
                    when draw('comes back soon', order_no) < 0.54 then 0.0
                    else
                        -150 * ln(1 - draw('comes back after', order_no))
                        * sign(draw('earlier or later', order_no) - 0.5)
                end,
                order_no
        ) as seat,
    from picked
)

select
    queued.order_no,
    seats.person_no,
    seats.orders as person_orders,
from queued
inner join seats on queued.seat = seats.seat;

create or replace table returning_persons as
with persons_seen as (
    select
        person_no,
        any_value(person_orders) as person_orders,
    from returning_visits
    group by person_no
),

ranked as (
    select
        person_no,
        person_orders > 2 as is_often,
        row_number() over (
            partition by person_orders > 2
            order by draw('moves house', person_no), person_no
        ) as move_rank,
    from persons_seen
)

select
    person_no,
    case
        when is_often and move_rank <= quirk('persons who move twice') then 'twice'
        when
            is_often
            and move_rank
            <= quirk('persons who move twice') + quirk('persons who move and come back')
            then 'and back'
        when not is_often and move_rank <= quirk('persons who move once') then 'once'
    end as moves,
from ranked;

create or replace table visits as
with timed as (
    select
        purchases.order_no,
        coalesce(
            returning_visits.person_no, getvariable('orders') + purchases.order_no
        ) as person_no,
        returning_persons.moves,
        -- Who orders twice on a day mostly does so within minutes (two carts, two sellers).
        case
            when returning_visits.person_no is null then purchases.drawn_at
            when draw('within minutes', purchases.order_no) < 0.2 then purchases.drawn_at
            else least(
                min(purchases.drawn_at) over (
                    partition by returning_visits.person_no, purchases.day
                )
                + to_seconds(floor(draw('minutes later', purchases.order_no) * 400)),
                purchases.day::timestamp + interval '23 hours 59 minutes 59 seconds'
            )
        end as purchased_at,
    from purchases
    left join returning_visits on purchases.order_no = returning_visits.order_no
    left join returning_persons on returning_visits.person_no = returning_persons.person_no
),

ordered as (
    select
        *,
        row_number() over (partition by person_no order by purchased_at, order_no) as visit,
        first_value(order_no) over (partition by person_no order by purchased_at, order_no)
            as first_order_no,
        min(purchased_at) over (partition by person_no) as first_purchased_at,
    from timed
),

prefix_cards as (
    select
        prefix_no,
        unnest(
            range(card_count(
                order_weight, upto, total, (select count(*) from ordered where visit = 1)
            ))
        ) as card,
    from (
        select
            prefix_no,
            order_weight,
            sum(order_weight) over (order by state, prefix_no) as upto,
            sum(order_weight) over () as total,
        from prefixes
    ) as running
),

shuffled_prefixes as (
    select
        row_number() over (
            order by draw('home', prefix_no * 100000 + card), prefix_no, card
        ) as seat,
        prefix_no,
    from prefix_cards
),

homes as (
    select
        seated.person_no,
        shuffled_prefixes.prefix_no,
    from (
        select person_no, row_number() over (order by order_no) as seat
        from ordered
        where visit = 1
    ) as seated
    inner join shuffled_prefixes on seated.seat = shuffled_prefixes.seat
),

-- Which of a person's addresses the order goes to: the home dealt to the person, or one some
-- prefixes further on.
addressed as (
    select
        *,
        case moves
            when 'once' then least(visit, 2)
            when 'twice' then least(visit, 3)
            when 'and back' then if(visit = 2, 2, 1)
            else 1
        end as address_no,
    from ordered
)

select
    addressed.order_no,
    addressed.person_no,
    visit,
    purchased_at,
    first_order_no,
    first_purchased_at,
    prefixes.prefix_no,
    prefixes.state,
    prefixes.latitude,
    prefixes.longitude,
    identifier('order', addressed.order_no) as order_id,
    identifier('customer', addressed.order_no) as customer_id,
from addressed
inner join homes on addressed.person_no = homes.person_no
inner join prefixes
    on prefixes.prefix_no = (
        homes.prefix_no
        + if(address_no > 1, die('second address', addressed.person_no, 60), 0)
        + if(address_no > 2, die('third address', addressed.person_no, 60), 0)
    ) % getvariable('prefixes');

create or replace table customers as
select
    visits.customer_id,
    identifier('person', visits.person_no) as customer_unique_id,
    prefixes.prefix as customer_zip_code_prefix,
    prefixes.city as customer_city,
    prefixes.state as customer_state,
from visits
inner join prefixes on visits.prefix_no = prefixes.prefix_no;
