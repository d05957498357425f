"""One row per customer up to the as-of date: chance and worth of a purchase in 180 days."""

from orchestration.models.scoring import score


def model(dbt, session):
    """What orchestration/models/customers.py makes of the features."""
    dbt.config(materialized="table")
    dbt.ref("features_customers")
    dbt.ref("int_as_of_date")
    return score("predictive_customer", dbt, session)
