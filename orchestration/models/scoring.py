"""Scores as a step of a run: what the dbt models ``scores_<model>`` call.

A model that fails stops no run: its table stays as it was, with its date, and the run says so.
Nothing of numpy, pandas or scikit-learn is imported here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb

from orchestration.models.model import Model, fingerprint, load_model
from orchestration.models.store import Fit, Store, data_fingerprint

if TYPE_CHECKING:
    from orchestration.models.model import Rows

logger = logging.getLogger(__name__)

# Of scores_model_quality; what backtests leave is in orchestration.models.backtest.
QUALITY_COLUMNS: Mapping[str, str] = {
    "model_name": "varchar",
    "run_id": "varchar",
    "fold": "varchar",
    "metric_name": "varchar",
    "metric_value": "double",
    "naive_value": "double",
    "num_rows": "bigint",
    "data_from": "date",
    "data_until": "date",
    "code_fingerprint": "varchar",
}

# What went wrong in this process, by model, until the run takes it; dbt runs models in threads.
_failures: dict[str, str] = {}


def take_failures() -> dict[str, str]:
    """The models that failed since this was last asked, and why."""
    found = dict(_failures)
    for name in found:
        _failures.pop(name, None)
    return found


def score(name: str, dbt: Any, con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:  # noqa: ANN401 - dbt's own object
    """The rows of ``scores_<name>``: of the as-of date, or as they were where the model fails.

    Args:
        name: The model.
        dbt: What dbt hands to a Python model; it has declared its ``ref``s.
        con: dbt's connection to the build file.
    """
    model = load_model(name)

    def rows() -> Rows | None:
        # An error would end the transaction that dbt has open on its own connection.
        with con.cursor() as reader:
            as_of = read_as_of_date(reader)
            if as_of is None:
                return None
            fit = fit_if_needed(model, reader, as_of)
            return model.score(reader, fit.content if fit else None, as_of)

    return _made(name, model.columns, rows, dbt, con)


def quality(dbt: Any, con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:  # noqa: ANN401
    """The rows of ``scores_model_quality``: what the last backtest of each model found."""

    def rows() -> Rows | None:
        with con.cursor() as reader:
            files = sorted(str(path) for path in Store.beside(reader).backtests())
        return f"select * from read_parquet({files})" if files else None

    return _made("model_quality", QUALITY_COLUMNS, rows, dbt, con)


def _made(
    name: str,
    columns: Mapping[str, str],
    rows: Callable[[], Rows | None],
    dbt: Any,  # noqa: ANN401
    con: duckdb.DuckDBPyConnection,
) -> duckdb.DuckDBPyRelation:
    """Rows in their types; where that fails, the table as the version before has it."""
    try:
        return _typed(name, columns, con, rows())
    except duckdb.InterruptException:
        raise
    except Exception as error:
        logger.exception("The model %s failed.", name)
        _failures[name] = f"{type(error).__name__}: {error}".strip().splitlines()[0]
        try:
            return _typed(name, columns, con, f"select * from {dbt.this}")
        except (duckdb.CatalogException, duckdb.BinderException):
            return _typed(name, columns, con, None)


def read_as_of_date(con: duckdb.DuckDBPyConnection) -> date | None:
    """The day the warehouse looks back from; None without orders."""
    row = con.execute("select as_of_date from intermediate.int_as_of_date").fetchone()
    return row[0] if row else None


def fit_if_needed(model: Model, con: duckdb.DuckDBPyConnection, as_of: date) -> Fit | None:
    """The current fit of a model, made and kept if there is none; None for too few data."""
    store = Store.beside(con)
    found = store.current(model, data_fingerprint(con), as_of)
    return found or fit_model(model, con, as_of, store)


def fit_model(
    model: Model, con: duckdb.DuckDBPyConnection, as_of: date, store: Store
) -> Fit | None:
    """Fit a model and keep the fit; None, and nothing kept, for too few data."""
    content = model.fit(con, as_of)
    if content is None:
        return None
    fit = Fit(as_of, fingerprint(model), data_fingerprint(con), content)
    store.write(model.name, fit)
    logger.info("Fitted the model %s as of %s.", model.name, as_of)
    return fit


def _typed(
    name: str, columns: Mapping[str, str], con: duckdb.DuckDBPyConnection, rows: Rows | None
) -> duckdb.DuckDBPyRelation:
    """Rows with declared columns and types; none for None."""
    if rows is None:
        nothing = ", ".join(f"cast(null as {type_}) as {c}" for c, type_ in columns.items())
        return con.sql(f"select {nothing} where false")
    relation = f"__rows_of_{name}"
    if isinstance(rows, str):
        relation = f"({rows})"
    else:
        con.register(relation, rows)
    typed = ", ".join(f"cast({c} as {type_}) as {c}" for c, type_ in columns.items())
    return con.sql(f"select {typed} from {relation}")
