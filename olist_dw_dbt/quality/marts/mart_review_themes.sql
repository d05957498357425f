-- Comments by theme, and how negative they read.
select
    count(*) filter (where negative_rate not between 0 and 1) as risks_are_shares
from marts.mart_review_themes
