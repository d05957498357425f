"""``python -m dashboards.explore``: the same as ``olist metric``."""

from orchestration.cli import enter

if __name__ == "__main__":
    enter("metric")
