-- One row per driver of low reviews, the one that explains most first, and one for the surveys that
-- none of them raises.
{% set drivers = ['DELIVERY', 'BASKET', 'HISTORY'] %}
with

mart_review_drivers as (
    select
        survey_date,
        main_driver,
        is_low_review,
        low_review_rate,
        delivery_effect,
        basket_effect,
        history_effect,
        delivery_effect + basket_effect + history_effect as effect
    from {{ ref('mart_review_drivers') }}
),

-- The covariance of a part with the sum over the variance of the sum: the parts add up to one. Each
-- week is one look at them.
weeks as (
    select
        cast({{ dbt.date_trunc('week', 'survey_date') }} as date) as week_start,
        {% for driver in drivers -%}
        {{ rounded(
            'covar_samp(' ~ driver | lower ~ '_effect, effect) / nullif(var_samp(effect), 0)', 9
        ) }} as {{ driver | lower }}_share{{ ',' if not loop.last }}
        {% endfor %}
    from mart_review_drivers
    group by cast({{ dbt.date_trunc('week', 'survey_date') }} as date)
),

shares as (
    {% for driver in drivers + ['NONE'] -%}
    {% set share = driver | lower ~ '_share' -%}
    {% if driver == 'NONE' %}{% set share = dbt.cast('null', type_double()) %}{% endif -%}
    select
        '{{ driver }}' as driver,
        count({{ share }}) as num_weeks,
        sum(cast({{ share }} as decimal(18, 9))) as sum_share,
        sum(cast({{ share }} * {{ share }} as decimal(18, 9))) as sum_square
    from weeks
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

surveys as (
    select
        main_driver as driver,
        count(*) as num_surveys,
        {{ count_where('is_low_review') }} as num_low_reviews,
        sum(cast(low_review_rate as decimal(18, 9))) as num_expected
    from mart_review_drivers
    group by main_driver
),

answer as (
    select
        shares.driver,
        {{ ratio('shares.sum_share', 'shares.num_weeks') }} as explained_rate,
        {% for side in ['low', 'high'] -%}
        {{ rounded(mean_bound('shares.sum_share', 'shares.sum_square', 'shares.num_weeks', side)) }}
            as {{ side }}_explained_rate,
        {% endfor -%}
        coalesce(surveys.num_surveys, 0) as num_surveys,
        {{ ratio('surveys.num_expected', 'surveys.num_surveys') }} as expected_low_review_rate,
        {{ ratio('surveys.num_low_reviews', 'surveys.num_surveys') }} as low_review_rate,
        {% for side in ['low', 'high'] -%}
        {{ rounded(wilson_bound('surveys.num_low_reviews', 'surveys.num_surveys', side)) }}
            as {{ side }}_low_review_rate{{ ',' if not loop.last }}
        {% endfor %}
    from shares
    left join surveys on shares.driver = surveys.driver
)

select
    *,
    sum(num_surveys) over () as finding_num_surveys,
    max(low_explained_rate) over () is not null as finding_has_model
from answer
order by coalesce(explained_rate, -1) desc, driver
