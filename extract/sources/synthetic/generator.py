"""Run the generator's SQL steps, batch by batch, and write the nine files.

What is drawn and how is in ``calibration`` and ``sql/``; here are only batches, the
connection and the files. No row passes through Python.

A batch is at most one whole Olist: scale 2.5 is three marketplaces side by side, each with
customers, sellers and products of its own, on one geography. So memory is that of scale 1 at
any scale, and time grows in a straight line.
"""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from extract.errors import SourceError
from extract.sources.synthetic import calibration
from extract.tables import TABLES, SourceTable

# Orders made in one go: one whole Olist.
_BATCH_ORDERS = calibration.ORDERS

# Below this a file could be empty: a hundred orders are about 30 products and 3 sellers.
SMALLEST_SCALE = 0.001

# The steps of a batch in order; each may use what those before it left.
_BATCH_STEPS = (
    "customers",
    "outcomes",
    "catalogue",
    "baskets",
    "payments",
    "orders",
    "reviews",
    "geolocation",
)
_TRANSLATION = "product_category_name_translation"

# As in the real files: these two have CRLF line ends, and the translation starts with a BOM.
_CRLF_TABLES = frozenset({"order_reviews", _TRANSLATION})
_BYTE_ORDER_MARKS = {_TRANSLATION: b"\xef\xbb\xbf"}


@dataclass(frozen=True, slots=True)
class Batch:
    """A run of the dataset's orders that is made in one go.

    Attributes:
        number: 0 for the first.
        first_order: Position of its first order in the whole dataset.
        last_order: Position after its last one.
    """

    number: int
    first_order: int
    last_order: int

    def share_of(self, full_count: int) -> int:
        """Cut a count at scale 1 to this batch; all batches together lose nothing."""
        return _cut(full_count, self.last_order) - _cut(full_count, self.first_order)


def generate(  # noqa: PLR0913 - the options are by keyword
    directory: Path,
    *,
    scale: float = 1.0,
    seed: int = 42,
    memory_limit: str = "1GB",
    threads: int | None = None,
    truncated: bool = True,
) -> None:
    """Write the nine files under their original names.

    The same seed and scale give the same bytes, on any number of threads.

    The public extract shows an order only once its review survey was sent, so the orders of its
    last weeks are those that arrived fast. Generated data stand for that extract, and the
    numbers of orders by day are its numbers, so their end is truncated alike.

    Args:
        directory: Where to write; made if missing. Files of these names are replaced.
        scale: Size; 1.0 is 99,441 orders and 1,000,163 geolocation rows, 0.001 the least.
        seed: Any whole number.
        memory_limit: What DuckDB may use ("500MB"); beyond it DuckDB goes to disk, in a
            temporary place in ``directory``.
        threads: Threads for DuckDB; by default as many as there are processors.
        truncated: Whether the orders of the last weeks are those that had their survey by then.
            False gives them the arrivals and surveys of any other week, up to weeks after the
            last order.

    Raises:
        SourceError: The scale is too small, or not a number.
    """
    if not math.isfinite(scale) or scale < SMALLEST_SCALE:
        raise SourceError(
            f"A scale of {scale:g} is too small for a dataset: give {SMALLEST_SCALE:g} (about "
            f"100 orders) or more; 1 is the size of the real one."
        )
    directory.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix=".generating_", dir=directory) as scratch_name,
        duckdb.connect(":memory:") as con,
    ):
        scratch = Path(scratch_name)
        con.execute("set memory_limit = ?", [memory_limit])
        con.execute("set temp_directory = ?", [str(scratch)])
        if threads is not None:
            con.execute("set threads = ?", [threads])
        _load_figures(con)
        _set_variables(con, {"full_orders": calibration.ORDERS, "salt": f"{seed}"})
        last_survey = calibration.LAST_SURVEY if truncated else calibration.NEVER
        _set_variables(con, {"last_survey_on": last_survey})
        _set_variables(con, _prefix_counts(scale))
        _run_step(con, "draws")
        _run_step(con, "prefixes")
        _run_step(con, "translation")
        for batch in _batches(scale):
            _set_variables(con, _batch_variables(batch, seed))
            for step in _BATCH_STEPS:
                _run_step(con, step)
            for table in TABLES:
                if batch.number == 0 or table.name != _TRANSLATION:
                    _write(con, table, directory, scratch, is_first=batch.number == 0)


