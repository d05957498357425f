-- order_times: one row per order with every timestamp. orders and order_items: the files.
--
-- Promised first, delivered second: the estimate follows state and distance, a parcel in
-- time takes a share of it, a late one comes some days after it. So exactly the orders that
-- were dealt to be late are late. Where the end is truncated, each order has its survey by then:
-- the day after it arrived, or two days after the promised one.

create or replace table promises as
with distant as (
    select
        visits.order_no,
        visits.state,
        visits.purchased_at,
        -- An order without items has no way to go; promised it was all the same.
        coalesce(order_totals.distance_km, 600) as distance_km,
        -- Days promised over a distance in km, before the state's own level; in thousandths,
        -- so that their sum is one of whole numbers.
        (1000 * (14.5 + 0.43 * sqrt(coalesce(order_totals.distance_km, 600))))::bigint
            as rate,
    from visits
    inner join order_totals on visits.order_no = order_totals.order_no
),

rated as (
    select
        *,
        sum(rate) over (partition by state) / count(*) over (partition by state) as mean_rate,
    from distant
)

select
    rated.order_no,
    rated.purchased_at,
    rated.distance_km,
    least(
        rated.purchased_at::date + greatest(
            3,
            round(
                -- The mean counts from the hour of the purchase, on average half a day.
                0.5 + states.promised_days * rated.rate / rated.mean_rate
                * along(curve('promise_noise'), draw('promise', rated.order_no))
            )
        )::int,
        if(
            outcomes.is_late or outcomes.is_on_the_day,
            greatest(rated.purchased_at::date + 3, last_survey() - 2),
            null
        )
    ) as promised_on,
from rated
inner join states on rated.state = states.state
inner join outcomes on rated.order_no = outcomes.order_no;

create or replace table order_times as
with due as (
    select
        promises.*,
        outcomes.* exclude (order_no),
        along(curve('delivery_hour'), draw('delivery hour', promises.order_no)) / 24 as hour_share,
        case
            when outcomes.is_late then
                promised_on + round(
                    along(curve('overdue_days'), draw('overdue', promises.order_no))
                )::int
            when outcomes.is_on_the_day then promised_on
            else
                least(
                    promised_on - 1,
                    (
                        purchased_at + days(
                            date_diff('second', purchased_at, promised_on::timestamp) / 86400.0
                            -- The longer the way, the larger the share of the promise used.
                            * pow((distance_km + 20) / 450, 0.09)
                            -- A bit narrower than measured: long promises are kept better.
                            * 0.43 * pow(
                                along(
                                    curve('early_share_of_promise'),
                                    draw('in time', promises.order_no)
                                ) / 0.44,
                                0.88
                            )
                        )
                    )::date
                )
        end as arrives_on,
        along(approvals.points, draw('approval', promises.order_no)) / 24 as approval_days,
        along(curve('handling_days'), draw('handling', promises.order_no)) as handling_days,
        along(curve('transit_days'), draw('transit', promises.order_no))
        * pow((distance_km + 50) / 500, 0.45) as transit_days,
    from promises
    inner join outcomes on promises.order_no = outcomes.order_no
    inner join main_payments on promises.order_no = main_payments.order_no
    inner join curves as approvals
        on 'approval_hours_' || main_payments.payment_type = approvals.curve
),

arrivals as (
    select
        * exclude (arrives_on),
        -- Days from the purchase to the day before the last survey: there is no other room.
        if(
            is_late or is_on_the_day or arrives_on < last_survey(),
            arrives_on,
            purchased_at::date + 1 + floor(
                draw('in time for the survey', order_no)
                * greatest(1, date_diff('day', purchased_at::date, last_survey()) - 1)
            )::int
        ) as arrives_on,
    from due
),

delivered as (
    select
        *,
        greatest(
            arrives_on::timestamp + days(hour_share), purchased_at + interval 8 hours
        ) as arrives_at,
    from arrivals
),

approved as (
    select
        *,
        purchased_at + days(
            least(
                approval_days,
                if(
                    has_delivery,
                    0.4 * date_diff('second', purchased_at, arrives_at) / 86400.0,
                    approval_days
                )
            )
        ) as approved_at,
        date_diff('second', approved_at, arrives_at) / 86400.0 as parcel_days,
    from delivered
),

