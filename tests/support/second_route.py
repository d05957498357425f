"""The second route as a whole: from the files of one directory to every part of the marts."""

from __future__ import annotations

from pathlib import Path

from tests.support.independent import IndependentRoute
from tests.support.independent_customers import Customers
from tests.support.independent_flows import Flows
from tests.support.independent_marts import MartsRoute
from tests.support.independent_sellers import Sellers


class SecondRoute:
    """What tests of one set of files share; each figure is computed when first asked for.

    Attributes:
        files: The nine files, persons, orders and the executive mart.
        marts: What the routes to the marts have in common.
        customers: The marts of persons and cohorts.
        offers: The marts of products, categories and sellers.
        flows: The marts of deliveries, the funnel, places, payments and reviews.
    """

    def __init__(self, directory: Path) -> None:
        """Remember the directory with the nine files."""
        self.files = IndependentRoute(directory)
        self.marts = MartsRoute(self.files)
        self.customers = Customers(self.marts)
        self.offers = Sellers(self.marts)
        self.flows = Flows(self.marts)
