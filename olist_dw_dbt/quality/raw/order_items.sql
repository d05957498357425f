{% set rows %}
select
    *,
    {{ is_of_last_load() }} as is_of_last_load,
    {{ amount('price') }} as price_amount,
    {{ amount('freight_value') }} as freight_amount,
    {{ is_not_found('order_id', 'raw.orders', 'order_id') }} as lacks_its_order,
    {{ is_not_found('product_id', 'raw.products', 'product_id') }} as lacks_its_product,
    {{ is_not_found('seller_id', 'raw.sellers', 'seller_id') }} as lacks_its_seller,
    coalesce(try_cast(freight_value as double) = 0, false) as has_free_freight
from raw.order_items
{% endset %}

-- Items of orders.
select
    {{ per_order('count(distinct order_id)') }} as covers_the_orders,
    {{ share('lacks_its_order') }} as items_have_their_order,
    {{ share('lacks_its_product') }} as items_have_their_product,
    {{ share('lacks_its_seller') }} as items_have_their_seller,
    {{ mean('price_amount') }} as prices_keep_their_size,
    {{ mean('freight_amount') }} as freight_keeps_its_size,
    {{ share('has_free_freight') }} as freight_is_seldom_free
from ({{ rows }}) as order_items
