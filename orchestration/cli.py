"""``olist``: the one command line, a verb for each thing that people ask of the warehouse.

Only arguments and help are here. What a verb does is imported once it is known which one, so
that ``--help`` answers at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer

from orchestration.errors import EXIT_DONE, EXIT_WRONG_USE
from orchestration.terminal.entry import NOTHING_PUBLISHED, READERS_KEEP, guarded, start

if TYPE_CHECKING:
    from orchestration.settings import Settings

_LARGEST_PORT = 65535

app = typer.Typer(
    name="olist",
    help="The Olist warehouse: load, build, publish, look after, ask and show it.",
    epilog="Settings come from the environment or .env; .env.example explains each.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class Mode(StrEnum):
    """What a source or a drop holds."""

    SNAPSHOT = "snapshot"
    DELTA = "delta"


class Gate(StrEnum):
    """The quality gates."""

    RAW = "raw"
    MARTS = "marts"
    CHECKS = "checks"


def _option(*names: str, help: str, metavar: str | None = None) -> Any:  # noqa: A002, ANN401
    return typer.Option(*names, help=help, metavar=metavar, show_default=False)


Warehouse = Annotated[
    str | None, _option("--warehouse", metavar="DIR", help="the warehouse (data/warehouse)")
]
Backups = Annotated[
    str | None, _option("--backup-dir", metavar="DIR", help="backups (<warehouse>/backups)")
]
Verbose = Annotated[bool, _option("--verbose", help="show tracebacks")]
To = Annotated[
    str | None, _option("--to", metavar="URL", help="the database (OLIST_POSTGRES_URL)")
]
Csv = Annotated[bool, _option("--csv", help="write all rows as CSV, and only them")]
Sql = Annotated[bool, _option("--sql", help="write the query instead of asking it")]
Words = Annotated[list[str] | None, typer.Argument(show_default=False)]


def _port(value: int | None) -> int | None:
    if value is not None and not 0 <= value <= _LARGEST_PORT:
        raise typer.BadParameter(f"give a whole number from 0 to {_LARGEST_PORT}")
    return value


def _work(
    task: Callable[[Settings], int],
    *,
    what: str = "command",
    unchanged: str = "",
    verbose: bool = False,
    **settings: Any,  # noqa: ANN401 - they are validated as settings
) -> int:
    """Load the settings, those of the command line first, and do a verb's task."""

    def work() -> int:
        from orchestration.settings import load_settings  # noqa: PLC0415 - see the module

        return task(load_settings(**settings))

    return guarded(work, what=what, unchanged=unchanged, verbose=verbose)


@app.command(
    epilog="""\b
examples:
  olist run                                    what data/raw holds, or synthetic data
  olist run --source ~/Downloads/archive.zip   the zip as Kaggle delivers it
  olist run --source synthetic --scale 0.1     a tenth, generated
  olist run --source drops/2018-08-14 --mode delta    only what changed
  olist run --source store                     what changed in the shop of OLIST_STORE_URL
  olist run --select +mart_executive_dashboard        one mart and what it needs

exit codes: 0 done; 1 a stage or a check failed, or asked to stop; 2 wrong use, or a source that
breaks its contract; 3 another run holds the warehouse; 130 interrupted by Ctrl-C"""
)
def run(  # noqa: PLR0913, PLR0917 - the options of a run
    source: Annotated[
        str | None,
        _option(
            "--source",
            metavar="PATH|kaggle|synthetic|store",
            help="directory of CSVs, zip, download, generator or the shop's PostgreSQL",
        ),
    ] = None,
    scale: Annotated[
        str | None,
        _option("--scale", metavar="N", help="synthetic data; 1 is as large as the real"),
    ] = None,
    seed: Annotated[
        str | None, _option("--seed", metavar="N", help="seed of the synthetic data")
    ] = None,
    warehouse: Warehouse = None,
    full_refresh: Annotated[
        bool, _option("--full-refresh", help="read and rebuild everything")
    ] = False,
    mode: Annotated[
        Mode, typer.Option(help="the source holds everything, or only what changed")
    ] = Mode.SNAPSHOT,
    select: Annotated[
        str | None,
        _option("--select", metavar="SELECTOR", help="only these models, as dbt selects"),
    ] = None,
    engine: Annotated[
        str | None,
        _option("--engine", metavar="duckdb|postgres", help="what builds the models (duckdb)"),
    ] = None,
    quiet: Annotated[bool, _option("--quiet", help="show errors only")] = False,
    verbose: Annotated[
        bool, _option("--verbose", help="show everything, tracebacks too")
    ] = False,
) -> int:
    """Load the nine files, build and test the models, publish."""
    if quiet and verbose:
        raise typer.BadParameter("--quiet and --verbose exclude each other")
    from orchestration.pipeline.command import Arguments, execute  # noqa: PLC0415

    return execute(
        Arguments(
            source=source,
            scale=scale,
            seed=seed,
            warehouse=warehouse,
            full_refresh=full_refresh,
            mode=mode.value,
            select=select,
            engine=engine,
            quiet=quiet,
            verbose=verbose,
        )
    )


