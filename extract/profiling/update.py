"""The profile brought up to date after a load: only the tables that have changed noticeably.

One scan of a table gives its counts, ranges and quantiles, another its most frequent values. A
table is scanned again once the rows that changed since its last profile are one in a hundred of
those it had then: so what profiling costs follows what changes, and not the history. What was
there before moves into the ``previous_`` columns; rows of other tables are carried over as they
are.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from extract.errors import ExtractError
from extract.profiling.columns import ProfiledColumn, profiled_columns
from extract.profiling.quirks import QUIRKS_COUNTED, Quirk
from extract.profiling.tables import PROFILE, QUIRKS, TOP_VALUES, read_rows, write_rows
from extract.raw.schema import LOAD_AUDIT
from extract.results import LoadReport
from extract.tables import TABLES, SourceTable

# Of the rows a table had when it was profiled. Shares and quantiles move by no more than this.
CHANGED_SHARE_TO_PROFILE = 0.01
_TOP = 10
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
# What one column gives, in the order of the query's columns.
_FIGURES = (
    *("num_nulls", "num_empty", "num_unreadable", "num_distinct"),
    *("min_value", "max_value", "quantiles"),
)
_QUANTILE_NAMES = ("p05_value", "p25_value", "median_value", "p75_value", "p95_value")
_KEPT_FIGURES = (
    *("num_rows", "num_nulls", "num_distinct", "min_value", "median_value", "max_value"),
)

_logger = logging.getLogger(__name__)

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class ProfileReport:
    """What an update did.

    Attributes:
        tables: Raw tables that were profiled again.
        num_quirks: Quirks that were counted again.
        duration_seconds: Time of the whole.
    """

    tables: tuple[str, ...]
    num_quirks: int
    duration_seconds: float


@dataclass(frozen=True, slots=True)
class _Run:
    """The run that a new row is of."""

    batch_id: str
    profiled_at: datetime

    def sign(self) -> Row:
        return {"batch_id": self.batch_id, "profiled_at": self.profiled_at}


def update_profile(
    con: duckdb.DuckDBPyConnection, report: LoadReport, *, everything: bool = False
) -> ProfileReport:
    """Bring the profile up to date with ``raw``.

    Args:
        con: A writing connection without an open transaction.
        report: The load that was just done; the audit holds it.
        everything: Profile the tables that changed at all, however little.

    Raises:
        ExtractError: DuckDB could not profile the data; the profile is as it was.
    """
    started = time.perf_counter()
    run = _Run(report.batch_id, report.loaded_at)
    con.begin()
    try:
        share = 0.0 if everything else CHANGED_SHARE_TO_PROFILE
        tables, counted = _update_columns(con, run, share)
        num_quirks = _update_quirks(con, run, set(tables), counted)
        con.commit()
    except duckdb.Error as error:
        con.rollback()
        first_line = str(error).strip().partition("\n")[0]
        raise ExtractError(f"DuckDB could not profile the raw tables: {first_line}") from error
    done = ProfileReport(tables, num_quirks, time.perf_counter() - started)
    _logger.info(
        "profile: %d tables and %d quirks in %.2f s",
        len(done.tables),
        done.num_quirks,
        done.duration_seconds,
    )
    return done


def _update_columns(
    con: duckdb.DuckDBPyConnection, run: _Run, share: float
) -> tuple[tuple[str, ...], Mapping[str, int]]:
    """Give the tables profiled, and the quirks that were counted in their scans."""
    old_rows, old_tops = read_rows(con, PROFILE), read_rows(con, TOP_VALUES)
    is_known = old_rows is not None and old_tops is not None
    still_good = _little_changed(con, share) if is_known else set()
    due = [table for table in TABLES if table.name not in still_good]
    if not due:
        return (), {}
    names = {table.name for table in due}
    before = {(row["table_name"], row["column_name"]): row for row in old_rows or ()}
    before_tops = {
        (row["table_name"], row["column_name"], row["value"]): row["num_rows"]
        for row in old_tops or ()
    }
    rows = [row for row in old_rows or () if row["table_name"] not in names]
    tops = [row for row in old_tops or () if row["table_name"] not in names]
    counted: dict[str, int] = {}
    for table in due:
        columns = profiled_columns(table)
        described, quirks = _describe(con, table, columns)
        counted |= quirks
        for row in described:
            previous = before.get((row["table_name"], row["column_name"]), {})
            kept = {f"previous_{name}": previous.get(name) for name in _KEPT_FIGURES}
            rows.append(
                {**row, **run.sign(), "previous_batch_id": previous.get("batch_id"), **kept}
            )
        for row in _count_values(con, columns):
            key = (row["table_name"], row["column_name"], row["value"])
            tops.append({**row, **run.sign(), "previous_num_rows": before_tops.get(key)})
    write_rows(con, PROFILE, rows)
    write_rows(con, TOP_VALUES, tops)
    return tuple(table.name for table in due), counted


def _little_changed(con: duckdb.DuckDBPyConnection, share: float) -> set[str]:
    """Give the tables of whose rows not more than a share changed since their profile."""
    rows = con.execute(
        f"""
        select table_name
        from (
            select table_name, max(num_rows) as num_rows, max(profiled_at) as profiled_at
            from {PROFILE.name} group by table_name
        ) as profiled
        left join {LOAD_AUDIT} using (table_name)
        group by table_name, num_rows, profiled_at
        having coalesce(sum(num_inserted + num_updated) filter (loaded_at > profiled_at), 0)
            <= ? * num_rows
        """,
        [share],
    ).fetchall()
    return {name for (name,) in rows}


def _describe(
    con: duckdb.DuckDBPyConnection, table: SourceTable, columns: tuple[ProfiledColumn, ...]
) -> tuple[list[Row], dict[str, int]]:
    """Scan a table once: for its columns, and for the quirks that are rows of it.

    Both read the same typed values, which DuckDB works out once: the quirks come for nothing.
    """
    quirks = [
        quirk
        for quirk in QUIRKS_COUNTED
        if quirk.condition is not None and quirk.tables == (table.name,)
    ]
    parts = [
        "count(*)",
        *(f"count(*) filter (where {quirk.condition})" for quirk in quirks),
        *(part for column in columns for part in _figures(column)),
    ]
    found = con.execute(f"select {', '.join(parts)} from raw.{table.name}").fetchone() or ()
    num_rows, figures = found[0], found[1 + len(quirks) :]
    counts = found[1 : 1 + len(quirks)]
    rows: list[Row] = []
    for number, column in enumerate(columns):
        first = number * len(_FIGURES)
        of_column = dict(zip(_FIGURES, figures[first : first + len(_FIGURES)], strict=True))
        quantiles = of_column.pop("quantiles") or [None] * len(_QUANTILES)
        rows.append(
            {
                "table_name": column.table,
                "column_name": column.name,
                "column_position": column.position,
                "meaning": column.meaning,
                "num_rows": num_rows,
                "is_distinct_approximate": column.is_distinct_approximate,
                **of_column,
                **dict(zip(_QUANTILE_NAMES, quantiles, strict=True)),
            }
        )
    return rows, dict(zip((quirk.name for quirk in quirks), counts, strict=True))


def _figures(column: ProfiledColumn) -> tuple[str, ...]:
    name, typed = column.name, column.typed
    distinct = (
        f"approx_count_distinct({name})"
        if column.is_distinct_approximate
        else f"count(distinct {name})"
    )
    quantiles = (
        f"cast(quantile_disc({typed}, {list(_QUANTILES)}) as varchar[])"
        if column.has_quantiles
        else "null"
    )
    return (
        f"count(*) - count({name})",
        f"count(*) filter (where {name} = '')",
        f"count({name}) - count({typed})",
        distinct,
        *(
            (f"cast(min({typed}) as varchar)", f"cast(max({typed}) as varchar)")
            if column.has_range
            else ("null", "null")
        ),
        quantiles,
    )


def _count_values(
    con: duckdb.DuckDBPyConnection, columns: tuple[ProfiledColumn, ...]
) -> list[Row]:
    # One query for all columns: while dbt reads its project, Python's lock makes each one wait.
    parts = [
        f"""
        (select '{column.table}', '{column.name}', cast(value as varchar) as value, num_rows
        from (
            select {column.counted} as value, count(*) as num_rows
            from raw.{column.table} group by all
        )
        where value is not null and num_rows > 1
        order by num_rows desc, value limit {_TOP})
        """
        for column in columns
        if column.counted is not None
    ]
    if not parts:
        return []
    found = con.execute(
        f"""
        select *, row_number() over (partition by column_name order by num_rows desc, value)
        from ({" union all ".join(parts)}) as top(table_name, column_name, value, num_rows)
        """
    ).fetchall()
    names = ("table_name", "column_name", "value", "num_rows", "value_rank")
    return [dict(zip(names, row, strict=True)) for row in found]


def _update_quirks(
    con: duckdb.DuckDBPyConnection, run: _Run, profiled: set[str], counted: Mapping[str, int]
) -> int:
    old_rows = {row["quirk"]: row for row in read_rows(con, QUIRKS) or ()}
    due = [
        quirk
        for quirk in QUIRKS_COUNTED
        if quirk.name not in old_rows or _is_due(quirk, old_rows[quirk.name], profiled)
    ]
    found = _count(con, [quirk for quirk in due if quirk.name not in counted])
    found |= {quirk.name: counted[quirk.name] for quirk in due if quirk.name in counted}
    rows = [
        {
            "quirk": quirk.name,
            "description": quirk.description,
            "source_tables": ", ".join(quirk.tables),
            "num_found": found[quirk.name],
            **run.sign(),
            "previous_num_found": old_rows.get(quirk.name, {}).get("num_found"),
            "count_sql": quirk.sql,
        }
        if quirk.name in found
        else old_rows[quirk.name]
        for quirk in QUIRKS_COUNTED
    ]
    if due or len(rows) != len(old_rows):
        write_rows(con, QUIRKS, rows)
    return len(due)


def _count(con: duckdb.DuckDBPyConnection, quirks: Sequence[Quirk]) -> dict[str, int]:
    if not quirks:
        return {}
    parts = ", ".join(f"({quirk.sql})" for quirk in quirks)
    row = con.execute(f"select {parts}").fetchone() or ()
    return dict(zip((quirk.name for quirk in quirks), row, strict=True))


def _is_due(quirk: Quirk, old: Row, profiled: set[str]) -> bool:
    return not profiled.isdisjoint(quirk.tables) or (
        (quirk.sql, quirk.description) != (old["count_sql"], old["description"])
    )
