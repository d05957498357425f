-- One row per review and order: 789 review_ids stand on more than one order.
with

source as (

    select * from {{ source('raw', 'order_reviews') }}
    {{ delivered_since_last_build() }}

),

parsed as (

    {{ parse_raw('order_reviews', 'source') | indent(4) }}

)

select
    review_id,
    order_id,
    review_score,
    review_comment_title as comment_title,
    review_comment_message as comment_message,
    review_creation_date as creation_date,
    review_answer_timestamp as answered_at,
    _loaded_at
from parsed
where is_usable
