"""Fitted models as JSON files under ``<warehouse>/models/<name>``: plain numbers, nothing runs.

A fit is used as long as it is of the same code and data and less than a week of data old.
"""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.errors import WarehouseError
from orchestration.models.model import Content, Model, fingerprint

if TYPE_CHECKING:
    import duckdb

logger = logging.getLogger(__name__)

# The form of the file; another one is not read.
_FORMAT = 1
MAX_AGE_DAYS = 7
_FILE_NAME = "fit.json"
BACKTESTS_DIR = "backtests"


@dataclass(frozen=True, slots=True)
class Fit:
    """A model as it was fitted.

    Attributes:
        as_of: The day whose knowledge it has.
        fingerprint: Of the features' SQL and the model's code.
        data: Of the data it was fitted on; see :func:`data_fingerprint`.
        content: What it has learnt; None where the data were too few.
    """

    as_of: date
    fingerprint: str
    data: str
    content: Content | None


class Store:
    """The fits of one warehouse directory."""

    def __init__(self, directory: Path) -> None:
        """Take the directory, which need not exist."""
        self._directory = directory

    @classmethod
    def beside(cls, con: duckdb.DuckDBPyConnection) -> Store:
        """That of a build file or development copy, which have a room each in the warehouse."""
        row = con.execute(
            "select path from duckdb_databases() where database_name = current_database()"
        ).fetchone()
        if row is None or not row[0]:
            message = "Models are fitted on a file; this database is in memory only."
            raise WarehouseError(message)
        return cls(Path(row[0]).parent.parent / "models")

    def read(self, name: str) -> Fit | None:
        """The last fit of a model, current or not; None without one that can be read."""
        path = self._path(name)
        try:
            found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            if found.pop("format") != _FORMAT:
                return None
            return Fit(**(found | {"as_of": date.fromisoformat(found["as_of"])}))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            logger.info("%s cannot be read (%s): the model is fitted again.", path, error)
            return None

    def write(self, name: str, fit: Fit) -> None:
        """Keep a fit in place of the one before."""
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        content = {"format": _FORMAT} | asdict(fit) | {"as_of": fit.as_of.isoformat()}
        fresh = path.with_suffix(f".{os.getpid()}.part")
        fresh.write_text(json.dumps(content, indent=1), encoding="utf-8")
        fresh.replace(path)

    def current(self, model: Model, data: str, as_of: date) -> Fit | None:
        """The fit that may score a day, or None: never one of other data or of a later day."""
        fit = self.read(model.name)
        if fit is None or (fit.fingerprint, fit.data) != (fingerprint(model), data):
            return None
        return fit if 0 <= (as_of - fit.as_of).days < MAX_AGE_DAYS else None

    def backtests(self) -> list[Path]:
        """What the backtests of the models have left."""
        return list((self._directory / BACKTESTS_DIR).glob("*.parquet"))

    def _path(self, name: str) -> Path:
        return self._directory / name / _FILE_NAME


def data_fingerprint(con: duckdb.DuckDBPyConnection) -> str:
    """Equal for the same data, however far it has come: of its first hundred orders."""
    row = con.execute(
        "select md5(coalesce(string_agg(order_id, ',' order by purchased_at, order_id), '')) "
        "from (select order_id, purchased_at from core.fact_orders "
        "order by purchased_at, order_id limit 100)"
    ).fetchone()
    return str(row[0]) if row else ""
