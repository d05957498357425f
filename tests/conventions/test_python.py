"""Python files say what lives in them, and stay small enough to read."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.conventions.project import PROJECT_ROOT, assert_none

MAX_LINES = 450
MIN_DOCSTRING = 20


def _python(kept_files: tuple[Path, ...]) -> list[Path]:
    files = [path for path in kept_files if path.suffix == ".py"]
    assert len(files) > 30
    return files


def test_every_module_says_what_lives_in_it(kept_files: tuple[Path, ...]) -> None:
    assert_none(
        path.relative_to(PROJECT_ROOT)
        for path in _python(kept_files)
        if len(ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "")
        < MIN_DOCSTRING
    )


def test_no_module_is_too_long_to_read(kept_files: tuple[Path, ...]) -> None:
    lengths = {
        path.relative_to(PROJECT_ROOT): len(path.read_text(encoding="utf-8").splitlines())
        for path in _python(kept_files)
    }
    assert_none(
        f"{path}: {lines} lines" for path, lines in lengths.items() if lines > MAX_LINES
    )
