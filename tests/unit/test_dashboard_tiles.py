"""The building blocks of a page as HTML."""

from __future__ import annotations

from dashboards.lib.tiles import Delta, Key, Tile, card, message


def test_a_change_that_is_not_available_names_the_reason_and_no_number() -> None:
    html = Delta("vs Sep 2016", reason="Sep 2016 is incomplete").html()
    assert "n/a" in html
    assert "Sep 2016 is incomplete" in html
    assert "%" not in html


def test_a_fall_that_is_good_looks_good() -> None:
    html = Delta("vs Jul 2018", "1.4 days", "down", is_good=True).html()
    assert "dw-good" in html
    assert "\N{BLACK DOWN-POINTING TRIANGLE}" in html


def test_a_direction_is_also_said_in_words_for_those_who_do_not_see_the_arrow() -> None:
    assert ">down<" in Delta("vs Jul 2018", "1.4 days", "down", is_good=True).html()


def test_what_comes_from_data_cannot_become_markup() -> None:
    evil = "<script>alert(1)</script>"
    html = "".join(
        (
            Tile("k", evil, evil, evil, (Delta(evil, evil),), evil).html(),
            card("k", evil, evil, "", (Key(evil, evil),)),
            message(evil, evil),
        )
    )
    assert "<script" not in html
