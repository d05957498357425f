"""The dashboards there are: the one list from which the front door and the server are made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_NOTEBOOKS = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Dashboard:
    """A dashboard: its stable path, its notebook, and what it is for."""

    slug: str
    title: str
    summary: str

    @property
    def path(self) -> str:
        """Its address below the server's root; it never changes, so it can be bookmarked."""
        return f"/{self.slug}"

    @property
    def notebook(self) -> Path:
        """Its marimo notebook: a file, or the page of a folder that is a command as well."""
        folder = _NOTEBOOKS / self.slug
        return folder / "page.py" if folder.is_dir() else folder.with_suffix(".py")


DASHBOARDS: tuple[Dashboard, ...] = (
    Dashboard(
        "executive",
        "Executive dashboard",
        "Revenue growth, GMV, order value, new customers, delivery against the promise, "
        "satisfaction, revenue by state and region.",
    ),
    Dashboard(
        "customers",
        "Customers",
        "New customers and those who come back: segments, RFM grid, cohorts, time to the "
        "second sale, payment habits.",
    ),
    Dashboard(
        "products",
        "Products",
        "What sells and what grows: categories, ABC curve, stages of life, best and worst "
        "rated, freight share.",
    ),
    Dashboard(
        "sellers",
        "Sellers",
        "Who sells and how reliably: tiers and what the next one asks, concentration, late "
        "dispatches, scores, one seller's page.",
    ),
    Dashboard(
        "delivery",
        "Delivery and operations",
        "Promised against actual days, lateness and its cause, stages, routes, the order "
        "funnel and what is stuck.",
    ),
    Dashboard(
        "geography",
        "Geography",
        "Where customers live and what they buy per inhabitant, growth by region, cities, "
        "capitals against other places, what distance costs in stars.",
    ),
    Dashboard(
        "explore",
        "Explore",
        "Any metric by any of its dimensions, compared with a period before, as chart, table "
        "and file, with the orders behind a row.",
    ),
    Dashboard(
        "ask",
        "Ask",
        "The hundred questions of the business: finding, chart, rows, SQL and lineage of each. "
        "Free SQL for analysts.",
    ),
    Dashboard(
        "pipeline",
        "Pipeline health",
        "Whether last night was good: runs and their objectives, durations, volumes, data "
        "quality, what was left out, checks that did not pass.",
    ),
)
