"""A second route to the mart of town and country: Brazil in 38 parts, in pandas alone.

It sums the places of ``independent_flows`` by the lists of capitals and of metropolitan
municipalities. Those lists are the project's own (seeds), for the files of Olist name neither.
"""

from __future__ import annotations

import unicodedata

import pandas as pd

from orchestration.settings import PROJECT_ROOT

_SEEDS = PROJECT_ROOT / "olist_dw_dbt" / "seeds"
# One municipality: each of its places is the capital.
_FEDERAL_DISTRICT = "DF"


def urban_areas(places: pd.DataFrame) -> pd.DataFrame:
    """mart_urban_areas, from the places of the second route; amounts in centavos."""
    areas = _areas()
    capital_of = areas[areas["area_type"] == "capital"].set_index("state")["area_name"]
    rings = pd.read_csv(_SEEDS / "metropolitan_municipalities.csv")
    ring_of = {
        (state, _plain(city)): region
        for state, city, region in rings[["state", "city", "metropolitan_region"]].itertuples(
            index=False, name=None
        )
    }
    found = places[places["state"].isin(capital_of.index)].copy()
    kinds, names = [], []
    for state, city in zip(found["state"], found["city"], strict=True):
        capital, ring = capital_of[state], ring_of.get((state, _plain(city)))
        if state == _FEDERAL_DISTRICT or _plain(city) == _plain(capital):
            kinds.append("capital")
            names.append(capital)
        else:
            kinds.append("outside_metropolitan_areas" if ring is None else "metropolitan")
            names.append("Outside metropolitan areas" if ring is None else ring)
    measures = [
        column
        for column in found.columns
        if column.startswith(("num_", "sum_")) or column.endswith("_amount")
    ]
    sums = found.assign(area_type=kinds, area_name=names)
    sums = sums.groupby(["area_type", "area_name"])[measures].sum()
    mart = areas.join(sums, on=["area_type", "area_name"])
    return mart.fillna(dict.fromkeys(measures, 0))


def _areas() -> pd.DataFrame:
    """The 38 parts with their inhabitants; a ring is its region without the capital in it."""
    towns = pd.read_csv(_SEEDS / "urban_populations.csv")
    capitals = towns[towns["place_type"] == "capital"]
    regions = towns[towns["place_type"] == "metropolitan region"]
    inside = capitals.set_index(["state", "place"])["population"]
    led = set(zip(regions["state"], regions["place"], strict=True))
    columns = ["state", "place", "population"]
    rows: list[tuple[str, str, str | None, str | None, int]] = [
        ("capital", place, place if (state, place) in led else None, state, people)
        for state, place, people in capitals[columns].itertuples(index=False, name=None)
    ]
    rows += [
        ("metropolitan", place, place, state, people - inside.get((state, place), 0))
        for state, place, people in regions[columns].itertuples(index=False, name=None)
    ]
    everybody = int(pd.read_csv(_SEEDS / "brazilian_states.csv")["population"].sum())
    rest = everybody - sum(row[-1] for row in rows)
    rows.append(("outside_metropolitan_areas", "Outside metropolitan areas", None, None, rest))
    names = ["area_type", "area_name", "metropolitan_region", "state", "population"]
    return pd.DataFrame(rows, columns=names)


def _plain(name: str) -> str:
    """A name without accents and capitals, to compare lists with what customers typed."""
    letters = unicodedata.normalize("NFKD", name.lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
