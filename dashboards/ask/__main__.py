"""``python -m dashboards.ask``: ask one of the hundred questions in a terminal."""

from dashboards.lib.ask.command import main
from orchestration.terminal.entry import start

if __name__ == "__main__":
    start(main)
