-- One row for all categories, and one per category with at least min_products repriced products,
-- most of them first. Within a product only: expensive and cheap products are not compared. A
-- Poisson model of the units of each month between a product's first and last sale, those without
-- a sale among them (at the price before): units ~ product x month of the category x price ^
-- elasticity. Given a product's total, its effect drops out, and one parameter a category is left,
-- found by Newton's steps.
{% set min_products = 20 %}
{% set newton_steps = 6 %}
with

mart_product_performance as (
    select product_key, category_key
    from {{ ref('mart_product_performance') }}
    where min_price_amount > 0 and min_price_amount < max_price_amount and not is_unknown
),

fact_order_items as (
    select
        product_key,
        category_key,
        {{ month_start('order_date') }} as order_month,
        price_amount
    from {{ ref('fact_order_items') }}
    where is_sale
),

complete_months as (
    {{ complete_months() }}
),

dim_category as (
    select category_key, category_name_english
    from {{ ref('dim_category') }}
    where not is_unknown
),

sold as (
    select
        fact_order_items.product_key,
        fact_order_items.order_month,
        count(*) as num_units,
        ln(cast(sum(fact_order_items.price_amount) as {{ type_double() }}) / count(*))
            as log_price
    from fact_order_items
    inner join complete_months on fact_order_items.order_month = complete_months.order_month
    where fact_order_items.price_amount > 0
    group by fact_order_items.product_key, fact_order_items.order_month
),

-- How much the category sold in a month: growth and season of all its products.
category_months as (
    select
        fact_order_items.category_key,
        fact_order_items.order_month,
        cast(count(*) as {{ type_double() }}) as category_units
    from fact_order_items
    inner join complete_months on fact_order_items.order_month = complete_months.order_month
    group by fact_order_items.category_key, fact_order_items.order_month
),

spans as (
    select
        mart_product_performance.product_key,
        mart_product_performance.category_key,
        min(sold.order_month) as first_month,
        max(sold.order_month) as last_month
    from mart_product_performance
    inner join sold on mart_product_performance.product_key = sold.product_key
    group by mart_product_performance.product_key, mart_product_performance.category_key
    having min(sold.log_price) < max(sold.log_price)
),

-- Numbers of sold months, so that a month without a sale finds the price before it.
lived as (
    select
        spans.product_key,
        spans.category_key,
        category_months.order_month,
        category_months.category_units,
        coalesce(sold.num_units, 0) as num_units,
        sold.log_price,
        count(sold.log_price) over (
            partition by spans.product_key
            order by category_months.order_month
        ) as price_number
    from spans
    inner join category_months
        on
            spans.category_key = category_months.category_key
            and spans.first_month <= category_months.order_month
            and spans.last_month >= category_months.order_month
    left join sold
        on
            spans.product_key = sold.product_key
            and category_months.order_month = sold.order_month
),

product_months as (
    select
        product_key,
        category_key,
        num_units,
        category_units,
        max(log_price) over (partition by product_key, price_number) as log_price
    from lived
),

-- The offset is that of the category in both; only the parameter is shared by all.
grouped_months as (
    select
        dim_category.category_name_english as category_group,
        product_months.product_key,
        product_months.num_units,
        product_months.category_units,
        product_months.log_price
    from product_months
    inner join dim_category on product_months.category_key = dim_category.category_key
    union all
    select 'All categories', product_key, num_units, category_units, log_price
    from product_months
),

step_0 as (
    select distinct category_group, cast(0 as {{ type_double() }}) as elasticity
    from grouped_months
),

{% for step in range(1, newton_steps + 1) -%}
-- Of each product: the mean and the variance of its log price where the model puts the units.
moments_{{ step }} as (
    select
        weighted.product_key,
        weighted.category_group,
        sum(weighted.num_units) as num_units,
        sum(weighted.num_units * weighted.log_price) as sum_log_price,
        sum(weighted.weight * weighted.log_price) / sum(weighted.weight) as mean_log_price,
        sum(weighted.weight * weighted.log_price * weighted.log_price) / sum(weighted.weight)
            as mean_square
    from (
        select
            grouped_months.*,
            grouped_months.category_units
            * exp(greatest(-300, least(300, step_{{ step - 1 }}.elasticity
                * grouped_months.log_price))) as weight
        from grouped_months
        inner join step_{{ step - 1 }}
            on grouped_months.category_group = step_{{ step - 1 }}.category_group
    ) as weighted
    group by weighted.product_key, weighted.category_group
),

-- Scores of products are what one seller's luck moves together: their squares are the variance.
step_{{ step }} as (
    select
        moments.category_group,
        max(step_{{ step - 1 }}.elasticity)
        + {{ safe_divide(
            sum_exact('moments.sum_log_price - moments.num_units * moments.mean_log_price', 9),
            sum_exact('moments.num_units * greatest('
                ~ 'moments.mean_square - moments.mean_log_price * moments.mean_log_price, 0)', 9)
        ) }} as elasticity,
        count(*) as num_products,
        {{ safe_divide(
            'sqrt(' ~ sum_exact('(moments.sum_log_price - moments.num_units'
                ~ ' * moments.mean_log_price) * (moments.sum_log_price - moments.num_units'
                ~ ' * moments.mean_log_price)', 9) ~ ')',
            sum_exact('moments.num_units * greatest('
                ~ 'moments.mean_square - moments.mean_log_price * moments.mean_log_price, 0)', 9)
        ) }} as standard_error
    from moments_{{ step }} as moments
    inner join step_{{ step - 1 }} on moments.category_group = step_{{ step - 1 }}.category_group
    group by moments.category_group
),

{% endfor -%}
counted as (
    select
        category_group,
        count(*) as num_product_months,
        {{ count_where('num_units = 0') }} as num_empty_months,
        {{ total('num_units') }} as num_units
    from grouped_months
    group by category_group
),

answer as (
    select
        fitted.category_group,
        fitted.num_products,
        counted.num_product_months,
        counted.num_empty_months,
        counted.num_units,
        {{ rounded('fitted.elasticity', 2) }} as price_elasticity,
        {{ rounded('fitted.elasticity - ' ~ var('interval_z') ~ ' * fitted.standard_error', 2) }}
            as low_elasticity,
        {{ rounded('fitted.elasticity + ' ~ var('interval_z') ~ ' * fitted.standard_error', 2) }}
            as high_elasticity
    from step_{{ newton_steps }} as fitted
    inner join counted on fitted.category_group = counted.category_group
    where
        fitted.category_group = 'All categories'
        or (fitted.num_products >= {{ min_products }} and abs(fitted.elasticity) < 50)
)

select
    category_group as category_name_english,
    num_products,
    num_product_months,
    num_empty_months,
    {{ ratio('num_empty_months', 'num_product_months') }} as empty_rate,
    num_units,
    price_elasticity,
    low_elasticity,
    high_elasticity,
    {{ min_products }} as min_products,
    'What prices that happened went with, not what a price does: nobody varied them on purpose,'
    || ' and stock, listing and campaigns are not in the data. Needed: a price experiment.'
        as proxy,
    sum(case when high_elasticity < 0 and category_group <> 'All categories' then 1 else 0 end)
        over () as finding_num_negative,
    sum(case when low_elasticity > 0 and category_group <> 'All categories' then 1 else 0 end)
        over () as finding_num_positive,
    count(*) over () - 1 as finding_num_categories,
    max(case when category_group = 'All categories' then high_elasticity end) over () < 0
        as finding_is_certain
from answer
order by
    case when category_group = 'All categories' then 0 else 1 end,
    num_products desc,
    category_group
