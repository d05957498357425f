"""The report of a gate: everything is in it, nothing of it runs, and it needs no network."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from orchestration.quality.report import render, write_report
from orchestration.runs.summary import CheckResult

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


def _page(*results: CheckResult) -> str:
    return render("raw", results, run_id="r1", source="a <zip>", checked_at=_MOMENT)


def test_a_page_says_what_failed_first_and_then_everything() -> None:
    page = _page(_PASSED, _WARNED, _FAILED)
    assert "Stopped: critical checks did not pass. Nothing was published." in page
    assert "1 passed, 1 warned, 1 failed" in page
    first = page.index("What did not pass")
    assert first < page.index("states are known") < page.index("growth")
    assert page.index("growth") < page.index("holds rows")
    assert "9.50% (190 rows)" in page
    assert "2026-01-02 03:04:05 UTC" in page


def test_each_result_is_told_in_a_word_and_not_by_colour_alone() -> None:
    broken = CheckResult("raw", "raw.t", "x", "critical", "error", "a", "could not be checked")
    words = re.findall(r'<td class="status">([^<]+)</td>', _page(_PASSED, _WARNED, _FAILED))
    assert words == ["failed", "warning", "passed", "warning", "failed"]
    assert '<td class="status">not made</td>' in _page(broken)


def test_what_comes_from_files_is_shown_and_never_run() -> None:
    page = _page(_FAILED)
    assert "<script" not in page
    assert "customer_state=&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;" in page
    assert "Ask &lt;the&gt; source &amp; wait." in page
    assert "Source: a &lt;zip&gt;" in page


def test_a_page_refers_to_nothing_outside_itself(tmp_path: Path) -> None:
    path = write_report(
        tmp_path / "quality_raw.html",
        *("raw", (_PASSED, _WARNED)),
        run_id="r1",
        source="a directory",
        checked_at=_MOMENT,
    )
    page = path.read_text(encoding="utf-8")
    assert not re.search(r"https?:|//|src=|href=|@import|url\(", page)
    assert "Passed with warnings. 1 passed, 1 warned, 0 failed." in page
