"""Compare a frame of the warehouse with the same frame of the second route.

A difference is shown with the first rows that have it, so that a failure can be understood
without running anything again.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import pandas as pd

SHOWN_ROWS = 5
RELATIVE_TOLERANCE = 1e-9


class BothSides:
    """The rows of both routes, found in each other by their keys once for all columns."""

    def __init__(
        self, warehouse: pd.DataFrame, second: pd.DataFrame, keys: Sequence[str]
    ) -> None:
        """Keep the frames.

        Args:
            warehouse: One row per set of keys, as the warehouse has it.
            second: The same by the second route; other columns on either side do no harm.
            keys: The columns that tell the rows of each side apart.
        """
        self.warehouse = warehouse
        self.second = second
        self._keys = list(keys)

    @cached_property
    def _found(self) -> pd.DataFrame:
        """The keys of either side with the place of their row on each, missing for none."""
        places = [
            frame[self._keys].assign(**{name: np.arange(len(frame))})
            for name, frame in (("warehouse_row", self.warehouse), ("second_row", self.second))
        ]
        return places[0].merge(places[1], on=self._keys, how="outer", indicator="found_in")

    def assert_same_keys(self) -> None:
        """Both routes have the same rows, each once.

        Raises:
            AssertionError: A row is missing from one side or repeated, with the first of them.
        """
        sides = (("the warehouse", self.warehouse), ("the second route", self.second))
        for name, frame in sides:
            repeated = frame.loc[frame.duplicated(self._keys), self._keys]
            assert repeated.empty, f"Repeated in {name}:\n{repeated.head(SHOWN_ROWS)}"
        alone = self._found[self._found["found_in"] != "both"]
        assert alone.empty, (
            f"{len(alone)} rows on one side only (left is the warehouse):\n"
            f"{alone.head(SHOWN_ROWS)}"
        )

    def values(self, column: str) -> pd.DataFrame:
        """A column of both sides, ``warehouse`` and ``second``, beside the keys.

        Raises:
            AssertionError: The sides have other rows; :meth:`assert_same_keys` shows them.
        """
        found = self._found
        is_one_to_one = len(found) == len(self.warehouse) == len(self.second)
        assert is_one_to_one, "The rows differ: compare the keys."
        sides = {
            "warehouse": self.warehouse[column].take(found["warehouse_row"].to_numpy("int64")),
            "second": self.second[column].take(found["second_row"].to_numpy("int64")),
        }
        return found[self._keys].assign(
            **{name: values.reset_index(drop=True) for name, values in sides.items()}
        )

    def assert_same_values(self, column: str) -> None:
        """A column holds the same: fractions to 1e-9 relative, all else exactly.

        Raises:
            AssertionError: A value differs or the rows do, with the first such rows.
        """
        values = self.values(column)
        left, right = values["warehouse"], values["second"]
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
        different = values[~(is_same | both_missing)]
        assert different.empty, (
            f"{len(different)} of {len(values)} rows differ in {column}:\n"
            f"{different.head(SHOWN_ROWS).to_string()}"
        )
