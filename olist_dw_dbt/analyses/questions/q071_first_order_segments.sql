-- One row per dimension of the first order (category, payment type, state) and value of it, most
-- customers first, ten of each. The state is that of the latest address; 252 persons moved.
{% set shown_rows = 10 %}
{% set dimensions = [
    ('category', 'first_category'), ('payment type', 'first_payment_type'), ('state', 'state'),
] %}
with

mart_customer_analytics as (
    select first_category, first_payment_type, state, is_repeat_customer, revenue_amount
    from {{ ref('mart_customer_analytics') }}
),

segments as (
    {% for dimension, column in dimensions -%}
    select
        '{{ dimension }}' as dimension,
        coalesce({{ column }}, 'no items') as value,
        count(*) as num_customers,
        {{ count_where('is_repeat_customer') }} as num_repeat_customers,
        sum(revenue_amount) as revenue_amount
    from mart_customer_analytics
    group by coalesce({{ column }}, 'no items')
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

ranked as (
    select
        *,
        row_number() over (
            partition by dimension
            order by num_customers desc, value
        ) as value_rank,
        sum(num_customers) over (partition by dimension) as all_customers
    from segments
)

select
    dimension,
    value,
    num_customers,
    {{ ratio('num_customers', 'all_customers') }} as customer_rate,
    num_repeat_customers,
    {{ ratio('num_repeat_customers', 'num_customers') }} as repeat_rate,
    cast(revenue_amount as decimal(18, 2)) as revenue_amount,
    {{ ratio('revenue_amount', 'num_customers', 2) }} as revenue_per_customer_amount,
    'No visit, campaign, referrer or spend is in the data. Needed: the channel and cost of each'
    || ' first visit or order.' as not_in_data
from ranked
where value_rank <= {{ shown_rows }}
order by dimension, value_rank
