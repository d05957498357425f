{% set rows %}
select
    *,
    {{ is_of_last_load() }} as is_of_last_load,
    {{ is_unknown_state('customer_state') }} as has_unknown_state,
    {{ is_odd_zip_prefix('customer_zip_code_prefix') }} as has_odd_zip_prefix,
    {{ is_absent('customer_unique_id') }} as lacks_person,
    {{ is_absent('customer_city') }} as lacks_city
from raw.customers
{% endset %}

-- Customers: one row per order in the source.
select
    {{ per_order('count(*)') }} as covers_the_orders,
    {{ share('has_unknown_state') }} as states_are_known,
    {{ share('has_odd_zip_prefix') }} as zip_prefixes_are_numbers,
    {{ share('lacks_person') }} as customer_unique_id_is_given,
    {{ share('lacks_city') }} as customer_city_is_given,
    {{ if_enough('count(distinct customer_unique_id) / count(*)') }} as persons_are_told_apart,
    {{ if_enough('count(distinct upper(trim(customer_state)))', rows=20000) }} as all_states_buy
from ({{ rows }}) as customers
