{% set rows %}
select
    *,
    {{ is_of_last_load() }} as is_of_last_load,
    {{ is_unknown_state('geolocation_state') }} as has_unknown_state,
    {{ is_odd_zip_prefix('geolocation_zip_code_prefix') }} as has_odd_zip_prefix,
    {{ is_outside_brazil(
        'try_cast(geolocation_lat as double)', 'try_cast(geolocation_lng as double)'
    ) }} as is_outside_brazil
from raw.geolocation
{% endset %}

-- Points of zip prefixes.
select
    {{ share('has_unknown_state') }} as states_are_known,
    {{ share('has_odd_zip_prefix') }} as zip_prefixes_are_numbers,
    {{ share('is_outside_brazil') }} as coordinates_lie_in_brazil,
    {{ if_enough('count(distinct upper(trim(geolocation_state)))', rows=20000) }}
        as all_states_have_points
from ({{ rows }}) as geolocation
