# One row per order whose survey went out in the last 90 days: how likely few stars are,
# and what moves that.
from orchestration.models.scoring import score


def model(dbt, session):
    """What orchestration/models/reviews.py makes of the features."""
    dbt.config(materialized="table")
    dbt.ref("features_reviews")
    dbt.ref("int_as_of_date")
    return score("review_drivers", dbt, session)
