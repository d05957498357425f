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
        {{ loop.index }} as dimension_number,
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
        {{ dbt.concat(['dimension', "' '", 'value']) }} as name,
        row_number() over (
            partition by dimension
            order by num_customers desc, value
        ) as value_rank,
        sum(num_customers) over (partition by dimension) as all_customers,
        {{ safe_divide(
            'sum(num_repeat_customers) over (partition by dimension)',
            'sum(num_customers) over (partition by dimension)'
        ) }} as all_repeat_rate
    from segments
),

shown as (
    select *
    from ranked
    where value_rank <= {{ shown_rows }}
),

tests as (
    {{ binomial_tests(
        'shown', 'name', 'num_repeat_customers', 'num_customers', 'all_repeat_rate'
    ) }}
),

found as (
    {{ discoveries('tests', 'name') }}
)

select
    shown.dimension,
    shown.value,
    shown.num_customers,
    {{ ratio('shown.num_customers', 'shown.all_customers') }} as customer_rate,
    shown.num_repeat_customers,
    {{ ratio('shown.num_repeat_customers', 'shown.num_customers') }} as repeat_rate,
    {% for side in ['low', 'high'] -%}
    {{ rounded(wilson_bound('shown.num_repeat_customers', 'shown.num_customers', side)) }}
        as {{ side }}_repeat_rate,
    {% endfor -%}
    {{ rounded('shown.all_repeat_rate') }} as all_repeat_rate,
    {{ rounded('found.adjusted_p_value') }} as adjusted_p_value,
    coalesce(found.is_discovery, false) as is_discovery,
    cast(shown.revenue_amount as decimal(18, 2)) as revenue_amount,
    {{ ratio('shown.revenue_amount', 'shown.num_customers', 2) }} as revenue_per_customer_amount,
    'No visit, campaign, referrer or spend is in the data. Needed: the channel and cost of each'
    || ' first visit or order.' as not_in_data,
    {% for dimension, name in [('payment type', 'payment_type'), ('state', 'state')] -%}
    {% for column in ['value', 'num_customers'] -%}
    max(case
        when shown.dimension = '{{ dimension }}' and shown.value_rank = 1 then shown.{{ column }}
    end) over () as finding_{{ name }}_{{ column }},
    {% endfor -%}
    {% endfor -%}
    sum(case when found.is_discovery then 1 else 0 end) over () as finding_num_apart
from shown
left join found on shown.name = found.name
order by shown.dimension_number, shown.value_rank
