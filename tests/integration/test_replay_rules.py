"""What a drop shows of rows written by hand: each state of an order, each kind of row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest

from extract.replay import Drop, replay
from extract.tables import TABLES, TABLES_BY_NAME
from tests.support.replaying import csv_text, dicts_in, rows_in, rows_of
from tests.support.tiny_source import tiny_source

PURCHASED, APPROVED = "order_purchase_timestamp", "order_approved_at"
CARRIER, DELIVERED = "order_delivered_carrier_date", "order_delivered_customer_date"
ESTIMATED = "order_estimated_delivery_date"

Values = Mapping[str, str | None]


def order(status: str | None, purchased: str | None, **more: str | None) -> Values:
    return {
        "order_id": "o1",
        "customer_id": "c1",
        "order_status": status,
        PURCHASED: purchased,
        ESTIMATED: "2018-03-01 00:00:00",
        **more,
    }


def drops_of(
    directory: Path, start: int, end: int, *, mode: str = "snapshot", **tables: Sequence[Values]
) -> dict[int, Drop]:
    """Replay days of January 2018 from the tiny source with some tables replaced."""
    texts = {name: csv_text(name, rows) for name, rows in tables.items()}
    source = tiny_source(directory / "source", **texts)
    drops = replay(
        source,
        directory / "drops",
        start=date(2018, 1, start),
        end=date(2018, 1, end),
        mode="delta" if mode == "delta" else "snapshot",
    )
    return {drop.day.day: drop for drop in drops}


def statuses(directory: Path, end: int, *orders: Values) -> list[str | None]:
    """Give the status of the first order at the end of each day from 1 January 2018."""
    drops = drops_of(directory, 1, end, orders=list(orders))
    shown = (dicts_in(drop, "orders") for drop in drops.values())
    return [rows[0]["order_status"] if rows else "-" for rows in shown]


def test_an_order_goes_through_each_state_on_its_day(tmp_path: Path) -> None:
    whole = order(
        "delivered",
        "2018-01-02 23:59:59",
        order_approved_at="2018-01-03 00:00:00",
        order_delivered_carrier_date="2018-01-05 12:00:00",
        order_delivered_customer_date="2018-01-06 12:00:00",
    )
    assert statuses(tmp_path, 7, whole) == [
        "-",
        "created",
        "approved",
        "approved",
        "shipped",
        "delivered",
        "delivered",
    ]


def test_timestamps_are_empty_until_their_day_and_the_estimate_is_not(tmp_path: Path) -> None:
    whole = order(
        "delivered",
        "2018-01-02 10:00:00",
        order_approved_at="2018-01-03 10:00:00",
        order_delivered_carrier_date="2018-01-04 10:00:00",
        order_delivered_customer_date="2018-01-05 10:00:00",
    )
    drops = drops_of(tmp_path, 2, 5, orders=[whole])
    filled = {
        day: [name for name in (APPROVED, CARRIER, DELIVERED, ESTIMATED) if row[name]]
        for day, drop in drops.items()
        for row in dicts_in(drop, "orders")
    }
    assert filled == {
        2: [ESTIMATED],
        3: [APPROVED, ESTIMATED],
        4: [APPROVED, CARRIER, ESTIMATED],
        5: [APPROVED, CARRIER, DELIVERED, ESTIMATED],
    }


@pytest.mark.parametrize("final", ["approved", "processing", "invoiced"])
def test_states_after_the_approval_show_from_the_approval(tmp_path: Path, final: str) -> None:
    row = order(final, "2018-01-01 10:00:00", order_approved_at="2018-01-02 10:00:00")
    assert statuses(tmp_path, 3, row) == ["created", final, final]


def test_an_order_never_approved_stays_created(tmp_path: Path) -> None:
    assert statuses(tmp_path, 2, order("created", "2018-01-01 10:00:00")) == ["created"] * 2


@pytest.mark.parametrize("final", ["canceled", "unavailable"])
def test_an_order_ends_badly_the_day_after_its_last_sign_of_life(
    tmp_path: Path, final: str
) -> None:
    row = order(final, "2018-01-01 10:00:00", order_approved_at="2018-01-02 10:00:00")
    assert statuses(tmp_path, 4, row) == ["created", "approved", final, final]


def test_a_parcel_handed_over_before_approval_is_shipped_without_one(tmp_path: Path) -> None:
    row = order(
        "shipped",
        "2018-01-01 10:00:00",
        order_approved_at="2018-01-03 10:00:00",
        order_delivered_carrier_date="2018-01-02 10:00:00",
    )
    drops = drops_of(tmp_path, 2, 3, orders=[row])
    (second,), (third,) = (dicts_in(drop, "orders") for drop in drops.values())
    assert (second["order_status"], second[APPROVED]) == ("shipped", None)
    assert (third["order_status"], third[APPROVED]) == ("shipped", "2018-01-03 10:00:00")


def test_a_parcel_handed_over_before_the_purchase_does_not_show_before_it(
    tmp_path: Path,
) -> None:
    row = order(
        "shipped",
        "2018-01-03 10:00:00",
        order_delivered_carrier_date="2018-01-01 10:00:00",
    )
    assert statuses(tmp_path, 3, row) == ["-", "-", "shipped"]


def test_delivered_without_a_date_is_delivered_at_the_last_known_time(tmp_path: Path) -> None:
    row = order(
        "delivered",
        "2018-01-01 10:00:00",
        order_approved_at="2018-01-02 10:00:00",
        order_delivered_carrier_date="2018-01-03 10:00:00",
    )
    assert statuses(tmp_path, 4, row) == ["created", "approved", "delivered", "delivered"]


def test_a_time_that_cannot_be_read_shows_when_the_order_is_final(tmp_path: Path) -> None:
    row = order(
        "shipped",
        "2018-01-01 10:00:00",
        order_approved_at="1/2/2018 10:00",
        order_delivered_carrier_date="2018-01-03 10:00:00",
    )
    drops = drops_of(tmp_path, 2, 3, orders=[row])
    shown = [dicts_in(drop, "orders")[0][APPROVED] for drop in drops.values()]
    assert shown == [None, "1/2/2018 10:00"]


def test_an_order_with_an_unreadable_purchase_is_there_from_the_first_drop(
    tmp_path: Path,
) -> None:
    good = order("created", "2018-01-02 10:00:00")
    bad = {**order("created", "soon"), "order_id": "o2"}
    drops = drops_of(tmp_path, 1, 1, orders=[good, bad])
    assert [row["order_id"] for row in dicts_in(drops[1], "orders")] == ["o2"]


def test_rows_of_an_order_come_with_it_and_its_payment_with_the_approval(
    tmp_path: Path,
) -> None:
    """The tiny source's o2: purchased and approved on 5 January; made to wait here."""
    row = {
        **order("approved", "2018-01-02 10:00:00", order_approved_at="2018-01-04 10:00:00"),
        "order_id": "o2",
        "customer_id": "c2",
    }
    drops = drops_of(tmp_path, 1, 4, orders=[row])

    def first_day(table: str, column: str, value: str) -> int:
        return min(
            day
            for day, drop in drops.items()
            if any(shown[column] == value for shown in dicts_in(drop, table))
        )

    assert first_day("customers", "customer_id", "c2") == 2
    assert first_day("order_items", "order_id", "o2") == 2
    assert first_day("products", "product_id", "pr2") == 2
    assert first_day("sellers", "seller_id", "s2") == 2
    assert first_day("order_payments", "order_id", "o2") == 4


