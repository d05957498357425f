"""One row per sale of the recent days: when it should arrive, and what could be promised."""

from orchestration.models.scoring import score


def model(dbt, session):
    """What orchestration/models/promise.py makes of the features."""
    dbt.config(materialized="table")
    dbt.ref("features_orders")
    dbt.ref("features_recent_orders")
    dbt.ref("int_as_of_date")
    return score("delivery_promise", dbt, session)
