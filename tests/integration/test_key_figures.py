"""The key figures of the front door: equal to plain SQL, and asked once a version."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest

from dashboards.lib.figures import Number
from dashboards.lib.front_door import index_page
from dashboards.lib.health import Health
from dashboards.lib.key_figures import PAGES, KeyFigure, KeyFigures, load
from dashboards.lib.periods import month_end
from dashboards.lib.query import Asker
from orchestration.warehouse.versions import open_reader
from tests.support.asking import asker_of
from tests.support.plain_metrics import number, plain


@pytest.fixture(scope="module")
def source(built_warehouse: Path) -> Iterator[Asker]:
    with open_reader(built_warehouse) as connection:
        yield asker_of(connection, built_warehouse)


def test_each_figure_of_each_month_is_that_of_plain_sql(source: Asker) -> None:
    figures = load(source)
    assert [one.metric.name for one in figures] == list(PAGES)
    for one in figures:
        assert len(one.course) > 1
        days = (one.month, month_end(one.month))
        ((_, expected),) = plain(source.connection, one.metric.name, (), {}, days).items()
        assert number(one.value) == pytest.approx(expected), one.metric.name


def test_a_version_is_asked_once_and_nobody_waits_for_it(source: Asker) -> None:
    may_answer = threading.Event()
    asked = []

    @contextmanager
    def ask() -> Iterator[Asker]:
        asked.append(1)
        may_answer.wait(20)
        yield source

    figures = KeyFigures(ask)
    assert figures.of("1", patience=0.01) is None
    assert figures.of("1", patience=0.01) is None
    may_answer.set()
    assert figures.of("1", patience=20) == figures.of("1") == load(source)
    assert len(asked) == 1
    figures.of("2", patience=20)
    assert len(asked) == 2


def test_what_failed_is_asked_again(source: Asker) -> None:
    outcomes = iter((OSError("no file"), None))

    @contextmanager
    def ask() -> Iterator[Asker]:
        error = next(outcomes)
        if error is not None:
            raise error
        yield source

    figures = KeyFigures(ask)
    with pytest.raises(OSError, match="no file"):
        figures.of("1", patience=20)
    assert figures.of("1", patience=20)


@pytest.mark.parametrize(
    ("course", "is_worse"),
    [((0.98, 0.95), True), ((0.95, 0.98), False), ((0.951, 0.950), False), ((0.95,), False)],
)
def test_what_became_worse_needs_attention(
    source: Asker, course: tuple[Number, ...], *, is_worse: bool
) -> None:
    figure = KeyFigure(source.semantics.metric("promise_kept_rate"), date(2018, 7, 1), course)
    assert figure.is_worse == is_worse


def test_while_figures_are_computed_the_front_door_comes_again_by_itself() -> None:
    health = Health(None, "Nothing is published.", None, timedelta(hours=24), None)
    page = index_page(health, (), None)
    assert 'http-equiv="refresh"' in page
    assert "are being computed" in page
    assert 'http-equiv="refresh"' not in index_page(health, (), ())
