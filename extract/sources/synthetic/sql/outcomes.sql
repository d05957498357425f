-- outcomes: one row per order: its status, whether its parcel comes late, and what is
-- missing from it. Dealt per month, as canceled, unavailable and late orders bunch in time.

create or replace table outcomes as
with kinds as (
    unpivot (select * exclude (orders, first_day, last_day) from months)
    on columns(* exclude (month))
    into name outcome value full_orders
),

running as (
    select
        month,
        outcome,
        full_orders::hugeint as weight,
        sum(full_orders) over (order by month, outcome) as upto,
        sum(full_orders) over () as total,
    from kinds
),

cards as (
    select
        month,
        outcome,
        unnest(range(card_count(weight, upto, total, getvariable('orders')))) as card,
    from running
),

-- Late parcels first in their month, the rest shuffled ...
stacked as (
    select
        outcome,
        row_number() over (
            order by
                month,
                outcome != 'delivered_late',
                draw('outcome ' || outcome, year(month) * 10000000 + month(month) * 100000 + card),
                outcome,
                card
        ) as seat,
    from cards
),

-- ... and dealt to orders whose state makes them likelier to be late the earlier they sit
-- (the smallest of exponential draws: sampling by weight). The last orders of a truncated end
-- are not late: their promised day, and with it their survey, would come after it.
seated as (
    select
        visits.order_no,
        visits.purchased_at::date > last_survey() - 16 as is_last,
        row_number() over (
            order by
                date_trunc('month', visits.purchased_at),
                visits.purchased_at::date > last_survey() - 16,
                -ln(1 - draw('late', visits.order_no)) / states.late_share,
                visits.order_no
        ) as seat,
    from visits
    inner join states on visits.state = states.state
),

dealt as (
    select
        seated.order_no,
        seated.is_last,
        if(stacked.outcome = 'delivered_late', 'delivered', stacked.outcome) as status,
        stacked.outcome = 'delivered_late' as is_late,
    from seated
    inner join stacked on seated.seat = stacked.seat
),

ranked as (
    select
        *,
        row_number() over (
            partition by status order by draw('no items', order_no), order_no
        ) as itemless_rank,
        row_number() over (
            partition by status order by draw('no review', order_no), order_no
        ) as unreviewed_rank,
        -- Not the same orders as those without items, and not late ones: a late parcel that
        -- never arrives would change how many are late.
        row_number() over (
            partition by status
            order by is_late, draw('timestamps missing', order_no), order_no
        ) as incomplete_rank,
        row_number() over (
            partition by status, is_late
            order by is_last, draw('on the promised day', order_no), order_no
        ) as punctual_rank,
    from dealt
)

select
    ranked.order_no,
    ranked.status,
    ranked.is_late,
    -- The first of the incomplete ranks lack their delivery date, so they take no part.
    ranked.status = 'delivered' and not ranked.is_late
    and ranked.incomplete_rank > scaled(statuses.without_delivery)
    and ranked.punctual_rank <= quirk('deliveries on the promised day') as is_on_the_day,
    ranked.itemless_rank > scaled(statuses.without_items) as has_items,
    ranked.unreviewed_rank > scaled(statuses.without_review) as has_review,
    ranked.incomplete_rank > scaled(statuses.without_delivery) as has_delivery,
    ranked.incomplete_rank > scaled(statuses.without_carrier) as has_carrier,
    ranked.incomplete_rank > scaled(statuses.without_approval) as has_approval,
from ranked
inner join statuses on ranked.status = statuses.status;
