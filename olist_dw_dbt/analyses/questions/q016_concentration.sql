-- One row per kind of thing that sells, products and sellers: the share of revenue that its best
-- ones bring. Only those with a sale are counted.
{%- set shares = [1, 5, 10, 20, 50] %}
with

mart_product_performance as (
    select product_id, revenue_amount
    from {{ ref('mart_product_performance') }}
    where num_units > 0
),

mart_seller_scorecard as (
    select seller_id, revenue_amount
    from {{ ref('mart_seller_scorecard') }}
    where num_units > 0
),

entities as (
    select 'product' as entity, product_id as entity_id, revenue_amount
    from mart_product_performance
    union all
    select 'seller' as entity, seller_id as entity_id, revenue_amount
    from mart_seller_scorecard
),

ranked as (
    select
        entity,
        revenue_amount,
        row_number() over (partition by entity order by revenue_amount desc, entity_id)
            as revenue_rank,
        count(*) over (partition by entity) as num_entities
    from entities
)

select
    entity,
    count(*) as num_entities,
    sum(revenue_amount) as revenue_amount,
    {{ total('case when revenue_rank <= ceil(num_entities * 0.2) then 1 end') }}
        as num_in_top_20_percent,
    sum(case when revenue_rank <= ceil(num_entities * 0.2) then revenue_amount else 0 end)
        as top_20_percent_revenue_amount,
    {% for share in shares -%}
    {{ ratio('sum(case when revenue_rank <= ceil(num_entities * ' ~ share / 100
        ~ ') then revenue_amount else 0 end)', 'sum(revenue_amount)') }}
        as top_{{ share }}_percent_revenue_rate
        {%- if not loop.last %},{% endif %}
    {% endfor %}
from ranked
group by entity
order by entity
