"""What a browser test asks of a page's looks: findings of axe-core, words on printed pages."""

from __future__ import annotations

import io
import re
from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page
from pypdf import PdfReader

_GRAVE = {"serious", "critical"}
_RUN = "axe.run(document, {resultTypes: ['violations']})"


@cache
def _axe() -> str:
    """The script of axe-core, from the package that brings it."""
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def grave_findings(page: Page) -> list[str]:
    """The serious and critical findings of axe-core, each with the elements it is about."""
    page.evaluate(_axe())
    found: dict[str, Any] = page.evaluate(_RUN)
    return [
        f"{one['id']}: {node['html'][:150]} ({node['failureSummary']})"
        for one in found["violations"]
        if one["impact"] in _GRAVE
        for node in one["nodes"]
    ]


def words_on_pages(pdf: bytes) -> list[int]:
    """How many pieces of text stand on each page of a PDF that Chromium printed."""
    contents = (page.get_contents() for page in PdfReader(io.BytesIO(pdf)).pages)
    return [
        0 if content is None else len(re.findall(rb"T[jJ]\b", content.get_data()))
        for content in contents
    ]
