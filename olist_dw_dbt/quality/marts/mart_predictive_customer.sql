-- Customers by the chance to buy again.
select
    count(*) filter (where repeat_rate not between 0 and 1) as risks_are_shares,
    coalesce(min(expected_revenue_amount), 0) as nothing_is_negative
from marts.mart_predictive_customer
