-- sellers and products: the two files, and what is known of them beyond the files
-- (stalls: a seller's place and size; goods: a product's seller, price and weight).

create or replace table stalls as
with weighed as (
    select
        places.place_no,
        place_prefixes.state,
        place_prefixes.first_known_no,
        place_prefixes.prefix_count,
        places.sellers::hugeint as weight,
    from (
        select *, row_number() over (order by first_prefix) as place_no from places
    ) as places
    inner join place_prefixes on places.place_no = place_prefixes.place_no
),

running as (
    select
        *,
        sum(weight) over (order by state, place_no) as upto,
        sum(weight) over () as total,
    from weighed
),

cards as (
    select
        *,
        unnest(range(card_count(weight, upto, total, getvariable('sellers')))) as card,
    from running
),

shuffled as (
    select
        row_number() over (
            order by draw('stall', place_no * 10000 + card), place_no, card
        ) - 1 as seller_no,
        state,
        first_known_no,
        prefix_count,
    from cards
),

-- The last of the unknown prefixes are kept for sellers.
housed as (
    select
        shuffled.seller_no,
        coalesce(unknown.prefix_no, known.prefix_no) as prefix_no,
    from shuffled
    inner join prefixes as known
        on
            not known.is_unknown
            and known.known_no = shuffled.first_known_no
            + floor(pow(draw('seller address', shuffled.seller_no), 1.6) * prefix_count)::bigint
    left join prefixes as unknown
        on
            shuffled.seller_no < quirk('sellers without geolocation')
            and unknown.unknown_rank = getvariable('unknown_prefixes') - shuffled.seller_no
)

select
    housed.seller_no,
    housed.prefix_no,
    prefixes.state,
    prefixes.latitude,
    prefixes.longitude,
    prefixes.city,
    prefixes.prefix,
    -- Few sellers have hundreds of products, half have four or fewer.
    (
        1000 * exp(1.5 * least(2.6, normal('size of a seller', housed.seller_no)))
        * least(2, greatest(0.5, states.items_sold / (36.0 * greatest(states.sellers, 1))))
    )::hugeint as size,
    0.9 * draw('opens', housed.seller_no) as opens,
    identifier('seller', housed.seller_no) as seller_id,
from housed
inner join prefixes on housed.prefix_no = prefixes.prefix_no
inner join states on prefixes.state = states.state
order by seller_no;

create or replace table sellers as
with running as (
    select
        city,
        sum(scaled(sellers)) over (order by city) as upto,
        scaled(sellers) as sellers,
    from odd_seller_cities
)

select
    stalls.seller_id,
    stalls.prefix as seller_zip_code_prefix,
    coalesce(running.city, stalls.city) as seller_city,
    stalls.state as seller_state,
from stalls
left join running
    on stalls.seller_no >= 20 + running.upto - running.sellers
    and stalls.seller_no < 20 + running.upto;

create or replace table goods as
with kinds as (
    select
        * replace (coalesce(category, '') as category),
        row_number() over (order by log_weight, category) as category_no,
    from categories
),

running as (
    select
        *,
        sum(products) over (order by category_no)::hugeint as upto,
        sum(products) over ()::hugeint as total,
    from kinds
),

cards as (
    select
        *,
        unnest(
            range(card_count(products, upto, total, getvariable('products')))
        ) as card,
    from running
),

numbered as (
    select
        *,
        row_number() over (order by category_no, card) - 1 as card_no,
    from cards
),

-- Sellers keep to few categories: most products stand in a row by category, every tenth
-- anywhere, and sellers take runs of that row.
shelved as (
    select
        *,
        row_number() over (
            order by
                if(
                    draw('beside its kind', card_no) < 0.9,
                    card_no::double,
                    draw('anywhere', card_no) * getvariable('products')
                ),
                card_no
        ) - 1 as product_no,
    from numbered
),

seller_running as (
    select
        seller_no,
        size,
        opens,
        sum(size) over (order by draw('market street', seller_no), seller_no) as upto,
        sum(size) over () as total,
        row_number() over (order by draw('market street', seller_no), seller_no) - 1 as stall_no,
        count(*) over () as seller_count,
    from stalls
),

