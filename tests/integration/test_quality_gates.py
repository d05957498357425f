"""The quality gates: what passes, what each kind of spoiled data runs into, what follows.

The kinds are in ``tests/support/spoilt_quality.py``; Great Expectations looks at copies
of a warehouse of generated data. A few whole runs show what a gate does to a run.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pydantic import SecretStr

from orchestration.cli import main as olist
from orchestration.errors import EXIT_FAILED, exit_code
from orchestration.pipeline.context import RunOptions, open_run
from orchestration.pipeline.stages import run
from orchestration.quality.bounds import GATES, QUALITY_DIR, read_subjects, tables_of
from orchestration.quality.gates import (
    GateError,
    GateProcess,
    GateRequest,
    raise_if_critical,
)
from orchestration.quality.measures import PRESENCE, Templates
from orchestration.quality.report import write_report
from orchestration.quality.runner import run_gate
from orchestration.runs.events import Event
from orchestration.runs.summary import CheckResult, GateName, RunSummary
from orchestration.settings import Settings
from orchestration.warehouse.store import open_reader
from tests.support import tiny
from tests.support.receivers import mail_receiver, web_receiver
from tests.support.spoilt_quality import KINDS, Kind

# Generated data end as the public extract does.
TRUNCATED = ("raw.orders", "last_orders_are_there", "warning")

Validate = Callable[[GateName, int], tuple[CheckResult, ...]]


@pytest.fixture(scope="module")
def validated(built_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Validate:
    """What a gate says of the warehouse after all kinds of a night; night 0 spoils nothing."""

    @cache
    def validate(gate: GateName, night: int) -> tuple[CheckResult, ...]:
        copy = tmp_path_factory.mktemp(f"{gate}_{night}") / "olist.duckdb"
        shutil.copyfile(built_warehouse, copy)
        with duckdb.connect(str(copy)) as connection:
            for kind in KINDS:
                if (kind.gate, kind.night) == (gate, night):
                    connection.execute(kind.sql)
        return run_gate(GateRequest(gate, copy, previous=built_warehouse.resolve()))

    return validate


def _bad(results: tuple[CheckResult, ...]) -> list[tuple[str, str, str]]:
    return [(r.table, r.name, r.severity) for r in results if r.status != "passed"]


@pytest.mark.parametrize("gate", ["raw", "marts"])
def test_a_sound_warehouse_passes_and_only_its_truncated_end_is_warned_of(
    validated: Validate, gate: GateName
) -> None:
    results = validated(gate, 0)
    assert _bad(results) == ([TRUNCATED] if gate == "raw" else [])
    assert len(results) > 80
    assert {result.gate for result in results} == {gate}
    # Also what was found is said in words, where the package hands back nothing.
    found = {result.name: result.observed for result in results}
    assert not {"null", "None", ""} & set(found.values())
    assert found["has_its_columns" if gate == "raw" else "is_there"] == "all of them"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name.replace(" ", "_"))
def test_what_is_spoiled_is_caught_and_named(validated: Validate, kind: Kind) -> None:
    results = validated(kind.gate, kind.night)
    asked = [r for r in results if (r.table, r.name) == (kind.table, kind.check)]
    caught = [r for r in asked if r.status != "passed"]
    assert [(r.severity, r.status) for r in caught] == [(kind.severity, "failed")]
    assert caught[0].expected
    assert caught[0].observed
    assert caught[0].advice


@pytest.mark.parametrize(
    "kind",
    [kind for kind in KINDS if kind.severity == "critical"],
    ids=lambda kind: kind.name.replace(" ", "_"),
)
def test_what_is_caught_is_reported_and_told_and_nothing_is_published(
    validated: Validate, kind: Kind, tmp_path: Path
) -> None:
    """The one finding of a kind, on its way through a run to report, web and mail."""
    [caught] = [
        result
        for result in validated(kind.gate, kind.night)
        if (result.table, result.name) == (kind.table, kind.check)
    ]
    with web_receiver() as web, mail_receiver() as mail:
        settings = Settings(
            _env_file=None,
            warehouse_dir=tmp_path / "dw",
            alert_webhook_url=SecretStr(web.url),
            alert_email_to="one@example.org",
            smtp_host="127.0.0.1",
            smtp_port=mail.port,
            smtp_starttls=False,
        )
        with pytest.raises(GateError):
            _stop_a_run(settings, kind.gate, caught)
        [post], [message] = web.posts, mail.mails
    [page] = settings.runs_dir.glob(f"*/quality_{kind.gate}.html")
    shown = caught.name.replace("_", " ")
    assert shown in page.read_text(encoding="utf-8")
    for told in (json.dumps(post), message.get_content()):
        assert caught.table in told
        assert caught.name in told or shown in told
    assert sorted(path.name for path in (tmp_path / "dw").iterdir()) == [".lock", "runs"]


def _stop_a_run(settings: Settings, gate: GateName, caught: CheckResult) -> None:
    """A run in which a gate finds this."""
    with open_run(settings, RunOptions(), _ignore) as context:
        context.build = context.warehouse.begin_build(context.run_id, None)
        with context.stage("check_raw" if gate == "raw" else "check_marts"):
            context.problems.append(caught)
            page = write_report(
                context.directory / f"quality_{gate}.html",
                gate,
                [caught],
                run_id=context.run_id,
                source="a test",
                checked_at=context.started_at,
            )
            raise_if_critical(gate, [caught], page)


def _ignore(_: Event) -> None:
    pass


def test_a_truncated_end_is_named_with_how_many_orders_are_missing(validated: Validate) -> None:
    [found] = [one for one in validated("raw", 0) if one.name == "last_orders_are_there"]
    # 131 orders of August are there, and some two a day are not from its second week on.
    assert 20 <= float(found.observed) <= 60
    assert "0016-as-of-date.md" in found.advice


def test_a_live_feed_has_no_truncated_end(built_warehouse: Path, tmp_path: Path) -> None:
    copy = tmp_path / "olist.duckdb"
    shutil.copyfile(built_warehouse, copy)
    with duckdb.connect(str(copy)) as connection:
        # As a source would have shown it on 2018-05-10: later orders and surveys are not there.
        for table, column in (
            ("orders", "order_purchase_timestamp"),
            ("order_reviews", "review_creation_date"),
        ):
            connection.execute(f"delete from raw.{table} where {column} >= '2018-05-10'")
    bad = _bad(run_gate(GateRequest("raw", copy, previous=None)))
    assert TRUNCATED not in bad


def test_only_what_was_spoiled_is_named(validated: Validate) -> None:
    assert set(_bad(validated("raw", 4))) == {
        ("raw.orders", "newest_order_is_fresh", "warning"),
        TRUNCATED,
    }
    leap = {("marts.mart_executive_dashboard", "reviews_grow_by_a_night", "warning")}
    assert set(_bad(validated("marts", 3))) == leap


def test_rows_at_fault_are_counted_and_shown(validated: Validate) -> None:
    states = next(r for r in validated("raw", 1) if r.name == "states_are_known" and r.sample)
    assert states.num_unexpected is not None
    assert 100 < states.num_unexpected < 300
    assert len(states.sample) == 5
    assert "customer_state=XX" in states.sample[0]


def test_one_infinite_amount_does_not_hide_the_mean_of_the_others(validated: Validate) -> None:
    [found] = [r for r in validated("raw", 5) if r.name == "payments_keep_their_size"]
    assert 10_000 < float(found.observed.replace(",", "")) < 20_000


@pytest.mark.parametrize("gate", GATES)
def test_every_measure_has_bounds_and_every_bound_a_measure(
    built_warehouse: Path, gate: GateName
) -> None:
    templates = Templates(gate)
    with open_reader(built_warehouse) as connection:

        def columns(sql: str) -> set[str]:
            return {row[0] for row in connection.execute(f"describe {sql}").fetchall()}

        for name, subject in read_subjects(gate).items():
            wanted = set(subject.checks) - {PRESENCE[gate]}
            if wanted:
                sql = templates.measures(name, tables_of(gate))
                assert columns(sql) - {"table_name"} == wanted, name
            for check in subject.checks.values():
                if check.rows:
                    shown = {check.rows, *check.show, *subject.key}
                    assert shown <= columns(templates.rows(name)), (name, check.rows)
    files = {path.stem for path in (QUALITY_DIR / gate).glob("*.sql")}
    assert files == {
        name for name, one in read_subjects(gate).items() if set(one.checks) - {PRESENCE[gate]}
    }


def test_a_table_that_has_changed_is_an_error_there_and_nothing_to_compare_with_before(
    built_warehouse: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "olist.duckdb"
    shutil.copyfile(built_warehouse, copy)
    table = "marts.mart_seller_scorecard"
    with duckdb.connect(str(copy)) as connection:
        connection.execute(f"alter table {table} drop column seller_tier_12m")
    published = built_warehouse.resolve()
    found = run_gate(GateRequest("marts", copy, previous=published))
    of_table = [one for one in found if one.table == table and one.name != "is_there"]
    assert {(one.severity, one.status) for one in of_table} == {("critical", "error")}
    assert "seller_tier_12m" in of_table[0].observed
    assert "marts/mart_seller_scorecard.sql" in of_table[0].advice
    assert {one.table for one in found if one.status != "passed"} == {table}
    # The other way round: the version before is the one that has not the column.
    found = run_gate(GateRequest("marts", published, previous=copy))
    assert _bad(found) == []
    names = {one.name for one in found if one.table == table}
    assert "tiers_are_complete" not in names  # too little sold to tell
    assert "scores_are_percentages" in names
    assert "sellers_grow_by_a_night" not in names
    assert "gmv_grows_by_a_night" in {one.name for one in found}


def test_the_message_names_every_failed_check_and_the_report(validated: Validate) -> None:
    with pytest.raises(GateError) as caught:
        raise_if_critical("raw", validated("raw", 1), Path("quality_raw.html"))
    text = str(caught.value)
    assert "raw.customers, states_are_known: expected" in text
    assert "found 10." in text or "found 9." in text
    assert "Ask the source" in text
    assert "No model was built and nothing was published. All checks: quality_raw.html" in text
    assert exit_code(caught.value) == EXIT_FAILED
    assert caught.value.results == validated("raw", 1)


def test_a_selection_is_not_held_to_marts_it_has_not_built(
    built_warehouse: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "olist.duckdb"
    shutil.copyfile(built_warehouse, copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute("drop table marts.mart_urban_areas")
        connection.execute("delete from marts.mart_seller_months")
    request = GateRequest("marts", copy, built_warehouse.resolve())
    assert ("marts.mart_urban_areas", "is_there", "critical") in _bad(run_gate(request))
    assert _bad(run_gate(dataclasses.replace(request, is_partial=True))) == []


def test_a_published_warehouse_keeps_what_the_gates_found(built_warehouse: Path) -> None:
    with open_reader(built_warehouse) as connection:
        found = connection.execute(
            "select gate, count(*), count(*) filter (status = 'passed'), "
            "count(distinct run_id) from ops.check_results group by gate order by gate"
        ).fetchall()
    runs = built_warehouse.parent / "runs"
    record = json.loads(next(runs.glob("*/summary.json")).read_text(encoding="utf-8"))
    said = {gate["gate"]: gate for gate in record["gates"]}
    assert found == [
        (name, said[name]["passed"] + said[name]["warned"], said[name]["passed"], 1)
        for name in ("marts", "raw")
    ]
    assert (said["raw"]["warned"], said["marts"]["warned"]) == (1, 0)
    assert [stage["name"] for stage in record["stages"]][2::2] == ["check_raw", "check_marts"]
    for name, words in (("raw", "Passed with warnings."), ("marts", "Passed.")):
        page = Path(said[name]["report"]).read_text(encoding="utf-8")
        assert f"{words} {said[name]['passed']} passed" in page


def test_by_hand_the_gate_of_the_published_version_is_printed_and_told_by_the_exit_code(
    built_warehouse: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "raw.html"
    directory = str(built_warehouse.parent)
    assert olist(["quality", "raw", "--warehouse", directory, "--report", str(report)]) == 0
    assert "1 warned, 0 failed" in capsys.readouterr().out
    assert "states are known" in report.read_text(encoding="utf-8")
    assert olist(["quality", "marts", "--warehouse", str(tmp_path / "none")]) == 2
    assert "make pipeline" in capsys.readouterr().err


class Nights:
    """Runs of a tiny project on tiny files."""

    def __init__(self, directory: Path) -> None:
        """Write the project."""
        self.directory = directory
        self.project = tiny.write_project(
            directory / "project", orders="select order_id from raw.orders"
        )
        self.warehouse = directory / "dw"

    def run(self, *, rows: int = 3, gates: bool = True) -> RunSummary:
        """One run on files of so many rows; every value of them is nonsense."""
        source = self.directory / f"source_{rows}"
        if not source.exists():
            tiny.write_source(source, rows=rows)
        settings = Settings(
            _env_file=None,
            dbt_project_dir=self.project,
            source=str(source),
            warehouse_dir=self.warehouse,
            quality_gates=gates,
        )
        return run(settings, RunOptions(), lambda _: None)

    def record(self) -> tuple[Path, dict[str, Any]]:
        """Directory and summary of the newest run."""
        newest = max((self.warehouse / "runs").iterdir())
        return newest, json.loads((newest / "summary.json").read_text(encoding="utf-8"))

    def published(self) -> Path:
        """The version that readers see."""
        return (self.warehouse / "olist.duckdb").resolve()


@pytest.fixture
def nights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Nights:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"OLIST_{name.upper()}", raising=False)
    return Nights(tmp_path)


def test_a_red_raw_gate_stops_before_dbt_and_publishes_nothing(nights: Nights) -> None:
    before = nights.run(gates=False).version
    with pytest.raises(GateError, match=r"raw\.customers, states_are_known"):
        nights.run(rows=200)
    directory, record = nights.record()
    assert [stage["name"] for stage in record["stages"]] == [
        *("prepare", "extract", "check_raw")
    ]
    assert record["nodes"] == []
    assert record["error_type"] == "GateError"
    assert {problem["gate"] for problem in record["problems"]} == {"raw"}
    page = (directory / "quality_raw.html").read_text(encoding="utf-8")
    assert "states are known" in page
    assert "customer_state=customer_state_0" in page
    assert nights.published() == before
    assert not (nights.warehouse / ".olist-build").exists()


def test_a_red_marts_gate_publishes_nothing_and_warnings_do_not_stop_a_run(
    nights: Nights,
) -> None:
    # Two rows of nonsense are too few to be critical; they are seen, and the models are built.
    with pytest.raises(GateError, match=r"marts\.mart_executive_dashboard, is_there"):
        nights.run(rows=2)
    directory, record = nights.record()
    assert record["stages"][-1]["name"] == "check_marts"
    raw, marts = record["gates"]
    assert (raw["failed"], marts["failed"]) == (0, len(tables_of("marts")))
    assert raw["warned"] > 0
    assert (directory / "quality_marts.html").is_file()
    assert not (nights.warehouse / "olist.duckdb").exists()
    warnings = [text for text in record["notices"] if "The raw gate warns of" in text]
    assert len(warnings) == raw["warned"]


def test_an_unchanged_night_asks_neither_gate_and_starts_no_process(nights: Nights) -> None:
    nights.run(gates=False)
    summary = nights.run()
    assert summary.is_unchanged
    assert summary.gates == ()
    directory, _ = nights.record()
    assert not (directory / "quality_worker.log").exists()


def test_the_process_ends_by_itself_when_nobody_can_ask_any_more(tmp_path: Path) -> None:
    gates = GateProcess(tmp_path)
    gates.start()
    process = gates._process
    assert process is not None
    assert process.stdin is not None
    process.stdin.close()  # as the system does for a run that was killed
    assert process.wait(timeout=60) == 0
    with pytest.raises(GateError, match="could not validate"):
        gates.ask(GateRequest("raw", tmp_path / "none.duckdb"))
    gates.close()
