"""Reading the dataset to replay into a scratch database, as text and in file order.

Only sound files are taken: what a replay would leave out could not be compared with anything.
When rows appear is handled by ``extract.replay.timelines``.
"""

from __future__ import annotations

from datetime import date

import duckdb

from extract.errors import SourceError
from extract.raw.contract import read_headers
from extract.raw.fingerprint import take_fingerprint
from extract.sources import SourceFiles
from extract.tables import TABLES, SourceTable

# Reference files: there as a whole from the first drop, never read.
STATIC_TABLES = frozenset({"geolocation", "product_category_name_translation"})
CHANGING_TABLES: tuple[SourceTable, ...] = tuple(
    table for table in TABLES if table.name not in STATIC_TABLES
)

# The days that are read out of a row itself, by table.
_OWN_DAYS: dict[str, str] = {
    "orders": """
        day_of(order_purchase_timestamp) as purchased_on,
        day_of(order_approved_at) as approved_on,
        day_of(order_delivered_carrier_date) as carrier_on,
        day_of(order_delivered_customer_date) as delivered_on,
        greatest(purchased_on, approved_on, carrier_on, delivered_on)
            + case when order_status in ('canceled', 'unavailable') then 1 else 0 end
            as settled_on,""",
    "order_reviews": """
        day_of(review_creation_date) as created_on,
        day_of(review_answer_timestamp) as answered_on,""",
}


def read_source(con: duckdb.DuckDBPyConnection, source: SourceFiles) -> dict[str, int]:
    """Read the living tables as text into ``source_<name>``, in file order.

    Returns:
        The number of records of each of the nine files.

    Raises:
        ContractError: A header is not as agreed.
        SourceError: A file cannot be read to its last record.
    """
    con.execute("create macro day_of(moment) as try_cast(moment as timestamp)::date")
    headers = read_headers(source)
    records: dict[str, int] = {}
    for table in TABLES:
        path = source.paths[table.name]
        fingerprint = take_fingerprint(path)
        records[table.name] = fingerprint.num_records
        if table.name in STATIC_TABLES:
            continue
        columns = headers[table].columns
        position = {column: f"c{index}" for index, column in enumerate(columns)}
        types = ", ".join(f"'{name}': 'varchar'" for name in position.values())
        wanted = ", ".join(f"{position[column]} as {column}" for column in table.columns)
        # A path is a pattern to DuckDB unless its special characters are bracketed.
        literal = "".join(f"[{char}]" if char in "*?[" else char for char in str(path))
        try:
            con.execute(
                f"""
                create table source_{table.name} as
                select *, {_OWN_DAYS.get(table.name, "")} row_number() over () as file_row
                from (
                    select {wanted} from read_csv(
                        $path, auto_detect = false, hive_partitioning = false,
                        delim = ',', quote = '"', escape = '"',
                        columns = {{{types}}}, allow_quoted_nulls = false, header = true
                    )
                )
                """,
                {"path": literal},
            )
        except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
            raise _damaged(table, str(error)) from error
        num_read = _count(con, f"select count(*) from source_{table.name}")
        if not fingerprint.is_plain or num_read != fingerprint.num_records:
            counts = f"{num_read:,} of {fingerprint.num_records:,} records could be read."
            raise _damaged(table, counts)
    return records


def data_range(con: duckdb.DuckDBPyConnection) -> tuple[date, date] | None:
    """Give the day of the first purchase and the last day on which anything changes.

    Returns:
        None if no order has a readable purchase time.
    """
    row = con.execute(
        """
        select
            (select min(purchased_on) from source_orders),
            greatest(
                (select max(settled_on) from source_orders),
                (select max(greatest(created_on, answered_on)) from source_order_reviews)
            )
        """
    ).fetchone()
    return (row[0], row[1]) if row and row[0] is not None else None


def _damaged(table: SourceTable, detail: str) -> SourceError:
    return SourceError(
        f"{table.file_name} is damaged and cannot be replayed: {detail.splitlines()[0]} Replay "
        f"takes sound files only; fix it, or fetch it again."
    )


def _count(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = con.execute(sql).fetchone()
    return int(row[0]) if row else 0
