"""The profile of the raw tables: against pandas, against counted figures, from load to load."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from extract.profiling import update_profile
from extract.profiling.columns import profiled_columns
from extract.profiling.quirks import QUIRKS_COUNTED
from extract.results import LoadReport
from extract.tables import TABLES, TABLES_BY_NAME
from orchestration.cli import main as olist
from orchestration.warehouse.versions import open_reader
from tests.support.loading import DAY_TWO, Loader
from tests.support.tiny_source import TINY_FILES

# Counted by hand on the full public dataset.
REAL_QUIRKS = {
    "orders_without_items": 775,
    "orders_without_payment": 1,
    "orders_without_review": 768,
    "orders_with_several_reviews": 547,
    "orders_with_several_sellers": 1_278,
    "review_ids_on_several_orders": 789,
    "reviews_without_answer_time": 45,
    "reviews_without_creation_date": 9,
    "reviews_created_before_the_purchase": 74,
    "delivered_without_a_delivery_date": 8,
    "canceled_with_a_delivery_date": 6,
    "handed_over_before_approval": 1_359,
    "handed_over_before_purchase": 166,
    "delivered_before_handed_over": 23,
    "late_by_the_clock_only": 7_826 - 6_534,
    "totals_differ_by_more_than_a_cent": 303,
    "totals_differ_by_more_than_a_real": 249,
    "payments_of_value_zero": 9,
    "payments_of_undefined_type": 3,
    "payments_of_zero_installments": 2,
    "items_with_free_freight": 383,
    "persons_with_several_orders": 96_096 - 93_099,
    "persons_with_several_addresses": 252,
    "products_without_category": 610,
    "products_of_no_weight": 6,
    "untranslated_categories": 2,
    "products_of_untranslated_categories": 13,
    "repeated_points": 261_831,
    "points_outside_brazil": 31,
    "prefixes_of_several_spellings": 8_556,
    "prefixes_in_several_states": 8,
    "customer_prefixes_without_a_point": 157,
    "seller_prefixes_without_a_point": 7,
}


class Profiled(Loader):
    """A tiny warehouse whose loads are profiled, as in a run."""

    def run(self, **overrides: str | bytes | None) -> LoadReport:
        """Load and profile."""
        report = self.load(loaded_at=DAY_TWO, mode="snapshot", force=False, **overrides)
        update_profile(self.con, report)
        return report

    def column(self, table: str, column: str) -> dict[str, Any]:
        """The profile of one column."""
        found = self.con.execute(
            "from ops.source_profile where table_name = ? and column_name = ?", [table, column]
        )
        names = [name for name, *_ in found.description or ()]
        ((*values,),) = found.fetchall()
        return dict(zip(names, values, strict=True))


@pytest.fixture
def profiled(tmp_path: Path) -> Iterator[Profiled]:
    fresh = Profiled(tmp_path)
    yield fresh
    fresh.con.close()


def test_every_source_column_is_profiled(built_warehouse: Path) -> None:
    with open_reader(built_warehouse) as con:
        found = con.execute(
            "select table_name, column_name from ops.source_profile "
            "order by table_name, column_position"
        ).fetchall()
    tables = sorted(TABLES, key=lambda table: table.name)
    assert found == [(table.name, column) for table in tables for column in table.columns]


def _quantile(values: pd.Series[Any], share: float) -> object:
    ordered = values.dropna().sort_values(ignore_index=True)
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("order_items", "price"),
        ("order_payments", "payment_installments"),
        ("order_reviews", "review_score"),
        ("order_reviews", "review_comment_message"),
        ("orders", "order_delivered_customer_date"),
        ("products", "product_weight_g"),
        ("products", "product_category_name"),
        ("sellers", "seller_zip_code_prefix"),
        ("geolocation", "geolocation_city"),
    ],
)
def test_a_profile_equals_what_pandas_finds_in_the_file(
    built_warehouse: Path, generated_files: Path, table: str, column: str
) -> None:
    source = TABLES_BY_NAME[table]
    frame = pd.read_csv(
        generated_files / source.file_name,
        dtype=str,
        keep_default_na=False,
        na_values=[""],
        encoding="utf-8-sig",
    )
    values = frame[column]
    (meaning,) = (c.meaning for c in profiled_columns(source) if c.name == column)
    typed: pd.Series[Any] = values.dropna()
    if meaning in ("integer", "amount"):
        typed = pd.to_numeric(typed)
    elif meaning == "timestamp":
        typed = pd.to_datetime(typed)
    elif meaning == "free_text":
        typed = typed.str.len()
    with open_reader(built_warehouse) as con:
        found = con.execute(
            """
            select num_rows, num_nulls, num_distinct, is_distinct_approximate,
                min_value, p25_value, median_value, p95_value, max_value, num_unreadable
            from ops.source_profile where table_name = ? and column_name = ?
            """,
            [table, column],
        ).fetchone()
        top = con.execute(
            "select value, num_rows from ops.source_top_values "
            "where table_name = ? and column_name = ? order by value_rank",
            [table, column],
        ).fetchall()
    assert found is not None
    assert found[:2] == (len(frame), int(values.isna().sum()))
    assert found[9] == 0
    if found[3]:
        assert found[2] == pytest.approx(values.nunique(), rel=0.2)
    else:
        assert found[2] == values.nunique()

    def read(text: str) -> object:
        if meaning == "text":
            return text
        return pd.Timestamp(text) if meaning == "timestamp" else float(text)

    assert (read(found[4]), read(found[8])) == (typed.min(), typed.max())
    if meaning != "text":
        shares = (0.25, 0.5, 0.95)
        assert [read(text) for text in found[5:8]] == [_quantile(typed, s) for s in shares]
    if meaning == "free_text":
        assert top == []
    else:
        counted = values.str[:10] if meaning == "timestamp" else values
        frequent = counted.value_counts()
        frequent = frequent[frequent > 1]
        expected = sorted(frequent.items(), key=lambda pair: (-pair[1], str(pair[0])))
        assert top == expected[:10]


def test_no_identifier_and_nothing_a_customer_wrote_is_shown(built_warehouse: Path) -> None:
    with open_reader(built_warehouse) as con:
        shown = con.execute(
            """
            select meaning, count(value), count(min_value)
            from ops.source_profile
            left join ops.source_top_values using (table_name, column_name)
            where meaning in ('id', 'free_text') group by meaning order by meaning
            """
        ).fetchall()
        lengths = con.execute(
            "select min_value, max_value from ops.source_profile where meaning = 'free_text'"
        ).fetchall()
    assert [(meaning, values) for meaning, values, _ in shown] == [("free_text", 0), ("id", 0)]
    assert shown[1][2] == 0
    assert all(text.isdigit() for row in lengths for text in row)


@pytest.mark.real_data
def test_the_quirks_of_the_real_data_are_found_as_often_as_counted(
    real_warehouse: Path,
) -> None:
    with open_reader(real_warehouse) as con:
        found = dict(con.execute("select quirk, num_found from ops.source_quirks").fetchall())
    assert {name: found.get(name) for name in REAL_QUIRKS} == REAL_QUIRKS


def test_a_quirk_is_counted_by_the_query_beside_it(built_warehouse: Path) -> None:
    with open_reader(built_warehouse) as con:
        quirks = con.execute("select quirk, num_found, count_sql from ops.source_quirks")
        rows = quirks.fetchall()
        assert {name: found for name, found, _ in rows} == {
            name: (con.execute(sql).fetchone() or (None,))[0] for name, _, sql in rows
        }
    assert {name for name, *_ in rows} == {quirk.name for quirk in QUIRKS_COUNTED}


def test_a_second_load_is_shown_beside_the_first(profiled: Profiled) -> None:
    profiled.run()
    first = profiled.column("order_payments", "payment_value")
    assert (first["previous_batch_id"], first["max_value"]) == (None, "199.00")
    more = TINY_FILES["order_payments"] + '"o3",2,voucher,1,500.00\n"o3",3,voucher,1,0.00\n'
    profiled.run(order_payments=more)
    second = profiled.column("order_payments", "payment_value")
    assert (second["batch_id"], second["previous_batch_id"]) == ("batch-2", "batch-1")
    assert (second["num_rows"], second["previous_num_rows"]) == (5, 3)
    assert (second["max_value"], second["previous_max_value"]) == ("500.00", "199.00")
    assert profiled.rows(
        "select value, num_rows, previous_num_rows from ops.source_top_values "
        "where column_name = 'payment_type'"
    ) == [("voucher", 3, None)]
    assert profiled.rows(
        "select num_found, previous_num_found, batch_id from ops.source_quirks "
        "where quirk = 'payments_of_value_zero'"
    ) == [(1, 0, "batch-2")]


def test_tables_that_a_load_leaves_alone_keep_their_profile(profiled: Profiled) -> None:
    profiled.run()
    before = profiled.rows("from ops.source_profile where table_name <> 'sellers' order by all")
    profiled.run(sellers=TINY_FILES["sellers"] + '"s4","04195",osasco,SP\n')
    after = profiled.rows("from ops.source_profile where table_name <> 'sellers' order by all")
    assert before == after
    assert profiled.column("sellers", "seller_city")["batch_id"] == "batch-2"


def test_a_table_is_profiled_again_once_a_hundredth_of_it_has_changed(
    profiled: Profiled,
) -> None:
    def sellers(numbers: range) -> str:
        rows = (f'"s{number}","04195",osasco,SP\n' for number in numbers)
        return TINY_FILES["sellers"].splitlines(keepends=True)[0] + "".join(rows)

    profiled.run(sellers=sellers(range(200)))
    first = profiled.column("sellers", "seller_city")
    profiled.run(sellers=sellers(range(202)))
    assert profiled.column("sellers", "seller_city") == first
    quirk = (
        "select batch_id from ops.source_quirks where quirk = 'seller_prefixes_without_a_point'"
    )
    assert profiled.value(quirk) == first["batch_id"]
    profiled.run(sellers=sellers(range(203)))
    second = profiled.column("sellers", "seller_city")
    assert (first["num_rows"], second["num_rows"]) == (200, 203)
    assert (second["batch_id"], second["previous_num_rows"]) == ("batch-3", 200)
    assert profiled.value(quirk) == "batch-3"


def test_everything_that_changed_is_profiled_on_request(profiled: Profiled) -> None:
    header, *rows = TINY_FILES["geolocation"].splitlines(keepends=True)
    many = header + "".join(rows) * 200
    profiled.run(geolocation=many)
    report = profiled.load(loaded_at=DAY_TWO, geolocation=many + rows[0])
    assert update_profile(profiled.con, report).tables == ()
    assert update_profile(profiled.con, report, everything=True).tables == ("geolocation",)
    assert profiled.column("geolocation", "geolocation_city")["previous_num_rows"] == (
        len(rows) * 200
    )


def test_a_night_without_changes_writes_nothing(profiled: Profiled) -> None:
    profiled.run()
    report = profiled.load(loaded_at=DAY_TWO)
    done = update_profile(profiled.con, report)
    assert (done.tables, done.num_quirks) == ((), 0)


def test_a_quirk_that_is_counted_otherwise_than_before_is_counted_again(
    profiled: Profiled,
) -> None:
    profiled.run()
    profiled.con.execute(
        "update ops.source_quirks set count_sql = 'select 7', num_found = 7 "
        "where quirk = 'items_with_free_freight'"
    )
    report = profiled.load(loaded_at=DAY_TWO)
    assert update_profile(profiled.con, report).num_quirks == 1
    assert profiled.rows(
        "select num_found, previous_num_found from ops.source_quirks "
        "where quirk = 'items_with_free_freight'"
    ) == [(1, 7)]


def test_values_that_do_not_fit_their_meaning_are_counted(profiled: Profiled) -> None:
    header, *rows = TINY_FILES["order_items"].splitlines(keepends=True)
    profiled.run(order_items=header + "".join(rows).replace("199.00", "cheap"))
    price = profiled.column("order_items", "price")
    assert (price["num_unreadable"], price["max_value"], price["num_distinct"]) == (
        1,
        "58.90",
        2,
    )


def test_a_profile_of_another_shape_is_made_anew(profiled: Profiled) -> None:
    profiled.run()
    profiled.con.execute(
        "drop table ops.source_quirks; drop table ops.source_profile; "
        "create table ops.source_profile as select 1 as table_name"
    )
    profiled.run()
    assert profiled.value("select count(*) from ops.source_profile") == sum(
        len(table.columns) for table in TABLES
    )
    assert profiled.value("select count(*) from ops.source_quirks") == len(QUIRKS_COUNTED)


def test_a_row_of_the_profile_cannot_stand_twice(profiled: Profiled) -> None:
    profiled.run()
    for table in ("source_profile", "source_top_values", "source_quirks"):
        with pytest.raises(duckdb.ConstraintException):
            profiled.con.execute(f"insert into ops.{table} from ops.{table}")


def test_the_command_prints_a_table_with_its_values_and_quirks(
    built_warehouse: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["order_payments", "--warehouse", str(built_warehouse.parent)]
    assert olist(["profile", *arguments]) == 0
    text = capsys.readouterr().out
    assert "credit_card" in text
    assert "payments_of_zero_installments" in text
    assert "repeated_points" not in text
