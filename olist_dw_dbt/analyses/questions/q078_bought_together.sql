-- One row per pair of products, and then of categories, that share at least so many orders, most
-- first. A category with itself is no pair. Products without a category are left out of category
-- pairs.
{% set shown_pairs = {'products': 20, 'categories': 50} %}
{% set min_orders = {'products': 5, 'categories': 10} %}
with

fact_order_items as (
    select order_key, product_key, category_key
    from {{ ref('fact_order_items') }}
    where is_sale and not is_orphan
),

dim_product as (
    select product_key, product_id, category_name_english
    from {{ ref('dim_product') }}
),

dim_category as (
    select category_key, category_name_english
    from {{ ref('dim_category') }}
    where not is_unknown
),

order_products as (
    select distinct order_key, product_key
    from fact_order_items
),

order_categories as (
    select distinct fact_order_items.order_key, dim_category.category_name_english
    from fact_order_items
    inner join dim_category on fact_order_items.category_key = dim_category.category_key
),

-- What an order holds of each kind.
contents as (
    select
        'products' as pair_kind,
        order_products.order_key,
        dim_product.product_id as item,
        dim_product.category_name_english
    from order_products
    inner join dim_product on order_products.product_key = dim_product.product_key
    union all
    select 'categories', order_key, category_name_english, category_name_english
    from order_categories
),

orders as (
    select order_key, count(*) as num_products
    from order_products
    group by order_key
),

totals as (
    select
        count(*) as num_sales,
        {{ count_where('num_products > 1') }} as num_multi_product_orders
    from orders
),

items as (
    select
        contents.pair_kind,
        contents.item,
        max(contents.category_name_english) as category_name_english,
        count(*) as num_orders,
        {{ count_where('orders.num_products > 1') }} as num_multi_product_orders
    from contents
    inner join orders on contents.order_key = orders.order_key
    group by contents.pair_kind, contents.item
),

together as (
    select
        a.pair_kind,
        a.item as item_a,
        b.item as item_b,
        count(*) as num_orders_together
    from contents as a
    inner join contents as b
        on a.order_key = b.order_key and a.pair_kind = b.pair_kind and a.item < b.item
    group by a.pair_kind, a.item, b.item
),

-- Lift within the orders of several products says what goes together once something does; lift
-- within all orders whether an order of one brings one of the other: nearly all have one product.
pairs as (
    select
        {{ dbt.concat(['together.item_a', "' '", 'together.item_b']) }} as pair,
        together.*,
        items_a.category_name_english as category_a,
        items_b.category_name_english as category_b,
        items_a.num_orders as num_orders_a,
        items_b.num_orders as num_orders_b,
        totals.num_sales,
        totals.num_multi_product_orders,
        cast(items_a.num_multi_product_orders as {{ type_double() }})
        * items_b.num_multi_product_orders as product_of_multi,
        cast(items_a.num_orders as {{ type_double() }}) * items_b.num_orders as product_of_all
    from together
    inner join items as items_a
        on together.pair_kind = items_a.pair_kind and together.item_a = items_a.item
    inner join items as items_b
        on together.pair_kind = items_b.pair_kind and together.item_b = items_b.item
    cross join totals
),

ranked as (
    select
        *,
        product_of_multi / num_multi_product_orders / num_multi_product_orders as chance_rate,
        row_number() over (
            partition by pair_kind
            order by num_orders_together desc, item_a, item_b
        ) as pair_rank
    from pairs
    where num_orders_together >= case pair_kind
        {%- for kind, number in min_orders.items() %} when '{{ kind }}' then {{ number }}
        {%- endfor %} end
),

tests as (
    {{ binomial_tests(
        'ranked', 'pair', 'num_orders_together', 'num_multi_product_orders', 'chance_rate'
    ) }}
),

found as (
    {{ discoveries('tests', 'pair') }}
),

