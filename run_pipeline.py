"""The main command: take a source to a published warehouse. The same as ``olist run``."""

from orchestration.cli import enter

if __name__ == "__main__":
    enter("run")
