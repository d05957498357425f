"""What a browser test asks of a page's looks: findings of axe-core, words on printed pages."""

from __future__ import annotations

import re
import zlib
from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

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
    objects = dict(re.findall(rb"(?m)^(\d+) 0 obj\n?(.*?)\nendobj", pdf, re.DOTALL))
    found = []
    for content in objects.values():
        if not re.search(rb"/Type\s*/Page\b", content):
            continue
        numbers = re.findall(
            rb"\d+(?= 0 R)", content.split(b"/Contents", 1)[1].split(b"/", 1)[0]
        )
        streams = (objects[number].split(b"stream", 1)[1] for number in numbers)
        text = b"".join(zlib.decompressobj().decompress(one.lstrip(b"\r\n")) for one in streams)
        found.append(len(re.findall(rb"T[jJ]\b", text)))
    return found
