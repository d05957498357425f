"""The seeds of capitals and metropolitan regions against what is known of them as a whole."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

SEEDS = Path(__file__).resolve().parents[2] / "olist_dw_dbt" / "seeds"


def _rows(name: str) -> list[Mapping[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_capitals_are_those_of_the_states() -> None:
    capitals = [r for r in _rows("urban_populations") if r["place_type"] == "capital"]
    assert {row["state"]: row["place"] for row in capitals} == {
        row["state"]: row["capital"] for row in _rows("brazilian_states")
    }


def test_the_capitals_add_up_to_the_total_of_the_statistical_office() -> None:
    # IBGE gave 49.7 million for the 27 capitals, 23.8 % of 208,494,900.
    people = sum(
        int(row["population"])
        for row in _rows("urban_populations")
        if row["place_type"] == "capital"
    )
    assert people == 49_724_699


def test_the_municipalities_of_each_metropolitan_region_are_as_many_as_the_law_names() -> None:
    municipalities = _rows("metropolitan_municipalities")
    assert len({(row["state"], row["city"]) for row in municipalities}) == len(municipalities)
    # Belo Horizonte: 34 and 16 of its collar. Brasília: the Federal District, 19 municipalities
    # of Goiás, 3 of Minas Gerais.
    assert Counter(row["metropolitan_region"] for row in municipalities) == {
        "São Paulo": 39,
        "Rio de Janeiro": 21,
        "Belo Horizonte": 50,
        "Brasília": 23,
        "Porto Alegre": 34,
        "Fortaleza": 19,
        "Recife": 14,
        "Salvador": 13,
        "Curitiba": 29,
        "Campinas": 20,
    }


def test_every_metropolitan_region_has_its_core_city_and_a_population() -> None:
    regions = {
        (row["state"], row["place"])
        for row in _rows("urban_populations")
        if row["place_type"] == "metropolitan region"
    }
    cores = {
        (row["state"], row["city"])
        for row in _rows("metropolitan_municipalities")
        if row["city"] == row["metropolitan_region"]
    }
    assert regions == cores
