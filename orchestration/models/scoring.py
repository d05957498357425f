"""Scores as a step of a run: what the dbt models ``scores_<model>`` call.

A model that fails stops no run: its table stays as it was, with its date, and the run says so.
Nothing of numpy, pandas or scikit-learn is imported here.
"""

from __future__ import annotations

import logging
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb

from orchestration.models.model import Model, fingerprint, load_model
from orchestration.models.store import Fit, Store, data_fingerprint

if TYPE_CHECKING:
    from orchestration.models.model import Rows

logger = logging.getLogger(__name__)

SCHEMA = "predictive"

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
    try:
        # An error would end the transaction that dbt has open on its own connection.
        with con.cursor() as reader:
            as_of = read_as_of_date(reader)
            rows: Rows | None = None
            if as_of is not None:
                fit = fit_if_needed(model, reader, as_of)
                rows = model.score(reader, fit.content if fit else None, as_of)
            return _typed(model, con, rows)
    except duckdb.InterruptException:
        raise
    except Exception as error:
        logger.exception("The model %s failed.", name)
        _failures[name] = f"{type(error).__name__}: {error}".strip().splitlines()[0]
        return _as_it_was(model, dbt, con)


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
    model: Model, con: duckdb.DuckDBPyConnection, rows: Rows | None
) -> duckdb.DuckDBPyRelation:
    """Rows with the columns and types that the model declares; none for None."""
    if rows is None:
        nothing = ", ".join(f"cast(null as {t}) as {c}" for c, t in model.columns.items())
        return con.sql(f"select {nothing} where false")
    name = f"__rows_of_{model.name}"
    if not isinstance(rows, str):
        con.register(name, rows)
    relation = f"({rows})" if isinstance(rows, str) else name
    columns = ", ".join(f"cast({c} as {t}) as {c}" for c, t in model.columns.items())
    return con.sql(f"select {columns} from {relation}")


def _as_it_was(
    model: Model,
    dbt: Any,  # noqa: ANN401
    con: duckdb.DuckDBPyConnection,
) -> duckdb.DuckDBPyRelation:
    """The table as the version before has it; without rows where it has none of that form."""
    columns = ", ".join(f"cast({c} as {t}) as {c}" for c, t in model.columns.items())
    try:
        return con.sql(f"select {columns} from {dbt.this}")
    except (duckdb.CatalogException, duckdb.BinderException):
        return _typed(model, con, None)
