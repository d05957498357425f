"""One row per sale of the recent days: how likely it is to miss its promised day, and why."""

from orchestration.models.scoring import score


def model(dbt, session):
    """What orchestration/models/late.py makes of the features."""
    dbt.config(materialized="table")
    dbt.ref("features_orders")
    dbt.ref("features_recent_orders")
    dbt.ref("int_as_of_date")
    return score("late_order_risk", dbt, session)
