"""``python -m orchestration.watch``: the same as ``olist watch``."""

from orchestration.cli import enter

if __name__ == "__main__":
    enter("watch")
