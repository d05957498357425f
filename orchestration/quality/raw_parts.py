"""How the raw gate measures: shares, means and counts of what has arrived, as SQL.

A share is the larger one of all rows and of those of the last load: a night that went wrong
must not hide behind two good years. The bounds are in ``raw_suites``.
"""

from __future__ import annotations

from collections.abc import Sequence

from orchestration.dbt.variables import project_vars
from orchestration.quality.spec import (
    ENOUGH_ROWS,
    LAST_BATCH,
    Measured,
    between,
)

_ARRIVED = f"_batch_id = {LAST_BATCH}"

# Of the last load of a table, and of the load before.
_AUDIT = "(select {what} from ops.load_audit where table_name = '{table}'{only} \
order by loaded_at desc limit 1 offset {age})"

_ANY_ORDERS = (
    "greatest((select count(*) from raw.orders), (select count(*) from raw.customers))"
)

# What people can do about a table, and where.
ASK_SOURCE = (
    "Ask the source what it has changed. Deliver the file again and run again; the published "
    "version stays as it is until then."
)


def share(  # noqa: PLR0913 - the parts of a check, by keyword
    name: str,
    fault: str,
    *,
    expected: str,
    critical: float | None = None,
    warning: float | None = None,
    among: str = "true",
    advice: str = ASK_SOURCE,
) -> Measured:
    """Rows with a fault must be few among all rows, or among those ``among`` selects."""
    sql = (
        f"greatest(count(*) filter (is_{name})"
        f" / greatest(count(*) filter ({among}), {ENOUGH_ROWS}), "
        f"count(*) filter (is_{name} and {_ARRIVED})"
        f" / greatest(count(*) filter ({among} and {_ARRIVED}), {ENOUGH_ROWS}))"
    )
    return between(
        name,
        sql,
        expected=expected,
        advice=advice,
        critical=None if critical is None else (None, critical),
        warning=None if warning is None else (None, warning),
        unit="share",
        flag=f"coalesce({among} and ({fault}), false)",
    )


def share_found(  # noqa: PLR0913
    name: str,
    column: str,
    other: str,
    *,
    expected: str,
    critical: float | None = None,
    warning: float | None = None,
    advice: str = ASK_SOURCE,
) -> Measured:
    """Rows whose ``column`` is not among the values of ``other``, ``table.column``, are few."""
    table, _, key = other.rpartition(".")
    # Staging trims both; blanks around an id are no other id.
    fault = (
        f"not {absent(column)} and trim({column}) not in "
        f"(select trim({key}) from {table} where {key} is not null)"
    )
    return share(
        name, fault, expected=expected, critical=critical, warning=warning, advice=advice
    )


def mean(  # noqa: PLR0913
    name: str,
    column: str,
    *,
    expected: str,
    critical: tuple[float, float] | None = None,
    warning: tuple[float, float] | None = None,
    advice: str = ASK_SOURCE,
) -> Measured:
    """The mean of what arrived last, or of all where that is too little to tell."""
    expression = amount(column)
    sql = (
        f"case when count({expression}) filter ({_ARRIVED}) >= {ENOUGH_ROWS} "
        f"then avg({expression}) filter ({_ARRIVED}) "
        f"when count({expression}) >= {ENOUGH_ROWS} then avg({expression}) end"
    )
    return between(
        name, sql, expected=expected, advice=advice, critical=critical, warning=warning
    )


def null_markers() -> tuple[str, ...]:
    """What stands for no value in other systems, as the dbt project has it."""
    return tuple(project_vars()["null_markers"])


def amount(column: str) -> str:
    """A number; null for infinity and NaN, which a cast takes and which would be every sum."""
    number = f"try_cast({column} as double)"
    return f"case when isfinite({number}) then {number} end"


def absent(column: str) -> str:
    """Whether a column of raw has no value, as staging reads it."""
    marks = ", ".join(f"'{mark}'" for mark in ("", *null_markers()))
    return f"({column} is null or trim({column}) in ({marks}))"


