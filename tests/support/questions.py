"""The questions of olist_dw_dbt/analyses/questions as typed data, compiled by dbt itself.

Which rules a question keeps is said by the tests; nothing here asserts.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from dashboards.lib.queries.questions import Question as AskedQuestion
from dashboards.lib.queries.questions import Result, run_question
from orchestration.dbt.questions import _FILE
from orchestration.dbt.questions import questions as compiled_questions
from orchestration.settings import PROJECT_ROOT

DBT_PROJECT = PROJECT_ROOT / "olist_dw_dbt"
FOLDER = DBT_PROJECT / "analyses" / "questions"

# Names of all questions, known before dbt has run: tests have them as parameters.
NAMES = tuple(sorted(path.stem for path in FOLDER.glob("*.sql")))

# Questions with a second route, and the columns that tell the rows of each result apart.
SECOND_ROUTE_KEYS = {
    1: ("order_month",),
    3: ("order_month",),
    4: ("order_month",),
    5: ("period_type", "period_start"),
    6: ("order_month",),
    9: ("payment_type",),
    10: ("order_month",),
    12: ("state",),
    16: ("entity",),
    18: ("customer_tenth",),
    21: ("order_month",),
    22: ("order_month",),
    23: ("state",),
    27: ("reliability_rank", "seller_id"),
    29: ("order_status",),
    30: ("customer_region", "seller_region"),
    31: ("order_month",),
    32: ("delay_band",),
    34: ("category",),
    35: ("seller_id",),
    36: ("cohort_month",),
    38: ("category",),
    39: ("order_month",),
    41: ("revenue_rank", "units_rank", "product_id"),
    42: ("gain_rank", "category"),
    43: ("category",),
    44: ("product_id",),
    45: ("attribute", "band_number"),
    46: ("window_days",),
    50: ("category",),
    52: ("cumulative_sellers",),
    54: ("sales_band",),
    58: ("first_sale_month",),
    61: ("state",),
    66: ("metropolitan_region",),
    67: ("state",),
    74: ("category_name_english",),
    75: ("order_kind",),
    78: ("pair_kind", "item_a", "item_b"),
    81: ("order_month",),
    83: ("order_status", "reached_stage"),
    88: ("num_installments",),
}
# Questions of which the statistics and what the sentence says have one, in these columns' rows.
STATISTICS_KEYS = {
    51: ("seller_id",),
    53: ("order_month",),
    56: ("seller_id",),
    57: ("seller_id",),
    64: ("state",),
    72: ("cohort_month",),
    84: ("seller_id",),
    87: ("state",),
    92: ("product_id",),
}


@dataclass(frozen=True, slots=True)
class Question:
    """A question and its answer as SQL.

    Attributes:
        name: Stem of its files.
        description: What its result is.
        meta: Its metadata, as the yml has it.
        columns: Description and metadata of the result's columns, in order.
        sql: The compiled query.
        template: The query with its Jinja.
        reads: Unique ids of the models it reads.
    """

    name: str
    description: str
    meta: Mapping[str, Any]
    columns: Mapping[str, Mapping[str, Any]]
    sql: str
    template: str
    reads: tuple[str, ...]


@dataclass
class Answers:
    """What the questions give on one warehouse; each is run when first asked for."""

    connection: duckdb.DuckDBPyConnection
    results: dict[str, Result] = field(default_factory=dict)

    def of(self, question: AskedQuestion) -> Result:
        """The result of a question."""
        if question.name not in self.results:
            self.results[question.name] = run_question(self.connection, question)
        return self.results[question.name]


def lend_questions(cache_dir: Path, to: Path) -> None:
    """Put what was compiled in one cache, if it was, into another: dbt takes seconds."""
    kept = cache_dir / _FILE
    if kept.exists():
        to.mkdir(parents=True, exist_ok=True)
        shutil.copy(kept, to)


def read_questions(cache_dir: Path) -> dict[str, Question]:
    """All questions by name, compiled by dbt unless the cache has them."""
    return {
        one.name: Question(
            name=one.name,
            description=one.description,
            meta=one.meta,
            columns=one.columns,
            sql=one.sql,
            template=(FOLDER / f"{one.name}.sql").read_text(encoding="utf-8"),
            reads=tuple(one.reads),
        )
        for one in compiled_questions(cache_dir, DBT_PROJECT)
    }
