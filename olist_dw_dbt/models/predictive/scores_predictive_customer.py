# One row per customer with a sale up to the as-of date: how likely a purchase within
# 180 days is, and what it would bring.
from orchestration.models.scoring import score


def model(dbt, session):
    """What orchestration/models/customers.py makes of the features."""
    dbt.config(materialized="table")
    dbt.ref("features_customers")
    dbt.ref("int_as_of_date")
    return score("predictive_customer", dbt, session)
