-- Orders of the last weeks by the chance to be late.
select
    count(*) filter (where late_rate not between 0 and 1) as risks_are_shares
from marts.mart_late_order_risk
