-- One row per theme, the most frequent first: how many comments of reviews with one or two stars
-- speak of it, and how many of all comments that do have so few stars.
with

mart_review_themes as (
    select review_key, theme, is_main_theme, is_low_review, is_negative_text
    from {{ ref('mart_review_themes') }}
),

comments as (
    select
        {{ count_where('is_low_review') }} as num_negative_comments,
        {{ count_where("is_low_review and theme = 'none'") }} as num_uncovered_comments
    from mart_review_themes
    where is_main_theme
),

counted as (
    select
        theme,
        count(*) as num_comments,
        {{ count_where('is_low_review') }} as num_theme_comments,
        {{ count_where('is_negative_text') }} as num_negative_texts
    from mart_review_themes
    where theme <> 'none'
    group by theme
),

answer as (
    select
        row_number() over (
            order by counted.num_theme_comments desc, counted.theme
        ) as theme_rank,
        counted.theme,
        counted.num_theme_comments,
        {{ ratio('counted.num_theme_comments', 'comments.num_negative_comments') }} as theme_rate,
        {% for side in ['low', 'high'] -%}
        {{ rounded(wilson_bound(
            'counted.num_theme_comments', 'comments.num_negative_comments', side
        )) }} as {{ side }}_rate,
        {% endfor -%}
        counted.num_comments,
        {{ ratio('counted.num_theme_comments', 'counted.num_comments') }} as low_review_rate,
        {{ ratio('counted.num_negative_texts', 'counted.num_comments') }} as negative_text_rate,
        comments.num_negative_comments,
        {{ ratio('comments.num_uncovered_comments', 'comments.num_negative_comments') }}
            as uncovered_rate
    from counted
    cross join comments
)

select
    *,
    max(theme_rank) over () as finding_num_themes,
    max(case when theme_rank = 2 then theme end) over () as finding_theme_2,
    max(case when theme_rank = 2 then theme_rate end) over () as finding_rate_2,
    max(case when theme_rank = 3 then theme end) over () as finding_theme_3,
    max(case when theme_rank = 3 then theme_rate end) over () as finding_rate_3
from answer
order by theme_rank
