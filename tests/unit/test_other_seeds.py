"""The seeds of states and categories against what is known of them as a whole."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

SEEDS = Path(__file__).resolve().parents[2] / "olist_dw_dbt" / "seeds"


def _rows(name: str) -> list[Mapping[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_27_states_lie_in_five_regions() -> None:
    states = _rows("brazilian_states")
    assert len({row["state"] for row in states}) == len(states) == 27
    assert Counter(row["region"] for row in states) == {
        "North": 7,
        "Northeast": 9,
        "Central-West": 4,
        "Southeast": 4,
        "South": 3,
    }


def test_the_states_add_up_to_the_brazil_of_the_statistical_office() -> None:
    states = _rows("brazilian_states")
    assert sum(int(row["population"]) for row in states) == 208_494_900
    area = sum(Decimal(row["area_km2"]) for row in states)
    # The office rounds each state and the whole by itself.
    assert abs(area - Decimal("8510417.771")) < Decimal("0.010")


def test_only_the_two_categories_without_a_translation_have_a_fallback() -> None:
    categories = _rows("category_groups")
    assert len({row["category_name"] for row in categories}) == len(categories) == 73
    assert {row["category_name"] for row in categories if row["category_name_fallback"]} == {
        "pc_gamer",
        "portateis_cozinha_e_preparadores_de_alimentos",
    }


def test_every_category_is_in_a_group() -> None:
    assert all(row["category_group"] for row in _rows("category_groups"))
