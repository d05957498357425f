"""What a model is: a name, its features, how it is fitted, scored and tested against the past.

Nothing is imported here that costs a run time: models import numpy and scikit-learn where they
need them.
"""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from orchestration.errors import SettingsError
from orchestration.settings import PROJECT_ROOT

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import pandas as pd

    # Rows of a table of scores: a query, a data frame, or an array for each column (days and
    # texts as objects, with None where there is none).
    Rows = str | pd.DataFrame | Mapping[str, np.ndarray[Any, Any]]

# What a fit has learnt, as JSON holds it: plain numbers, texts, lists and mappings.
Content = Mapping[str, Any]

# Every random choice of every model begins with it.
SEED = 20180809
# Fewer labelled rows say nothing that the naive answer would not.
MIN_ROWS_TO_FIT = 2000

FEATURES_DIR = PROJECT_ROOT / "olist_dw_dbt" / "models" / "predictive"
# Of the features' SQL the part that is in macros.
_MACROS = PROJECT_ROOT / "olist_dw_dbt" / "macros" / "histories.sql"
_CODE_DIR = Path(__file__).parent

# Each model by its name, and the module that has it as ``MODEL``.
MODULES: Mapping[str, str] = {
    "late_order_risk": "orchestration.models.late",
    "delivery_promise": "orchestration.models.promise",
    "demand_forecast": "orchestration.models.demand",
    "metric_anomalies": "orchestration.models.anomalies",
    "predictive_customer": "orchestration.models.customers",
    "seller_risk": "orchestration.models.sellers",
    "review_drivers": "orchestration.models.reviews",
    "review_themes": "orchestration.models.comments",
}


class UnknownModelError(SettingsError):
    """A model was asked for that there is not."""


class Model(Protocol):
    """A model; a module of this package holds one as ``MODEL``.

    Attributes:
        name: Its name: ``scores_<name>`` and ``mart_<name>`` are its tables.
        features: The dbt models of ``models/predictive`` that it reads.
        code: The files of this package that make it up, beside those all models share.
        columns: The columns of its table of scores and their SQL types, in order.
    """

    name: str
    features: tuple[str, ...]
    code: tuple[str, ...]
    columns: Mapping[str, str]

    def fit(self, con: duckdb.DuckDBPyConnection, as_of: date) -> Content | None:
        """Learn from what was known at the end of ``as_of``; None where that is too little."""

    def score(
        self, con: duckdb.DuckDBPyConnection, content: Content | None, as_of: date
    ) -> Rows:
        """The rows of its table, the same for the same input; without a fit the naive ones."""

    def backtest(self, con: duckdb.DuckDBPyConnection, as_of: date) -> Backtest:
        """How it would have done in the past; see ``orchestration.models.backtest``."""


@dataclass(frozen=True, slots=True)
class Backtest:
    """How a model would have done in the past, beside the naive answer.

    Attributes:
        figures: One row a fold and metric: fold, metric_name, metric_value, naive_value (NaN
            where there is none), num_rows, data_from, data_until (days of the data tested on).
            The fold "pooled" has all folds' rows together.
        card: Markdown of the model's card, below its title; the table of the figures is put in
            the place of ``{figures}``.
        plots: Matplotlib figures by name; each becomes ``<model>-<name>.svg``.
    """

    figures: pd.DataFrame
    card: str
    plots: Mapping[str, Any]


def load_model(name: str) -> Model:
    """A model by its name.

    Raises:
        UnknownModelError: There is none of this name.
    """
    if name not in MODULES:
        known = ", ".join(sorted(MODULES))
        raise UnknownModelError(f"There is no model {name!r}. Models: {known}.")
    return cast("Model", importlib.import_module(MODULES[name]).MODEL)


def fingerprint(model: Model) -> str:
    """Equal as long as the SQL of the model's features and its own code are."""
    features = [FEATURES_DIR / f"{feature}.sql" for feature in model.features]
    paths = [*features, _MACROS] if features else []
    digest = hashlib.sha256()
    for path in [*paths, *(_CODE_DIR / name for name in model.code)]:
        digest.update(f"{path.name}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]
