"""A result as a part of a page: its table, to sort and to choose of, among other parts."""

from __future__ import annotations

from typing import Any

import marimo as mo

from dashboards.lib.cards import data_table
from dashboards.lib.results import ResultSet


def table(result: ResultSet, page_size: int | None = None, **options: Any) -> mo.Html:
    """The rows as people read them, figures to the right, each heading with its meaning.

    Args:
        result: The rows.
        page_size: How many are shown at a time; all of them where none is given.
        **options: Of ``mo.ui.table``.
    """
    named = list(zip(result.headings, result.columns, strict=True))
    meanings = {heading: result.meaning(name) for heading, name in named}
    return data_table(
        result.records(),
        {heading: result.writer(name) for heading, name in named},
        header_tooltip={
            heading: one.description for heading, one in meanings.items() if one.description
        },
        text_justify_columns={
            heading: "right" for heading, one in meanings.items() if one.is_number
        },
        pagination=page_size is not None and len(result.rows) > page_size,
        page_size=page_size,
        show_search=False,
        **({"selection": None} | options),
    )


def stacked(*parts: mo.Html | None) -> mo.Html:
    """The parts there are, one below the other."""
    return mo.vstack([part for part in parts if part is not None])
