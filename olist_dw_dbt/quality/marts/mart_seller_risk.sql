-- Active sellers by the chance to leave.
select
    count(*) filter (where churn_rate not between 0 and 1) as risks_are_shares
from marts.mart_seller_risk
