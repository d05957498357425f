{{ config(tags=['weekly']) }}
-- The seed of holidays ends with 2050, the calendar with the data. One row per year that the
-- calendar has and the seed has not: extend seeds/brazilian_holidays.csv.
{{ config(severity='warn') }}
select year
from {{ ref('dim_date') }}
where not is_unknown
group by year
having sum(case when is_holiday then 1 else 0 end) = 0
