{#- Fails with the rows that break a rule, and the name of the rule. Each entry of rules is a
    name and an expression that is true of every row; unknown counts as not true. -#}
{% test rules_hold(model, rules) %}
{% for name, expression in rules.items() %}
select
    '{{ name }}' as broken_rule,
    *
from {{ model }}
where not coalesce({{ expression }}, false)
{% if not loop.last %}union all{% endif %}
{% endfor %}
{% endtest %}