@app.command()
def status(
    warehouse: Warehouse = None,
    last: Annotated[int, typer.Option(min=0, help="how many runs")] = 10,
) -> int:
    """Show the last runs and how the objectives are kept."""

    def task(settings: Settings) -> int:
        from orchestration.runs.history import show  # noqa: PLC0415

        return show(settings, last)

    return _work(task, warehouse_dir=warehouse)


@app.command(
    epilog="exit codes: 0 done; 1 --verify found damage; 2 wrong use",
)
def versions(
    verify: Annotated[
        bool, _option("--verify", help="compare each file with its checksum")
    ] = False,
    warehouse: Warehouse = None,
    backup_dir: Backups = None,
    verbose: Verbose = False,
) -> int:
    """List the versions and the backups that are kept."""

    def task(settings: Settings) -> int:
        from orchestration.warehouse import maintenance  # noqa: PLC0415

        return maintenance.list_kept(settings, verify=verify)

    places = {"warehouse_dir": warehouse, "backup_dir": backup_dir}
    return _work(task, what="versions", unchanged=READERS_KEEP, verbose=verbose, **places)


@app.command(epilog="exit codes: 0 done; 1 it failed; 2 wrong use; 3 another backup is at work")
def backup(
    warehouse: Warehouse = None, backup_dir: Backups = None, verbose: Verbose = False
) -> int:
    """Write the published version as Parquet with checksums."""

    def task(settings: Settings) -> int:
        from orchestration.warehouse import maintenance  # noqa: PLC0415

        return maintenance.back_up(settings)

    places = {"warehouse_dir": warehouse, "backup_dir": backup_dir}
    return _work(task, what="backup", unchanged=READERS_KEEP, verbose=verbose, **places)


@app.command(
    epilog="""\b
examples:
  olist restore                from the newest backup
  olist restore --from /media/disk/20180901t020500z_of_...
  olist restore --check        read and check it, restore nothing
  olist restore --unsigned     one that another machine wrote

exit codes: 0 done; 1 it failed, and readers see what they saw before; 2 wrong use, no such
backup, or a damaged one; 3 a run is at work"""
)
def restore(  # noqa: PLR0913, PLR0917 - the options of a restore
    name: Annotated[
        str | None, _option("--from", metavar="BACKUP", help="its name or path (the newest)")
    ] = None,
    check: Annotated[
        bool, _option("--check", help="check the backup's files, restore nothing")
    ] = False,
    unsigned: Annotated[
        bool,
        _option(
            "--unsigned",
            help="restore one that this machine's key did not sign, if you know its origin",
        ),
    ] = False,
    warehouse: Warehouse = None,
    backup_dir: Backups = None,
    verbose: Verbose = False,
) -> int:
    """Make a version from a backup, and publish it."""

    def task(settings: Settings) -> int:
        from orchestration.warehouse import maintenance  # noqa: PLC0415

        return maintenance.restore_backup(settings, name, check=check, unsigned=unsigned)

    places = {"warehouse_dir": warehouse, "backup_dir": backup_dir}
    return _work(task, what="restore", unchanged=READERS_KEEP, verbose=verbose, **places)


@app.command()
def export(warehouse: Warehouse = None, verbose: Verbose = False) -> int:
    """Write core and marts as Parquet into exports/latest."""

    def task(settings: Settings) -> int:
        from orchestration.warehouse import maintenance  # noqa: PLC0415

        return maintenance.export_tables(settings)

    return _work(
        task, what="export", unchanged=READERS_KEEP, verbose=verbose, warehouse_dir=warehouse
    )


