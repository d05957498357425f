"""One row per watched metric and past day with a figure: what the weeks before made likely."""

from orchestration.models.scoring import score


def model(dbt, session):
    """What orchestration/models/anomalies.py makes of the features."""
    dbt.config(materialized="table")
    dbt.ref("features_days")
    dbt.ref("int_as_of_date")
    return score("metric_anomalies", dbt, session)
