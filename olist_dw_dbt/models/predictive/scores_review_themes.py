"""One row per comment: how likely it tells of a bad experience."""

from orchestration.models.scoring import score


def model(dbt, session):
    """What orchestration/models/comments.py makes of the features."""
    dbt.config(materialized="table")
    dbt.ref("fact_reviews")
    dbt.ref("fact_orders")
    dbt.ref("int_as_of_date")
    return score("review_themes", dbt, session)
