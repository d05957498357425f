"""The pages there are: the one list from which front door, bar and server are made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_NOTEBOOKS = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Dashboard:
    """A page: its stable path, its notebook, and what it is for.

    Attributes:
        slug: Its path, and the name of its notebook.
        name: Its name where there is little room.
        title: Its title.
        question: What it answers, as its header says it.
        summary: What is on it.
        sections: Its headings that can be gone to.
        num_filters: Filters that its first paint leaves room for.
        num_tiles: Tiles that its first paint leaves room for.
    """

    slug: str
    name: str
    title: str
    question: str
    summary: str
    sections: tuple[str, ...] = ("Summary", "Trends and breakdowns", "Data")
    num_filters: int = 5
    num_tiles: int = 10

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
        "Executive",
        "Executive dashboard",
        "How fast do we grow, how well do we deliver, and how content are our customers?",
        "Revenue growth, GMV, order value, new customers, delivery against the promise, "
        "satisfaction, revenue by state and region.",
    ),
    Dashboard(
        "customers",
        "Customers",
        "Customers",
        "Who buys, who comes back, and what are they worth?",
        "New customers and those who come back: segments, RFM grid, cohorts, time to the "
        "second sale, payment habits.",
        num_filters=6,
    ),
    Dashboard(
        "products",
        "Products",
        "Products",
        "What sells, what grows, and what no longer does?",
        "What sells and what grows: categories, ABC curve, stages of life, best and worst "
        "rated, freight share.",
        num_filters=8,
    ),
    Dashboard(
        "sellers",
        "Sellers",
        "Sellers",
        "Who sells, how much hangs on a few, and who keeps the promise to dispatch in time?",
        "Who sells and how reliably: tiers and what the next one asks, concentration, late "
        "dispatches, scores, one seller's page.",
        num_filters=8,
    ),
    Dashboard(
        "delivery",
        "Delivery",
        "Delivery and operations",
        "Do we keep the promised day, who causes the delays, and which orders are stuck?",
        "Promised against actual days, lateness and its cause, stages, routes, the order "
        "funnel and what is stuck.",
        num_filters=6,
    ),
    Dashboard(
        "geography",
        "Geography",
        "Geography",
        "Where do our customers live, where is room to grow, and what does distance cost us?",
        "Where customers live and what they buy per inhabitant, growth by region, cities, "
        "capitals against other places, what distance costs in stars.",
        num_filters=6,
    ),
    Dashboard(
        "forecasts",
        "Forecasts",
        "Forecasts and anomalies",
        "What will the next 13 weeks bring, how sure is that, and which days stood out?",
        "Orders and revenue of the next 13 weeks with intervals, by state and category, what "
        "Black Friday does, days that stand out, and how good all that was.",
        num_filters=3,
        num_tiles=4,
    ),
    Dashboard(
        "risks",
        "Risks",
        "Risks",
        "Which orders, sellers and customers should we look at first, and how sure is that?",
        "Orders that may come late, sellers who may leave, customers who may buy again: "
        "ranked, with reason, step and worth, and how good such scores were in the past.",
        sections=("Summary", "How good the scores are", "Data"),
        num_filters=0,
        num_tiles=6,
    ),
    Dashboard(
        "explore",
        "Explore",
        "Explore",
        "Any figure by any of its dimensions, compared, with the orders behind it.",
        "Any metric by any of its dimensions, compared with a period before, as chart, table "
        "and file, with the orders behind a row.",
        sections=(),
        num_filters=10,
        num_tiles=0,
    ),
    Dashboard(
        "ask",
        "Ask",
        "Ask",
        "The hundred questions of the business, each with its answer and how far it holds.",
        "The hundred questions of the business: finding, chart, rows, SQL and lineage of each. "
        "Free SQL for analysts.",
        sections=(),
        num_filters=3,
        num_tiles=0,
    ),
    Dashboard(
        "pipeline",
        "Pipeline",
        "Pipeline health",
        "Was last night good: did the run publish, in time, of good data?",
        "Whether last night was good: runs and their objectives, durations, volumes, data "
        "quality, what was left out, checks that did not pass.",
        num_filters=1,
    ),
)
