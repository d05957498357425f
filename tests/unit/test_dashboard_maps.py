"""Maps: outlines that ship with the project, classes of values, names and figures of places."""

from __future__ import annotations

import csv
from decimal import Decimal
from itertools import pairwise
from math import cos, radians
from pathlib import Path

import pytest

from dashboards.lib import place_metrics, theme
from dashboards.lib.geography.names import city_name
from dashboards.lib.maps import AreaMark, PointMark, classed, outlines, point_map, state_map
from dashboards.lib.metrics import Measures
from dashboards.lib.place_metrics import CityMeasures, RouteMeasures, added

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


# Names and figures


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("rio de janeiro", "Rio de Janeiro"),
        ("embu-guacu", "Embu-Guacu"),
        ("santa barbara d'oeste", "Santa Barbara D'Oeste"),
        ("Unknown", "Unknown"),
    ],
)
def test_a_city_is_written_as_people_do(name: str, shown: str) -> None:
    assert city_name(name) == shown


def test_added_sums_stay_exact_and_nothing_adds_up_to_nothing() -> None:
    one = CityMeasures(revenue_amount=Decimal("0.10"), num_orders=1)
    assert added(CityMeasures, [one, one, one]).revenue_amount == Decimal("0.30")
    assert added(RouteMeasures, []) == RouteMeasures()


def test_a_score_without_the_late_is_of_the_others_alone() -> None:
    route = RouteMeasures(
        num_reviews=10, sum_review_score=40, num_late_reviews=4, sum_late_review_score=10
    )
    assert route.average_review_score == 4.0
    assert route.not_late_review_score == 5.0


def test_the_gap_is_what_a_place_lacks_to_the_average() -> None:
    measures = Measures(revenue_amount=Decimal(300))
    assert place_metrics.a_year_per_thousand(measures.revenue_amount, 10_000, 365) == 30.0
    assert place_metrics.a_year_per_thousand(measures.revenue_amount, 10_000, 73) == 150.0
    assert place_metrics.gap_to_average(measures, 10_000, 50.0, 365) == 200.0
    assert place_metrics.gap_to_average(measures, 10_000, 50.0, 73) == -200.0
    assert place_metrics.gap_to_average(measures, 0, 50.0, 365) is None
    assert place_metrics.a_year_per_thousand(5, 0, 365) is None
