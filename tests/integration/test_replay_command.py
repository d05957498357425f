"""``python -m extract.replay``: what it says, what it refuses, and with which exit code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.cli import main as olist
from orchestration.errors import EXIT_WRONG_USE
from tests.support.tiny_source import tiny_source, write_tiny_source

MONTHLY = ["--from", "2017-11-30", "--to", "2018-02-28", "--every", "month"]


def run(source: Path, output: Path, *more: str) -> int:
    return olist(["replay", "--source", str(source), "--output", str(output), *more])


def refusal(capsys: pytest.CaptureFixture[str], source: Path, output: Path, *more: str) -> str:
    """Run what must be refused, before anything is written, and give the message."""
    before = list(output.iterdir()) if output.is_dir() else output.exists()
    assert run(source, output, *more) == EXIT_WRONG_USE
    after = list(output.iterdir()) if output.is_dir() else output.exists()
    assert after == before
    return capsys.readouterr().err


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_tiny_source(tmp_path / "source")


def test_the_command_writes_a_directory_a_drop_with_nine_files(
    source: Path, tmp_path: Path
) -> None:
    output = tmp_path / "new" / "drops"
    finished = subprocess.run(
        [
            sys.executable, "-m", "orchestration", "replay",
            "--source", str(source), "--output", str(output), *MONTHLY,
        ],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert (finished.returncode, finished.stderr) == (0, "")
    assert sorted(path.name for path in output.iterdir()) == [
        "2017-11-30",
        "2017-12-31",
        "2018-01-31",
        "2018-02-28",
    ]
    assert {len(list(drop.iterdir())) for drop in output.iterdir()} == {9}
    assert "2018-01-31" in finished.stdout
    assert "4 drops in" in finished.stdout


def test_a_replay_that_stops_short_says_so(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    days = ("--from=2018-01-05", "--to", "2018-01-06")
    assert run(source, tmp_path / "a", *days) == 0
    assert "The data goes on after 2018-01-06" in capsys.readouterr().out
    assert run(source, tmp_path / "b", *days, "--complete") == 0
    assert "goes on" not in capsys.readouterr().out


def test_an_empty_directory_is_a_fine_output(source: Path, tmp_path: Path) -> None:
    output = tmp_path / "drops"
    output.mkdir()
    assert run(source, output, *MONTHLY) == 0


def test_days_the_wrong_way_round_are_refused(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    days = ("--from=2018-02-01", "--to", "2018-01-01")
    message = refusal(capsys, source, tmp_path / "drops", *days)
    assert "Give --from the earlier day" in message


def test_an_end_before_the_data_begins_is_refused(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    message = refusal(capsys, source, tmp_path / "drops", "--to", "2016-01-01")
    assert "before they start (2017-11-24)" in message


def test_an_output_with_something_in_it_is_refused(
    source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "is not empty" in refusal(capsys, source, source, *MONTHLY)


def test_an_output_that_is_a_file_is_refused(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "drops"
    output.touch()
    assert "is a file" in refusal(capsys, source, output, *MONTHLY)


def test_an_output_that_cannot_be_made_is_refused(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    message = refusal(capsys, source, tmp_path / "file" / "drops", *MONTHLY)
    assert "Not a directory" in message


def test_a_source_that_is_not_there_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    message = refusal(capsys, tmp_path / "nowhere", tmp_path / "drops", *MONTHLY)
    assert "does not exist" in message


def test_a_header_out_of_contract_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write_tiny_source(tmp_path / "source", sellers="seller_id,city\ns1,x\n")
    message = refusal(capsys, source, tmp_path / "drops", *MONTHLY)
    assert "olist_sellers_dataset.csv lacks" in message


@pytest.mark.parametrize(
    "line", ['"s9","01037",são pa', '"s9","0"1037,x,SP', '"s9"', "s9,01037,a\0b,SP"],
    ids=["open quote and few fields", "stray quote", "ragged", "NUL"],
)  # fmt: skip
def test_a_damaged_file_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    header = "seller_id,seller_zip_code_prefix,seller_city,seller_state\n"
    damaged = f"{header}s1,13023,campinas,SP\n{line}\ns2,20031,niteroi,RJ\n"
    source = write_tiny_source(tmp_path / "source", sellers=damaged)
    message = refusal(capsys, source, tmp_path / "drops", *MONTHLY)
    assert "olist_sellers_dataset.csv is damaged and cannot be replayed" in message


def test_a_dataset_without_a_readable_purchase_needs_days(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    orders = tiny_source(tmp_path / "whole").paths["orders"].read_text(encoding="utf-8")
    header = orders.partition("\n")[0] + "\n"
    source = write_tiny_source(tmp_path / "source", orders=header)
    message = refusal(capsys, source, tmp_path / "drops", "--to", "2018-01-01")
    assert "Give both --from and --to" in message
    assert run(source, tmp_path / "drops", *MONTHLY) == 0


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("--late=1.5", "give a number from 0 to 1"),
        ("--corrections=-0.1", "give a number from 0 to 1"),
        ("--deletions=nan", "give a number from 0 to 1"),
        ("--late=much", "should be a valid number"),
        ("--from=1/8/2018", "does not match the formats '%Y-%m-%d'"),
        ("--to=2018-02-30", "does not match the formats '%Y-%m-%d'"),
        ("--every=year", "There is no step 'year': choose day, week, month"),
        ("--mode=both", "'both' is not one of"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(
    source: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    option: str,
    words: str,
) -> None:
    assert words in refusal(capsys, source, tmp_path / "drops", *MONTHLY, option)


def test_help_shows_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert olist(["replay", "--help"]) == 0
    assert "--mode delta --complete" in capsys.readouterr().out
