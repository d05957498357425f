"""How models would have done in the past: figures for the warehouse, cards and plots for docs.

Outside of a run: a backtest fits each model once a fold. ``<warehouse>/models/backtests`` gets
a parquet file a model, which the next run that builds brings into ``mart_model_quality``.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

from orchestration.models.model import Backtest, fingerprint, load_model
from orchestration.models.scoring import read_as_of_date
from orchestration.models.store import BACKTESTS_DIR
from orchestration.settings import PROJECT_ROOT

logger = logging.getLogger(__name__)

DOCS_DIR = PROJECT_ROOT / "docs" / "models"
POOLED = "pooled"


def monthly_origins(as_of: date, number: int) -> Sequence[date]:
    """The first days of so many months, of which the last is that of ``as_of``."""
    months = pd.period_range(end=pd.Period(as_of, freq="M"), periods=number)
    return [month.start_time.date() for month in months]


class Figures:
    """Figures of a backtest, row by row."""

    def __init__(self) -> None:
        """Begin without any."""
        self._rows: list[Mapping[str, object]] = []

    def add(
        self,
        fold: str,
        span: tuple[date, date],
        num_rows: int,
        figures: Mapping[str, float | tuple[float, float]],
    ) -> None:
        """Figures of one fold.

        Args:
            fold: Its name, or "pooled" for the rows of all folds together.
            span: First and last day of the data tested on.
            num_rows: Rows predicted.
            figures: By metric the model's value, or a pair of it and the naive answer's.
        """
        for name, found in figures.items():
            value, naive = found if isinstance(found, tuple) else (found, float("nan"))
            self._rows.append(
                {
                    "fold": fold,
                    "metric_name": name,
                    "metric_value": value,
                    "naive_value": naive,
                    "num_rows": num_rows,
                    "data_from": span[0],
                    "data_until": span[1],
                }
            )

    def frame(self) -> pd.DataFrame:
        """All of them, as ``Backtest.figures``."""
        return pd.DataFrame(self._rows)


def run_backtest(
    name: str, con: duckdb.DuckDBPyConnection, models_dir: Path, docs_dir: Path | None = None
) -> Backtest:
    """Backtest one model and keep what came of it.

    Args:
        name: The model.
        con: A warehouse, with the features of the model.
        models_dir: ``models`` of the warehouse directory.
        docs_dir: Where the card and its plots go; None writes none.

    Raises:
        UnknownModelError: There is no such model.
    """
    model = load_model(name)
    as_of = read_as_of_date(con)
    if as_of is None:
        message = "There are no orders to test models on."
        raise ValueError(message)
    result = model.backtest(con, as_of)
    info = con.execute("select run_id from ops.warehouse_info").fetchone()
    figures = result.figures.assign(
        model_name=name, run_id=info[0] if info else None, code_fingerprint=fingerprint(model)
    )
    target = models_dir / BACKTESTS_DIR / f"{name}.parquet"
    target.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as writer:
        writer.register("figures", figures)
        writer.execute(f"copy figures to '{target}' (format parquet)")
    if docs_dir is not None:
        write_card(name, result, docs_dir)
    return result


def write_card(name: str, result: Backtest, docs_dir: Path) -> None:
    """Write the card of a model and its plots."""
    docs_dir.mkdir(parents=True, exist_ok=True)
    for plot, figure in result.plots.items():
        figure.savefig(
            docs_dir / f"{name}-{plot}.svg", bbox_inches="tight", metadata={"Date": None}
        )
    title = name.replace("_", " ").capitalize()
    text = result.card.replace("{figures}", table_of(result.figures))
    (docs_dir / f"{name}.md").write_text(f"# {title}\n\n{text.strip()}\n", encoding="utf-8")


def table_of(figures: pd.DataFrame) -> str:
    """The figures as a table of Markdown: mean over the folds, worst fold, pooled, naive."""
    lines = [
        "| metric | mean of the folds | lowest | highest | pooled | naive, mean |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    folds = figures[figures["fold"] != POOLED]
    for metric, group in folds.groupby("metric_name", sort=False):
        values = group["metric_value"]
        both = figures[(figures["metric_name"] == metric) & (figures["fold"] == POOLED)]
        cells = [values.mean(), values.min(), values.max()]
        cells += [both["metric_value"].iloc[0] if len(both) else float("nan")]
        cells += [group["naive_value"].mean()]
        shown = " | ".join("" if pd.isna(cell) else f"{cell:.3f}" for cell in cells)
        lines.append(f"| {str(metric).replace('_', ' ')} | {shown} |")
    return "\n".join(lines)
