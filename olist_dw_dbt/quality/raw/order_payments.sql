{% set rows %}
select
    *,
    {{ is_of_last_load() }} as is_of_last_load,
    {{ amount('payment_value') }} as payment_amount,
    {{ is_not_found('order_id', 'raw.orders', 'order_id') }} as lacks_its_order,
    {{ is_none_of('lower(trim(payment_type))', [
        'credit_card', 'boleto', 'voucher', 'debit_card', 'not_defined',
    ]) }} as has_unknown_type,
    coalesce(lower(trim(payment_type)) = 'not_defined', false) as has_undefined_type,
    coalesce(try_cast(payment_installments as integer) > 36, false) as has_many_installments
from raw.order_payments
{% endset %}

-- Payments of orders.
select
    {{ per_order('count(distinct order_id)') }} as covers_the_orders,
    {{ share('lacks_its_order') }} as payments_have_their_order,
    {{ share('has_unknown_type') }} as payment_types_are_known,
    {{ share('has_undefined_type') }} as payment_types_are_defined,
    {{ share('has_many_installments') }} as installments_are_plausible,
    {{ mean('payment_amount') }} as payments_keep_their_size,
    {{ if_enough('sum(payment_amount) / (
        select nullif(sum(' ~ amount('price') ~ ' + ' ~ amount('freight_value') ~ '), 0)
        from raw.order_items
    )') }} as payments_cover_the_items
from ({{ rows }}) as order_payments
