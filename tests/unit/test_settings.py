"""Settings: where they come from, what wins, and what a bad one says."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from dotenv import dotenv_values

from orchestration.errors import SettingsError
from orchestration.settings import ENV_PREFIX, PROJECT_ROOT, Settings, load_settings


@pytest.fixture(autouse=True)
def _no_settings_around(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(ENV_PREFIX + name.upper(), raising=False)


def test_the_default_warehouse_lies_in_the_project_wherever_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings(env_file=None)
    assert settings.published_path == PROJECT_ROOT / "data" / "warehouse" / "olist.duckdb"
    assert settings.source is None


def test_the_environment_wins_over_env_file_and_an_argument_over_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("OLIST_SEED=1\nOLIST_SCALE=0.1\nOLIST_THREADS=3\n", encoding="utf-8")
    monkeypatch.setenv("OLIST_SEED", "2")
    monkeypatch.setenv("OLIST_SCALE", "0.2")
    settings = load_settings(env_file, seed="5")
    assert (settings.seed, settings.scale, settings.threads) == (5, 0.2, 3)


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLIST_SOURCE", "")
    monkeypatch.setenv("OLIST_KEEP_VERSIONS", "")
    settings = load_settings(env_file=None)
    assert (settings.source, settings.keep_versions) == (None, 5)


def test_relative_paths_count_from_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLIST_WAREHOUSE_DIR", "elsewhere/dw")
    monkeypatch.setenv("OLIST_SOURCE", "data/drop")
    settings = load_settings(env_file=None)
    assert settings.warehouse_dir == PROJECT_ROOT / "elsewhere" / "dw"
    assert settings.source == str(PROJECT_ROOT / "data" / "drop")


@pytest.mark.parametrize("word", ["kaggle", "synthetic"])
def test_a_source_that_is_a_word_stays_one(word: str) -> None:
    assert load_settings(env_file=None, source=word).source == word


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("OLIST_SCALE", "0", "a number above 0"),
        ("OLIST_SCALE", "nan", "a number above 0"),
        ("OLIST_SCALE", "many", "a number above 0"),
        ("OLIST_SEED", "-1", "a whole number from 0"),
        ("OLIST_SEED", "1.5", "a whole number from 0"),
        ("OLIST_KEEP_VERSIONS", "0", "1 or more"),
        ("OLIST_KEEP_RUNS", "none", "1 or more"),
        ("OLIST_THREADS", "1000", "from 1 to 64"),
        ("OLIST_MEMORY_LIMIT", "lots", "4GB"),
        ("OLIST_LOG_LEVEL", "LOUD", "DEBUG, INFO, WARNING or ERROR"),
    ],
)
def test_a_bad_value_names_the_variable_the_value_and_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, allowed: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as caught:
        load_settings(env_file=None)
    text = str(caught.value)
    assert f"{variable} is '{value}'" in text
    assert allowed in text
    assert "\n" not in text


def test_a_bad_argument_is_named_as_the_argument() -> None:
    with pytest.raises(SettingsError, match=r"^--scale is 'x', but must be a number above 0"):
        load_settings(env_file=None, scale="x")


def test_two_bad_values_are_both_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLIST_SEED", "x")
    monkeypatch.setenv("OLIST_THREADS", "y")
    with pytest.raises(SettingsError, match=r"OLIST_SEED.*OLIST_THREADS"):
        load_settings(env_file=None)


def test_a_misspelt_name_in_the_env_file_is_told_with_the_right_one(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("OLIST_WAREHOUSE=dw\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="Did you mean OLIST_WAREHOUSE_DIR"):
        load_settings(env_file)


def test_foreign_names_in_the_env_file_are_left_alone(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("PATH_OF_OTHERS=1\nOLIST_SEED=7\n", encoding="utf-8")
    assert load_settings(env_file).seed == 7


def test_an_env_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_bytes(b"OLIST_SEED=\xff\xfe\n")
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(env_file)


def test_the_example_names_every_setting_and_its_default() -> None:
    example = PROJECT_ROOT / ".env.example"
    names = {ENV_PREFIX + name.upper() for name in Settings.model_fields}
    assert set(dotenv_values(example)) == names
    assert load_settings(example) == load_settings(env_file=None)


def test_the_example_explains_every_setting() -> None:
    lines = (PROJECT_ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    for before, line in pairwise(lines):
        if line.startswith(ENV_PREFIX):
            assert before.startswith("# "), line
