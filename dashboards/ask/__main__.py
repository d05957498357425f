"""``python -m dashboards.ask``: ask one of the hundred questions in a terminal."""

import sys

from dashboards.lib.ask.command import main

if __name__ == "__main__":
    sys.exit(main())