@app.command(
    epilog="""\b
examples:
  olist publish                    to OLIST_POSTGRES_URL, as each run does
  olist publish --to postgresql://etl@db.example.org/olist
  olist publish --rollback         serve the version before; again: the newer one

exit codes: 0 done; 2 wrong use, or no version; 3 the server cannot be used, or another
publication is at work: what it serves is as it was"""
)
def publish(
    to: To = None,
    rollback: Annotated[
        bool, _option("--rollback", help="serve the version that was served before")
    ] = False,
    everything: Annotated[
        bool, _option("--all", help="send all tables, not only those that changed")
    ] = False,
    warehouse: Warehouse = None,
    verbose: Verbose = False,
) -> int:
    """Serve the published version in PostgreSQL."""
    _exclude({"--rollback": rollback, "--all": everything})

    def task(settings: Settings) -> int:
        from orchestration.postgres import command  # noqa: PLC0415

        if rollback:
            return command.roll_back(settings)
        return command.publish(settings, everything=everything)

    return _work(
        task,
        what="publication",
        unchanged=READERS_KEEP,
        verbose=verbose,
        warehouse_dir=warehouse,
        postgres_url=to,
    )


@app.command(
    epilog="exit codes: 0 done; 1 it failed; 2 no such version, or wrong use; 3 a run works"
)
def rollback(
    to: Annotated[
        str | None,
        _option("--to", metavar="RUN_ID", help="the version (the one before)"),
    ] = None,
    warehouse: Warehouse = None,
    verbose: Verbose = False,
) -> int:
    """Switch readers to an earlier version."""

    def task(settings: Settings) -> int:
        from orchestration.warehouse import maintenance  # noqa: PLC0415

        return maintenance.roll_back(settings, to)

    return _work(
        task, what="rollback", unchanged=READERS_KEEP, verbose=verbose, warehouse_dir=warehouse
    )


@app.command(
    epilog="""\b
examples:
  olist quality raw
  olist quality marts --all
  olist quality marts --report marts.html
  olist quality checks           all checks of both, as a table in Markdown

exit codes: 0 nothing critical; 1 a critical check did not pass; 2 wrong use or no warehouse"""
)
def quality(
    gate: Annotated[Gate, typer.Argument(help="the gate to ask")],
    everything: Annotated[
        bool, _option("--all", help="also list the checks that passed")
    ] = False,
    report: Annotated[
        str | None,
        _option("--report", metavar="FILE", help="also write the report to this file"),
    ] = None,
    warehouse: Warehouse = None,
) -> int:
    """Validate the published version as a run would."""
    if gate is Gate.CHECKS:
        from orchestration.quality.bounds import checks_in_markdown  # noqa: PLC0415

        sys.stdout.write(checks_in_markdown())
        return EXIT_DONE

    name: Literal["raw", "marts"] = "raw" if gate is Gate.RAW else "marts"

    def task(settings: Settings) -> int:
        from orchestration.quality.command import validate  # noqa: PLC0415

        return validate(settings, name, everything=everything, report=report)

    return _work(task, warehouse_dir=warehouse)


@app.command()
def watch(warehouse: Warehouse = None) -> int:
    """Report missed or hanging runs and figures that stand out.

    Exit codes: 0 all is well, but perhaps with figures; 1 something is wrong; 2 wrong settings.
    """

    def task(settings: Settings) -> int:
        from orchestration.alerts.watch import look  # noqa: PLC0415

        return look(settings)

    return _work(task, warehouse_dir=warehouse)


@app.command()
def alerts(
    command: Annotated[str, typer.Argument(metavar="test", help="send a test message")],
) -> int:
    """Send a test message to every recipient."""
    if command != "test":
        raise typer.BadParameter(f"there is no {command!r}, but test")

    def task(settings: Settings) -> int:
        from orchestration.alerts.notify import send_test  # noqa: PLC0415

        return send_test(settings)

    return _work(task)


@app.command(
    epilog="""A figure in brackets is the change since the profile before. A table is profiled
again once more than one row in a hundred has changed since; `changed since` counts them. The
same is in ops.source_profile, ops.source_top_values and ops.source_quirks.

exit codes: 0 done; 1 nothing is published, or nothing was profiled; 2 wrong use"""
)
def profile(
    table: Annotated[
        str | None, typer.Argument(help="one table of schema raw (all)", show_default=False)
    ] = None,
    warehouse: Warehouse = None,
    verbose: Verbose = False,
) -> int:
    """Print what the source tables hold and what changed."""

    def task(settings: Settings) -> int:
        from orchestration.warehouse.source_profile import show  # noqa: PLC0415

        return show(settings, table)

    return _work(task, verbose=verbose, warehouse_dir=warehouse)


