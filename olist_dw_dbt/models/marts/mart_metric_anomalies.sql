-- One row per watched metric (orders, revenue, review score, late rate) and day with a figure, from
-- the first day of steady trade to the as-of date: what the eight weeks before the day made likely,
-- and whether the day stands out. Days close together are one episode, which raises one alarm, on
-- its first day that no event or holiday explains.
with

scores_metric_anomalies as (
    select
        metric_name,
        metric_date,
        known_event,
        anomaly_kind,
        episode_first_date,
        is_anomaly,
        is_alarm,
        num_observed,
        metric_value,
        expected_value,
        low_value,
        high_value,
        z_score,
        level_z_score,
        scored_as_of_date
    from {{ ref('scores_metric_anomalies') }}
)

select
    metric_name,
    metric_date,
    episode_first_date,
    scored_as_of_date,
    known_event,
    anomaly_kind,
    is_anomaly,
    is_alarm,
    num_observed,
    metric_value,
    expected_value,
    low_value,
    high_value,
    z_score,
    level_z_score
from scores_metric_anomalies