def test_a_payment_never_approved_comes_with_the_purchase(tmp_path: Path) -> None:
    drops = drops_of(tmp_path, 1, 2, orders=[order("created", "2018-01-02 10:00:00")])
    shown = [
        {row["order_id"] for row in dicts_in(drop, "order_payments")} for drop in drops.values()
    ]
    assert "o1" not in shown[0]
    assert "o1" in shown[1]


def test_what_no_order_mentions_is_there_from_the_first_drop(tmp_path: Path) -> None:
    drops = drops_of(tmp_path, 1, 1, orders=[order("created", "2018-01-02 10:00:00")])
    assert [row["seller_id"] for row in dicts_in(drops[1], "sellers")] == ["s2", "s3"]
    assert [row["customer_id"] for row in dicts_in(drops[1], "customers")] == ["c2", "c3"]
    assert {row["order_id"] for row in dicts_in(drops[1], "order_items")} == {"o2"}


@pytest.mark.parametrize(
    ("created", "answered", "day"),
    [
        ("2018-01-03 00:00:00", "2018-01-05 08:00:00", 5),
        ("2018-01-03 00:00:00", None, 3),
        ("2017-12-01 00:00:00", "2017-12-02 08:00:00", 2),
        (None, None, 2),
    ],
    ids=["answered", "no answer time", "before its order", "no time at all"],
)
def test_a_review_comes_whole_when_answered_and_never_before_its_order(
    tmp_path: Path, created: str | None, answered: str | None, day: int
) -> None:
    review = {
        "review_id": "r1",
        "order_id": "o1",
        "review_score": "4",
        "review_comment_message": "linha um\r\nlinha dois",
        "review_creation_date": created,
        "review_answer_timestamp": answered,
    }
    drops = drops_of(
        tmp_path,
        1,
        6,
        orders=[order("created", "2018-01-02 10:00:00")],
        order_reviews=[review],
    )
    assert [number for number, drop in drops.items() if drop.rows["order_reviews"]] == list(
        range(day, 7)
    )
    assert dicts_in(drops[day], "order_reviews") == [{"review_comment_title": None, **review}]


def test_a_drop_before_the_end_of_the_data_is_not_the_whole(tmp_path: Path) -> None:
    drops = drops_of(tmp_path, 1, 2)
    assert [drop.is_whole for drop in drops.values()] == [False, False]
    assert drops[2].rows["orders"] == 1


