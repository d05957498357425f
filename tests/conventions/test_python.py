"""Python files say what lives in them."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.conventions.project import PROJECT_ROOT, assert_none

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