def _cut(full_count: int, orders: int) -> int:
    """Round ``full_count * orders / ORDERS``, halves up, in whole numbers."""
    return (2 * full_count * orders + calibration.ORDERS) // (2 * calibration.ORDERS)


def _batches(scale: float) -> Iterator[Batch]:
    total = round(calibration.ORDERS * scale)
    for number, first in enumerate(range(0, total, _BATCH_ORDERS)):
        last = min(first + _BATCH_ORDERS, total)
        # A rest too small to stand alone joins the batch before it.
        is_rest_small = total - last < round(SMALLEST_SCALE * calibration.ORDERS)
        yield Batch(number, first, total if is_rest_small else last)
        if is_rest_small:
            return


def _prefix_counts(scale: float) -> Mapping[str, int]:
    """Size the geography: never more prefixes than Brazil has, and not too few orders each."""
    size = min(1.0, math.sqrt(scale))
    return {
        "prefixes": round(calibration.PREFIXES * size),
        "unknown_prefixes": round(calibration.UNKNOWN_PREFIXES * size),
    }


def _batch_variables(batch: Batch, seed: int) -> Mapping[str, int | str]:
    return {
        "salt": f"{seed}/{batch.number}",
        "first_order": batch.first_order,
        "last_order": batch.last_order,
        "orders": batch.last_order - batch.first_order,
        "sellers": max(1, batch.share_of(calibration.SELLERS)),
        "products": max(1, batch.share_of(calibration.PRODUCTS)),
        "points": batch.share_of(calibration.POINTS),
        "repeated_points": batch.share_of(calibration.REPEATED_POINTS),
        "freight_cents": batch.share_of(calibration.FREIGHT_CENTS),
    }


def _set_variables(con: duckdb.DuckDBPyConnection, variables: Mapping[str, int | str]) -> None:
    for name, value in variables.items():
        # Wide from the start: decks multiply counts.
        kind = "bigint" if isinstance(value, int) else "varchar"
        con.execute(f"set variable {name} = cast(? as {kind})", [value])


def _load_figures(con: duckdb.DuckDBPyConnection) -> None:
    for path in sorted(calibration.FIGURES.glob("*.csv")):
        con.execute(
            f"create table {path.stem} as "
            "select * from read_csv(?, hive_partitioning = false, header = true, delim = ',', "
            "quote = '\"')",
            [str(path)],
        )


def _run_step(con: duckdb.DuckDBPyConnection, step: str) -> None:
    con.execute((calibration.STEPS / f"{step}.sql").read_text(encoding="utf-8"))


def _write(
    con: duckdb.DuckDBPyConnection,
    table: SourceTable,
    directory: Path,
    scratch: Path,
    *,
    is_first: bool,
) -> None:
    """Write a batch's rows of one table: a new file, or an addition to it."""
    part = scratch / table.file_name
    columns = ", ".join(table.columns)
    # Sorted by key, for a file that is the same on any number of threads. Geolocation has no
    # key; its step leaves the rows in order.
    order = f" order by {', '.join(table.key)}" if table.key else ""
    newline = r"\r\n" if table.name in _CRLF_TABLES else r"\n"
    con.execute(
        f"copy (select {columns} from {table.name}{order}) to '{_quoted(part)}' "
        f"(format csv, header {is_first}, new_line '{newline}', "
        "timestampformat '%Y-%m-%d %H:%M:%S')"
    )
    with (
        part.open("rb") as source,
        (directory / table.file_name).open("wb" if is_first else "ab") as target,
    ):
        if is_first:
            target.write(_BYTE_ORDER_MARKS.get(table.name, b""))
        shutil.copyfileobj(source, target)
    part.unlink()


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
