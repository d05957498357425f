-- basket_items: one row per unit bought: which product, from whom, at what price and freight.
-- The file of items follows later (orders.sql), when the shipping limit is known.

-- One card per order with items: its first product. Every product has one card at least; the
-- cards of a product lie close in time, so that products come and go.
create or replace table first_lines as
with buyers as (
    select
        order_no,
        row_number() over (order by purchased_at, order_no) as seat,
    from visits
    where order_no in (select order_no from outcomes where has_items)
),

cards as (
    select
        product_no,
        launched,
        life,
        unnest(range(
            1 + card_count(
                line_weight, line_upto, line_total,
                (select count(*) from buyers) - (select count(*) from goods)
            )
        )) as card,
    from goods
),

queued as (
    select
        product_no,
        row_number() over (
            order by
                launched + life * draw('sold', product_no * 10000 + card), product_no, card
        ) as seat,
    from cards
)

select
    buyers.order_no,
    buyers.seat,
    queued.product_no,
    goods.seller_no,
    goods.seller_products,
    goods.base_price,
from buyers
inner join queued on buyers.seat = queued.seat
inner join goods on queued.product_no = goods.product_no;

-- How many units, and whether of one product, of several, or of several sellers.
create or replace table basket_sizes as
with running as (
    select
        items,
        orders::hugeint as weight,
        sum(orders) over (order by items) as upto,
        sum(orders) over () as total,
    from baskets
),

cards as (
    select
        items,
        unnest(
            range(card_count(weight, upto, total, (select count(*) from first_lines)))
        ) as card,
    from running
),

stacked as (
    select
        items,
        row_number() over (
            order by items = 1, draw('basket', items * 1000000 + card), items, card
        ) as seat,
    from cards
),

-- Cheap things are bought by the pair: sampling by weight price ^ -0.6.
seated as (
    select
        *,
        row_number() over (
            order by
                -ln(1 - draw('several units', order_no)) * pow(base_price, 0.6),
                order_no
        ) as basket_seat,
    from first_lines
),

sized as (
    select
        seated.* exclude (basket_seat),
        stacked.items,
    from seated
    inner join stacked on seated.basket_seat = stacked.seat
),

ranked as (
    select
        *,
        row_number() over (
            partition by items > 1 order by draw('several sellers', order_no), order_no
        ) as sellers_rank,
    from sized
),

split_by_seller as (
    select
        *,
        items > 1 and sellers_rank <= quirk('orders of several sellers') as has_sellers,
    from ranked
),

ranked_again as (
    select
        *,
        row_number() over (
            partition by items > 1 and not has_sellers and seller_products > 1
            order by draw('several products', order_no), order_no
        ) as products_rank,
    from split_by_seller
)

select
    * exclude (sellers_rank, products_rank),
    items > 1 and not has_sellers and seller_products > 1
    and products_rank <= quirk('orders of several products of one seller') as has_products,
    if(items > 2 and draw('a third product', order_no) < 0.45, 3, 2) as lines,
from ranked_again;

-- One row per product in an order.
create or replace table basket_lines as
with neighbours as (
    select
        basket_sizes.order_no,
        basket_sizes.lines,
        first_lines.product_no,
        row_number() over (
            partition by basket_sizes.order_no order by first_lines.seat
        ) + 1 as line,
    from basket_sizes
    inner join first_lines
        on
            first_lines.seat between basket_sizes.seat - 4 and basket_sizes.seat + 4
            and basket_sizes.seller_no != first_lines.seller_no
    where basket_sizes.has_sellers
)

select order_no, 1 as line, product_no, false as is_second_offer,
from basket_sizes
union all
-- What else another person bought at that time, from another seller.
select order_no, line, product_no, false,
from neighbours
where line <= lines
union all
-- The next products on the seller's own shelf.
select
    basket_sizes.order_no,
    extra.line,
    goods.seller_first_product_no
    + (goods.product_no - goods.seller_first_product_no + extra.line - 1)
    % goods.seller_products,
    false,
from basket_sizes
inner join goods on basket_sizes.product_no = goods.product_no
inner join (values (2), (3)) as extra (line)
    on extra.line <= least(basket_sizes.lines, goods.seller_products)
where basket_sizes.has_products;

create or replace table basket_items as
with line_counts as (
    select order_no, max(line) as lines,
    from basket_lines
    group by order_no
),