@app.command()
def docs() -> int:
    """Write the data catalogue as one page for offline use."""

    def task(settings: Settings) -> int:
        from orchestration.dbt.catalogue import write  # noqa: PLC0415

        return write(settings)

    return _work(task)


@app.command(
    epilog="""\b
examples:
  olist ask                    the list of the questions
  olist ask 36                 one of them
  olist ask who buys again     those about some words
  olist ask 36 --csv           its rows"""
)
def ask(  # noqa: PLR0913, PLR0917 - the options of a question
    words: Words = None,
    csv: Csv = False,
    sql: Sql = False,
    full_list: Annotated[
        bool, _option("--full-list", help="write the list behind the answer as CSV")
    ] = False,
    listed: Annotated[bool, _option("--list", help="list the questions")] = False,
    area: Annotated[
        str | None, _option("--area", help="list only those of an area; part of its name")
    ] = None,
    search: Annotated[
        str | None, _option("--search", help="list only those that hold all these words")
    ] = None,
    write_docs: Annotated[
        bool, _option("--write-docs", help="write docs/questions.md, made of the findings")
    ] = False,
) -> int:
    """Ask one of the hundred questions, or list them."""
    _exclude({"--csv": csv, "--sql": sql, "--full-list": full_list, "--list": listed})
    from dashboards.lib.ask import command  # noqa: PLC0415

    return command.ask(
        command.Asked(
            tuple(words or ()),
            csv=csv,
            sql=sql,
            full_list=full_list,
            area=area,
            search=search,
            write_docs=write_docs,
        )
    )


@app.command(
    epilog="""\b
examples:
  olist metric                 all metrics, and what each can be asked by
  olist metric "revenue_amount by region"
  olist metric "revenue_amount, num_sales by order_month where region = South from
    2018-01-01 to 2018-06-30" --csv"""
)
def metric(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="METRIC[, ...] [by DIMENSION[, ...]] [where DIMENSION = VALUE[, ...] "
            "[and ...]] [from DAY to DAY]",
            show_default=False,
        ),
    ] = None,
    csv: Csv = False,
    sql: Sql = False,
    write_docs: Annotated[
        bool, _option("--write-docs", help="write docs/metrics.md, made of the definitions")
    ] = False,
) -> int:
    """Ask for metrics by any of their dimensions, or list them."""
    _exclude({"--csv": csv, "--sql": sql})
    from dashboards.lib.explore import command  # noqa: PLC0415

    return command.ask(" ".join(words or ()), csv=csv, sql=sql, write_docs=write_docs)


@app.command()
def serve(
    command: Annotated[
        str, typer.Argument(metavar="[hash-password]", show_default=False, hidden=True)
    ] = "serve",
    port: Annotated[
        int | None,
        typer.Option(
            callback=_port,
            show_default=False,
            help="port, 0 for any free one (default: OLIST_DASHBOARDS_PORT, 8050)",
        ),
    ] = None,
    host: Annotated[
        str | None,
        _option(
            "--host",
            help="address to listen on; others than this machine's own need a password "
            "(default: OLIST_DASHBOARDS_HOST, 127.0.0.1)",
        ),
    ] = None,
    no_browser: Annotated[
        bool, _option("--no-browser", help="open no browser, only print the address")
    ] = False,
) -> int:
    """Serve the dashboards of the published warehouse."""
    from dashboards.lib import serving  # noqa: PLC0415

    if command == "hash-password":  # as `olist serve hash-password` has it
        return serving.print_password_hash()
    if command != "serve":
        raise typer.BadParameter(f"there is no {command!r}, but serve and hash-password")
    return serving.run(host=host, port=port, opens_browser=not no_browser)


@app.command("hash-password")
def hash_password() -> int:
    """Make the line for .env that protects the dashboards."""
    from dashboards.lib import serving  # noqa: PLC0415

    return serving.print_password_hash()


