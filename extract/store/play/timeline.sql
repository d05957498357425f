-- One row per step, out of the tables source_<name> that extract.replay.reading makes: when, its
-- rank among the steps of one second, what, whose, and the source row.
create macro moment(text) as try_cast(text as timestamp);

create table life as
select
    *,
    moment(order_purchase_timestamp) as placed_at,
    greatest(placed_at, moment(order_approved_at)) as paid_at,
    greatest(placed_at, moment(order_delivered_carrier_date)) as taken_at,
    greatest(placed_at, moment(order_delivered_customer_date)) as arrived_at,
    greatest(paid_at, taken_at, arrived_at) as last_at,
    -- Where the dated steps alone would leave the order.
    case
        when order_delivered_customer_date is not null then 'delivered'
        when order_delivered_carrier_date is not null then 'shipped'
        when order_approved_at is not null then 'approved'
        else 'created'
    end as implied_status,
    lower(trim(order_status)) as status
from source_orders;

set variable begun = (select coalesce(min(placed_at), timestamp '1970-01-01') from life);

create table first_sale as
select items.product_id, items.seller_id, min(life.placed_at) as first_at
from source_order_items as items
inner join life using (order_id)
group by items.product_id, items.seller_id;

create table step as
with

product as (
    select source.*, sale.first_at
    from source_products as source
    left join (
        select product_id, min(first_at) as first_at from first_sale group by product_id
    ) as sale using (product_id)
),

seller as (
    select source.*, sale.first_at
    from source_sellers as source
    left join (
        select seller_id, min(first_at) as first_at from first_sale group by seller_id
    ) as sale using (seller_id)
),

account as (
    select source.*, purchase.first_at
    from source_customers as source
    left join (
        select customer_id, min(placed_at) as first_at from life group by customer_id
    ) as purchase using (customer_id)
),

item_list as (
    select order_id, list(item order by try_cast(order_item_id as integer)) as items
    from source_order_items as item
    group by order_id
),

purchase as (
    select
        life.order_id,
        life.customer_id,
        life.placed_at,
        life.order_purchase_timestamp,
        life.order_estimated_delivery_date,
        account.customer_unique_id as person_id,
        coalesce(item_list.items, []) as items
    from life
    left join item_list using (order_id)
    left join source_customers as account on life.customer_id = account.customer_id
),

payment as (
    select source.*, coalesce(life.paid_at, life.placed_at) as came_at
    from source_order_payments as source
    left join life using (order_id)
),

review as (
    select
        source.*,
        greatest(
            life.placed_at,
            moment(source.review_creation_date),
            moment(source.review_answer_timestamp)
        ) as came_at
    from source_order_reviews as source
    left join life using (order_id)
),

steps as (
    select first_at as due_at, 1 as rank, 'list_product' as kind, product_id as entity,
        to_json(product) as source_row
    from product
    union all
    select first_at, 2, 'onboard_seller', seller_id, to_json(seller) from seller
    union all
    select first_at, 3, 'open_account', customer_id, to_json(account) from account
    union all
    select placed_at, 4, 'place', order_id, to_json(purchase) from purchase
    union all
    select came_at, 5, 'pay', order_id, to_json(payment) from payment
    union all
    select paid_at, 6, 'approve', order_id, to_json({order_approved_at: order_approved_at})
    from life
    where order_approved_at is not null
    union all
    select
        taken_at, 7, 'hand_over', order_id,
        to_json({order_delivered_carrier_date: order_delivered_carrier_date})
    from life
    where order_delivered_carrier_date is not null
    union all
    select
        arrived_at, 8, 'complete', order_id,
        to_json({order_delivered_customer_date: order_delivered_customer_date})
    from life
    where order_delivered_customer_date is not null
    union all
    select
        case
            when status in ('canceled', 'unavailable') then last_at + interval 1 day
            else last_at
        end,
        9, 'settle', order_id, to_json({order_status: order_status})
    from life
    where status is distinct from implied_status
    union all
    select came_at, 10, 'review', order_id, to_json(review) from review
    union all
    select null, 11, 'orphan', item.order_id, to_json(item)
    from source_order_items as item
    anti join life using (order_id)
),

dated as (
    -- What has no date was there from the start.
    select
        coalesce(steps.due_at, getvariable('begun')) as due_at,
        rank,
        kind,
        coalesce(entity, '') as entity,
        source_row::varchar as source_row
    from steps
)

select row_number() over (order by due_at, rank, entity, source_row) as position, *
from dated
order by position;
