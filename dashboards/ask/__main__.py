"""``python -m dashboards.ask``: the same as ``olist ask``."""

from orchestration.cli import enter

if __name__ == "__main__":
    enter("ask")
