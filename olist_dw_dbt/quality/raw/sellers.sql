{% set rows %}
select
    *,
    {{ is_of_last_load() }} as is_of_last_load,
    {{ is_unknown_state('seller_state') }} as has_unknown_state,
    {{ is_odd_zip_prefix('seller_zip_code_prefix') }} as has_odd_zip_prefix,
    {{ is_absent('seller_city') }} as lacks_city
from raw.sellers
{% endset %}

-- Sellers.
select
    {{ share('has_unknown_state') }} as states_are_known,
    {{ share('has_odd_zip_prefix') }} as zip_prefixes_are_numbers,
    {{ share('lacks_city') }} as seller_city_is_given
from ({{ rows }}) as sellers
