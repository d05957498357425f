"""How fast the shop is: a play, and the extraction of one day over the full history."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest

from extract.sources import open_source
from extract.sources.postgres import open_store
from extract.store.play.progress import play
from tests.support.store import ask, execute

MOST_SECONDS_OF_A_DAY = 3.0
LEAST_ORDERS_A_SECOND = 500


@pytest.mark.benchmark
@pytest.mark.real_data
@pytest.mark.timeout(1200)
def test_the_real_history_is_played_fast_and_a_day_extracted_in_three_seconds(
    empty_database: str, real_files: Path, tmp_path: Path
) -> None:
    with open_source(real_files) as source:
        began = time.perf_counter()
        play(empty_database, source, until=date(2018, 8, 20))
        seconds = time.perf_counter() - began
        ((orders,),) = ask(empty_database, "select count(*) from sales.orders")
        execute(empty_database, "analyze")
        position = _extract(empty_database, tmp_path / "all", None)
        play(empty_database, source, until=date(2018, 8, 21))
    began = time.perf_counter()
    _extract(empty_database, tmp_path / "day", position)
    day = time.perf_counter() - began
    print(f"{orders / seconds:,.0f} orders a second; one day extracted in {day:.2f} s")  # noqa: T201
    assert day <= MOST_SECONDS_OF_A_DAY
    assert orders / seconds >= LEAST_ORDERS_A_SECOND


def _extract(url: str, directory: Path, position: str | None) -> str:
    directory.mkdir()
    source = open_store(url, directory, lambda *_: position)
    assert source.changes is not None
    assert source.changes.is_whole is (position is None)
    return source.changes.position
