"""The seeds hold what their descriptions promise."""

from __future__ import annotations

import csv
from decimal import Decimal

from tests.conventions.project import DBT_PROJECT


def _seed(name: str) -> list[dict[str, str]]:
    with (DBT_PROJECT / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_states_are_the_27_of_five_regions() -> None:
    states = _seed("brazilian_states")
    assert len({state["state"] for state in states}) == len(states) == 27
    assert {state["region"] for state in states} == {
        *("North", "Northeast", "Central-West", "Southeast", "South"),
    }


def test_the_states_add_up_to_brazil() -> None:
    states = _seed("brazilian_states")
    # IBGE: estimate of 1 July 2018, and Áreas Territoriais 2022.
    assert sum(int(state["population"]) for state in states) == 208_494_900
    assert round(sum(Decimal(state["area_km2"]) for state in states), 1) == Decimal("8510417.8")


def test_every_category_of_the_source_has_a_group() -> None:
    groups = _seed("category_groups")
    assert len({group["category_name"] for group in groups}) == len(groups) == 73
    assert all(group["category_group"] for group in groups)
