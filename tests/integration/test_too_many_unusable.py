"""A run accounts for every record, and stops where too many rows of a table cannot be used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from orchestration.errors import EXIT_FAILED, TooManyUnusableError, exit_code
from orchestration.runs.accounts import check_accounts, check_rejected_lines, take_accounts
from orchestration.runs.records import TableAccount
from tests.support.nightly import FILE_NAME, build_models, load_drop
from tests.support.random_drops import Night
from tests.support.random_drops import first_night as the_first_night


@dataclass(frozen=True, slots=True)
class _Built:
    accounts: dict[str, TableAccount]
    warehouse: Path

    def check(self, max_share: float) -> None:
        with duckdb.connect(str(self.warehouse)) as con:
            check_accounts(
                con, [*self.accounts.values()], max_share=max_share, batch_id="batch-0"
            )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> _Built:
    """The first night: two of its items are unusable, one is repeated, one line is broken."""
    directory = tmp_path_factory.mktemp("unusable")
    sound = the_first_night()
    items = list(sound.rows["order_items"])
    items[0] = {**items[0], "price": "-3.00"}
    items[1] = {**items[1], "price": "-4.00"}
    items.append(items[2])
    drop = Night("snapshot", {**sound.rows, "order_items": tuple(items)}).write(directory / "d")
    path = drop / "olist_order_items_dataset.csv"
    path.write_text(path.read_text(encoding="utf-8") + '"o01","9"\n', encoding="utf-8")
    warehouse = directory / FILE_NAME
    report = load_drop(warehouse, 0, drop, "snapshot")
    build_models(warehouse)
    with duckdb.connect(str(warehouse)) as con:
        accounts = take_accounts(con, report)
    return _Built({account.name: account for account in accounts}, warehouse)


def test_every_record_of_every_table_is_accounted_for(built: _Built) -> None:
    assert len(built.accounts) == 9
    for account in built.accounts.values():
        delivered = account.inserted + account.updated + account.unchanged
        assert account.records == delivered + account.exact_duplicates + account.rejected
        assert account.rows == account.staged + account.quarantined
        # On a first load both are one: records in = staged + quarantined + repeated + rejected.
        assert account.rows == delivered


def test_the_account_of_a_table_has_what_was_left_out_of_it(built: _Built) -> None:
    items = built.accounts["order_items"]
    assert (items.records, items.staged) == (20, 16)
    assert (items.quarantined, items.rejected, items.exact_duplicates) == (2, 1, 1)
    assert items.unusable_share == pytest.approx(3 / 19)


def test_a_share_within_the_bound_is_borne(built: _Built) -> None:
    built.check(3 / 19)


def test_a_share_above_the_bound_names_table_share_reasons_and_what_to_do(
    built: _Built,
) -> None:
    with pytest.raises(TooManyUnusableError) as raised:
        built.check(0.15)
    text = str(raised.value)
    assert "More than 15.0% of a table's rows cannot be used" in text
    assert "order_items: 3 of 19 (15.8%; 2 quarantined, 1 rejected lines)" in text
    assert "2 x price: negative, e.g. order_id=o01, order_item_id=1" in text
    assert "olist_order_items_dataset.csv line 21" in text
    assert "OLIST_MAX_QUARANTINED_SHARE" in text
    assert "customers" not in text


@pytest.fixture
def orders() -> Iterator[duckdb.DuckDBPyConnection]:
    """A thousand orders, 20 of them canceled and quarantined: two in a hundred."""
    with duckdb.connect() as con:
        con.execute("create schema raw")
        con.execute("create schema ops")
        con.execute(
            "create table raw.orders as select 'o' || n as order_id, "
            "case when n < 20 then 'canceled' else 'delivered' end as order_status, "
            "'2018-0' || (1 + n % 5) || '-02 10:00:00' as order_purchase_timestamp "
            "from range(1000) as numbers (n)"
        )
        con.execute(
            "create table ops.quarantined_rows as select 'orders' as table_name, "
            "'no time (soon)' as reason, json_object('order_status', order_status, "
            "'order_purchase_timestamp', order_purchase_timestamp) as source_text "
            "from raw.orders where order_status = 'canceled'"
        )
        yield con


def _account(quarantined: int) -> TableAccount:
    return TableAccount(
        name="orders",
        records=1000,
        inserted=1000,
        updated=0,
        unchanged=0,
        exact_duplicates=0,
        rejected=0,
        rows=1000,
        staged=1000 - quarantined,
        quarantined=quarantined,
    )


def test_a_status_that_would_be_lost_stops_the_run_though_the_table_is_within_the_bound(
    orders: duckdb.DuckDBPyConnection,
) -> None:
    with pytest.raises(TooManyUnusableError) as raised:
        check_accounts(orders, [_account(20)], max_share=0.05, batch_id="b")
    assert "orders of the status canceled: 20 of 20, e.g. no time (soon)" in str(raised.value)
    assert "month" not in str(raised.value)


def test_a_few_unusable_rows_of_a_rare_status_are_borne(
    orders: duckdb.DuckDBPyConnection,
) -> None:
    orders.execute("delete from ops.quarantined_rows where rowid >= 9")
    check_accounts(orders, [_account(9)], max_share=0.05, batch_id="b")


def test_too_many_unusable_rows_are_a_failed_run() -> None:
    assert exit_code(TooManyUnusableError("")) == EXIT_FAILED == 1


def test_a_file_that_lost_its_lines_is_said_before_a_gate_calls_its_table_empty(
    tmp_path: Path,
) -> None:
    drop = the_first_night().write(tmp_path / "d")
    path = drop / "olist_orders_dataset.csv"
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text(
        "\n".join([header, *(f"{line},one more" for line in lines)]) + "\n", "utf-8"
    )
    warehouse = tmp_path / FILE_NAME  # no model has run yet
    report = load_drop(warehouse, 0, drop, "snapshot")
    with duckdb.connect(str(warehouse)) as con:
        with pytest.raises(TooManyUnusableError) as caught:
            check_rejected_lines(con, report, max_share=0.05)
        check_rejected_lines(con, report, max_share=1.0)
    told = str(caught.value)
    assert f"orders: {len(lines)} of {len(lines)} lines were rejected" in told
    assert (
        f"{len(lines)} x too many fields: 9, not 8, e.g. olist_orders_dataset.csv line" in told
    )
    assert "OLIST_MAX_QUARANTINED_SHARE" in told
    assert "order_items" not in told