@app.command(
    epilog="""\b
examples:
  # the whole history month by month (month ends, since it starts on one)
  olist replay --source data/raw --output drops --from 2016-09-30 --to 2018-10-31 --every month
  # August 2018 day by day, only what changed (the first drop holds all that was before)
  olist replay --source archive.zip --output drops --from 2018-07-31 --to 2018-08-31
    --mode delta --complete
  # generated data, small and troubled: 5 % late, 2 % first wrong, 1 % missing for a while
  olist replay --source synthetic --scale 0.01 --output drops --every week
    --late 0.05 --corrections 0.02 --deletions 0.01 --seed 7

Load the drops in order of their names, with the same --mode. Snapshots take space: the whole
history of the real data is 0.7 GB by month and about 25 GB by day (deltas: 0.2 GB). Files that
did not change are hard links to those of the drop before: replace them, do not edit them in
place.

exit codes: 0 done; 2 wrong use, or a source that breaks its contract; 130 stopped"""
)
def replay(  # noqa: PLR0913, PLR0917 - the options of a replay
    source: Annotated[
        str,
        typer.Option(
            metavar="PATH",
            show_default=False,
            help="directory of the nine CSV files, zip, `kaggle` or `synthetic`",
        ),
    ],
    output: Annotated[
        str,
        typer.Option(
            metavar="DIR",
            show_default=False,
            help="new or empty directory; drops go to DIR/YYYY-MM-DD",
        ),
    ],
    begin: Annotated[
        datetime | None,
        typer.Option(
            "--from",
            formats=["%Y-%m-%d"],
            show_default=False,
            help="day of the first drop (the first purchase)",
        ),
    ] = None,
    end: Annotated[
        datetime | None,
        typer.Option(
            "--to",
            formats=["%Y-%m-%d"],
            show_default=False,
            help="day of the last drop (the last day on which anything changes)",
        ),
    ] = None,
    every: Annotated[str, typer.Option(help="step between drops: day, week or month")] = "day",
    mode: Annotated[
        Mode,
        typer.Option(help="whole files, or only rows that are new or changed"),
    ] = Mode.SNAPSHOT,
    complete: Annotated[
        bool, _option("--complete", help="let the last drop equal the dataset anyway")
    ] = False,
    late: Annotated[
        float, typer.Option(help="share of rows that arrive in a later drop")
    ] = 0.0,
    corrections: Annotated[
        float,
        typer.Option(
            help="share of rows that first show a wrong price, payment, score, city or category"
        ),
    ] = 0.0,
    deletions: Annotated[
        float, typer.Option(help="share of rows that are missing from some drops in between")
    ] = 0.0,
    seed: Annotated[int, typer.Option(help="decides which rows those are")] = 42,
    scale: Annotated[float, typer.Option(help="size of the source `synthetic`")] = 1.0,
) -> int:
    """Cut a dataset into dated drops, as the source showed it.

    Orders appear when they are purchased and move through their states, payments and reviews
    follow. The last drop equals the dataset, row for row, if it is not before the data's end.
    """
    from extract.paths import expanded  # noqa: PLC0415
    from extract.replay.command import cut  # noqa: PLC0415

    try:
        directory = expanded(output)
    except ValueError as error:
        raise typer.BadParameter(f"{output!r}: {error}") from error
    return cut(
        source,
        directory,
        scale=scale,
        start=begin.date() if begin else None,
        end=end.date() if end else None,
        every=every,
        mode=mode.value,
        seed=seed,
        late=late,
        corrections=corrections,
        deletions=deletions,
        complete=complete,
    )


@app.command()
def dagster(
    port: Annotated[int, typer.Option(help="of the pages")] = 3000,
) -> int:
    """Start Dagster: pages, schedule, sensor, queue of runs.

    Dagster keeps its records in DAGSTER_HOME, by default the directory "dagster" in the
    warehouse.
    """

    def task(settings: Settings) -> int:
        from orchestration.dagster.start import start_dagster  # noqa: PLC0415

        start_dagster(settings, port)

    return _work(task, unchanged=NOTHING_PUBLISHED)


