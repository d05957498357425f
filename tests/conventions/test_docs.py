"""The documentation holds together: links, anchors, images, and the names it uses exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from tests.conventions.project import PROJECT_ROOT, assert_none
from tests.support.docs import make_targets, pages, without_blocks

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
OWN_PATH = re.compile(
    r"^(?:extract|orchestration|olist_dw_dbt|dashboards|tests|docs|data|\.ci)/[\w./-]+$"
)
# Named in the docs, and made by a run or by the reader.
NOT_KEPT = (
    *("data/warehouse", "data/raw", "olist_dw_dbt/target", "olist_dw_dbt/logs"),
    *("dashboards/lib/queries", "olist_dw_dbt/dev"),
)


@cache
def _text(page: Path) -> str:
    return (PROJECT_ROOT / page).read_text(encoding="utf-8")


@cache
def _anchors(page: Path) -> frozenset[str]:
    heads = re.findall(r"^#+ (.+)$", without_blocks(_text(page)), re.MULTILINE)
    return frozenset(
        re.sub(r"[^\w\- ]", "", head.replace("`", "").strip().lower()).replace(" ", "-")
        for head in heads
    )


def _links() -> Iterator[tuple[Path, str]]:
    for page in pages():
        for match in LINK.finditer(without_blocks(_text(page))):
            if not match[1].startswith(("http://", "https://", "mailto:")):
                yield page, match[1]


def _resolve(page: Path, link: str) -> Path:
    path = link.partition("#")[0]
    target = (PROJECT_ROOT / page).parent / path if path else PROJECT_ROOT / page
    return target.resolve()


def test_every_link_and_image_leads_to_a_file() -> None:
    links = list(_links())
    assert len(links) > 20
    assert_none(f"{page}: {link}" for page, link in links if not _resolve(page, link).exists())


def test_every_anchor_is_a_heading_of_its_page() -> None:
    with_anchor = [
        (page, link, target.relative_to(PROJECT_ROOT))
        for page, link in _links()
        if "#" in link and (target := _resolve(page, link)).suffix == ".md" and target.exists()
    ]
    assert with_anchor
    assert_none(
        f"{page}: {link}"
        for page, link, target in with_anchor
        if link.partition("#")[2] not in _anchors(target)
    )


def test_every_page_can_be_reached_from_the_readme() -> None:
    leads_to: dict[Path, set[Path]] = {page: set() for page in pages()}
    for page, link in _links():
        target = _resolve(page, link)
        if target.is_dir():
            target = target / "README.md"
        if target.suffix == ".md" and target.is_relative_to(PROJECT_ROOT):
            leads_to[page].add(target.relative_to(PROJECT_ROOT))
    reached, waiting = set(), [Path("README.md")]
    while waiting:
        page = waiting.pop()
        if page not in reached:
            reached.add(page)
            waiting += leads_to.get(page, set())
    assert_none(page for page in pages() if page not in reached)


def _codes() -> Iterator[tuple[Path, str]]:
    for page in pages():
        for match in CODE.finditer(without_blocks(_text(page))):
            yield page, match[1]


def test_every_file_that_is_named_exists() -> None:
    assert_none(
        f"{page}: {code}"
        for page, code in _codes()
        if OWN_PATH.match(code)
        and not code.startswith(NOT_KEPT)
        and not (PROJECT_ROOT / code).exists()
        and not list(PROJECT_ROOT.glob(f"{code}*"))
    )


def test_every_make_target_that_is_named_exists() -> None:
    targets = make_targets()
    assert_none(
        f"{page}: {code}"
        for page, code in _codes()
        if (match := re.match(r"make ([a-z]\w*)", code)) and match[1] not in targets
    )


def test_every_module_that_is_named_can_be_run() -> None:
    named = [
        (page, match[1])
        for page, code in _codes()
        if (match := re.match(r"python -m ([\w.]+)", code))
    ]
    assert_none(f"{page}: {name}" for page, name in named if find_spec(name) is None)


def test_every_setting_that_is_named_is_explained() -> None:
    explained = (PROJECT_ROOT / ".env.example").read_text(encoding="utf-8")
    # What only the tests read is explained in their page.
    explained += _text(Path("docs/testing.md"))
    assert_none(
        f"{page}: {name}"
        for page in pages()
        for name in re.findall(r"\bOLIST_[A-Z][A-Z_]*[A-Z]\b", _text(page))
        if not re.search(rf"\b{name}\b", explained)
    )
