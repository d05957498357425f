"""What ends a period is said in one place: int_as_of_date, and the flags made from it.

A model, question or page that takes the last day or month there is for the last one of trade
shows a truncated end as a fall. A last day is `as_of_date`, a complete month one of
`is_complete_month`, a month whose deliveries may be compared one of `is_delivery_mature`.
"""

from __future__ import annotations

import re
from pathlib import Path

from orchestration.settings import PROJECT_ROOT
from tests.conventions.project import DBT_PROJECT, assert_none

# The last day or month of whatever rows a query reads.
LAST_DAY = re.compile(
    r"max\(\s*(\w+\.)?(order_date|order_month|order_date_key|purchased_at|full_date|month|"
    r"month_start_date|order_purchase_timestamp)\s*\)",
    re.IGNORECASE,
)
A_DATE = re.compile(r"\b(date|timestamp) '20\d\d|'20\d\d-\d\d-\d\d'", re.IGNORECASE)

# Where such a day is no end of the data, and why.
ALLOWED = {
    "olist_dw_dbt/models/intermediate/int_as_of_date.sql": "is the place",
    "olist_dw_dbt/models/facts/fact_deliveries.sql": "the day of one order",
    "olist_dw_dbt/models/dimensions/dim_date.sql": "how far the calendar reaches",
    "olist_dw_dbt/models/dimensions/dim_seller.sql": "the last sale of one seller",
    "olist_dw_dbt/models/marts/mart_seller_scorecard.sql": "the last sale of one seller",
    "olist_dw_dbt/models/marts/mart_product_performance.sql": "the last sale of one product",
    "olist_dw_dbt/models/marts/mart_customer_analytics.sql": "the last sale of one customer",
    "olist_dw_dbt/macros/questions.sql": "of complete months alone",
    "dashboards/lib/queries/warehouse.py": "which days a reader may choose",
}
# A question may take the last of the complete months, which it names.
OF_COMPLETE_MONTHS = re.compile(r"is_complete(_month)?\b|complete_months\(")
OF_MONTHS = re.compile(r"\border_month\b|\bmonth_start(_date)?\b|\bmonths_back\b")
OF_DELIVERY = re.compile(
    r"\b(num_late|num_on_time|num_due|num_promise_kept|sum_delivery_days|sum_review_score|"
    r"num_satisfied_reviews|num_dispatch_late)\b"
)
QUESTIONS = DBT_PROJECT / "analyses" / "questions"


def _code(path: Path) -> str:
    """A file without its comments; quoted texts are arguments of macros, and stay."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return re.sub(r"(?m)#.*$", "", text)
    text = re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
    return re.sub(r"--[^\n]*", "", text)


def _files() -> list[Path]:
    found = [
        path
        for folder in ("models", "macros", "analyses", "snapshots")
        for path in (DBT_PROJECT / folder).rglob("*.sql")
    ]
    return sorted((*found, *(PROJECT_ROOT / "dashboards").rglob("*.py")))


def _name(path: Path) -> str:
    return path.relative_to(PROJECT_ROOT).as_posix()


def test_nothing_takes_the_last_day_there_is_for_the_last_day_of_trade() -> None:
    assert_none(
        f"{_name(path)}: {found.group()}"
        for path in _files()
        if _name(path) not in ALLOWED
        for code in [_code(path)]
        for found in LAST_DAY.finditer(code)
        if path.parent != QUESTIONS or not OF_COMPLETE_MONTHS.search(code)
    )


def test_what_is_allowed_to_take_a_last_day_does() -> None:
    assert_none(name for name in ALLOWED if not LAST_DAY.search(_code(PROJECT_ROOT / name)))


def test_no_model_question_or_page_names_a_day_of_the_data() -> None:
    assert_none(
        f"{_name(path)}: {found.group()}"
        for path in _files()
        for found in A_DATE.finditer(_code(path))
    )


def test_a_question_by_month_is_of_complete_months() -> None:
    assert_none(
        path.name
        for path in sorted(QUESTIONS.glob("*.sql"))
        if OF_MONTHS.search(_code(path)) and not OF_COMPLETE_MONTHS.search(_code(path))
    )


def test_a_question_by_month_about_what_has_arrived_waits_for_the_slow() -> None:
    assert_none(
        path.name
        for path in sorted(QUESTIONS.glob("*.sql"))
        if re.search(r"\border_month\b", code := _code(path))
        and OF_DELIVERY.search(code)
        and "is_delivery_mature" not in code
    )


def test_a_mart_by_month_with_figures_of_what_has_arrived_says_whether_they_are_mature() -> (
    None
):
    assert_none(
        path.name
        for path in sorted((DBT_PROJECT / "models" / "marts").glob("*.sql"))
        if "is_complete_month" in (code := _code(path))
        and OF_DELIVERY.search(code)
        and "is_delivery_mature" not in code
    )
