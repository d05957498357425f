"""``python -m orchestration.run_history``: the same as ``olist status``."""

from orchestration.cli import enter

if __name__ == "__main__":
    enter("status")
