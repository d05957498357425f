-- One row per theme and term, the most frequent theme first: how many negative comments speak of
-- it. Comments are in Portuguese; a term is a stem that stands anywhere in the title or the text.
-- Accented letters match any letter, because many customers leave accents out.
{%- set themes = var('review_themes') %}
{%- set ns = namespace(terms=[]) %}
{%- for theme in themes %}
{%- set number = loop.index %}
{%- for term in theme.terms %}
{%- set pattern = modules.re.sub('[^a-z ]', '_', term) %}
{%- set ns.terms = ns.terms + [{
    'theme': theme.theme, 'theme_number': number, 'term': term, 'pattern': pattern,
    'column': 'term_' ~ number ~ '_' ~ loop.index,
}] %}
{%- endfor %}
{%- endfor %}
with

fact_reviews as (
    select
        lower(coalesce(comment_title || ' ', '') || coalesce(comment_message, ''))
            as comment_text
    from {{ ref('fact_reviews') }}
    where has_comment and review_score <= {{ var('negative_review_max_score') }}
),

matched as (
    select
        {%- for term in ns.terms %}
        case when comment_text like '%{{ term.pattern }}%' then 1 else 0 end as {{ term.column }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from fact_reviews
),

-- One row, a column for each theme and term.
counted as (
    select
        {%- for theme in themes %}
        {{ total('greatest(' ~ ns.terms | selectattr('theme', 'equalto', theme.theme)
            | map(attribute='column') | join(', ') ~ ')') }} as theme_{{ loop.index }},
        {%- endfor %}
        {%- for term in ns.terms %}
        {{ total(term.column) }} as {{ term.column }},
        {%- endfor %}
        count(*) - {{ total('greatest(' ~ ns.terms | map(attribute='column') | join(', ') ~ ')') }}
            as num_uncovered_comments,
        count(*) as num_negative_comments
    from matched
),

term_numbers as (
    {%- for term in ns.terms %}
    select {{ loop.index }} as term_number
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

terms as (
    select
        {{ name_of_number('term_numbers.term_number', ns.terms | map(attribute='theme')) }}
            as theme,
        {{ name_of_number('term_numbers.term_number', ns.terms | map(attribute='term')) }}
            as term,
        case term_numbers.term_number
            {%- for term in ns.terms %}
            when {{ loop.index }} then counted.theme_{{ term.theme_number }}
            {%- endfor %}
        end as num_theme_comments,
        case term_numbers.term_number
            {%- for term in ns.terms %}
            when {{ loop.index }} then counted.{{ term.column }}
            {%- endfor %}
        end as num_term_comments,
        counted.num_uncovered_comments,
        counted.num_negative_comments
    from counted
    cross join term_numbers
),

answer as (
    select
        dense_rank() over (order by num_theme_comments desc, theme) as theme_rank,
        theme,
        term,
        num_theme_comments,
        {{ ratio('num_theme_comments', 'num_negative_comments') }} as theme_rate,
        num_term_comments,
        {{ ratio('num_term_comments', 'num_negative_comments') }} as term_rate,
        num_uncovered_comments,
        {{ ratio('num_uncovered_comments', 'num_negative_comments') }} as uncovered_rate,
        num_negative_comments
    from terms
)

select
    *,
    max(theme_rank) over () as finding_num_themes,
    max(case when theme_rank = 2 then theme end) over () as finding_theme_2,
    max(case when theme_rank = 2 then theme_rate end) over () as finding_rate_2,
    max(case when theme_rank = 3 then theme end) over () as finding_theme_3,
    max(case when theme_rank = 3 then theme_rate end) over () as finding_rate_3
from answer
order by theme_rank, num_term_comments desc, term
