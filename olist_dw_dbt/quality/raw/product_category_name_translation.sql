{% set rows %}
select
    *,
    {{ is_of_last_load() }} as is_of_last_load,
    {{ is_absent('product_category_name_english') }} as lacks_english_name
from raw.product_category_name_translation
{% endset %}

-- English names of categories.
select
    {{ share('lacks_english_name') }} as product_category_name_english_is_given,
    count(distinct product_category_name_english) / greatest(count(*), 1) as english_names_differ
from ({{ rows }}) as product_category_name_translation