def if_enough(expression: str, rows: int = ENOUGH_ROWS) -> str:
    """An expression that is not judged while the table has fewer rows."""
    return f"case when count(*) >= {rows} then {expression} end"


def per_order(
    table_rows: str, *, expected: str, critical: float | None, warning: float | None
) -> Measured:
    """A table must hold something about most orders: the floor that fits every scale."""
    orders = "(select count(*) from raw.orders)"
    sql = f"case when {orders} >= {ENOUGH_ROWS} then {table_rows} / {orders} end"
    return between(
        "covers_the_orders",
        sql,
        expected=expected,
        advice="The files are not of one moment, or one of them is cut off. " + ASK_SOURCE,
        critical=None if critical is None else (critical, None),
        warning=None if warning is None else (warning, None),
        unit="share",
    )


def volume(table: str) -> Sequence[Measured]:
    """How much arrived against the loads before; the same questions for every table."""
    last, before = (_audit(table, "num_rows_after", age) for age in (0, 1))
    snapshot = " and mode = 'snapshot'"
    is_snapshot = f"{_audit(table, 'mode', 0)} = 'snapshot'"
    records, records_before = (
        _audit(table, "num_records", age, only=snapshot) for age in (0, 1)
    )
    missing, missing_before = (
        _audit(table, "num_missing", age, only=snapshot) for age in (0, 1)
    )
    return (
        between(
            "holds_rows",
            # A first night of a few orders may have no review yet.
            f"case when count(*) > 0 or {_ANY_ORDERS} >= {ENOUGH_ROWS} then count(*) end",
            expected="rows in the table",
            advice="The file is empty. " + ASK_SOURCE,
            critical=(1, None),
        ),
        between(
            "file_keeps_its_size",
            f"case when {is_snapshot} and {records_before} >= {ENOUGH_ROWS} "
            f"then {records} / {records_before} end",
            expected="records of the file against the snapshot before",
            advice="A snapshot must hold everything. If the file holds changes only, run with "
            "--mode delta. If rows were meant to go, see docs/data_quality.md.",
            # Orders are never taken back; a tenth fewer is a cut file, one in a hundred a gap.
            critical=(0.90, None),
            warning=(0.99, None),
            unit="share",
        ),
        between(
            "keys_keep_their_spelling",
            f"case when {is_snapshot} and {before} >= {ENOUGH_ROWS} "
            f"then ({missing} - coalesce({missing_before}, 0)) / {before} end",
            expected="rows of the warehouse that the snapshot lacks for the first time",
            advice="Keys may be written in another way, or another shop's file was delivered: "
            "its rows would stand beside the old ones. " + ASK_SOURCE,
            critical=(None, 0.10),
            warning=(None, 0.01),
            unit="share",
        ),
        between(
            "growth",
            # New rows against old ones; an old warehouse of a few rows is no measure.
            f"case when {last} - {before} > 5000 then {last} / greatest({before}, 1) end",
            expected="rows against those before the load",
            advice="A replayed month may do this; a file delivered twice with other keys, too. "
            "Compare ops.load_audit of the last loads.",
            # A month of replayed history at most; the nightly growth of Olist is 0.2 %.
            warning=(None, 1.5),
            unit="ratio",
        ),
        between(
            "growth_is_possible",
            # Two years of Olist in one load on top of what is there.
            f"case when {last} - {before} > 200000 then {last} / greatest({before}, 1) end",
            expected="rows against those before the load, where more than 200,000 came",
            advice="No night brings twice the whole of Olist. " + ASK_SOURCE,
            critical=(None, 10),
            unit="ratio",
        ),
    )


def _audit(table: str, what: str, age: int, *, only: str = "") -> str:
    return _AUDIT.format(what=what, table=table, only=only, age=age)
