"""What the documentation tells readers to type: commands, and queries with their results."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
import typer

from orchestration.cli import app
from orchestration.warehouse.versions import open_reader
from tests.support.docs import PROJECT_ROOT, Block, blocks, make_targets, pages, result_table

SHELLS = ("console", "sh", "bash", "")
OTHER_LANGUAGES = {"mermaid", "ini", "yaml", "json", "text", "r", "nginx"}

# Commands that read the published version only: each is run as the docs have it.
RUN_HERE = {"olist run --help", "olist versions", "olist profile", "olist status"}
# All others are parsed here, and run where the second column says.
RUN_ELSEWHERE = {
    "run": "tests/integration/test_command.py; the fixture built_warehouse",
    "versions": "tests/integration/test_maintenance.py",
    "backup": "tests/integration/test_maintenance.py",
    "restore": "tests/integration/test_maintenance.py",
    "rollback": "tests/integration/test_maintenance.py",
    "export": "tests/integration/test_export.py",
    "postgres": "tests/integration/postgres/test_failures.py",
    "publish": "tests/integration/postgres/test_publishing.py",
    "serve": "tests/e2e: it serves until it is interrupted",
    "hash-password": "tests/unit/test_dashboard_password.py",
    "replay": "tests/integration/test_replay_command.py",
    "store": "tests/integration/store/test_store_command.py",
    "dagster": "tests/unit/test_scheduling.py; it never ends",
    "watch": "tests/unit/test_watch.py",
    "alerts": "tests/integration/test_alerts.py",
    "status": "tests/unit/test_run_history.py",
    "profile": "tests/integration/test_source_profile.py",
    "quality": "tests/integration/test_quality_gates.py",
    "ask": "tests/integration/test_ask.py",
    "metric": "tests/integration/test_explore.py",
    "docs": "tests/e2e/test_ask_and_catalogue.py",
    "pytest": "this run is one; the benchmarks are run by hand",
}
# Commands of other programs, with what runs them or why nothing does.
OTHER_PROGRAMS = {
    "cd": "changes the directory for the next line",
    "git": "the reader's own clone",
    "../.venv/bin/dbt": "tests/integration/test_transform_by_hand.py",
    "sudo": "changes the machine",
    "systemctl": "changes the machine",
    "journalctl": "reads the machine's log",
    "loginctl": "changes the machine",
    "cp": "copies files of the reader's machine",
    "crontab": "changes the machine",
    "duckdb": "a program that the project does not need",
    "pip": "installs into the reader's environment",
    "curl": "reads a server that is not running here",
}


@dataclass(frozen=True, slots=True)
class Command:
    """One command of the docs."""

    place: str
    words: tuple[str, ...]


def _commands() -> Iterator[Command]:
    for page in pages():
        for block in blocks(page):
            if block.language in SHELLS:
                yield from _commands_of(block)


def _commands_of(block: Block) -> Iterator[Command]:
    has_prompts = re.search(r"^\$ ", block.text, re.MULTILINE) is not None
    for line in block.text.replace("\\\n", " ").splitlines():
        if line.startswith((" ", ">")) or (has_prompts and not line.startswith("$ ")):
            continue
        for part in re.split(r"\s+&&\s+", line.removeprefix("$ ")):
            words = shlex.split(part, comments=True)
            while words and re.match(r"^[A-Z_]+=", words[0]):
                words.pop(0)
            if words:
                yield Command(block.place, tuple(words))


def _own_words(words: tuple[str, ...]) -> tuple[str, ...] | None:
    """Verb and arguments of a command of this project, made through make or not."""
    if words[0] == "make":
        # What make would do; nothing is done. A make that runs these tests hands its own on.
        own = {k: v for k, v in os.environ.items() if k != "ARGS" and "MAKE" not in k}
        printed = subprocess.run(
            ["make", "--dry-run", *words[1:]],
            cwd=PROJECT_ROOT,
            env=own,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        recipes = [
            shlex.split(line) for line in printed if re.match(r"\S+/(python|olist) ", line)
        ]
        recipes = [recipe for recipe in recipes if recipe[1:3] != ["-m", "pip"]]
        recipes = [recipe for recipe in recipes if recipe[1:3] != ["-m", "venv"]]
        words = tuple(recipes[-1]) if recipes else words
    program = words[0].rpartition("/")[2]
    if program == "olist":
        return words[1:]
    if program != "python":
        return None
    return ("run", *words[2:]) if words[1] == "run_pipeline.py" else words[2:]


def test_every_command_is_run_or_its_arguments_are_understood() -> None:
    commands = list(_commands())
    assert len(commands) > 10
    offenders = []
    for command in commands:
        program = command.words[0]
        if program == "make" and command.words[1] not in make_targets():
            offenders.append(f"{command.place}: make knows no {command.words[1]}")
            continue
        verb = _own_words(command.words)
        if verb is None:
            if program != "make" and program not in OTHER_PROGRAMS:
                offenders.append(f"{command.place}: {program} is explained nowhere")
        elif (trouble := _trouble(verb)) is not None:
            offenders.append(f"{command.place}: {' '.join(command.words)}: {trouble}")
    assert not offenders, "\n".join(offenders)


def _trouble(words: tuple[str, ...]) -> str | None:
    verb, *arguments = words
    if verb == "pytest":
        return None
    if verb not in RUN_ELSEWHERE:
        return "run nowhere: add it to RUN_ELSEWHERE"
    group = typer.main.get_command(app)
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            group.commands[verb].make_context(verb, list(arguments))  # type: ignore[attr-defined]
        except typer.TyperException as error:
            return f"its arguments are refused: {error}"
        except typer.Exit:
            return None
    return None


def test_what_is_said_to_run_a_command_exists() -> None:
    said = " ".join((*RUN_ELSEWHERE.values(), *OTHER_PROGRAMS.values()))
    named = re.findall(r"tests/[\w/.]*\w", said)
    assert named
    assert not [name for name in named if not (PROJECT_ROOT / name).exists()]


@pytest.mark.parametrize("command", sorted(RUN_HERE))
def test_commands_that_only_read_run_as_written(command: str, built_warehouse: Path) -> None:
    _, *arguments = command.split()
    clean = {key: value for key, value in os.environ.items() if not key.startswith("OLIST_")}
    done = subprocess.run(
        [sys.executable, "-m", "orchestration", *arguments],
        cwd=PROJECT_ROOT,
        env=clean | {"OLIST_WAREHOUSE_DIR": str(built_warehouse.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_no_block_is_of_a_language_that_nothing_checks() -> None:
    known = {*SHELLS, "sql", "python", *OTHER_LANGUAGES}
    found = [block for page in pages() for block in blocks(page)]
    unknown = [f"{block.place}: {block.language}" for block in found]
    assert not [text for text in unknown if text.rpartition(": ")[2] not in known]


def _programs() -> list[Block]:
    return [block for page in pages() for block in blocks(page) if block.language == "python"]


@pytest.mark.parametrize("block", _programs(), ids=lambda block: block.place)
def test_programs_of_the_docs_run_as_written(
    block: Block, built_warehouse: Path, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "warehouse").symlink_to(built_warehouse.parent)
    done = subprocess.run(
        [sys.executable, "-c", block.text],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def _queries() -> list[Block]:
    return [
        block
        for page in pages()
        for block in blocks(page)
        if block.language == "sql" and re.match(r"(--|\s|select|with|from)", block.text)
    ]


def test_every_query_runs_on_a_published_warehouse(built_warehouse: Path) -> None:
    queries = _queries()
    assert len(queries) > 30
    failed = []
    with open_reader(built_warehouse) as connection:
        for query in queries:
            try:
                connection.execute(query.text).fetchall()
            except duckdb.Error as error:
                failed.append(f"{query.place}: {error}")
    assert not failed, "\n".join(failed)


@pytest.mark.real_data
def test_the_results_in_the_docs_are_those_of_the_real_data(real_warehouse: Path) -> None:
    with_result = [query for query in _queries() if query.table is not None]
    assert len(with_result) > 30
    with open_reader(real_warehouse) as connection:
        other = [
            f"{query.place}: is now\n{found}"
            for query in with_result
            if (found := result_table(connection, query.text)) != query.table
        ]
    assert not other, "\n".join(other)


@pytest.mark.real_data
def test_the_tables_of_the_data_model_have_the_rows_it_says(real_warehouse: Path) -> None:
    text = (PROJECT_ROOT / "docs/data_model.md").read_text(encoding="utf-8")
    said = {
        name: int(rows.replace(",", ""))
        for name, rows in re.findall(r"^\| `(\w+)` \|.*?\| ([\d,]+) \|", text, re.MULTILINE)
    }
    with open_reader(real_warehouse) as connection:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() "
            "where schema_name in ('core', 'marts')"
        ).fetchall()
        found = {
            # The unknown member of a dimension is told of in words.
            name: _count(connection, f"{schema}.{name}") - name.startswith("dim_")
            for schema, name in tables
            if not name.endswith("_history")
        }
    assert said == found


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"select count(*) from {table}").fetchone()
    return int(row[0]) if row else 0
