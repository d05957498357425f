"""Names of settings, in .env and in the environment: one that does nothing must not pass.

What a setting means and which values it takes is in ``orchestration.settings``.
"""

from __future__ import annotations

import difflib
import io
import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from dotenv.parser import Binding, parse_stream

from orchestration.errors import SettingsError

PREFIX = "OLIST_"

# Variables with the prefix that are no settings: those of the tests, and what the pipeline
# hands to dbt's profile.
_OTHERS = re.compile(
    r"OLIST_(DBT_(ANALYSES|DATABASE|MEMORY_LIMIT|UNIT_TESTS)"
    r"|REAL_DATA|RANDOM_SEQUENCES|SLOW_TESTS|TEST_\w+|BENCH_\w+)"
)
# How like a setting a name without the prefix must be to count as a typing error. What other
# programs have, such as ALERT_WEBHOOK_FORMAT, is less like.
_ALIKE = 0.9


def check_environment(variables: Mapping[str, str], known: Collection[str]) -> None:
    """Refuse a variable of the environment that was meant as a setting and is none.

    Raises:
        SettingsError: Names it and what may have been meant.
    """
    _check("The environment", [(name, value) for name, value in variables.items()], known)


def check_env_file(path: Path, known: Collection[str]) -> None:
    """Refuse lines of .env that would silently do nothing.

    Raises:
        SettingsError: Names the line.
    """
    if not path.is_file():
        return
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        message = (
            f"The settings file {path} cannot be read ({error}). "
            "Make it a readable UTF-8 text file, or remove it."
        )
        raise SettingsError(message) from error
    bindings = [one for one in parse_stream(io.StringIO(text)) if one.key or one.error]
    for one in bindings:
        if (problem := _problem(one)) is not None:
            # The line itself is not shown: it may hold a secret.
            message = (
                f"Line {_line(one)} of {path} {problem}. Correct it; .env.example shows the "
                "form of every line."
            )
            raise SettingsError(message)
    _check(str(path), [(one.key or "", one.value or "") for one in bindings], known)


def is_open_to_others(path: Path) -> bool:
    """Whether other accounts of the machine can read a file, which may hold secrets."""
    try:
        return bool(path.stat().st_mode & 0o004)
    except OSError:
        return False


def _line(one: Binding) -> int:
    text = one.original.string
    return one.original.line + len(text[: len(text) - len(text.lstrip())].splitlines())


def _problem(one: Binding) -> str | None:
    is_ours = (one.key or "").upper().startswith(PREFIX)
    if one.error:
        return "is not understood: a line is NAME=value, with both quotes or none"
    if is_ours and one.value is None:
        return f"names {one.key} without a value: write {one.key}=value"
    if is_ours and "\n" in (one.value or ""):
        return f"gives {one.key} a value of several lines: a quote is missing"
    return None


def _check(where: str, pairs: Iterable[tuple[str, str]], known: Collection[str]) -> None:
    seen: dict[str, str] = {}
    for name, value in pairs:
        upper = name.upper()
        if upper in known:
            if seen.setdefault(upper, value) != value:
                message = (
                    f"{where} sets {upper} twice, to different values (case does not count). "
                    "Remove one."
                )
                raise SettingsError(message)
        elif _is_meant_as_setting(upper, known):
            plain = _plain(upper)
            near = difflib.get_close_matches(plain, sorted(known), n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            message = (
                f"{where} sets {_shown(name)}, which is not a setting.{hint} "
                ".env.example lists all settings."
            )
            raise SettingsError(message)


def _is_meant_as_setting(name: str, known: Collection[str]) -> bool:
    plain = _plain(name)
    if plain.startswith(PREFIX):
        return _OTHERS.fullmatch(name) is None
    # Comparing takes its time, and most names have nothing of the prefix.
    if plain.startswith("LIST_") or len(set("OLIST") - set(plain[:7])) > 1:
        return False
    return bool(difflib.get_close_matches(plain, known, n=1, cutoff=_ALIKE))


def _plain(name: str) -> str:
    """OLIST-SEED, OLIST.SEED and a name behind a mark of the encoding as OLIST_SEED."""
    return re.sub(r"[^A-Z0-9]+", "_", name).strip("_")


def _shown(name: str) -> str:
    return name if name.isprintable() else repr(name)
