{#- How sure a figure is, in SQL that needs no library. Which formula is whose: _statistics.yml.

    Expressions give one bound (`low` or `high`) of a 95 % interval, or a shrunken mean. Bodies of
    CTEs test many groups at once: `binomial_tests`, then `discoveries` over its p-values. -#}

{#- A bound of Wilson's interval of a share: it stays within 0 and 1 and is right for rare events,
    where the share plus or minus twice its standard error is not. Null without trials or count:
    greatest() alone would skip the null. -#}
{% macro wilson_bound(successes, trials, side) -%}
    {%- set z = var('interval_z') -%}
    {%- set k, n = _double(successes), _double(trials) -%}
    case
        when {{ trials }} > 0 and {{ successes }} is not null
            then greatest(0.0, least(1.0, (
                {{ k }} + {{ z * z / 2 }}
                {{ '-' if side == 'low' else '+' }} {{ z }} * sqrt(
                    {{ k }} * ({{ n }} - {{ k }}) / {{ n }} + {{ z * z / 4 }}
                )
            ) / ({{ n }} + {{ z * z }})))
    end
{%- endmacro %}

{#- A bound of the interval of a mean by Student's t, from additive sums. Null below five rows. -#}
{% macro mean_bound(sum_value, sum_square, number, side) -%}
    {%- set s, q, n = _double(sum_value), _double(sum_square), _double(number) -%}
    case
        when {{ number }} >= 5
            then {{ s }} / {{ n }}
                {{ '-' if side == 'low' else '+' }} {{ t_quantile(n ~ ' - 1') }}
                * sqrt(greatest({{ q }} - {{ s }} * {{ s }} / {{ n }}, 0) / ({{ n }} - 1) / {{ n }})
    end
{%- endmacro %}

{#- A bound of the interval of a least-squares slope, an aggregate. Null below six pairs. -#}
{% macro slope_bound(y, x, side) -%}
    case
        when regr_count({{ y }}, {{ x }}) >= 6
            then regr_slope({{ y }}, {{ x }})
                {{ '-' if side == 'low' else '+' }}
                {{ t_quantile('(regr_count(' ~ y ~ ', ' ~ x ~ ') - 2)') }}
                * sqrt(
                    greatest(
                        regr_syy({{ y }}, {{ x }})
                        - regr_slope({{ y }}, {{ x }}) * regr_sxy({{ y }}, {{ x }}),
                        0
                    ) / (regr_count({{ y }}, {{ x }}) - 2) / nullif(regr_sxx({{ y }}, {{ x }}), 0)
                )
    end
{%- endmacro %}

{#- A mean drawn to a prior mean as if so many ratings (var prior_weight) had given it: a few
    full marks do not lead a ranking. -#}
{% macro shrunken_mean(sum_value, number, prior_mean) -%}
    ({{ _double(sum_value) }} + {{ var('prior_weight') }} * {{ prior_mean }})
    / ({{ number }} + {{ var('prior_weight') }})
{%- endmacro %}

{#- The quantile of Student's t of a two-sided interval, expanded around the normal one: its error
    is below 1e-4 of it from four degrees of freedom, below 1e-8 from twenty. -#}
{% macro t_quantile(degrees_of_freedom) -%}
    {%- set z = var('interval_z') -%}
    ({{ z }}
    {%- for term in [
        (z ** 3 + z) / 4,
        (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
        (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
        (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92160,
        (
            27 * z ** 11 + 339 * z ** 9 + 930 * z ** 7 - 1782 * z ** 5 - 765 * z ** 3 + 17955 * z
        ) / 368640,
    ] %} + {{ term }} / power({{ _double(degrees_of_freedom) }}, {{ loop.index }})
    {%- endfor %})
{%- endmacro %}

{#- Exact tests of counts against the rate they would have by chance, one row per key: the body of
    a CTE. Each tail is summed on its short side, from its largest term: so many terms that what
    is left out is below 1e-20 of it. No group needs more of them than a rate of a half does. -#}
{% macro binomial_tests(relation, key, successes, trials, probability) -%}
    select
        {{ key }},
        case when is_above then tail else 1 - tail + mass end as more_p_value,
        case when is_above then 1 - tail + mass else tail end as fewer_p_value,
        least(1.0, 2 * tail) as p_value
    from (
        select
            counts.{{ key }},
            counts.is_above,
            least(1.0, sum({{ _binomial_mass('terms.number') }})) as tail,
            sum(case when terms.number = 0 then {{ _binomial_mass('0') }} else 0 end) as mass
        from (
            {{ _binomial_counts(relation, key, successes, trials, probability) }}
        ) as counts
        inner join (
            {{ number_series('31 + 5 * sqrt(max(' ~ trials ~ '))', relation) }}
        ) as terms on counts.num_terms >= terms.number
        group by counts.{{ key }}, counts.is_above
    ) as tails
{%- endmacro %}

{% macro _binomial_counts(relation, key, successes, trials, probability) -%}
    select
        {{ key }},
        successes,
        trials,
        probability,
        successes > trials * probability as is_above,
        least(
            case when successes > trials * probability then trials - successes else successes end,
            30 + 10 * sqrt(trials * probability * (1 - probability))
        ) as num_terms
    from (
        select
            {{ key }},
            {{ successes }} as successes,
            {{ trials }} as trials,
            {{ _double(probability) }} as probability
        from {{ relation }}
    ) as given
    where trials > 0 and probability is not null
{%- endmacro %}

{#- The probability of the count that lies so many steps outwards, by logarithms: the factorials
    of ten thousand orders are no numbers. Rates of 0 and 1 have no logarithm. -#}
{% macro _binomial_mass(step) -%}
    {%- set k -%}
        (counts.successes + case when counts.is_above then {{ step }} else -{{ step }} end)
    {%- endset -%}
    exp(greatest(
        {{ log_factorial('counts.trials') }}
        - {{ log_factorial(k) }}
        - {{ log_factorial('(counts.trials - ' ~ k ~ ')') }}
        + case
            when {{ k }} = 0 then 0
            else {{ k }} * coalesce(ln(nullif(counts.probability, 0)), -1000)
        end
        + case
            when {{ k }} = counts.trials then 0
            else (counts.trials - {{ k }})
                * coalesce(ln(nullif(1 - counts.probability, 0)), -1000)
        end,
        -700
    ))
{%- endmacro %}

{#- Which of many tests count, by Benjamini and Hochberg: of those that do, the share that is chance
    is at most var false_discovery_rate. The body of a CTE, one row per key. -#}
{% macro discoveries(relation, key, p_value='p_value') -%}
    select
        {{ key }},
        adjusted_p_value,
        adjusted_p_value <= {{ var('false_discovery_rate') }} as is_discovery,
        num_tests
    from (
        select
            {{ key }},
            num_tests,
            least(1.0, min({{ p_value }} * num_tests / test_rank) over (
                order by test_rank desc
                rows between unbounded preceding and current row
            )) as adjusted_p_value
        from (
            select
                {{ key }},
                {{ p_value }},
                count(*) over () as num_tests,
                row_number() over (order by {{ p_value }}, {{ key }}) as test_rank
            from {{ relation }}
            where {{ p_value }} is not null
        ) as ranked
    ) as adjusted
{%- endmacro %}

{#- The whole numbers from 0 to a bound, as a column `number`. -#}
{% macro number_series(last, from_relation) -%}
    {{ return(adapter.dispatch('number_series')(last, from_relation)) }}
{%- endmacro %}

{% macro default__number_series(last, from_relation) -%}
    select numbers.number
    from (select {{ last }} as last_number from {{ from_relation }}) as bounds
    cross join lateral generate_series(0, cast(bounds.last_number as bigint)) as numbers (number)
{%- endmacro %}

{#- The logarithm of a factorial. Where the database has no lgamma: Stirling's series ten further
    on, where it is exact to the last digits, and back. -#}
{% macro log_factorial(number) -%}
    {{ return(adapter.dispatch('log_factorial')(number)) }}
{%- endmacro %}

{% macro default__log_factorial(number) -%}
    {%- set x = '(' ~ _double(number) ~ ' + 11)' -%}
    (({{ x }} - 0.5) * ln({{ x }}) - {{ x }} + 0.9189385332046728
    + 1 / (12 * {{ x }}) - 1 / (360 * power({{ x }}, 3)) + 1 / (1260 * power({{ x }}, 5))
    - 1 / (1680 * power({{ x }}, 7)) + 1 / (1188 * power({{ x }}, 9))
    - ln(1.0
        {%- for step in range(1, 11) %} * ({{ x }} - {{ step }}){% endfor %}))
{%- endmacro %}

{% macro _double(value) -%}
    cast({{ value }} as {{ type_double() }})
{%- endmacro %}
