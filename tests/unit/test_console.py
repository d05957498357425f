"""What a run shows, on a terminal and in a log."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from orchestration.dbt.results import NodeProgress
from orchestration.pipeline.console import (
    SYNTHETIC_BANNER,
    LiveConsole,
    PlainConsole,
    QuietConsole,
    make_console,
)
from orchestration.runs.events import (
    Event,
    Notice,
    RunFinished,
    RunStarted,
    SourceOpened,
    StageFinished,
    StageStarted,
    TableLoaded,
)
from orchestration.runs.records import CheckCounts, RunSummary, StageTime, TableRows
from orchestration.terminal.entry import print_error

_START = datetime(2018, 9, 1, 2, 0, tzinfo=UTC)


def _summary(*, is_synthetic: bool = False) -> RunSummary:
    return RunSummary(
        run_id="20180901t020000z_abcdef",
        status="done",
        started_at=_START,
        finished_at=_START + timedelta(seconds=14.2),
        source="the archive [olist].zip",
        is_synthetic=is_synthetic,
        as_of_date=date(2018, 8, 31),
        stages=(StageTime("prepare", 1.0), StageTime("extract", 3.5)),
        tables=(
            TableRows("marts", "m", 20),
            TableRows("raw", "t", 1234567),
            TableRows("core", "a", 300),
        ),
        checks=CheckCounts(passed=120, warned=2),
        published=Path("dw/olist.duckdb"),
        version=Path("dw/versions/20180901t020000z_abcdef/olist.duckdb"),
    )


def _events(*, is_synthetic: bool = False) -> list[Event]:
    nodes = [NodeProgress(n, 30, f"model_{n}", "model", "ok", 0.1) for n in range(1, 31)]
    return [
        RunStarted("20180901t020000z_abcdef", Path("runs")),
        StageStarted("prepare"),
        SourceOpened("the archive [olist].zip", is_synthetic),
        Notice("olist_orders_dataset.csv: not loaded: column [extra]."),
        StageFinished("prepare", 1.0),
        StageStarted("extract"),
        TableLoaded(1, 9, "customers", 99441),
        StageFinished("extract", 3.5),
        StageStarted("transform"),
        *nodes,
        StageFinished("transform", 5.0),
        RunFinished(_summary(is_synthetic=is_synthetic), Path("runs")),
    ]


def _plain(events: list[Event], *, verbose: bool = False) -> str:
    out = io.StringIO()
    with PlainConsole(Console(file=out, soft_wrap=True), verbose=verbose) as console:
        for event in events:
            console(event)
    return out.getvalue()


def test_a_log_gets_plain_lines_with_rows_and_stages() -> None:
    text = _plain(_events())
    assert "  1 of 9: raw.customers, 99,441 rows\n" in text
    assert "extract done in 3.5 s\n" in text
    assert "\x1b" not in text


def test_a_log_counts_models_in_tenths_and_names_them_only_if_asked() -> None:
    quiet, verbose = _plain(_events()), _plain(_events(), verbose=True)
    assert quiet.count(" of 30 models and tests") == 10
    assert "model_7" not in quiet
    assert "model model_7 ok in 0.10 s" in verbose


def test_a_failed_model_is_named_without_being_asked() -> None:
    assert "test keys failed" in _plain([NodeProgress(1, 2, "keys", "test", "failed", 0.1)])


def test_the_summary_says_rows_tests_times_source_day_and_file() -> None:
    text = _plain(_events())
    assert "rows       raw 1,234,567, core 300, marts 20" in text
    assert "tests      120 passed, 2 warned, 0 failed" in text
    assert "time       14.2 s: prepare 1.0 s, extract 3.5 s" in text
    assert "source     the archive [olist].zip" in text
    assert "as of      2018-08-31" in text
    assert "published  dw/olist.duckdb -> version 20180901t020000z_abcdef" in text


def test_synthetic_data_is_announced_at_the_start_and_at_the_end() -> None:
    assert _plain(_events(is_synthetic=True)).count(SYNTHETIC_BANNER) == 2
    assert SYNTHETIC_BANNER not in _plain(_events())


def test_a_terminal_gets_the_same_facts_in_place() -> None:
    out = io.StringIO()
    terminal = Console(file=out, force_terminal=True, width=120)
    with LiveConsole(terminal) as console:
        for event in _events(is_synthetic=True):
            console(event)
    text = out.getvalue()
    assert "column [extra]" in text
    assert "raw 1,234,567, core 300, marts 20" in text
    assert SYNTHETIC_BANNER in text
    assert text.rstrip().endswith("\x1b[0m")  # the colours, and with them the cursor, are back


def test_quiet_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with make_console(quiet=True) as console:
        assert type(console) is QuietConsole
        for event in _events():
            console(event)
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "")


def test_an_error_is_one_paragraph_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    print_error("orders.csv lacks [order_id]. " + "Put it back. " * 20, hint="The log: x")
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.splitlines()[0].startswith("error: orders.csv lacks [order_id].")
    assert len(shown.err.splitlines()) == 2