models = typer.Typer(
    help="Models that predict: test them on the past, fit them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(models, name="models")
Models = Annotated[
    list[str] | None, typer.Argument(help="models; all without a name", show_default=False)
]


@models.command("backtest")
def models_backtest(
    names: Models = None,
    write_docs: Annotated[
        bool, _option("--write-docs", help="also write the cards and plots of docs/models")
    ] = False,
) -> int:
    """Test models on the past of the published version; takes minutes.

    The figures are kept in models/backtests of the warehouse directory; the next run that
    builds something shows them in mart_model_quality.
    """

    def task(settings: Settings) -> int:
        from orchestration.models import command  # noqa: PLC0415

        return command.backtest(settings, names or (), write_docs=write_docs)

    return _work(task, unchanged=READERS_KEEP)


@models.command("fit")
def models_fit(names: Models = None) -> int:
    """Fit models on the published version; the next run that builds scores with them."""

    def task(settings: Settings) -> int:
        from orchestration.models import command  # noqa: PLC0415

        return command.fit(settings, names or ())

    return _work(task, unchanged=READERS_KEEP)


@models.command("status")
def models_status() -> int:
    """Show when each model was fitted, and whether its code has changed since."""

    def task(settings: Settings) -> int:
        from orchestration.models import command  # noqa: PLC0415

        return command.status(settings)

    return _work(task)


postgres = typer.Typer(
    help="The server that versions are served by: its roles, and a private one to try.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(postgres, name="postgres")
ServerDir = Annotated[
    str, typer.Option("--dir", metavar="DIR", help="directory of the private server")
]


@postgres.command("roles")
def postgres_roles(to: To = None, verbose: Verbose = False) -> int:
    """Make the groups loader, transformer, analyst and admin, as a superuser."""

    def task(settings: Settings) -> int:
        from orchestration.postgres import command  # noqa: PLC0415

        return command.make_roles(settings)

    return _work(task, verbose=verbose, postgres_url=to)


@postgres.command("start")
def postgres_start(directory: ServerDir = "data/postgres") -> int:
    """Start a private server on a free port of this machine, and make its roles."""

    def task(settings: Settings) -> int:
        from orchestration.postgres import command  # noqa: PLC0415

        return command.start(settings, directory)

    return _work(task)


@postgres.command("stop")
def postgres_stop(directory: ServerDir = "data/postgres") -> int:
    """Stop the private server; its data stay."""

    def task(settings: Settings) -> int:  # noqa: ARG001 - of no settings
        from orchestration.postgres import command  # noqa: PLC0415

        return command.stop(directory)

    return _work(task)


store = typer.Typer(
    help="The shop: the system of record that a warehouse can be loaded from.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(store, name="store")


@store.command("start")
def store_start(
    directory: Annotated[
        str, typer.Option("--dir", metavar="DIR", help="directory of the private server")
    ] = "data/store",
) -> int:
    """Start a private PostgreSQL for the shop on a free port of this machine."""

    def task(settings: Settings) -> int:  # noqa: ARG001 - of no settings
        from orchestration.postgres import shop  # noqa: PLC0415

        return shop.start(directory)

    return _work(task)


@store.command(
    "play",
    epilog="""\b
examples:
  olist store play --source archive.zip --until 2018-03-10
  olist store play --source archive.zip        goes on from there, to the end
  olist store play --source synthetic --scale 0.01

exit codes: 0 done; 2 wrong use, no shop, or another dataset than it was played from; 130
stopped, and what was played stays""",
)
def store_play(
    source: Annotated[
        str,
        typer.Option(
            metavar="PATH",
            show_default=False,
            help="directory of the nine CSV files, zip, `kaggle` or `synthetic`",
        ),
    ],
    until: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], show_default=False, help="the last day (the data's last)"
        ),
    ] = None,
    scale: Annotated[float, typer.Option(help="size of the source `synthetic`")] = 1.0,
) -> int:
    """Play a dataset into the shop of OLIST_STORE_URL, step by step in time order."""

    def task(settings: Settings) -> int:
        from extract.store.play.command import play_source  # noqa: PLC0415
        from orchestration.pipeline.default_source import shop_address  # noqa: PLC0415

        day = until.date() if until else None
        return play_source(shop_address(settings), source, until=day, scale=scale)

    return _work(task)


@store.command("status")
def store_status() -> int:
    """Show what the shop holds, what has happened in it, and what broke its rules."""

    def task(settings: Settings) -> int:
        from extract.store.play.command import show_status  # noqa: PLC0415
        from orchestration.pipeline.default_source import shop_address  # noqa: PLC0415

        return show_status(shop_address(settings))

    return _work(task)


def _exclude(given: dict[str, bool]) -> None:
    names = [name for name, value in given.items() if value]
    if len(names) > 1:
        raise typer.BadParameter(f"{' and '.join(names)} exclude each other")


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say, by default those of the process.

    Returns:
        The exit code, as ``orchestration.errors`` defines it.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    command = typer.main.get_command(app)
    try:
        code = command.main(words, prog_name="olist", standalone_mode=False)
    except typer.TyperException as error:
        error.show()  # type: ignore[attr-defined] # all that typer itself raises have it
        return EXIT_WRONG_USE
    return int(code or 0)


def enter(*verb: str) -> NoReturn:
    """Be the command: what ``olist`` and the other doors start.

    Args:
        verb: What comes before the arguments of the process.
    """
    words = [*verb, *sys.argv[1:]]
    # A run does not depend on who reads along.
    start(lambda: main(words), needs_a_reader=words[:1] != ["run"])