handed_over as (
    select
        *,
        if(
            has_delivery,
            -- What a parcel takes longer than usual, it mostly takes on the way.
            approved_at + days(
                least(
                    0.8 * parcel_days,
                    handling_days * pow(parcel_days / (handling_days + transit_days), 0.35)
                )
            ),
            approved_at + days(handling_days)
        ) as handed_over_at,
    from approved
),

ranked as (
    select
        *,
        -- Only where an hour or more lies between purchase and approval is there room for a
        -- handover before the approval.
        row_number() over (
            partition by
                status = 'delivered' and has_delivery and has_carrier and has_approval
                and approved_at > purchased_at + interval 1 hour
            order by draw('handed over too early', order_no), order_no
        ) as early_rank,
        status = 'delivered' and has_delivery and has_carrier and has_approval
        and approved_at > purchased_at + interval 1 hour as can_be_early,
        row_number() over (
            partition by status = 'delivered' and has_delivery and has_carrier
            order by draw('delivered before handed over', order_no), order_no
        ) as backwards_rank,
    from handed_over
),

disturbed as (
    select
        *,
        case
            when can_be_early and early_rank <= quirk('handed over before the purchase')
                then purchased_at - days(0.001 + 0.08 * draw('how early', order_no))
            when can_be_early and early_rank
                <= quirk('handed over before the purchase') + quirk('handed over before approval')
                then purchased_at + days(
                    date_diff('second', purchased_at, approved_at) / 86400.0
                    * (0.02 + 0.96 * draw('how early', order_no))
                )
            when status = 'delivered' and has_delivery and has_carrier
                and backwards_rank <= quirk('delivered before handed over')
                then arrives_at + days(0.05 + 6 * draw('how late', order_no))
            else handed_over_at
        end as carrier_at,
    from ranked
)

select
    order_no,
    status,
    is_late,
    has_items,
    has_review,
    purchased_at,
    promised_on,
    approved_at as limit_from,
    if(has_approval, approved_at, null) as approved_at,
    if(has_carrier, carrier_at, null) as carrier_at,
    if(has_delivery, arrives_at, null) as delivered_at,
from disturbed;

create or replace table orders as
select
    visits.order_id,
    visits.customer_id,
    order_times.status as order_status,
    date_trunc('second', order_times.purchased_at) as order_purchase_timestamp,
    date_trunc('second', order_times.approved_at) as order_approved_at,
    date_trunc('second', order_times.carrier_at) as order_delivered_carrier_date,
    date_trunc('second', order_times.delivered_at) as order_delivered_customer_date,
    order_times.promised_on::timestamp as order_estimated_delivery_date,
from order_times
inner join visits on order_times.order_no = visits.order_no;

create or replace table order_items as
with ranked as (
    select
        *,
        row_number() over (
            order by draw('limit far off', order_no * 30 + item_no), order_no, item_no
        ) as far_rank,
    from basket_items
)

select
    visits.order_id,
    ranked.item_no as order_item_id,
    goods.product_id,
    stalls.seller_id,
    -- Whole days after the approval, the same for all items of a seller in an order.
    date_trunc(
        'second',
        case
            when far_rank <= quirk('items with a limit years ahead')
                -- The last one is the last date of the whole dataset.
                then timestamp '2020-04-09 22:00:00' - days(20.25 * (far_rank - 1))
            else
                order_times.limit_from + days(
                    round(along(
                        curve('shipping_limit_days'),
                        draw('limit', ranked.order_no * 4000 + ranked.seller_no)
                    ))
                )
        end
    ) as shipping_limit_date,
    (ranked.price_cents / 100)::decimal(18, 2) as price,
    (ranked.freight_cents / 100)::decimal(18, 2) as freight_value,
from ranked
inner join visits on ranked.order_no = visits.order_no
inner join order_times on ranked.order_no = order_times.order_no
inner join goods on ranked.product_no = goods.product_no
inner join stalls on ranked.seller_no = stalls.seller_no;
