-- Figures of the last backtests.
select
    count(*) filter (where metric_name = 'auc' and metric_value not between 0 and 1)
        as risks_are_shares
from marts.mart_model_quality
