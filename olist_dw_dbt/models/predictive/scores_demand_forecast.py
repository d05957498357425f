"""One row per grain (day, week, quarter), series, metric, period: demand as it was and next."""

from orchestration.models.scoring import score


def model(dbt, session):
    """What orchestration/models/demand.py makes of the features."""
    dbt.config(materialized="table")
    dbt.ref("features_days")
    dbt.ref("features_demand")
    dbt.ref("int_as_of_date")
    return score("demand_forecast", dbt, session)
