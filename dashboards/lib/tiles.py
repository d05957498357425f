"""Tiles, cards and notes as HTML: the building blocks every page shares.

They are given finished text and numbers' signs; they compute nothing and know no metric.
Everything that enters the HTML is escaped here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

Direction = Literal["up", "down", "flat", "none"]
_ARROWS: dict[Direction, str] = {
    "up": "\N{BLACK UP-POINTING TRIANGLE}",
    "down": "\N{BLACK DOWN-POINTING TRIANGLE}",
    "flat": "\N{EN DASH}",
    "none": "",  # it is no change, but a state
}
_SPOKEN: dict[Direction, str] = {"up": "up", "down": "down", "flat": "unchanged", "none": ""}


@dataclass(frozen=True)
class Delta:
    """A change against a named period, or the reason why there is none.

    ``is_good`` is None where neither direction is good in itself; ``text`` is the size of the
    change without its sign.
    """

    against: str
    text: str | None = None
    direction: Direction = "flat"
    is_good: bool | None = None
    reason: str | None = None

    def html(self) -> str:
        """One line of a tile."""
        against = escape(self.against)
        if self.text is None:
            why = f" ({escape(self.reason)})" if self.reason else ""
            return f'<li class="dw-delta dw-none"><b>n/a</b> {against}{why}</li>'
        mood = {True: "dw-good", False: "dw-bad", None: "dw-neutral"}[self.is_good]
        return (
            f'<li class="dw-delta"><b class="{mood}"><span aria-hidden="true">'
            f'{_ARROWS[self.direction]}</span><span class="dw-spoken">'
            f"{_SPOKEN[self.direction]}</span> {escape(self.text)}</b> {against}</li>"
        )


@dataclass(frozen=True)
class Tile:
    """A figure with its name, unit and period, its changes, and its course as a small line."""

    key: str
    label: str
    value: str
    unit: str
    deltas: tuple[Delta, ...] = ()
    note: str | None = None
    course: tuple[float | None, ...] = ()

    def html(self) -> str:
        """The tile."""
        deltas = "".join(delta.html() for delta in self.deltas)
        note = f'<p class="dw-note">{escape(self.note)}</p>' if self.note else ""
        return (
            f'<article class="dw-tile" data-tile="{escape(self.key)}">'
            f"<h3>{escape(self.label)}</h3>"
            f'<p class="dw-value">{escape(self.value)}</p>'
            f'<p class="dw-unit">{escape(self.unit)}</p>'
            f"{spark_line(self.course)}<ul>{deltas}</ul>{note}</article>"
        )


def spark_line(values: Sequence[float | None]) -> str:
    """A line without axes, from the lowest to the highest value; nothing for fewer than two.

    It says nothing that the words beside it do not say, so that it is not read aloud.
    """
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    if len(known) < 2:  # noqa: PLR2004
        return ""
    low, high = min(value for _, value in known), max(value for _, value in known)
    points = " ".join(
        f"{100 * place / (len(values) - 1):.1f},"
        f"{22 - 20 * ((value - low) / (high - low) if high > low else 0.5):.1f}"
        for place, value in known
    )
    return (
        '<svg class="dw-spark" viewBox="0 0 100 24" preserveAspectRatio="none" '
        f'aria-hidden="true"><polyline points="{points}"/></svg>'
    )


@dataclass(frozen=True)
class Key:
    """One entry of a chart's legend: a swatch and what it stands for."""

    label: str
    colour: str
    shape: Literal["box", "line", "hatch", "band"] = "box"

    def html(self) -> str:
        """The swatch and its words."""
        return (
            f'<span class="dw-key"><i class="dw-swatch dw-{self.shape}" '
            f'style="--swatch:{escape(self.colour)}"></i>{escape(self.label)}</span>'
        )


def tile_grid(tiles: Sequence[Tile]) -> str:
    """Tiles in a grid that wraps with the width of the screen."""
    return f'<div class="dw-tiles">{"".join(tile.html() for tile in tiles)}</div>'


def card(
    key: str,
    finding: str,
    subtitle: str,
    body: str,
    keys: Sequence[Key] = (),
    *,
    is_wide: bool = False,
) -> str:
    """A chart with the finding as its title, its unit and period, and its legend.

    Args:
        key: Stable name of the card, for tests and links.
        finding: What the chart shows, as a sentence.
        subtitle: What is plotted, in which unit, over which period.
        body: HTML of the chart, trusted.
        keys: The legend.
        is_wide: Whether it takes the whole row of the page.
    """
    wide, title = " dw-wide" if is_wide else "", f"chart-{anchor(key)}"
    legend = f'<p class="dw-legend">{"".join(k.html() for k in keys)}</p>' if keys else ""
    return (
        f'<div class="dw-card{wide}" data-chart="{escape(key)}" role="figure" '
        f'aria-labelledby="{title}"><h3 id="{title}">{escape(finding)}</h3>'
        f'<p class="dw-subtitle">{escape(subtitle)}</p>{legend}'
        f'<div class="dw-chart">{body}</div></div>'
    )


def card_grid(cards: Sequence[str]) -> str:
    """Cards side by side on a wide screen, one below the other on a narrow one."""
    return f'<div class="dw-cards">{"".join(cards)}</div>'


def heading(text: str, explanation: str = "") -> str:
    """The heading of a section, with a line on what it holds."""
    more = f"<p>{escape(explanation)}</p>" if explanation else ""
    return f'<div class="dw-heading"><h2 id="{anchor(text)}">{escape(text)}</h2>{more}</div>'


def anchor(text: str) -> str:
    """The name under which an address goes to a heading: ``trends-and-breakdowns``."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def message(title: str, text: str, kind: Literal["calm", "warn"] = "calm") -> str:
    """A calm box in place of figures: nothing chosen, nothing published."""
    return (
        f'<div class="dw-message dw-{kind}" role="status"><h2>{escape(title)}</h2>'
        f"<p>{escape(text)}</p></div>"
    )
