"""``python -m dashboards.explore "revenue_amount by region"``: metrics in a terminal."""

from dashboards.lib.explore.command import main
from orchestration.terminal.entry import start

if __name__ == "__main__":
    start(main)
