"""What ``olist models`` does: backtests, fits, and what there is.

What a backtest does is in ``orchestration.models.backtest``.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from orchestration.errors import EXIT_DONE
from orchestration.models.backtest import DOCS_DIR, run_backtest, table_of
from orchestration.models.model import MODULES, fingerprint, load_model
from orchestration.models.scoring import fit_model, read_as_of_date
from orchestration.models.store import Store
from orchestration.settings import Settings
from orchestration.warehouse.versions import open_reader


def backtest(settings: Settings, names: Sequence[str], *, write_docs: bool = False) -> int:
    """Test models against the past, on the published version; returns the exit code.

    Args:
        settings: Say where the warehouse is.
        names: Of the models; none means all.
        write_docs: Also write the cards and plots of docs/models.
    """
    console = Console()
    with open_reader(settings.published_path) as connection:
        for name in names or list(MODULES):
            docs = DOCS_DIR if write_docs else None
            result = run_backtest(name, connection, settings.models_dir, docs)
            console.print(f"\n{name}\n{table_of(result.figures)}", markup=False)
    return EXIT_DONE


def fit(settings: Settings, names: Sequence[str]) -> int:
    """Fit models on the published version; returns the exit code."""
    console = Console()
    store = Store(settings.models_dir)
    with open_reader(settings.published_path) as connection:
        as_of = read_as_of_date(connection)
        for name in names or list(MODULES):
            found = as_of and fit_model(load_model(name), connection, as_of, store)
            console.print(f"{name}: {'fitted' if found else 'too few data to fit'}")
    return EXIT_DONE


def status(settings: Settings) -> int:
    """Print when each model was fitted, and whether its code has changed since."""
    store = Store(settings.models_dir)
    table = Table("model", "fitted as of", "code")
    for name in MODULES:
        found = store.read(name)
        same = found is not None and found.fingerprint == fingerprint(load_model(name))
        changed = "as fitted" if same else "changed: fitted again in the next run"
        day = found.as_of.isoformat() if found else "never"
        table.add_row(name, day, changed if found else "")
    Console().print(table)
    return EXIT_DONE
