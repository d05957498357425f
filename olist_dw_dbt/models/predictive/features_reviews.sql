-- One row per reviewed order: what is known at the start of the day its first survey goes out, from
-- events before that day, and beside it the answer, known on answered_date. 70 % of the reviews of
-- late orders are answered before the parcel arrives: the delay that the order ends with is
-- unknown here.
with

fact_reviews as (
    select review_key, order_key, creation_date, answered_at, review_score
    from {{ ref('fact_reviews') }}
    where not is_orphan and creation_date is not null and answered_at is not null
),

fact_orders as (
    select
        order_key,
        order_id,
        order_date,
        handed_to_carrier_at,
        delivered_at,
        estimated_delivery_date,
        main_payment_type,
        max_installments,
        num_items,
        num_sellers,
        item_amount,
        freight_amount
    from {{ ref('fact_orders') }}
),

fact_order_items as (
    select
        order_key,
        order_item_id,
        seller_key,
        category_key,
        price_amount,
        distance_km
    from {{ ref('fact_order_items') }}
),

numbered_reviews as (
    select
        *,
        row_number() over (
            partition by order_key
            order by creation_date, answered_at, review_key
        ) as review_number
    from fact_reviews
),

numbered_items as (
    -- The order's main item is the dearest: its seller and its category stand for the order.
    select
        *,
        row_number() over (
            partition by order_key
            order by price_amount desc, order_item_id
        ) as item_number
    from fact_order_items
),

surveys as (
    select
        fact_orders.*,
        numbered_items.seller_key,
        numbered_items.category_key,
        numbered_items.distance_km,
        numbered_reviews.creation_date as survey_date,
        {{ day_number('numbered_reviews.creation_date') }} as survey_day,
        cast(numbered_reviews.answered_at as date) as answered_date,
        numbered_reviews.review_score,
        case
            when numbered_reviews.review_score <= {{ var('negative_review_max_score') }} then 1
            else 0
        end as is_low_number,
        coalesce(
            cast(fact_orders.delivered_at as date) < numbered_reviews.creation_date, false
        ) as is_delivered,
        coalesce(
            cast(fact_orders.handed_to_carrier_at as date) < numbered_reviews.creation_date, false
        ) as is_handed_over
    from numbered_reviews
    inner join fact_orders on numbered_reviews.order_key = fact_orders.order_key
    left join numbered_items
        on
            fact_orders.order_key = numbered_items.order_key
            and numbered_items.item_number = 1
    where
        numbered_reviews.review_number = 1
        -- 74 reviews were created before the purchase: surveys of something else.
        and numbered_reviews.creation_date > fact_orders.order_date
),

-- What is asked on the day of a survey, and what the answers of each day add to it.
asked_and_answered as (
    select
        seller_key,
        category_key,
        survey_day as day_number,
        null as num_reviews,
        null as num_low_reviews
    from surveys
    union all
    select
        seller_key,
        category_key,
        {{ day_number('answered_date') }},
        1,
        is_low_number
    from surveys
),

{% for of in ['seller', 'category'] -%}
by_{{ of }} as (
    {{ history_until_the_day_before(
        'asked_and_answered', of ~ '_key', {'num_reviews': ['all'], 'num_low_reviews': ['all']}
    ) | indent(4) }}
){{ ',' if not loop.last }}

{% endfor -%}
select
    surveys.order_key,
    surveys.order_id,
    surveys.seller_key,
    surveys.category_key,
    surveys.survey_date,
    surveys.answered_date,
    surveys.main_payment_type,
    surveys.is_delivered,
    surveys.is_handed_over,
    cast({{ dbt.datediff('surveys.order_date', 'surveys.survey_date', 'day') }} as integer)
        as days_since_purchase,
    -- Not fact_orders.promised_days, which is there once an order is delivered.
    cast({{ dbt.datediff('surveys.order_date', 'surveys.estimated_delivery_date', 'day') }}
        as integer) as promised_days,
    -- To the promised day from the delivery, or from the day before the survey without one.
    cast(case
        when surveys.is_delivered
            then {{ dbt.datediff(
                'surveys.estimated_delivery_date', 'cast(surveys.delivered_at as date)', 'day'
            ) }}
        else {{ dbt.datediff(
            'surveys.estimated_delivery_date', 'surveys.survey_date', 'day'
        ) }} - 1
    end as integer) as known_delay_days,
    cast(case
        when surveys.is_delivered
            then {{ dbt.datediff(
                'surveys.order_date', 'cast(surveys.delivered_at as date)', 'day'
            ) }}
        else {{ dbt.datediff('surveys.order_date', 'surveys.survey_date', 'day') }} - 1
    end as integer) as known_delivery_days,
    surveys.max_installments,
    surveys.num_items,
    surveys.num_sellers,
    cast(by_seller.num_reviews_all as integer) as num_seller_reviews,
    cast(by_seller.num_low_reviews_all as integer) as num_seller_low_reviews,
    cast(by_category.num_reviews_all as integer) as num_category_reviews,
    cast(by_category.num_low_reviews_all as integer) as num_category_low_reviews,
    surveys.item_amount,
    surveys.freight_amount,
    surveys.distance_km,
    surveys.review_score
from surveys
{% for of in ['seller', 'category'] -%}
-- Orders without items have neither seller nor category, and are a group alike.
inner join by_{{ of }}
    on
        surveys.{{ of }}_key is not distinct from by_{{ of }}.{{ of }}_key
        and surveys.survey_day = by_{{ of }}.day_number
{% endfor -%}
