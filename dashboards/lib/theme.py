"""The one look of all dashboards: palette, plotly template, stylesheet.

Colours are those of Okabe and Ito, which the colour-blind can distinguish; text and its ground
keep a contrast of 4.5 to 1 or more. Fonts are the reader's own: nothing is fetched.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import plotly.graph_objects as go

_ASSETS: Final = Path(__file__).parent / "assets"

BLUE: Final = "#0072B2"
SKY: Final = "#56B4E9"
ORANGE: Final = "#E69F00"
GREEN: Final = "#009E73"
VERMILION: Final = "#C44E00"
PURPLE: Final = "#B0578D"

PALE_BLUE: Final = "#A9CCE3"
PALE_ORANGE: Final = "#F5DCA6"
PALE_GREEN: Final = "#A6D9CA"
INK: Final = "#1F2933"
MUTED: Final = "#5A6672"
GRID: Final = "#E6EAEE"
INCOMPLETE: Final = "#C3C9CF"
INCOMPLETE_BAND: Final = "#E6E9EC"
SELECTED_BAND: Final = "#E3F0F9"

FONT: Final = (
    'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif'
)

# From little to much, and from bad to good, for maps: both can be distinguished in grey, too.
SEQUENTIAL: Final = ("#DCE9F5", "#A9CCE3", "#62A8D4", "#2478B5", "#0B4A86")
DIVERGING: Final = (VERMILION, ORANGE, "#D9D4C5", SKY, BLUE)
NO_VALUE: Final = "#F0F1F3"

# Fixed, so that a region keeps its colour whatever the filters leave.
REGION_COLOURS: Final = {
    "Southeast": BLUE,
    "South": ORANGE,
    "Northeast": GREEN,
    "Central-West": PURPLE,
    "North": SKY,
}

# No mode bar and no zoom by dragging: a finger that scrolls the page must not zoom a chart.
CHART_CONFIG: Final = {
    "displayModeBar": False,
    "responsive": True,
    "scrollZoom": False,
    "doubleClick": False,
    "showTips": False,
}


def region_colour(region: str) -> str:
    """The colour of a region; grey for one that the seed does not know."""
    return REGION_COLOURS.get(region, MUTED)


def template() -> go.layout.Template:
    """The plotly template of every chart."""
    axis = {
        "automargin": False,
        "gridcolor": GRID,
        "linecolor": GRID,
        "zerolinecolor": INCOMPLETE,
        "ticks": "",
        "fixedrange": True,
        "tickfont": {"size": 12, "color": MUTED},
        "title": {"font": {"size": 12, "color": MUTED}, "standoff": 8},
    }
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": 13, "color": INK},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": [BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION],
            # The same left margin everywhere, so that panels below each other line up.
            "margin": {"l": 58, "r": 10, "t": 12, "b": 40},
            "height": 280,
            "autosize": True,
            "showlegend": False,
            "dragmode": False,
            "bargap": 0.25,
            "hovermode": "x unified",
            "hoverlabel": {
                "bgcolor": "white",
                "bordercolor": GRID,
                "font": {"family": FONT, "size": 13, "color": INK},
            },
            "xaxis": axis | {"showgrid": False},
            "yaxis": axis | {"linecolor": "rgba(0,0,0,0)"},
            "separators": ".,",
        }
    )


def stylesheet() -> str:
    """The text of the stylesheet of tiles, cards and notes; its colours are in the frame's."""
    return (_ASSETS / "dashboard.css").read_text(encoding="utf-8")
