"""Where the records of a run's files have gone, table by table, and how many are too many.

``extract`` counts what it did with each file; dbt keeps the rows that cannot be used in
``ops.quarantined_rows``. Here both are brought together, the tables of a finished build are
counted, and a run is stopped that would leave out more than the settings allow. Which rows
cannot be used is decided in the dbt project.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import duckdb

from extract.results import LoadReport
from orchestration.errors import TooManyUnusableError
from orchestration.runs.records import TableAccount, TableRows

# Of the reasons why rows cannot be used, and of each reason's rows, what an error shows.
_MAX_REASONS = 3
_SHOWN_TEXT = 160

_WHAT_TO_DO = (
    "\nNothing was published. Correct the files and run again. If these rows are to be left "
    "out, allow a larger share with OLIST_MAX_QUARANTINED_SHARE."
)

# A part of a table may lose as large a share as a whole table may, and so few rows anyway: one
# row of a status that four orders have is no sign of a column that was read wrongly.
_FEW_ROWS = 10
# What would be missed if it were gone: the value of a column, or the month of a date.
_PARTS: dict[str, tuple[tuple[str, str], ...]] = {
    "orders": (("status", "order_status"), ("month", "order_purchase_timestamp")),
    "order_payments": (("type", "payment_type"),),
    "order_reviews": (("score", "review_score"), ("month", "review_creation_date")),
    "customers": (("state", "customer_state"),),
    "sellers": (("state", "seller_state"),),
    "products": (("category", "product_category_name"),),
}

_QUARANTINED = (
    "select reason, row_key as place, source_text as example "
    "from ops.quarantined_rows where table_name = $table"
)
_REJECTED = (
    "select reason, source_file || ' line ' || line_number as place, line_text as example "
    "from ops.rejected_lines where table_name = $table and batch_id = $batch"
)
# Without the value in brackets, so that equal reasons are counted together.
_KIND = r"regexp_replace(reason, ' \([^()]*\)', '', 'g')"
_REASONS = """
    select
        {kind} as kind,
        count(*) as num_rows,
        min_by(place || ': ' || coalesce(example, ''), place) as example
    from ({unusable}) group by kind order by num_rows desc, kind limit $most
