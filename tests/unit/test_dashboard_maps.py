"""Maps: outlines that ship with the project, classes of values, names and figures of places."""

from __future__ import annotations

import csv
from itertools import pairwise
from math import cos, radians
from pathlib import Path

import pytest

from dashboards.lib import format as fmt
from dashboards.lib import theme
from dashboards.lib.charts import Axis
from dashboards.lib.maps import AreaMark, PointMark, classed, outlines, point_map, state_map
from dashboards.lib.points import Bubble, bubbles

SEED = Path(__file__).resolve().parents[2] / "olist_dw_dbt" / "seeds" / "brazilian_states.csv"
COLOURS = ("#000001", "#000002", "#000003")


def _seed() -> dict[str, dict[str, str]]:
    with SEED.open(encoding="utf-8") as file:
        return {row["state"]: row for row in csv.DictReader(file)}


def test_every_state_of_the_seed_has_an_outline_and_no_other_has() -> None:
    assert outlines().keys() == _seed().keys()


def test_outlines_are_closed_rings_inside_brazil() -> None:
    for state, rings in outlines().items():
        for ring in rings:
            assert len(ring) > 3, state
            assert ring[0] == ring[-1], state
            assert all(-74.1 < x < -34.7 and -33.8 < y < 5.3 for x, y in ring), state


def _square_km(ring: list[tuple[float, float]]) -> float:
    """The area of a ring: a square degree is 12,364 square kilometres at the equator."""
    degrees = abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring))) / 2
    latitude = sum(y for _, y in ring) / len(ring)
    return degrees * 12_364 * cos(radians(latitude))


def test_the_area_of_an_outline_is_about_that_of_its_state() -> None:
    for state, row in _seed().items():
        found = sum(_square_km(ring) for ring in outlines()[state])
        assert found == pytest.approx(float(row["area_km2"]), rel=0.12), state


def test_a_map_of_states_draws_all_of_them_and_asks_for_no_base_map() -> None:
    figure = state_map([AreaMark("SP", theme.BLUE, "Sao Paulo"), AreaMark("XX", "red", "None")])
    assert {trace.type for trace in figure.data} == {"scatter"}
    assert {trace.name: trace.fillcolor for trace in figure.data}["SP"] == theme.BLUE
    assert len(figure.data) == 27
    assert figure.layout.geo.to_plotly_json() == {}


def test_a_map_of_points_has_the_largest_first_so_that_none_is_hidden() -> None:
    points = [
        PointMark(-50, -10, weight, "red", str(weight)) for weight in (0.25, 1.0, 0.0, 0.5)
    ]
    marks = point_map(points).data[-1]
    assert list(marks.customdata) == ["1.0", "0.5", "0.25", "0.0"]
    # The area of a point stands for its weight: above the smallest size, a quarter has half
    # the diameter.
    largest, _, quarter, smallest = marks.marker.size
    assert quarter - smallest == pytest.approx((largest - smallest) / 2)


# Classes


def test_values_are_parted_into_classes_of_equal_number_named_by_their_ends() -> None:
    values = {"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0, "e": 5.0, "f": 6.0}
    colours, keys = classed(values, COLOURS, str)
    assert [key.label for key in keys] == ["1.0 to 2.0", "3.0 to 4.0", "5.0 to 6.0"]
    assert colours == dict(zip("abcdef", sorted(COLOURS * 2), strict=True))


def test_equal_values_have_one_colour() -> None:
    colours, keys = classed({"a": 1.0, "b": 1.0, "c": 1.0, "d": 2.0}, COLOURS, str)
    assert colours["a"] == colours["b"] == colours["c"] != colours["d"]
    assert [key.label for key in keys] == ["1.0", "2.0"]


def test_one_value_has_the_strongest_colour_and_none_has_no_legend() -> None:
    assert classed({"a": 1.0}, COLOURS, str)[0] == {"a": COLOURS[-1]}
    assert classed({}, COLOURS, str) == ({}, ())


# Names


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("rio de janeiro", "Rio de Janeiro"),
        ("embu-guacu", "Embu-Guaçu"),
        ("santa barbara d'oeste", "Santa Bárbara d'Oeste"),
        ("Unknown", "Unknown"),
    ],
)
def test_a_city_is_written_as_people_do(name: str, shown: str) -> None:
    assert fmt.city(name) == shown


def test_the_largest_cities_are_named_and_ringed_on_top() -> None:
    figure = point_map(
        [
            PointMark(-46.6, -23.5, 1.0, "red", "", "São Paulo"),
            PointMark(-43.2, -22.9, 0.5, "red", "", "Rio"),
            PointMark(-46.5, -23.4, 0.1, "red", ""),
        ]
    )
    assert [shape.type for shape in figure.layout.shapes] == ["circle"] * 2
    names = {one.text: one.xanchor for one in figure.layout.annotations}
    # To the west of it, where the other does not stand.
    assert names == {"São Paulo": "right", "Rio": "left"}


def test_names_of_points_that_lie_together_stand_on_different_sides() -> None:
    near = [
        Bubble(name, 900.0 + n, 4.1, 0.1, "red", "")
        for n, name in enumerate(("DF", "GO", "MS"))
    ]
    far = Bubble("RR", 3200.0, 3.6, 0.1, "red", "")
    positions = bubbles([*near, far], Axis(), Axis()).data[0].textposition
    assert len(set(positions[:3])) == 3
