"""The timelines of rows: in which drop each appears, changes, goes missing and comes back.

Every table of the dataset with a key becomes a table ``timeline_<name>`` in a scratch database:
the source's columns as text, and beside them drop indexes. What a drop shows is then a plain
selection (``shown``). The rules in words are in the package's docstring. Nothing is written to
files here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import duckdb

from extract.replay.days import DropCalendar
from extract.replay.reading import CHANGING_TABLES
from extract.tables import SourceTable

# Drops by which a late row or a correction comes after its time, at most.
MAX_DELAY_DROPS = 5

# A share of rows is taken of this many parts.
_PARTS = 1_000_000


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong in the source system, as shares of rows from 0 to 1.

    Attributes:
        seed: Which rows it strikes.
        late: Rows that arrive in a later drop than they should.
        corrections: Rows that first show a wrong value.
        deletions: Rows that are missing for a while.
    """

    seed: int = 42
    late: float = 0.0
    corrections: float = 0.0
    deletions: float = 0.0


@dataclass(frozen=True, slots=True)
class _Timeline:
    """What is particular to one table.

    Attributes:
        appears_on: SQL of the day a row appears, NULL for from the start on.
        join: Joins that ``appears_on`` needs, each to one row at most.
        columns: Columns shown otherwise than as in the source: SQL with {k} for the drop.
        changes: Further columns of ``timeline_``: the drop of a change, and the SQL of it.
        wrong_column: The column a correction corrects, "" for none.
        wrong_value: SQL of what it first shows.
    """

    appears_on: str
    join: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    changes: Mapping[str, str] = field(default_factory=dict)
    wrong_column: str = ""
    wrong_value: str = "null"


def _timestamp_shown(column: str, drop: str) -> str:
    # A timestamp that cannot be read has no day; it shows when nothing is open any more.
    return f"case when coalesce({drop}, settled_drop) <= {{k}} then {column} end"


_WRONG_CITY = "case when {0} = 'sao paulo' then 'campinas' else 'sao paulo' end"
# What is no number has no wrong neighbour.
_WRONG_AMOUNT = """
    coalesce(
        (try_cast({0} as decimal(18, 2)) + 1 + dice('by how much', row_key) % 50)::text, {0}
    )"""

_TIMELINES: dict[str, _Timeline] = {
    "customers": _Timeline(
        appears_on="customer_day.day",
        join="left join customer_day using (customer_id)",
        wrong_column="customer_city",
        wrong_value=_WRONG_CITY.format("customer_city"),
    ),
    "orders": _Timeline(
        # An order without id cannot be followed from drop to drop: it comes when it is final.
        appears_on="case when order_id is null then settled_on else purchased_on end",
        columns={
            "order_status": """
                case
                    when settled_drop <= {k} then order_status
                    when delivered_drop <= {k} then 'delivered'
                    when carrier_drop <= {k} then 'shipped'
                    when approved_drop <= {k} then 'approved'
                    else 'created'
                end""",
            "order_approved_at": _timestamp_shown("order_approved_at", "approved_drop"),
            "order_delivered_carrier_date": _timestamp_shown(
                "order_delivered_carrier_date", "carrier_drop"
            ),
            "order_delivered_customer_date": _timestamp_shown(
                "order_delivered_customer_date", "delivered_drop"
            ),
        },
        changes={
            "approved_drop": "known_drop_index(approved_on)",
            "carrier_drop": "known_drop_index(carrier_on)",
            "delivered_drop": "known_drop_index(delivered_on)",
            "settled_drop": "drop_index(settled_on)",
        },
    ),
    "order_items": _Timeline(
        appears_on="order_day.purchased_on",
        join="left join order_day using (order_id)",
        wrong_column="price",
        wrong_value=_WRONG_AMOUNT.format("price"),
    ),
    "order_payments": _Timeline(
        appears_on="order_day.paid_on",
        join="left join order_day using (order_id)",
        wrong_column="payment_value",
        wrong_value=_WRONG_AMOUNT.format("payment_value"),
    ),
    "order_reviews": _Timeline(
        appears_on="greatest(order_day.purchased_on, created_on, answered_on)",
        join="left join order_day using (order_id)",
        wrong_column="review_score",
        wrong_value="case when review_score = '5' then '1' else '5' end",
    ),
    "products": _Timeline(
        appears_on="product_day.day",
        join="left join product_day using (product_id)",
        wrong_column="product_category_name",
        wrong_value="""
            case
                when product_category_name is null then null
                when dice('which category', row_key) % 2 = 0 then null
                when product_category_name = 'bebes' then 'esporte_lazer'
                else 'bebes'
            end""",
    ),
    "sellers": _Timeline(
        appears_on="seller_day.day",
        join="left join seller_day using (seller_id)",
        wrong_column="seller_city",
        wrong_value=_WRONG_CITY.format("seller_city"),
    ),
}

