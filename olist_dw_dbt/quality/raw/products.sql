{% set rows %}
select
    *,
    {{ is_of_last_load() }} as is_of_last_load,
    {{ amount('product_weight_g') }} as weight_g,
    {{ amount('product_length_cm') }} as length_cm,
    {{ is_absent('product_category_name') }} as lacks_category,
    {{ is_absent('product_weight_g') }} as lacks_weight,
    {{ is_not_found(
        'product_category_name', 'raw.product_category_name_translation', 'product_category_name'
    ) }} as lacks_translation
from raw.products
{% endset %}

-- Products.
select
    {{ share('lacks_category') }} as product_category_name_is_given,
    {{ share('lacks_weight') }} as product_weight_g_is_given,
    {{ mean('weight_g') }} as weights_are_in_grams,
    {{ mean('length_cm') }} as lengths_are_in_centimetres,
    {{ if_enough('count(distinct product_category_name)', rows=1000) }}
        as products_have_many_categories,
    {{ share('lacks_translation') }} as categories_are_translated
from ({{ rows }}) as products
