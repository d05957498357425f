"""Heat maps: a figure for each pair of two scales, its label in the cell.

Cells are given finished labels and hover texts. Incomplete ones are grey and hold no figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboards.lib import theme

# Light enough at its strongest for dark figures to be read on it.
WEAKEST = "#F1F6FA"
STRONGEST = "#6FB1DC"
_AXIS_ROOM = 64  # pixels under the cells, for the scale and its title


@dataclass(frozen=True)
class Cell:
    """One cell: how strong its colour is, what is written in it, what is said of it."""

    strength: float
    label: str
    hover: str
    is_incomplete: bool = False


@dataclass(frozen=True)
class Scale:
    """One side of a heat map: its title and the names of its steps."""

    title: str
    names: tuple[str, ...]


def heat_map(
    rows: Scale,
    columns: Scale,
    cells: Sequence[Sequence[Cell | None]],
    *,
    row_height: int = 34,
    name_margin: int = 58,
) -> go.Figure:
    """Cells by row, the first on top; None leaves a cell blank.

    The colour runs from the weakest to the strongest cell.
    """

    def grid(*, incomplete: bool) -> list[list[Cell | None]]:
        return [
            [
                cell if cell is not None and cell.is_incomplete == incomplete else None
                for cell in row
            ]
            for row in cells
        ]

    figure = go.Figure()
    for is_incomplete in (True, False):
        chosen = grid(incomplete=is_incomplete)
        if not any(cell for row in chosen for cell in row):
            continue
        figure.add_heatmap(
            x=columns.names,
            y=rows.names,
            z=[[cell.strength if cell else None for cell in row] for row in chosen],
            text=[[cell.label if cell else "" for cell in row] for row in chosen],
            customdata=[[cell.hover if cell else "" for cell in row] for row in chosen],
            texttemplate="%{text}",
            textfont={"size": 11, "color": theme.INK},
            hovertemplate="%{customdata}<extra></extra>",
            hoverongaps=False,
            colorscale=(
                [[0, theme.INCOMPLETE_BAND], [1, theme.INCOMPLETE_BAND]]
                if is_incomplete
                else [[0, WEAKEST], [1, STRONGEST]]
            ),
            showscale=False,
            xgap=2,
            ygap=2,
        )
    figure.update_layout(
        template=theme.template(),
        hovermode="closest",
        height=row_height * len(rows.names) + _AXIS_ROOM,
        margin={"l": name_margin, "b": 46, "t": 6},
    )
    figure.update_xaxes(
        type="category",
        title={"text": columns.title},
        categoryarray=columns.names,
        categoryorder="array",
        tickfont={"color": theme.INK, "size": 11},
        tickangle=0,
    )
    figure.update_yaxes(
        type="category",
        title={"text": rows.title},
        categoryarray=rows.names,
        categoryorder="array",
        autorange="reversed",
        showgrid=False,
        tickfont={"color": theme.INK, "size": 11},
    )
    return figure