_DAYS_BY_ENTITY = """
create table order_day as
select
    order_id,
    min(purchased_on) as purchased_on,
    min(greatest(purchased_on, approved_on)) as paid_on
from source_orders group by order_id;

create table customer_day as
select customer_id, min(purchased_on) as day from source_orders group by customer_id;

create table product_day as
select product_id, min(purchased_on) as day
from source_order_items inner join order_day using (order_id) group by product_id;

create table seller_day as
select seller_id, min(purchased_on) as day
from source_order_items inner join order_day using (order_id) group by seller_id;
"""


def make_timelines(con: duckdb.DuckDBPyConnection, drops: DropCalendar, faults: Faults) -> None:
    """Turn each ``source_`` table into a ``timeline_`` table, and drop it.

    Args:
        con: A connection after ``reading.read_source``.
        drops: When the drops are taken.
        faults: What goes wrong.
    """
    con.execute("set variable drop_of = $days", {"days": drops.drop_of_each_day()})
    con.execute("set variable seed = $seed", {"seed": faults.seed})
    start, end = (f"date '{day}'" for day in (drops.days[0], drops.days[-1]))
    con.execute(
        f"""
        create macro drop_index(day) as case
            when day is null or day <= {start} then 0
            when day > {end} then {drops.after_end}
            else getvariable('drop_of')[day - {start} + 1]
        end;
        create macro known_drop_index(day) as case
            when day is not null then drop_index(day)
        end;
        -- A number from 0 that depends on the seed, the purpose and the row alone.
        create macro dice(purpose, row_key) as (
            md5_number_lower(concat_ws(chr(0), getvariable('seed'), purpose, row_key))
            % 2147483647
        )::bigint;
        {_DAYS_BY_ENTITY}
        """
    )
    for table in CHANGING_TABLES:
        con.execute(_timeline_sql(table, drops.last, faults))
    for table in CHANGING_TABLES:
        con.execute(f"drop table source_{table.name}")


def changing_drops(con: duckdb.DuckDBPyConnection, table: SourceTable) -> frozenset[int]:
    """Give the indexes of the drops in which a table differs from the drop before."""
    columns = ", ".join(("gap_from", *_changes(table)))
    rows = con.execute(
        f"""
        select distinct unnest([{columns}]) as drop_index from timeline_{table.name}
        order by drop_index
        """
    ).fetchall()
    return frozenset(row[0] for row in rows if row[0] is not None)


def has_twins(con: duckdb.DuckDBPyConnection, table: SourceTable) -> bool:
    """Tell whether rows of a table share a key."""
    return bool(_count(con, f"select count(*) from timeline_{table.name} where has_twin"))


def shown(table: SourceTable, drop: int) -> str:
    """Build the query for what a table shows in a drop, in file order."""
    return f"{_select(table, drop)} where {_is_present(drop)}"


