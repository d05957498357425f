-- Reviews by the chance of one or two stars.
select
    count(*) filter (where low_review_rate not between 0 and 1) as risks_are_shares
from marts.mart_review_drivers
