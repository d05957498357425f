"""Names of settings: in the environment and in .env, none passes that would do nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.errors import SettingsError
from orchestration.settings import PROJECT_ROOT, Settings, load_settings


@pytest.fixture(autouse=True)
def _no_settings_around(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"OLIST_{name.upper()}", raising=False)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("OLIST_SORCE", "OLIST_SOURCE"),
        ("OLIST_MAX_QUARANTINED_SHARES", "OLIST_MAX_QUARANTINED_SHARE"),
        ("olist_sorce", "OLIST_SOURCE"),
        ("OLIST-SOURCE", "OLIST_SOURCE"),
        ("OLIST.SEED", "OLIST_SEED"),
        ("OLITS_SOURCE", "OLIST_SOURCE"),
        ("OLISTSOURCE", "OLIST_SOURCE"),
        ("OLIST__SEED", "OLIST_SEED"),
    ],
)
def test_a_misspelt_name_is_refused_with_the_one_that_was_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, meant: str
) -> None:
    expected = rf"sets {name}, which is not a setting\. Did you mean {meant}\?"
    env_file = tmp_path / ".env"
    env_file.write_text(f"{name}=1\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=expected):
        load_settings(env_file)
    monkeypatch.setenv(name, "1")
    with pytest.raises(SettingsError, match=f"^The environment {expected}"):
        load_settings(None)


@pytest.mark.parametrize(
    "name",
    [
        *("OLIST", "OLIST_REAL_DATA", "OLIST_DBT_DATABASE", "OLIST_TEST_KILLS"),
        *("ALERT_WEBHOOK_FORMAT", "DASHBOARDS_PASSWORD_HASH", "SMTP_HOST", "LIST_SOURCE"),
        *("HOLISTIC_SOURCE"),
    ],
)
def test_variables_of_others_are_left_alone(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "1")
    load_settings(None)


def test_lower_case_is_the_same_setting_and_two_values_for_one_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("olist_seed", "7")
    assert load_settings(None).seed == 7
    monkeypatch.setenv("OLIST_SEED", "8")
    with pytest.raises(SettingsError, match="sets OLIST_SEED twice"):
        load_settings(None)
    monkeypatch.delenv("olist_seed")
    env_file = tmp_path / ".env"
    env_file.write_text("OLIST_SCALE=1\nOLIST_SCALE=2\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="sets OLIST_SCALE twice"):
        load_settings(env_file)


@pytest.mark.parametrize(
    "line",
    [
        "OLIST_SEED=7",
        "export OLIST_SEED=7",
        "OLIST_SEED = 7",
        "OLIST_SEED='7'",
        "OLIST_SEED=7  # a note",
        "olist_seed=7",
        "OLIST_SEED=7\r",
    ],
)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_lines_of_the_env_file_are_read_as_a_shell_would(
    tmp_path: Path, line: str, mark: str
) -> None:
    env_file = tmp_path / ".env"
    env_file.write_bytes(f"{mark}{line}\n# the end\n".encode())
    assert load_settings(env_file).seed == 7


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("OLIST_SEED", "names OLIST_SEED without a value"),
        ("OLIST_SEED 7", "is not understood"),
        ("OLIST_SEED: 7", "is not understood"),
        ("set OLIST_SEED=7", "is not understood"),
        ('OLIST_SOURCE="/data', "is not understood"),
        ("OLIST_SOURCE='/data\nOLIST_SCALE='2'", "a quote is missing|is not understood"),
        ('OLIST_SMTP_PASSWORD="secret', "is not understood"),
    ],
)
def test_a_line_of_the_env_file_that_would_do_nothing_is_named(
    tmp_path: Path, line: str, expected: str
) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text(f"# mine\n\n{line}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=f"Line 3 of .*{expected}") as caught:
        load_settings(env_file)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("~nosuchuser/x", "there is no user 'nosuchuser'"),
        ("$HOME/wh", "HOME is not replaced here"),
        ("${DATA}/wh", "DATA} is not replaced here"),
        ("  ", "it is empty"),
        ('"/data/wh"', "the quotes or blanks around it"),
        ("/data/wh ", "the quotes or blanks around it"),
        ("/data/wh\r", "the quotes or blanks around it|control character"),
        ("/data/\x1bwh", "control character"),
    ],
)
@pytest.mark.parametrize("variable", ["OLIST_WAREHOUSE_DIR", "OLIST_SOURCE"])
def test_a_path_that_would_be_taken_literally_by_mistake_is_refused(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=expected) as caught:
        load_settings(None)
    assert str(caught.value).startswith(f"{variable} is ")


def test_the_home_directory_is_meant_by_a_tilde_wherever_it_comes_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("OLIST_RAW_DIR", "~/raw")
    settings = load_settings(None, warehouse_dir="~/wh", backup_dir="~", source="~/a.zip")
    assert settings.raw_dir == tmp_path / "raw"
    assert settings.warehouse_dir == tmp_path / "wh"
    assert settings.backup_dir == tmp_path
    assert settings.source == str(tmp_path / "a.zip")
    monkeypatch.chdir(tmp_path)
    assert load_settings(None, warehouse_dir="./~").warehouse_dir == tmp_path / "~"


@pytest.mark.parametrize("home", ["", "relative"])
def test_a_tilde_without_a_home_is_refused(monkeypatch: pytest.MonkeyPatch, home: str) -> None:
    monkeypatch.setenv("HOME", home)
    with pytest.raises(SettingsError, match=r"^--warehouse is '~/wh', but the variable HOME"):
        load_settings(None, warehouse_dir="~/wh")


def test_paths_of_the_command_line_count_from_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings(None, warehouse_dir="wh", source="x.zip")
    assert (settings.warehouse_dir, settings.source) == (tmp_path / "wh", f"{tmp_path}/x.zip")
    assert load_settings(None).warehouse_dir == PROJECT_ROOT / "data" / "warehouse"


def test_an_address_is_no_source() -> None:
    with pytest.raises(SettingsError, match=r"^--source is 'https://.*download the zip"):
        load_settings(None, source="https://www.kaggle.com/x")