-- Every seller has one product, the rest go by size.
seller_cards as (
    select
        seller_no,
        stall_no,
        opens,
        unnest(range(
            1 + card_count(
                size, upto, total, greatest(0, (select count(*) from numbered) - seller_count)
            )
        )) as card,
    from seller_running
),

stocked as (
    select
        *,
        row_number() over (order by stall_no, card) - 1 as product_no,
        count(*) over (partition by seller_no) as seller_products,
    from seller_cards
),

launched as (
    select
        shelved.* exclude (card, upto, total),
        stocked.seller_no,
        stocked.seller_products,
        shelved.product_no - stocked.card as seller_first_product_no,
        stocked.opens
        + (1 - stocked.opens) * pow(draw('launched', shelved.product_no), 1.5) as launched,
        -- Half the products sell once, a few hundreds of times: a Pareto tail.
        (
            1 + 1000 * greatest(0, pow(draw('popular', shelved.product_no) + 0.0003, -0.8) - 1.4)
            * exp(0.8 * normal('reach of a seller', stocked.seller_no))
        )::hugeint as popularity,
        normal('weight', shelved.product_no) as weight_z,
    from shelved
    inner join stocked on shelved.product_no = stocked.product_no
),

weighed as (
    select
        *,
        (lines - products)::hugeint * 1000000 * popularity
        // sum(popularity) over (partition by category_no) as line_weight,
    from launched
)

select
    product_no,
    seller_no,
    seller_products,
    seller_first_product_no,
    category_no,
    category,
    category = '' as is_uncategorised,
    launched,
    pow(draw('life of a product', product_no), 0.5) * (1 - launched) as life,
    line_weight,
    sum(line_weight) over (order by product_no) as line_upto,
    sum(line_weight) over () as line_total,
    -- Dear things are heavy things (correlation 0.5 in the logarithms).
    greatest(min_price, least(max_price, exp(
        log_price
        + log_price_sd * (0.5 * weight_z + 0.87 * normal('price', product_no))
    ))) as base_price,
    least(30000, greatest(50, round(exp(log_weight + log_weight_sd * weight_z), -1)))::bigint
        as weight_g,
    greatest(400, least(200000, exp(
        ln(volume_cm3) + 0.7 * log_weight_sd * weight_z
        + 0.45 * normal('volume', product_no)
    ))) as volume_cm3,
    min_price,
    max_price,
    revenue,
    identifier('product', product_no) as product_id,
from weighed
order by product_no;

create or replace table products as
with photo_slots as (
    select list(photos order by photos, card) as slots
    from (
        select
            photos,
            unnest(range(greatest(1, 2000 * products // 32341))) as card,
        from photos
    ) as cards
),

ranked as (
    select
        *,
        row_number() over (
            order by draw('weight missing', product_no), product_no
        ) as odd_rank,
        greatest(16, least(105, round(
            pow(volume_cm3, 1 / 3.0) * 1.45 * exp(0.3 * normal('length', product_no))
        ))) as length_cm,
        greatest(11, least(105, round(
            pow(volume_cm3, 1 / 3.0) * 1.05 * exp(0.25 * normal('width', product_no))
        ))) as width_cm,
    from goods
),

flagged as (
    select
        *,
        odd_rank <= quirk('products without weight') as lacks_size,
        odd_rank between quirk('products without weight') + 1
        and quirk('products without weight') + quirk('products of weight zero') as is_weightless,
    from ranked
)

select
    product_id,
    nullif(category, '') as product_category_name,
    case
        when not is_uncategorised
            then round(along(curve('name_length'), draw('name', product_no)))::bigint
    end as product_name_lenght,
    case
        when not is_uncategorised
            then round(along(curve('description_length'), draw('text', product_no)))::bigint
    end as product_description_lenght,
    case
        when not is_uncategorised
            then photo_slots.slots[die('photos', product_no, len(photo_slots.slots))]
    end as product_photos_qty,
    case when not lacks_size then if(is_weightless, 0, weight_g) end as product_weight_g,
    case when not lacks_size then length_cm::bigint end as product_length_cm,
    case
        when not lacks_size
            then greatest(2, least(105, round(volume_cm3 / (length_cm * width_cm))))::bigint
    end as product_height_cm,
    case when not lacks_size then width_cm::bigint end as product_width_cm,
from flagged
cross join photo_slots;