units as (
    select
        basket_sizes.order_no,
        unnest(range(basket_sizes.items)) + 1 as item_no,
        line_counts.lines,
    from basket_sizes
    inner join line_counts on basket_sizes.order_no = line_counts.order_no
),

offered as (
    select
        units.order_no,
        units.item_no,
        basket_lines.line,
        goods.product_no,
        -- Some products are sold by a second seller too.
        case
            -- Never a small seller's only sales: each seller has one.
            when units.lines = 1 and goods.seller_products > 2
                and draw('two offers', goods.product_no) < 0.12
                and draw('the other offer', units.order_no) < 0.3
                then (goods.seller_no + die('second seller', goods.product_no, 40))
                    % getvariable('sellers')
            else goods.seller_no
        end as seller_no,
        goods.category_no,
        goods.weight_g,
        goods.min_price,
        goods.max_price,
        goods.revenue,
        -- A price is kept for a quarter, then sometimes changed.
        goods.base_price
        * if(
            draw('new price', goods.product_no * 100 + quarters.quarter_no) < 0.3,
            exp(0.12 * normal('by how much', goods.product_no * 100 + quarters.quarter_no)),
            1
        ) as price,
    from units
    inner join basket_lines
        on
            units.order_no = basket_lines.order_no
            and basket_lines.line = 1 + (units.item_no - 1) % units.lines
    inner join goods on basket_lines.product_no = goods.product_no
    inner join (
        select
            order_no,
            (year(purchased_at) - 2016) * 4 + quarter(purchased_at) as quarter_no,
        from visits
    ) as quarters on units.order_no = quarters.order_no
),

-- Bring each category to its real revenue. A handful of sales can be far off by chance, so
-- the correction has bounds.
levelled as (
    select
        *,
        greatest(min_price, least(max_price, price * greatest(0.4, least(2.5,
            scaled(revenue * 100)::double / sum(cents(price)) over (partition by category_no)
        )))) as level_price,
    from offered
),

-- Prices end in ,90 (36 %), ,00 (29 %) or ,99 (18 %); small ones keep their centavos.
priced as (
    select
        *,
        case
            when level_price < 10 then cents(level_price)
            when draw('ending', product_no) < 0.38 then floor(level_price)::bigint * 100 + 90
            when draw('ending', product_no) < 0.68 then round(level_price)::bigint * 100
            when draw('ending', product_no) < 0.87 then round(level_price)::bigint * 100 - 1
            else cents(level_price)
        end as price_cents,
    from levelled
),

-- Freight: a base and a price per kilo (7 kg double it), by the cube root of the distance.
shipped as (
    select
        priced.*,
        visits.purchased_at,
        distance_km(visits.latitude, visits.longitude, stalls.latitude, stalls.longitude)
            as distance_km,
        (
            100 * (7000 + priced.weight_g) * pow(distance_km + 30, 0.32)
            * pow(priced.price_cents, 0.05)
            * exp(0.33 * normal('freight', priced.order_no * 10 + priced.line))
        )::bigint as freight_size,
        row_number() over (
            -- Free freight was offered in two months.
            order by
                purchased_at < '2018-04-01' or purchased_at >= '2018-06-01',
                draw('free freight', priced.order_no), priced.order_no, priced.item_no
        ) as free_rank,
    from priced
    inner join visits on priced.order_no = visits.order_no
    inner join stalls on priced.seller_no = stalls.seller_no
)

select
    order_no,
    item_no,
    product_no,
    seller_no,
    distance_km,
    greatest(85, price_cents) as price_cents,
    case
        when free_rank <= quirk('items with free freight') then 0
        else
            greatest(100, round(
                freight_size * getvariable('freight_cents')::double
                / sum(freight_size) over ()
            ))
    end::bigint as freight_cents,
from shipped;

create or replace table order_totals as
select
    visits.order_no,
    count(basket_items.item_no) as items,
    count(distinct basket_items.seller_no) as sellers,
    max(basket_items.distance_km) as distance_km,
    -- Orders without items were paid for too; their value is all that is left of them.
    coalesce(
        sum(basket_items.price_cents + basket_items.freight_cents),
        cents(105 * exp(1.16 * normal('lost basket', visits.order_no)))
    )::bigint as total_cents,
from visits
left join basket_items on visits.order_no = basket_items.order_no
group by visits.order_no;
