"""The password of the dashboards: hashed, checked, asked for, and a brake on guessing."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from dashboards.lib.gate import Brake
from dashboards.lib.password import MIN_LENGTH, PasswordError, hash_password, is_right
from orchestration.errors import SettingsError
from orchestration.settings import PASSWORD_HASH, PROJECT_ROOT, load_settings

LONG = "a long enough pässword"


def test_the_password_that_was_hashed_is_right_and_no_other() -> None:
    stored = hash_password(LONG)
    assert is_right(LONG, stored)
    assert not is_right(f"{LONG} ", stored)
    assert not is_right("", stored)


def test_the_same_password_is_never_hashed_to_the_same_text() -> None:
    assert hash_password(LONG) != hash_password(LONG)


def test_a_hash_holds_nothing_a_shell_or_an_env_file_would_change() -> None:
    assert re.fullmatch(r"[\w:-]+", hash_password(LONG))


def test_a_hash_is_what_the_settings_take(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = hash_password(LONG)
    assert PASSWORD_HASH.fullmatch(stored)
    monkeypatch.setenv("OLIST_DASHBOARDS_PASSWORD_HASH", stored)
    secret = load_settings(env_file=None).dashboards_password_hash
    assert secret is not None
    assert secret.get_secret_value() == stored


def test_a_password_typed_in_place_of_its_hash_is_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OLIST_DASHBOARDS_PASSWORD_HASH", LONG)
    with pytest.raises(SettingsError, match="hash-password") as caught:
        load_settings(env_file=None)
    assert LONG not in str(caught.value)


def test_settings_do_not_show_the_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = hash_password(LONG)
    monkeypatch.setenv("OLIST_DASHBOARDS_PASSWORD_HASH", stored)
    assert stored not in repr(load_settings(env_file=None))


def test_a_short_password_is_refused() -> None:
    with pytest.raises(PasswordError, match=str(MIN_LENGTH)):
        hash_password("x" * (MIN_LENGTH - 1))


@pytest.mark.parametrize(
    "password",
    [
        "1234567890",
        "123456789012",
        "passwordpassword",
        "qwertyuiopas",
        "aaaaaaaaaaaaaaaa",
        "olistolistolist",
        "dashboards2026",
        "Summer2026!!",
        "a" * 100_000,
    ],
)
def test_a_password_that_is_soon_guessed_is_refused_with_what_to_choose(password: str) -> None:
    with pytest.raises(PasswordError, match="choose"):
        hash_password(password)


def test_a_password_too_long_to_be_one_is_wrong_without_being_hashed() -> None:
    assert not is_right("x" * 1_000_000, hash_password(LONG))


def _hash_command(typed: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dashboards", "hash-password"],
        cwd=PROJECT_ROOT,
        input=typed,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_prints_the_line_for_the_env_file() -> None:
    finished = _hash_command(f"{LONG}\n{LONG}\n")
    assert finished.returncode == 0, finished.stderr
    name, _, stored = finished.stdout.strip().partition("=")
    assert name == "OLIST_DASHBOARDS_PASSWORD_HASH"
    assert is_right(LONG, stored)


def test_the_command_refuses_two_passwords_that_differ() -> None:
    finished = _hash_command(f"{LONG}\n{LONG}x\n")
    assert (finished.returncode, finished.stdout) == (2, "")
    assert "differ" in finished.stderr


# The brake


class _Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def _tried(brake: Brake, times: int, address: str = "10.0.0.1") -> None:
    for _ in range(times):
        brake.tried(address)


def test_a_few_failures_are_free_and_then_the_wait_doubles_up_to_a_minute() -> None:
    brake = Brake(_Clock())
    waits = []
    for _ in range(12):
        brake.tried("10.0.0.1")
        waits.append(brake.seconds_to_wait("10.0.0.1"))
    assert waits == [0, 0, 0, 0, 2, 4, 8, 16, 32, 60, 60, 60]


def test_success_takes_back_its_own_try_and_forgives_none_of_others_at_the_address() -> None:
    clock = _Clock()
    brake = Brake(clock)
    _tried(brake, 6)
    clock.now = 4.0
    assert brake.seconds_to_wait("10.0.0.1") == 0
    brake.tried("10.0.0.1")
    brake.succeeded("10.0.0.1")
    _tried(brake, 1)
    assert brake.seconds_to_wait("10.0.0.1") == 8


def test_failures_are_forgotten_after_a_quarter_of_an_hour_without_one() -> None:
    clock = _Clock()
    brake = Brake(clock)
    _tried(brake, 12)
    clock.now = 60.0 + 16 * 60
    _tried(brake, 4)
    assert brake.seconds_to_wait("10.0.0.1") == 0


def test_one_address_does_not_make_another_wait() -> None:
    brake = Brake(_Clock())
    _tried(brake, 9)
    assert brake.seconds_to_wait("10.0.0.2") == 0


def test_a_machine_with_many_addresses_of_a_network_is_one() -> None:
    brake = Brake(_Clock())
    for n in range(9):
        brake.tried(f"2001:db8::{n:x}")
    assert brake.seconds_to_wait("2001:db8::ffff") > 0
    assert brake.seconds_to_wait("2001:db8:0:1::1") == 0
    _tried(brake, 9, "::ffff:10.0.0.3")
    assert brake.seconds_to_wait("10.0.0.3") > 0