def test_a_complete_replay_ends_in_the_dataset_whatever_its_last_day(tmp_path: Path) -> None:
    source = tiny_source(tmp_path / "source")
    day = date(2017, 11, 24)
    for mode in ("snapshot", "delta"):
        (drop,) = replay(
            source,
            tmp_path / mode,
            start=day,
            end=day,
            complete=True,
            mode="delta" if mode == "delta" else "snapshot",
        )
        assert drop.is_whole
        for table in TABLES:
            assert rows_in(drop, table.name) == rows_of(source.paths[table.name], table)


def test_without_days_a_replay_goes_from_the_first_purchase_to_the_last_change(
    tmp_path: Path,
) -> None:
    drops = replay(tiny_source(tmp_path / "source"), tmp_path / "drops")
    # o3, purchased on 1 February 2018, is canceled the day after.
    assert (drops[0].day, drops[-1].day) == (date(2017, 11, 24), date(2018, 2, 2))
    assert drops[-1].is_whole
    assert not drops[-2].is_whole


def test_the_last_drop_is_the_dataset_to_the_byte_of_each_value(tmp_path: Path) -> None:
    """NULL and empty text, blanks, quotes, line ends and words that look like NULL."""
    awkward = [
        {"review_id": f"r{number}", "order_id": "o1", "review_score": "5",
         "review_comment_title": title, "review_comment_message": message,
         "review_creation_date": "2018-01-02 00:00:00"}
        for number, (title, message) in enumerate(
            [
                (None, ""),
                ("", None),
                ("NULL", "null"),
                (" blanks ", 'she said "muito bom"'),
                ("uma\r\nduas\ntres\rquatro", '"'),
                ("vírgula, ponto; barra \\", "\t'"),
                (",,,", '""'),
            ]
        )
    ]  # fmt: skip
    orders = [order("created", "2018-01-01 10:00:00")]
    drops = drops_of(tmp_path, 1, 2, orders=orders, order_reviews=awkward)
    columns = TABLES_BY_NAME["order_reviews"].columns
    assert rows_in(drops[2], "order_reviews") == [
        tuple(row.get(column) for column in columns) for row in awkward
    ]


def test_unchanged_files_are_shared_between_snapshots(tmp_path: Path) -> None:
    source = tiny_source(tmp_path / "source")
    drops = replay(
        source, tmp_path / "drops", start=date(2018, 1, 8), end=date(2018, 1, 9), every="day"
    )
    for table in TABLES:
        first, second = (drop.directory / table.file_name for drop in drops)
        assert first.samefile(second), table.name
        assert not first.samefile(source.paths[table.name])


def test_geolocation_and_translation_are_the_source_byte_for_byte(tmp_path: Path) -> None:
    source = tiny_source(tmp_path / "source")
    first, *_ = replay(source, tmp_path / "drops", every="month")
    for name in ("geolocation", "product_category_name_translation"):
        file_name = TABLES_BY_NAME[name].file_name
        copied = (first.directory / file_name).read_bytes()
        assert copied == source.paths[name].read_bytes()


def test_a_quiet_day_is_headers_alone_in_a_delta(tmp_path: Path) -> None:
    drops = drops_of(tmp_path, 8, 9, mode="delta")
    assert sum(drops[8].rows.values()) > 0
    assert set(drops[9].rows.values()) == {0}
    for table in TABLES:
        text = (drops[9].directory / table.file_name).read_text(encoding="utf-8")
        assert text.replace('"', "") == ",".join(table.columns) + "\n"


def test_a_delta_holds_an_order_each_time_it_changes_and_only_then(tmp_path: Path) -> None:
    row = order(
        "shipped",
        "2018-01-01 10:00:00",
        order_approved_at="2018-01-02 10:00:00",
        order_delivered_carrier_date="2018-01-04 10:00:00",
    )
    drops = drops_of(tmp_path, 1, 5, mode="delta", orders=[row])
    shown = {
        day: [r["order_status"] for r in dicts_in(drop, "orders")]
        for day, drop in drops.items()
    }
    assert shown == {1: ["created"], 2: ["approved"], 3: [], 4: ["shipped"], 5: []}


def test_counts_are_those_of_the_files(tmp_path: Path) -> None:
    for drop in drops_of(tmp_path, 4, 6, mode="delta").values():
        for table in TABLES:
            assert drop.rows[table.name] == len(rows_in(drop, table.name)), table.name


def test_rows_that_share_a_key_come_together_in_a_delta(tmp_path: Path) -> None:
    """The load replaces a key as a whole: one of two conflicting rows alone would win."""
    first = order("created", "2018-01-01 10:00:00")
    second = order("shipped", "2018-01-01 10:00:00", order_approved_at="2018-01-03 10:00:00")
    drops = drops_of(tmp_path, 1, 3, mode="delta", orders=[first, second])
    assert [drop.rows["orders"] for drop in drops.values()] == [2, 0, 2]


def test_columns_the_contract_does_not_know_are_left_out(tmp_path: Path) -> None:
    sellers = "extra,seller_state,seller_city,seller_zip_code_prefix,seller_id\nx,SP,a,01,s9\n"
    source = tiny_source(tmp_path / "source", sellers=sellers)
    *_, last = replay(source, tmp_path / "drops", every="month")
    assert rows_in(last, "sellers") == [("s9", "01", "a", "SP")]
