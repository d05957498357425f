"""``python -m dashboards``: the same as ``olist serve``."""

from orchestration.cli import enter

if __name__ == "__main__":
    enter("serve")
