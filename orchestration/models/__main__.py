"""The command of the models: backtests, fits, and what there is.

What a backtest does is in ``orchestration.models.backtest``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from orchestration.errors import EXIT_DONE
from orchestration.models.model import MODULES, fingerprint, load_model
from orchestration.models.store import Store
from orchestration.settings import Settings, load_settings
from orchestration.terminal.entry import READERS_KEEP, guarded, start
from orchestration.warehouse.versions import open_reader

app = typer.Typer(
    help="Models that predict: test them against the past, fit them, see how they stand.",
    no_args_is_help=True,
    add_completion=False,
)

Names = Annotated[
    list[str] | None, typer.Argument(help="Models; all without a name.", show_default=False)
]


def _do(work: Callable[[Settings], None]) -> None:
    def command() -> int:
        work(load_settings())
        return EXIT_DONE

    raise typer.Exit(guarded(command, unchanged=READERS_KEEP))


@app.command()
def backtest(
    names: Names = None,
    write_docs: Annotated[
        bool, typer.Option(help="Also write the cards and plots of docs/models.")
    ] = False,
) -> None:
    """Test models against the past, on the published version; takes minutes.

    The figures are kept in models/backtests of the warehouse directory; the next run that
    builds something shows them in mart_model_quality.
    """
    from orchestration.models.backtest import (  # noqa: PLC0415 - takes seconds
        DOCS_DIR,
        run_backtest,
        table_of,
    )

    def work(settings: Settings) -> None:
        console = Console()
        docs: Path | None = DOCS_DIR if write_docs else None
        with open_reader(settings.published_path) as connection:
            for name in names or list(MODULES):
                result = run_backtest(name, connection, settings.models_dir, docs)
                console.print(f"\n{name}\n{table_of(result.figures)}", markup=False)

    _do(work)


@app.command()
def fit(names: Names = None) -> None:
    """Fit models on the published version; the next run that builds scores with them."""
    from orchestration.models.scoring import fit_model, read_as_of_date  # noqa: PLC0415

    def work(settings: Settings) -> None:
        store = Store(settings.models_dir)
        with open_reader(settings.published_path) as connection:
            as_of = read_as_of_date(connection)
            for name in names or list(MODULES):
                found = as_of and fit_model(load_model(name), connection, as_of, store)
                typer.echo(f"{name}: {'fitted' if found else 'too few data to fit'}")

    _do(work)


@app.command()
def status() -> None:
    """When each model was fitted, and whether its code has changed since."""

    def work(settings: Settings) -> None:
        store = Store(settings.models_dir)
        table = Table("model", "fitted as of", "code")
        for name in MODULES:
            found = store.read(name)
            same = found is not None and found.fingerprint == fingerprint(load_model(name))
            changed = "as fitted" if same else "changed: fitted again in the next run"
            day = found.as_of.isoformat() if found else "never"
            table.add_row(name, day, changed if found else "")
        Console().print(table)

    _do(work)


if __name__ == "__main__":
    start(lambda: app(standalone_mode=False) or EXIT_DONE)
