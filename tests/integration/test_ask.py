"""The page /ask and the command: every question can be shown, and free SQL can only read."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import marimo as mo
import pytest

from dashboards.lib.ask import sections
from dashboards.lib.ask.catalogue import find
from dashboards.lib.ask.command import page
from dashboards.lib.ask.free_sql import FreeSqlError, run_free_sql
from dashboards.lib.queries.questions import FINDING, Question, run_question
from dashboards.lib.queries.warehouse import published, read_info
from orchestration.cli import main as olist
from orchestration.settings import PROJECT_ROOT, load_settings

SECONDS = 1.0  # of the queries that would not end


@pytest.fixture
def warehouse(built_warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The generated warehouse, as the settings of the command."""
    monkeypatch.setenv("OLIST_WAREHOUSE_DIR", str(built_warehouse.parent))
    return built_warehouse


def test_every_question_is_shown_with_its_finding_its_chart_and_its_rows(
    built_warehouse: Path, asked: dict[str, Question]
) -> None:
    with published(built_warehouse) as connection:
        outline = sections.Outline(built_warehouse, read_info(connection), ())
        for question in asked.values():
            result = run_question(connection, question)
            text = sections.answer(outline, question, result).text
            assert f"{question.number}. " in text
            assert ("<marimo-plotly" in text) == (question.chart.kind != "table"), question.name
            assert question.mark == "answerable" or "Its limit." in text, question.name
            assert "data-lineage" in sections.rows(outline, question, result).text


def test_the_findings_of_the_list_are_made_once_for_a_version(
    warehouse: Path, asked: dict[str, Question]
) -> None:
    settings = load_settings()
    outline = sections.load_outline(settings, warehouse.resolve())
    assert sections.load_outline(settings, warehouse.resolve()) is outline
    given = {"search": "repeat purchase rate", "areas": [], "tiers": []}
    outline.__dict__.pop("findings", None)
    assert "..." in _listed(outline, given)
    assert set(outline.findings) == {one.number for one in asked.values()}
    assert outline.known_findings is outline.findings
    assert outline.findings[36] in _listed(outline, given)


def _listed(outline: sections.Outline, given: dict[str, Any]) -> str:
    table = sections.catalogue(outline, given, outline.known_findings)
    assert isinstance(table, mo.ui.table)
    return str(table.data)


def test_a_question_is_found_by_words_of_its_metrics_and_models_in_any_order(
    asked: dict[str, Question],
) -> None:
    questions = sorted(asked.values(), key=lambda one: one.number)
    assert 36 in {one.number for one in find(questions, search="Purchase  REPEAT")}
    assert 66 in {one.number for one in find(questions, search="mart_urban_areas metros")}
    risky = find(questions, areas=["Risk"], tiers=[4], marks=["proxy"])
    assert [one.number for one in risky] == [85, 87]


def test_a_search_takes_whole_words_and_portuguese_ones(asked: dict[str, Question]) -> None:
    questions = sorted(asked.values(), key=lambda one: one.number)

    def found(search: str) -> set[int]:
        return {one.number for one in find(questions, search=search)}

    assert 3 not in found("late"), "it is in cumu-late-d"
    assert {22, 28} <= found("late")
    assert found("atraso") == found("late") == found("Atrasos")
    assert {36, 38} <= found("who buys again")
    assert 84 in found("vendedores com cancelamentos")
    assert found("frete") == found("freight") > {15}
    assert found("nothing of the kind") == set()


@pytest.mark.usefixtures("warehouse")
def test_the_command_takes_words_for_a_search(capsys: pytest.CaptureFixture[str]) -> None:
    assert olist(["ask", "who", "buys", "again"]) == 0
    assert "Repeat purchase rate" in capsys.readouterr().out


