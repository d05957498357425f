"""Compare a frame of the warehouse with the same frame of the second route.

A difference is shown with the first rows that have it, so that a failure can be understood
without running anything again.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

SHOWN_ROWS = 5
RELATIVE_TOLERANCE = 1e-9


def assert_same_keys(
    warehouse: pd.DataFrame, second: pd.DataFrame, keys: Sequence[str]
) -> None:
    """Both routes have the same rows, each once.

    Raises:
        AssertionError: A row is missing from one side or repeated, with the first such rows.
    """
    for name, frame in (("the warehouse", warehouse), ("the second route", second)):
        repeated = frame[frame.duplicated(list(keys))]
        assert repeated.empty, f"Repeated in {name}:\n{repeated[list(keys)].head(SHOWN_ROWS)}"
    merged = warehouse[list(keys)].merge(
        second[list(keys)], on=list(keys), how="outer", indicator="found_in"
    )
    alone = merged[merged["found_in"] != "both"]
    assert alone.empty, (
        f"{len(alone)} rows on one side only (left is the warehouse):\n{alone.head(SHOWN_ROWS)}"
    )


def assert_same_values(
    warehouse: pd.DataFrame, second: pd.DataFrame, keys: Sequence[str], column: str
) -> None:
    """A column holds the same on both sides: fractions to 1e-9 relative, all else exactly.

    Raises:
        AssertionError: A value differs or is missing on one side, with the first such rows.
    """
    merged = warehouse[[*keys, column]].merge(
        second[[*keys, column]], on=list(keys), how="inner", suffixes=("_warehouse", "_second")
    )
    assert len(merged) == len(warehouse) == len(second), "The rows differ: compare the keys."
    left, right = merged[f"{column}_warehouse"], merged[f"{column}_second"]
    both_missing = left.isna() & right.isna()
    if pd.api.types.is_float_dtype(left) or pd.api.types.is_float_dtype(right):
        is_same = np.isclose(
            left.astype("float64"),
            right.astype("float64"),
            rtol=RELATIVE_TOLERANCE,
            atol=1e-12,
        )
    else:
        is_same = (left == right).fillna(value=False).to_numpy(dtype=bool)
    different = merged[~(is_same | both_missing)]
    assert different.empty, (
        f"{len(different)} of {len(merged)} rows differ in {column}:\n"
        f"{different.head(SHOWN_ROWS).to_string()}"
    )
