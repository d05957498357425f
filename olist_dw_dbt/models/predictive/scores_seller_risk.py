"""One row per active seller: how likely no sale in the next 90 days is."""

from orchestration.models.scoring import score


def model(dbt, session):
    """What orchestration/models/sellers.py makes of the features."""
    dbt.config(materialized="table")
    dbt.ref("features_sellers")
    dbt.ref("fact_order_items")
    dbt.ref("int_as_of_date")
    return score("seller_risk", dbt, session)
