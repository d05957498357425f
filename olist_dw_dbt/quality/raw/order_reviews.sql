{% set rows %}
select
    *,
    {{ is_of_last_load() }} as is_of_last_load,
    {{ amount('review_score') }} as score,
    {{ is_not_found('order_id', 'raw.orders', 'order_id') }} as lacks_its_order,
    {{ is_absent('review_creation_date') }} as lacks_day,
    coalesce(
        try_cast(review_answer_timestamp as timestamp)
        < try_cast(review_creation_date as timestamp),
        false
    ) as is_answered_before_creation
from raw.order_reviews
{% endset %}

-- Reviews of orders.
select
    {{ per_order('count(distinct order_id)') }} as covers_the_orders,
    {{ share('lacks_its_order') }} as reviews_have_their_order,
    {{ mean('score') }} as scores_keep_their_mean,
    {{ share('lacks_day') }} as reviews_have_their_day,
    {{ share('is_answered_before_creation') }} as answers_come_after_the_review
from ({{ rows }}) as order_reviews
