-- One row per model, metric and fold of the model's last backtest, the naive answer beside it.
-- Empty until `python -m orchestration.models backtest` has been run on the warehouse and a run has
-- built since. The fold "pooled" has the rows of all folds together.
with

scores_model_quality as (
    select
        model_name,
        run_id,
        fold,
        metric_name,
        metric_value,
        naive_value,
        num_rows,
        data_from,
        data_until,
        code_fingerprint
    from {{ ref('scores_model_quality') }}
)

select
    model_name,
    metric_name,
    fold,
    run_id,
    code_fingerprint,
    data_from as data_from_date,
    data_until as data_until_date,
    fold = 'pooled' as is_pooled,
    num_rows,
    metric_value,
    naive_value
from scores_model_quality
