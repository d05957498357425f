"""``python -m orchestration.maintenance``: the same as ``olist``."""

from orchestration.cli import enter

if __name__ == "__main__":
    enter()