"""

_STAGING = {"product_category_name_translation": "stg_category_translation"}


def take_accounts(
    connection: duckdb.DuckDBPyConnection, report: LoadReport
) -> tuple[TableAccount, ...]:
    """Count every table after its models were built.

    Returns:
        Nothing if the models that say so were not built.
    """
    known = connection.execute(
        "select table_schema || '.' || table_name from information_schema.tables"
    ).fetchall()
    told_by = {"ops.quarantined_rows", *(_staging(load.table_name) for load in report.tables)}
    if not told_by <= {name for (name,) in known}:
        return ()
    quarantined = dict(
        connection.execute(
            "select table_name, count(*) from ops.quarantined_rows group by table_name"
        ).fetchall()
    )
    return tuple(
        TableAccount(
            name=load.table_name,
            records=load.num_records,
            inserted=load.num_inserted,
            updated=load.num_updated,
            unchanged=load.num_unchanged,
            exact_duplicates=load.num_exact_duplicates,
            rejected=load.num_rejected_lines,
            rows=load.num_rows_after,
            staged=_count_staged(connection, load.table_name),
            quarantined=quarantined.get(load.table_name, 0),
        )
        for load in report.tables
    )


def check_accounts(
    connection: duckdb.DuckDBPyConnection,
    accounts: Sequence[TableAccount],
    *,
    max_share: float,
    batch_id: str,
) -> None:
    """See that no table would lose more rows than allowed.

    Args:
        connection: The build, for the reasons.
        accounts: From :func:`take_accounts`.
        max_share: Unusable rows of a table that are borne, from 0 to 1.
        batch_id: The load whose rejected lines count.

    Raises:
        TooManyUnusableError: Names each such table, or part of one, with its most frequent
            reasons.
    """
    over = [account for account in accounts if account.unusable_share > max_share]
    if not over:
        _check_parts(connection, accounts, max_share=max_share)
        return
    lines = [_describe(connection, account, batch_id) for account in over]
    raise TooManyUnusableError(
        f"More than {max_share:.1%} of a table's rows cannot be used:\n"
        + "\n".join(lines)
        + _WHAT_TO_DO
    )


def check_rejected_lines(
    connection: duckdb.DuckDBPyConnection, report: LoadReport, *, max_share: float
) -> None:
    """See that no file has lost more lines than allowed, before anybody looks at the rest.

    A gate would call such a table empty, or too small beside the others.

    Raises:
        TooManyUnusableError: Names each such file, with its most frequent reasons.
    """
    lines = []
    for load in report.tables:
        rejected, delivered = load.num_rejected_lines, load.num_rows_after
        if load.is_skipped or rejected <= max_share * (delivered + rejected):
            continue
        reasons = connection.execute(
            _REASONS.format(kind=_KIND, unusable=_REJECTED),
            {"table": load.table_name, "batch": report.batch_id, "most": _MAX_REASONS},
        ).fetchall()
        lines.append(
            f"  {load.table_name}: {rejected:,} of {delivered + rejected:,} lines were rejected"
        )
        lines += _reason_lines(reasons)
    if lines:
        raise TooManyUnusableError(
            f"More than {max_share:.1%} of a file's lines cannot be read:\n"
            + "\n".join(lines)
            + _WHAT_TO_DO
        )


def _check_parts(
    connection: duckdb.DuckDBPyConnection,
    accounts: Sequence[TableAccount],
    *,
    max_share: float,
) -> None:
    """See that no status, type, score, state or month is left out of a table in silence.

    Three rows in a hundred may be borne, and be every canceled order: compared with raw part by
    part, such a loss shows.
    """
    lines = []
    for account in accounts:
        if account.quarantined < _FEW_ROWS:
            continue
        for what, column in _PARTS.get(account.name, ()):
            length = 7 if what == "month" else 60
            rows = connection.execute(
                f"""
                with unusable as (
                    select
                        left(trim(source_text ->> $column), $length) as part,
                        count(*) as num_unusable,
                        any_value(reason) as example
                    from ops.quarantined_rows
                    where table_name = $table
                    group by part
                ),
                held as (
                    select left(trim({column}), $length) as part, count(*) as num_rows
                    from raw.{account.name}
                    group by part
                )
                select part, num_unusable, num_rows, example
                from unusable inner join held using (part)
                where num_unusable >= $few and num_unusable > $max_share * num_rows
                order by num_unusable desc, part
                """,
                {
                    "table": account.name,
                    "column": column,
                    "length": length,
                    "few": _FEW_ROWS,
                    "max_share": max_share,
                },
            ).fetchall()
            lines += [
                f"  {account.name} of the {what} {part}: {lost:,} of {held:,}, e.g. "
                f"{_short(example)}"
                for part, lost, held, example in rows
            ]
    if lines:
        raise TooManyUnusableError(
            f"More than {max_share:.1%} of a part of a table's rows cannot be used, so that "
            "part would be missing from every figure:\n" + "\n".join(lines) + _WHAT_TO_DO
        )


def find_as_of_date(connection: duckdb.DuckDBPyConnection) -> date | None:
    """The day the figures of a build look back from; None without its model."""
    exists = connection.execute(
        "select count(*) from information_schema.tables "
        "where table_schema = 'intermediate' and table_name = 'int_as_of_date'"
    ).fetchone()
    if exists is None or not exists[0]:
        return None
    row = connection.execute("select as_of_date from intermediate.int_as_of_date").fetchone()
    return row[0] if row else None


def count_rows(connection: duckdb.DuckDBPyConnection) -> list[TableRows]:
    """The rows of every table of a build."""
    names = connection.execute(
        "select schema_name, table_name from duckdb_tables() "
        "where not internal and not temporary order by all"
    ).fetchall()
    counts = []
    for schema, name in names:
        row = connection.execute(f'select count(*) from "{schema}"."{name}"').fetchone()
        counts.append(TableRows(schema, name, row[0] if row else 0))
    return counts


def _describe(
    connection: duckdb.DuckDBPyConnection, account: TableAccount, batch_id: str
) -> str:
    reasons = connection.execute(
        _REASONS.format(kind=_KIND, unusable=f"{_QUARANTINED} union all {_REJECTED}"),
        {"table": account.name, "batch": batch_id, "most": _MAX_REASONS},
    ).fetchall()
    head = (
        f"  {account.name}: {account.unusable:,} of {account.rows + account.rejected:,} "
        f"({account.unusable_share:.1%}; {account.quarantined:,} quarantined, "
        f"{account.rejected:,} rejected lines)"
    )
    return "\n".join([head, *_reason_lines(reasons)])


def _reason_lines(reasons: Sequence[tuple[str, int, str]]) -> list[str]:
    return [f"    {count:,} x {kind}, e.g. {_short(text)}" for kind, count, text in reasons]


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN_TEXT else text[: _SHOWN_TEXT - 3] + "..."


def _count_staged(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"select count(*) from {_staging(table)}").fetchone()
    return int(row[0]) if row else 0


def _staging(table: str) -> str:
    return f"staging.{_STAGING.get(table, f'stg_{table}')}"
