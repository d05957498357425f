"""Comparing an incoming file with what raw holds, and bringing raw up to date.

Rows are compared by key and ``_row_hash``, with set operations inside DuckDB; no row comes
through Python. Changed keys are deleted and inserted. What business rules say of a row is
not asked here.

An insert of no rows is never run. In DuckDB 2.0.0 an order-keeping insert (or `create table
as`) of no rows into a table makes the rows of a later large insert in the same transaction
invisible until the file is opened again: counted, but found by no query.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from extract.raw.schema import INCOMING
from extract.results import LoadMode
from extract.tables import SourceTable

_REPEATED = "olist_repeated_keys"
_TOUCHED = "olist_touched_rows"
_CANDIDATES = "olist_candidate_rows"
_CHANGED = "olist_changed_keys"
_SHORT = "olist_short_of_copies"

# A file of less than one row for so many of raw is looked up in two steps.
_FEW = 10


@dataclass(frozen=True, slots=True)
class MergeCounts:
    """How many rows did what; the fields are those of ``TableLoad``."""

    num_inserted: int
    num_updated: int
    num_unchanged: int
    num_missing: int
    num_exact_duplicates: int
    num_conflicting: int


@dataclass(frozen=True, slots=True)
class _Merged:
    """One part of a merge.

    Attributes:
        inserted: Rows added.
        updated: Rows that replaced others of their key.
        unchanged: Rows that raw held already.
        answered: Rows of raw that the file has an answer to: itself, or its new contents.
    """

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    answered: int = 0


def settle_first_load(con: duckdb.DuckDBPyConnection, table: SourceTable) -> MergeCounts:
    """Finish a file that was read straight into its empty raw table."""
    target = f"raw.{table.name}"
    duplicates, conflicting = _settle_keys(con, target, table)
    return MergeCounts(
        num_inserted=_count(con, f"select count(*) from {target}"),
        num_updated=0,
        num_unchanged=0,
        num_missing=0,
        num_exact_duplicates=duplicates,
        num_conflicting=conflicting,
    )


def merge_incoming(
    con: duckdb.DuckDBPyConnection, table: SourceTable, mode: LoadMode
) -> MergeCounts:
    """Merge the temporary table ``INCOMING`` into a raw table that has rows.

    Args:
        con: A connection with an open transaction.
        table: The table; ``INCOMING`` has the shape of its raw table.
        mode: Whether rows that the file lacks are counted as missing.
    """
    held = _count(con, f"select count(*) from raw.{table.name}")
    duplicates, conflicting = _settle_keys(con, INCOMING, table)
    copies = _merge_copies(con, table)
    keyed = _merge_keyed(con, table) if table.key else _Merged()
    return MergeCounts(
        num_inserted=keyed.inserted + copies.inserted,
        num_updated=keyed.updated,
        num_unchanged=keyed.unchanged + copies.unchanged,
        num_missing=held - keyed.answered - copies.answered if mode == "snapshot" else 0,
        num_exact_duplicates=duplicates,
        num_conflicting=conflicting,
    )


def _settle_keys(
    con: duckdb.DuckDBPyConnection, target: str, table: SourceTable
) -> tuple[int, int]:
    """Collapse exact duplicates of a key in one file, and mark what then still conflicts.

    Rows without a key, or with a NULL in it, are left alone: nothing says they are the same.

    Returns:
        Rows deleted, and rows marked with ``_has_conflict``.
    """
    if not table.key:
        return 0, 0
    keys = ", ".join(table.key)

    def find_repeated() -> int:
        con.execute(
            f"""
            create or replace temp table {_REPEATED} as
            select {keys} from {target} where {_has_key(table)}
            group by {keys} having count(*) > 1
            """
        )
        return _count(con, f"select count(*) from {_REPEATED}")

    duplicates = conflicting = 0
    if find_repeated():
        duplicates = _count(
            con,
            f"""
            delete from {target} where rowid in (
                select row_id from (
                    select
                        file_row.rowid as row_id,
                        row_number() over (
                            partition by file_row._row_hash order by file_row.rowid
                        ) as copy
                    from {target} as file_row
                    semi join {_REPEATED} using ({keys})
                )
                where copy > 1
            )
            """,
        )
        if find_repeated():
            same_key = " and ".join(f"{target}.{key} = repeated.{key}" for key in table.key)
            conflicting = _count(
                con,
                f"""
                update {target} set _has_conflict = true
                from {_REPEATED} as repeated where {same_key}
                """,
            )
    con.execute(f"drop table {_REPEATED}")
    return duplicates, conflicting


def _merge_keyed(con: duckdb.DuckDBPyConnection, table: SourceTable) -> _Merged:
    """Replace the rows of every key whose set of rows differs between file and raw."""
    target, keys = f"raw.{table.name}", ", ".join(table.key)
    _find_touched(con, table)
    con.execute(
        f"""
        create or replace temp table {_CHANGED} as
        select {keys} from {INCOMING} anti join {_TOUCHED} using (_row_hash)
        where {_has_key(table)}
        union
        select {keys} from {_TOUCHED} anti join {INCOMING} using (_row_hash)
        """
    )
    num_keyed = _count(con, f"select count(*) from {INCOMING} where {_has_key(table)}")
    answered = _count(con, f"select count(*) from {_TOUCHED}")
    updated = _count(
        con,
        f"""
        select count(*) from {INCOMING}
        semi join {_CHANGED} using ({keys}) semi join {_TOUCHED} using ({keys})
        """,
    )
    con.execute(
        f"""
        delete from {target} where rowid in (
            select row_id from {_TOUCHED} semi join {_CHANGED} using ({keys})
        )
        """
    )
    arriving = f"select * from {INCOMING} semi join {_CHANGED} using ({keys})"
    replaced = _count(con, f"select count(*) from ({arriving})")
    if replaced:
        con.execute(f"insert into {target} by name {arriving}")
    con.execute(f"drop table {_TOUCHED}")
    con.execute(f"drop table {_CHANGED}")
    return _Merged(
        inserted=replaced - updated,
        updated=updated,
        unchanged=num_keyed - replaced,
        answered=answered,
    )


def _find_touched(con: duckdb.DuckDBPyConnection, table: SourceTable) -> None:
    """Put the rows of raw whose key the file has into ``_TOUCHED``."""
    target, keys = f"raw.{table.name}", ", ".join(table.key)
    num_held = _count(con, f"select count(*) from {target}")
    num_arriving = _count(con, f"select count(*) from {INCOMING}")
    condition = ""
    if num_arriving * _FEW <= num_held:
        # Else each column would be read of all rows, as keys are random and in every block.
        first = table.key[0]
        con.execute(
            f"""
            create or replace temp table {_CANDIDATES} as
            select rowid as row_id from {target}
            where {first} in (select {first} from {INCOMING})
            """
        )
        condition = f"where raw_row.rowid in (select row_id from {_CANDIDATES})"
    # A NULL never equals anything in a join, so rows without a full key stay out of this.
    con.execute(
        f"""
        create or replace temp table {_TOUCHED} as
        select raw_row.rowid as row_id, {keys}, raw_row._row_hash
        from {target} as raw_row semi join {INCOMING} using ({keys})
        {condition}
        """
    )
    con.execute(f"drop table if exists {_CANDIDATES}")


def _merge_copies(con: duckdb.DuckDBPyConnection, table: SourceTable) -> _Merged:
    """Top up rows that have no key to as many copies of each as the file has.

    A row with other contents is another row; one that the file no longer has stays.
    """
    keyless = f"not ({_has_key(table)})"
    arriving = _count(con, f"select count(*) from {INCOMING} where {keyless}")
    if not arriving:
        return _Merged()
    con.execute(
        f"""
        create or replace temp table {_SHORT} as
        with arriving as (
            select _row_hash, count(*) as copies from {INCOMING}
            where {keyless} group by _row_hash
        ),
        held as (
            select _row_hash, count(*) as copies
            from raw.{table.name} semi join arriving using (_row_hash)
            where {keyless} group by _row_hash
        )
        select arriving._row_hash, coalesce(held.copies, 0) as num_held
        from arriving left join held on arriving._row_hash = held._row_hash
        where arriving.copies > coalesce(held.copies, 0)
        """
    )
    inserted = 0
    if _count(con, f"select count(*) from {_SHORT}"):
        inserted = _count(
            con,
            f"""
            insert into raw.{table.name} by name
            select * exclude (copy, num_held) from (
                select
                    file_row.*,
                    short.num_held,
                    row_number() over (
                        partition by file_row._row_hash order by file_row.rowid
                    ) as copy
                from {INCOMING} as file_row
                inner join {_SHORT} as short on file_row._row_hash = short._row_hash
                where {keyless}
            )
            where copy > num_held
            """,
        )
    con.execute(f"drop table {_SHORT}")
    unchanged = arriving - inserted
    return _Merged(inserted=inserted, unchanged=unchanged, answered=unchanged)


def _has_key(table: SourceTable) -> str:
    return " and ".join(f"{column} is not null" for column in table.key) or "false"


def _count(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    """Run a statement that answers with one number (a count, or rows changed)."""
    row = con.execute(sql).fetchone()
    return int(row[0]) if row else 0
