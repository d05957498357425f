"""The report of a gate: everything is in it, nothing of it runs, and it needs no network."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from orchestration.quality.report import write_report
from orchestration.runs.summary import CheckResult

Page = Callable[..., str]

_MOMENT = datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001 - naive UTC

_PASSED = CheckResult("raw", "raw.orders", "holds_rows", "critical", "passed", "rows", "3")
_WARNED = CheckResult(
    "raw", "raw.orders", "growth", "warning", "failed", "at most 1.5", "2.4", advice="Look."
)
_FAILED = CheckResult(
    gate="raw",
    table="raw.customers",
    name="states_are_known",
    severity="critical",
    status="failed",
    expected="at most 2.00%",
    observed="9.50%",
    num_unexpected=190,
    sample=("customer_state=<script>alert('x')</script>",),
    advice="Ask <the> source & wait.",
)


@pytest.fixture
def page_of(tmp_path: Path) -> Page:
    def page(*results: CheckResult) -> str:
        path = write_report(
            tmp_path / "quality_raw.html",
            *("raw", results),
            run_id="r1",
            source="a <zip>",
            checked_at=_MOMENT,
        )
        return path.read_text(encoding="utf-8")

    return page


def test_a_page_says_what_failed_first_and_then_everything(page_of: Page) -> None:
    page = page_of(_PASSED, _WARNED, _FAILED)
    assert "Stopped: critical checks did not pass. Nothing was published." in page
    assert "1 passed, 1 warned, 1 failed" in page
    first = page.index("What did not pass")
    assert first < page.index("states are known") < page.index("growth")
    assert page.index("growth") < page.index("holds rows")
    assert "9.50% (190 rows)" in page
    assert "2026-01-02 03:04:05 UTC" in page


def test_each_result_is_told_in_a_word_and_not_by_colour_alone(page_of: Page) -> None:
    broken = CheckResult("raw", "raw.t", "x", "critical", "error", "a", "could not be checked")
    words = re.findall(r'<td class="status">([^<]+)</td>', page_of(_PASSED, _WARNED, _FAILED))
    assert words == ["failed", "warning", "passed", "warning", "failed"]
    assert '<td class="status">not made</td>' in page_of(broken)


def test_what_comes_from_files_is_shown_and_never_run(page_of: Page) -> None:
    page = page_of(_FAILED)
    assert "<script" not in page
    assert "customer_state=&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" in page
    assert "Ask &lt;the&gt; source &amp; wait." in page
    assert "Source: a &lt;zip&gt;" in page


def test_a_page_refers_to_nothing_outside_itself(page_of: Page) -> None:
    page = page_of(_PASSED, _WARNED)
    assert not re.search(r"https?:|//|src=|href=|@import|url\(", page)
    assert "Passed with warnings. 1 passed, 1 warned, 0 failed." in page
