{#- The name in a text that should be a city: lower case, without accents, without what follows
    a slash, backslash, comma, bracket or dash (`sao paulo / sp`, `lages - sc`, `andira-pr`);
    null where no name is left: digits, an e-mail address, or letters without a vowel (`sbc`). -#}
{% macro city_name(column) %}
    {%- set plain = strip_accents('lower(' ~ column ~ ')') -%}
    {%- set one_apostrophe = replace_pattern(plain, '[´`’]', "''") -%}
    {%- set first_part = replace_pattern(one_apostrophe, ' *([/\\\\,(]| - ).*$', '') -%}
    {%- set name = replace_pattern(first_part, ' *- *[a-z][a-z]$', '') -%}
    {%- do return(
        'case when ' ~ matches_pattern(name, '^[^0-9@]*[aeiouy][^0-9@]*$')
        ~ ' then nullif(trim(' ~ name ~ "), '') end"
    ) -%}
{% endmacro %}
