{#- What databases spell differently about text: one dispatched macro each. -#}

{#- Whether a text matches a regular expression (anchors are the caller's). -#}
{% macro matches_pattern(value, pattern) %}
    {%- do return(adapter.dispatch('matches_pattern')(value, pattern)) -%}
{% endmacro %}

{% macro default__matches_pattern(value, pattern) %}
    {%- do return(value ~ " ~ '" ~ pattern ~ "'") -%}
{% endmacro %}

{#- Replace every match of a regular expression. -#}
{% macro replace_pattern(value, pattern, replacement) %}
    {%- do return(adapter.dispatch('replace_pattern')(value, pattern, replacement)) -%}
{% endmacro %}

{% macro default__replace_pattern(value, pattern, replacement) %}
    {%- do return(
        'regexp_replace(' ~ value ~ ", '" ~ pattern ~ "', '" ~ replacement ~ "', 'g')"
    ) -%}
{% endmacro %}

{#- A text without white space at its ends: spaces, tabs and line ends. -#}
{% macro trim_whitespace(value) %}
    {%- do return(adapter.dispatch('trim_whitespace')(value)) -%}
{% endmacro %}

{% macro default__trim_whitespace(value) %}
    {%- do return(replace_pattern(value, '^[[:space:]]+|[[:space:]]+$', '')) -%}
{% endmacro %}

{#- A text with its letters bare of accents: são paulo, sao paulo. -#}
{% macro strip_accents(value) %}
    {%- do return(adapter.dispatch('strip_accents')(value)) -%}
{% endmacro %}

{% macro default__strip_accents(value) %}
    {%- set accented = 'áàâãäéèêëíìîïóòôõöúùûüçñÁÀÂÃÄÉÈÊËÍÌÎÏÓÒÔÕÖÚÙÛÜÇÑ' -%}
    {%- set bare = 'aaaaaeeeeiiiiooooouuuucnAAAAAEEEEIIIIOOOOOUUUUCN' -%}
    {%- do return('translate(' ~ value ~ ", '" ~ accented ~ "', '" ~ bare ~ "')") -%}
{% endmacro %}

{#- The columns as one JSON object in text, under their names, each read from <name><suffix>. -#}
{% macro json_object_text(columns, suffix='') %}
    {%- do return(adapter.dispatch('json_object_text')(columns, suffix)) -%}
{% endmacro %}

{% macro default__json_object_text(columns, suffix) %}
    {%- set pairs = [] -%}
    {%- for column in columns -%}
        {%- do pairs.append("'" ~ column ~ "', " ~ column ~ suffix) -%}
    {%- endfor -%}
    {%- do return('cast(json_build_object(' ~ pairs | join(', ') ~ ') as text)') -%}
{% endmacro %}

{#- A cast that gives null, not an error, where the text is not of the type. -#}
{% macro try_cast(value, type) %}
    {%- do return(adapter.dispatch('try_cast')(value, type)) -%}
{% endmacro %}

{% macro default__try_cast(value, type) %}
    {%- do return(dbt.safe_cast(value, type)) -%}
{% endmacro %}

{#- Texts as SQL writes a list of them. -#}
{% macro text_list(values) %}
    {%- set quoted = [] -%}
    {%- for value in values -%}
        {%- do quoted.append("'" ~ value | replace("'", "''") ~ "'") -%}
    {%- endfor -%}
    {%- do return(quoted | join(', ')) -%}
{% endmacro %}

{#- A term for `like`: what is no plain letter matches any, for customers leave accents out. -#}
{% macro term_pattern(term) %}
    {%- do return(modules.re.sub('[^a-z ]', '_', term)) -%}
{% endmacro %}
