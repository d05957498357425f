"""``python -m dashboards.explore "revenue_amount by region"``: ask in a terminal."""

import sys

from dashboards.lib.explore.command import main

if __name__ == "__main__":
    sys.exit(main())
