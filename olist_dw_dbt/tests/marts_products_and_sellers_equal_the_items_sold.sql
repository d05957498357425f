{{ config(tags=['weekly']) }}
-- Units, GMV and freight of mart_product_performance and of mart_seller_scorecard are those of the
-- items of sales. Returns the mart that differs.
with

facts as (
    select
        count(*) as num_units,
        coalesce(sum(price_amount), 0) as gmv_amount,
        coalesce(sum(freight_amount), 0) as freight_amount
    from {{ ref('fact_order_items') }}
    where is_sale
),

marts as (
    {% for mart in ['mart_product_performance', 'mart_seller_scorecard'] -%}
    select
        '{{ mart }}' as mart,
        coalesce(sum(num_units), 0) as num_units,
        coalesce(sum(gmv_amount), 0) as gmv_amount,
        coalesce(sum(freight_amount), 0) as freight_amount
    from {{ ref(mart) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
)

select
    marts.*,
    facts.num_units as num_units_in_facts,
    facts.gmv_amount as gmv_amount_in_facts,
    facts.freight_amount as freight_amount_in_facts
from marts
cross join facts
where
    marts.num_units <> facts.num_units
    or marts.gmv_amount <> facts.gmv_amount
    or marts.freight_amount <> facts.freight_amount