@pytest.mark.usefixtures("warehouse")
def test_the_command_answers_with_the_finding_the_rows_and_their_source(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert olist(["ask", "2"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "customers bought for the first time in" in text
    assert "Synthetic data" in text
    assert "by a proxy" in text
    for part in ("How to read it:", "Its limit:", "mart_executive_dashboard; data as of"):
        assert part in text


def test_the_csv_of_the_command_is_the_result_and_nothing_else(
    warehouse: Path, asked: dict[str, Question], capsys: pytest.CaptureFixture[str]
) -> None:
    assert olist(["ask", "33", "--csv"]) == 0
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    with published(warehouse) as connection:
        result = run_question(connection, asked["q033_negative_review_themes"])
    kept = [n for n, name in enumerate(result.columns) if not name.startswith(FINDING)]
    assert len(kept) < len(result.columns)
    assert rows[0] == [result.columns[n] for n in kept]
    assert rows[1:] == [
        ["" if row[n] is None else str(row[n]) for n in kept] for row in result.rows
    ]


@pytest.mark.parametrize(
    ("number", "counted"), [(80, "group_customers"), (85, "flagged_orders")]
)
def test_the_full_list_has_all_that_the_answer_counts(
    warehouse: Path,
    asked: dict[str, Question],
    capsys: pytest.CaptureFixture[str],
    number: int,
    counted: str,
) -> None:
    question = next(one for one in asked.values() if one.number == number)
    with published(warehouse) as connection:
        expected = run_question(connection, question).column(counted)[0]
    assert olist(["ask", str(number), "--full-list"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    key = "order_id" if number == 85 else "customer_unique_id"
    assert len({row[key] for row in rows}) == expected > 0


@pytest.mark.usefixtures("warehouse")
def test_what_the_command_cannot_do_ends_in_its_exit_code_and_a_next_step(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for arguments, said in (
        (["101"], "1 to 100. See --list"),
        (["36", "--full-list"], "has no list behind its answer. Take --csv"),
        (["--area", "e"], "There are: Growth and executive;"),
        (["--search", "no such words"], "Leave words out"),
    ):
        assert olist(["ask", *arguments]) == 2
        assert said in capsys.readouterr().err
    monkeypatch.setenv("OLIST_WAREHOUSE_DIR", str(tmp_path / "none"))
    assert olist(["ask", "36"]) == 1
    assert "make pipeline" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


FORBIDDEN = {
    "copy core.dim_date to 'out.csv'": "kind 'copy'",
    "attach 'other.duckdb'": "kind 'attach'",
    "install httpfs": "kind 'load'",
    "pragma database_list": "kind 'pragma'",
    "set threads = 8": "kind 'set'",
    "insert into core.dim_date select * from core.dim_date": "kind 'insert'",
    "create temp table t as select 1": "kind 'create'",
    "select 1; select 2": "2 statements",
    "-- nothing": "no query yet",
    "select * from read_csv('/etc/passwd')": "Files and the network cannot be reached",
    "select * from '/etc/passwd'": "does not exist",
    "select * from glob('/*')": "Files and the network cannot be reached",
    "select * from enable_logging(storage = 'file')": "Settings cannot be changed",
    "select getenv('HOME')": "does not exist",
    "select * from sql": "does not exist",  # a variable of Python
    "selec 1": "syntax error",
    "select nothing_of_this from core.dim_date": "Candidate bindings",
}


@pytest.mark.parametrize("sql", FORBIDDEN)
def test_free_sql_reads_tables_and_nothing_else(built_warehouse: Path, sql: str) -> None:
    before = built_warehouse.resolve().stat()
    with pytest.raises(FreeSqlError, match=FORBIDDEN[sql]):
        run_free_sql(built_warehouse, sql)
    after = built_warehouse.resolve().stat()
    assert (after.st_mtime_ns, after.st_size) == (before.st_mtime_ns, before.st_size)


_STOPPED = "stopped after 1 seconds"
_TOO_MUCH = f"{_STOPPED}|needs more memory"
ENDLESS = {
    "with recursive r as (select 1 as n union all select n + 1 from r) "
    "select count(*) from r": _STOPPED,
    "select sum(a.range * b.range % 7) from range(1000000) a, range(1000000) b": _STOPPED,
    # DuckDB works these out while it plans, and notices no interrupt.
    "select unnest(range(1000000000))": _TOO_MUCH,
    "select repeat('x', 100000000) from range(1000)": _TOO_MUCH,
}


@pytest.mark.parametrize("sql", ENDLESS)
def test_free_sql_that_would_not_end_is_stopped(built_warehouse: Path, sql: str) -> None:
    with pytest.raises(FreeSqlError, match=ENDLESS[sql]):
        run_free_sql(built_warehouse, sql, max_seconds=SECONDS)


def test_free_sql_hands_back_rows_up_to_its_limit_and_says_so(built_warehouse: Path) -> None:
    cut = run_free_sql(built_warehouse, "select a.range from range(100000) a, range(100000)")
    assert (len(cut.rows), cut.cut) == (10_000, "rows")
    whole = run_free_sql(
        built_warehouse,
        "select 1.10::decimal(9, 2) as m, date '2018-08-31' as d, null as n, 1 as n; ",
    )
    assert whole.rows == (("1.10", "2018-08-31", None, 1),)
    assert whole.records() == [{"m": "1.10", "d": "2018-08-31", "n": None, "n (2)": 1}]
    assert whole.cut is None


@pytest.mark.real_data
def test_the_committed_page_of_findings_is_that_of_the_real_data(
    real_warehouse: Path, asked: dict[str, Question]
) -> None:
    questions = sorted(asked.values(), key=lambda one: one.number)
    committed = (PROJECT_ROOT / "docs" / "questions.md").read_text(encoding="utf-8")
    assert committed == page(real_warehouse, questions)


def test_the_page_of_findings_holds_no_id_of_the_data(
    built_warehouse: Path, asked: dict[str, Question]
) -> None:
    text = page(built_warehouse, sorted(asked.values(), key=lambda one: one.number))
    with published(built_warehouse) as connection:
        ids = connection.execute(
            "select order_id from core.fact_orders union select seller_id from core.dim_seller "
            "union select product_id from core.dim_product "
            "union select customer_unique_id from core.dim_customer"
        ).fetchall()
    assert len(ids) > 1000
    assert [one for (one,) in ids if one in text] == []