answer as (
    select
        ranked.pair_kind,
        ranked.item_a,
        ranked.item_b,
        ranked.category_a,
        ranked.category_b,
        ranked.num_orders_together,
        {{ ratio('ranked.num_orders_together', 'ranked.num_sales', 6) }} as support_rate,
        {{ ratio('ranked.num_orders_together', 'ranked.num_orders_a') }} as confidence_a_rate,
        {{ ratio('ranked.num_orders_together', 'ranked.num_orders_b') }} as confidence_b_rate,
        {{ ratio(
            'ranked.num_orders_together * ranked.num_multi_product_orders',
            'ranked.product_of_multi', 2
        ) }} as lift,
        {{ ratio('ranked.num_orders_together * ranked.num_sales', 'ranked.product_of_all', 2) }}
            as lift_all_orders,
        {{ rounded('found.adjusted_p_value') }} as adjusted_p_value,
        found.is_discovery
        and ranked.num_orders_together > ranked.chance_rate * ranked.num_multi_product_orders
            as is_together,
        ranked.pair_rank
    from ranked
    inner join found on ranked.pair = found.pair
    where ranked.pair_rank <= case ranked.pair_kind
        {%- for kind, number in shown_pairs.items() %} when '{{ kind }}' then {{ number }}
        {%- endfor %} end
),

-- Of the category pairs that meet more often than chance, the one with the most orders.
together_pairs as (
    select
        *,
        row_number() over (partition by pair_kind, is_together order by pair_rank) as sure_rank
    from answer
),

firsts as (
    select
        {% for name in ['item_a', 'item_b', 'category_a', 'num_orders_together',
            'confidence_a_rate', 'confidence_b_rate'] -%}
        max(case when pair_kind = 'products' and pair_rank = 1 then {{ name }} end)
            as products_{{ name }},
        {% endfor -%}
        {% for name in ['category_a', 'category_b', 'num_orders_together', 'lift',
            'lift_all_orders'] -%}
        max(case when pair_kind = 'categories' and pair_rank = 1 then {{ name }} end)
            as categories_{{ name }},
        {% endfor -%}
        {% for name in ['item_a', 'item_b', 'num_orders_together', 'lift'] -%}
        max(case
            when pair_kind = 'categories' and is_together and sure_rank = 1 then {{ name }}
        end) as sure_{{ name }},
        {% endfor -%}
        {{ count_where("pair_kind = 'products'") }} as num_product_pairs,
        {{ count_where("pair_kind = 'categories'") }} as num_category_pairs,
        {{ count_where("pair_kind = 'categories' and is_together") }} as num_sure_pairs
    from together_pairs
)

select
    answer.pair_kind,
    answer.item_a,
    answer.item_b,
    answer.category_a,
    answer.category_b,
    answer.num_orders_together,
    answer.support_rate,
    answer.confidence_a_rate,
    answer.confidence_b_rate,
    answer.lift,
    answer.lift_all_orders,
    answer.adjusted_p_value,
    answer.is_together,
    {{ ratio('totals.num_multi_product_orders', 'totals.num_sales') }}
        as finding_multi_product_rate,
    firsts.num_product_pairs > 0 and firsts.num_category_pairs > 0 as finding_has_both,
    firsts.num_category_pairs > 0 as finding_has_categories,
    firsts.num_sure_pairs as finding_num_sure_pairs,
    firsts.num_product_pairs > 0 and firsts.num_sure_pairs > 0 as finding_has_sure,
    firsts.sure_item_a as finding_sure_a,
    firsts.sure_item_b as finding_sure_b,
    firsts.sure_num_orders_together as finding_sure_orders,
    firsts.sure_lift as finding_sure_lift,
    firsts.products_item_a as finding_product_a,
    firsts.products_item_b as finding_product_b,
    firsts.products_category_a as finding_product_category,
    firsts.products_num_orders_together as finding_product_orders,
    greatest(firsts.products_confidence_a_rate, firsts.products_confidence_b_rate)
        as finding_product_confidence,
    firsts.categories_category_a as finding_category_a,
    firsts.categories_category_b as finding_category_b,
    firsts.categories_num_orders_together as finding_category_orders,
    firsts.categories_lift as finding_category_lift,
    firsts.categories_lift_all_orders as finding_category_lift_all
from answer
cross join totals
cross join firsts
order by
    case answer.pair_kind when 'products' then 1 else 2 end,
    answer.num_orders_together desc,
    answer.item_a,
    answer.item_b
