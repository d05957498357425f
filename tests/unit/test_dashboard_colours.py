"""Text keeps a contrast of 4.5 to 1 in light and in dark, in pages and in charts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dashboards.lib import theme

_STYLES = (Path(theme.__file__).parent / "assets" / "frame.css").read_text(encoding="utf-8")
_INVERTED = 0.92  # as assets/dashboard.css turns charts over in the dark
_GROUNDS = ("ground", "paper", "warn")
Colour = tuple[float, float, float]


def _colours(block: str) -> dict[str, Colour]:
    found = re.findall(r"--dw-(\w+): #([0-9a-f]{3,6});", block)
    return {name: _colour(value) for name, value in found}


def _colour(text: str) -> Colour:
    digits = text.lstrip("#")
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    red, green, blue = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue


def _luminance(colour: Colour) -> float:
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: Colour, other: Colour) -> float:
    """As WCAG 2 defines it."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def turned_over(text: str) -> Colour:
    """A colour of a chart as the dark shows it: inverted, its hue turned by half a circle."""
    inverted = [_INVERTED + part * (1 - 2 * _INVERTED) for part in _colour(text)]
    gray = 2 * (0.213 * inverted[0] + 0.715 * inverted[1] + 0.072 * inverted[2])
    red, green, blue = (min(1.0, max(0.0, gray - part)) for part in inverted)
    return red, green, blue


LIGHT, DARK = (
    _colours(block) for block in re.findall(r":root \{(.*?)\}", _STYLES, re.DOTALL)[:2]
)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("text", ["ink", "muted", "blue", "good", "bad"])
def test_text_of_pages_can_be_read_on_every_ground(
    colours: dict[str, Colour], text: str
) -> None:
    for ground in _GROUNDS:
        assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)


@pytest.mark.parametrize("text", [theme.INK, theme.MUTED])
def test_text_of_charts_can_be_read_in_light_and_dark(text: str) -> None:
    assert contrast(_colour(text), LIGHT["paper"]) >= 4.5
    assert contrast(turned_over(text), DARK["paper"]) >= 4.5


@pytest.mark.parametrize(
    "colour", [theme.BLUE, theme.GREEN, theme.VERMILION, theme.PURPLE, theme.MUTED]
)
def test_lines_of_charts_stand_out_in_light_and_dark(colour: str) -> None:
    assert contrast(_colour(colour), LIGHT["paper"]) >= 3
    assert contrast(turned_over(colour), DARK["paper"]) >= 3
