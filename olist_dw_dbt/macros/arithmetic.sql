{#- A ratio that is null, not an error, where the denominator is 0. -#}
{% macro safe_divide(numerator, denominator) -%}
    cast({{ numerator }} as {{ type_double() }}) / nullif({{ denominator }}, 0)
{%- endmacro %}

{#- Floating-point numbers of 64 bits. dbt.type_float() is 32 bits wide on DuckDB, which is too
    few for a total in days. -#}
{% macro type_double() -%}
    {{ return(adapter.dispatch('type_double')()) }}
{%- endmacro %}

{% macro default__type_double() -%}
    double precision
{%- endmacro %}

{#- Elapsed time between two timestamps, fractions kept. -#}
{% macro elapsed_seconds(start, finish) -%}
    {{ return(adapter.dispatch('elapsed_seconds')(start, finish)) }}
{%- endmacro %}

{% macro default__elapsed_seconds(start, finish) -%}
    extract(epoch from ({{ finish }} - {{ start }}))
{%- endmacro %}

{% macro elapsed_days(start, finish) -%}
    ({{ elapsed_seconds(start, finish) }} / 86400.0)
{%- endmacro %}

{% macro elapsed_hours(start, finish) -%}
    ({{ elapsed_seconds(start, finish) }} / 3600.0)
{%- endmacro %}

{#- Great-circle distance in kilometres between two points in degrees (haversine formula,
    mean earth radius 6,371.0088 km). Null where a coordinate is missing: least() alone would
    skip the null and put such a pair at opposite ends of the earth. -#}
{% macro haversine_km(latitude_a, longitude_a, latitude_b, longitude_b) -%}
    case
        when
            {{ latitude_a }} is not null and {{ longitude_a }} is not null
            and {{ latitude_b }} is not null and {{ longitude_b }} is not null
            then 2 * 6371.0088 * asin(sqrt(least(
                1.0,
                power(sin(radians({{ latitude_b }} - {{ latitude_a }}) / 2), 2)
                + cos(radians({{ latitude_a }})) * cos(radians({{ latitude_b }}))
                * power(sin(radians({{ longitude_b }} - {{ longitude_a }}) / 2), 2)
            )))
    end
{%- endmacro %}

{#- A sum of durations in days that does not depend on the order of the rows: whole seconds are
    added up exactly, floats are not, and two runs on the same input must publish the same. -#}
{% macro sum_days(column) -%}
    (coalesce(sum(cast(round({{ column }} * 86400) as {{ dbt.type_bigint() }})), 0) / 86400.0)
{%- endmacro %}
