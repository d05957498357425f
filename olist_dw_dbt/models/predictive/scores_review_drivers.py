"""One row per order with a survey of the last 90 days: the risk of few stars, and why."""

from orchestration.models.scoring import score


def model(dbt, session):
    """What orchestration/models/reviews.py makes of the features."""
    dbt.config(materialized="table")
    dbt.ref("features_reviews")
    dbt.ref("int_as_of_date")
    return score("review_drivers", dbt, session)