def shown_as_delta(table: SourceTable, drop: int, *, with_twins: bool) -> str:
    """Build the query for what a drop shows that the one before did not.

    Args:
        table: The table.
        drop: Index of the drop.
        with_twins: Whether rows share keys; a key's rows then come all or none, since the
            load replaces what it holds of a key as a whole.
    """
    changed = f"{drop} in ({', '.join(_changes(table))})"
    if with_twins:
        keys = ", ".join(table.key)
        changed = f"""({changed} or (has_twin and ({keys}) in (
            select ({keys}) from timeline_{table.name}
            where has_twin and {_is_present(drop)} and {changed}
        )))"""
    return f"{_select(table, drop)} where {_is_present(drop)} and {changed}"


def _select(table: SourceTable, drop: int) -> str:
    timeline = _TIMELINES[table.name]
    columns = []
    for column in table.columns:
        if column in timeline.columns:
            columns.append(f"{timeline.columns[column].format(k=drop)} as {column}")
        elif column == timeline.wrong_column:
            columns.append(
                f"case when corrected_drop > {drop} then wrong_value else {column} end "
                f"as {column}"
            )
        else:
            columns.append(column)
    return f"select {', '.join(columns)} from timeline_{table.name}"


def _is_present(drop: int) -> str:
    return (
        f"first_drop <= {drop} and not coalesce({drop} >= gap_from and {drop} < gap_to, false)"
    )


def _changes(table: SourceTable) -> tuple[str, ...]:
    return ("first_drop", "gap_to", "corrected_drop", *_TIMELINES[table.name].changes)


def _timeline_sql(table: SourceTable, last: int, faults: Faults) -> str:
    timeline = _TIMELINES[table.name]
    has_key = " and ".join(f"{column} is not null" for column in table.key)
    events = "".join(f"{sql} as {name}, " for name, sql in timeline.changes.items())
    wrong = "null::varchar as wrong_value, false as is_wrong_first"
    if timeline.wrong_column:
        wrong = (
            f"{timeline.wrong_value} as wrong_value, "
            f"wrong_value is distinct from {timeline.wrong_column} "
            f"and {_strikes(faults.corrections, 'correction')} as is_wrong_first"
        )
    return f"""
    create table timeline_{table.name} as
    with placed as (
        select
            source.*,
            {timeline.appears_on} as appears_on,
            {has_key} as has_key,
            concat_ws(chr(0), '{table.name}', {", ".join(table.key)}) as row_key
        from source_{table.name} as source
        {timeline.join}
    ),

    due as (
        select
            *,
            {events}
            drop_index(appears_on) as due_drop,
            has_key and count(*) over (partition by has_key, row_key) > 1 as has_twin,
            {wrong}
        from placed
    ),

    arrived as (
        select
            *,
            case
                when due_drop < {last} and {_strikes(faults.late, "late")}
                    then due_drop + {_delay("how late", "due_drop", last)}
                else due_drop
            end as first_drop
        from due
    ),

    missed as (
        select
            *,
            case
                when first_drop < {last} and is_wrong_first
                    then first_drop + {_delay("how long wrong", "first_drop", last)}
            end as corrected_drop,
            case
                when first_drop < {last - 1} and {_strikes(faults.deletions, "deletion")}
                    then first_drop + 1
                        + dice('missing from', row_key) % ({last - 1} - first_drop)
            end as gap_from
        from arrived
    )

    select
        {", ".join(table.columns)},
        first_drop,
        {"".join(f"{change}, " for change in timeline.changes)}
        corrected_drop,
        wrong_value,
        gap_from,
        gap_from + 1 + dice('missing until', row_key) % ({last} - gap_from) as gap_to,
        has_twin
    from missed
    order by file_row
    """


def _strikes(share: float, purpose: str) -> str:
    # A row without a full key is never the same row again in a later drop: it is left alone.
    parts = round(share * _PARTS)
    return f"has_key and {parts} > 0 and dice('{purpose}', row_key) % {_PARTS} < {parts}"


def _delay(purpose: str, since: str, last: int) -> str:
    return f"1 + dice('{purpose}', row_key) % least({MAX_DELAY_DROPS}, {last} - {since})"


def _count(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = con.execute(sql).fetchone()
    return int(row[0]) if row else 0
