-- Watched figures by day, and those that stand out.
select
    coalesce(avg(cast(is_alarm as integer)), 0) as alarms_are_rare
from marts.mart_metric_anomalies
