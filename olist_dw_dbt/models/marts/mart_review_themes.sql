-- One row per comment and theme that it speaks of (var review_themes), one of theme `none` where it
-- speaks of none. The text itself stays in fact_reviews. A term is a stem that stands anywhere in
-- the title or the text; letters with accents match any letter, for many customers leave them out.
{% set themes = var('review_themes') %}
with

scores_review_themes as (
    select review_key, scored_as_of_date, negative_rate, method
    from {{ ref('scores_review_themes') }}
),

fact_reviews as (
    select
        review_key,
        order_key,
        review_id,
        order_id,
        creation_date,
        review_score,
        lower(coalesce(comment_title || ' ', '') || coalesce(comment_message, ''))
            as comment_text
    from {{ ref('fact_reviews') }}
    where has_comment
),

matched as (
    select
        fact_reviews.*,
        {%- for theme in themes %}
        case
            when
                {%- for term in theme.terms %}
                {{ 'or ' if not loop.first }}comment_text like '%{{ term_pattern(term) }}%'
                {%- endfor %}
                then 1
            else 0
        end as theme_{{ loop.index }}{{ ',' if not loop.last }}
        {%- endfor %}
    from fact_reviews
),

counted as (
    select
        *,
        {% for theme in themes -%}
        theme_{{ loop.index }}{{ ' + ' if not loop.last }}
        {%- endfor %} as num_themes
    from matched
),

theme_numbers as (
    {% for theme in themes -%}
    select {{ loop.index }} as theme_number
    union all
    {% endfor -%}
    select {{ themes | length + 1 }}
),

spoken_of as (
    -- A comment stands once with each of its themes.
    select
        counted.*,
        theme_numbers.theme_number,
        {{ name_of_number(
            'theme_numbers.theme_number', (themes | map(attribute='theme') | list) + ['none']
        ) }} as theme
    from counted
    inner join theme_numbers
        on
            case theme_numbers.theme_number
                {%- for theme in themes %}
                when {{ loop.index }} then counted.theme_{{ loop.index }}
                {%- endfor %}
                else case when counted.num_themes = 0 then 1 else 0 end
            end = 1
)

select
    spoken_of.review_key,
    spoken_of.order_key,
    spoken_of.review_id,
    spoken_of.order_id,
    spoken_of.creation_date,
    scores_review_themes.scored_as_of_date,
    spoken_of.theme,
    scores_review_themes.method,
    row_number() over (
        partition by spoken_of.review_key order by spoken_of.theme_number
    ) = 1 as is_main_theme,
    spoken_of.review_score <= {{ var('negative_review_max_score') }} as is_low_review,
    scores_review_themes.negative_rate >= {{ var('negative_comment_from_rate') }}
        as is_negative_text,
    cast(spoken_of.num_themes as integer) as num_themes,
    spoken_of.review_score,
    scores_review_themes.negative_rate
from spoken_of
inner join scores_review_themes on spoken_of.review_key = scores_review_themes.review_key
