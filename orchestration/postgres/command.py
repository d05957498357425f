"""What is asked of PostgreSQL: publish, roll back, roles, a private server; and the words."""

from __future__ import annotations

import time
from pathlib import Path

from orchestration.errors import EXIT_DONE, NothingPublishedError, PostgresError, SettingsError
from orchestration.postgres import access, local, publication
from orchestration.postgres.server import check_database, session, shown
from orchestration.settings import Settings
from orchestration.terminal.rich_console import Terminal
from orchestration.warehouse.store import Warehouse
from orchestration.warehouse.versions import Version


def serve(
    settings: Settings, version: Version, *, everything: bool = False
) -> publication.Outcome:
    """Publish a version to the database of the settings.

    Raises:
        PostgresError: It could not be served; what is served is as it was.
        SettingsError: No database is set, or the policy is not of its form.
    """
    return publication.publish(
        version,
        _url(settings),
        _access(settings),
        settings.dbt_project_dir,
        everything=everything,
    )


def publish(settings: Settings, *, everything: bool = False) -> int:
    """Publish the published version and say what was done; returns the exit code."""
    version = Warehouse(
        settings.warehouse_dir, keep_versions=settings.keep_versions
    ).current_version()
    if version is None:
        message = (
            f"There is no published warehouse at {settings.published_path} to publish. "
            "Run `make pipeline` first."
        )
        raise NothingPublishedError(message)
    started = time.monotonic()
    done = serve(settings, version, everything=everything)
    _say("served", f"{shown(_url(settings))} -> version {done.run_id}")
    parts = (f"{len(done.copied)} tables sent", f"{len(done.kept)} kept")
    same = f"{', '.join(done.unchanged)} unchanged" if done.unchanged else ""
    _say("content", ", ".join(part for part in (*parts, same) if part))
    _say("switch", f"{done.swap_seconds * 1000:.0f} ms")
    if done.unrestricted:
        _say("note", f"restricted roles see all rows of {', '.join(done.unrestricted)}")
    _say("time", f"{time.monotonic() - started:.1f} s")
    return EXIT_DONE


def roll_back(settings: Settings) -> int:
    """Serve the version before; returns the exit code."""
    run_id = publication.roll_back(_url(settings), _access(settings))
    _say("served", f"{shown(_url(settings))} -> version {run_id}")
    _say("note", "The next run publishes its own version again.")
    return EXIT_DONE


def make_roles(settings: Settings) -> int:
    """Make the groups; returns the exit code."""
    _make_roles(_url(settings), settings)
    return EXIT_DONE


def start(settings: Settings, directory: str) -> int:
    """Start the private server of a directory; returns the exit code."""
    server = local.start(Path(directory).expanduser().absolute())
    _make_roles(server.url, settings)
    _say("server", f"{shown(server.url)}, process {server.process_id()}")
    _say("address", f"with its password in {server.url_file}: copy the line to .env")
    _say("publish", f"env $(cat {server.url_file}) olist publish")
    _say("stop", f"olist postgres stop --dir {directory}")
    return EXIT_DONE


def stop(directory: str) -> int:
    """Stop the private server of a directory; returns the exit code."""
    server = local.find(Path(directory).expanduser().absolute())
    if server is None:
        message = f"No server was started in {directory}. Name its directory: --dir."
        raise PostgresError(message)
    server.stop()
    _say("stopped", f"{directory}; its data stay there")
    return EXIT_DONE


def _make_roles(url: str, settings: Settings) -> None:
    with session(url, purpose="olist postgres roles") as server:
        check_database(server)
        roles = access.Roles.with_prefix(settings.postgres_role_prefix)
        made = access.make_roles(server, roles)
    _say("roles", f"{', '.join(roles.all())} ({len(made)} new)")


def _url(settings: Settings) -> str:
    if settings.postgres_url is None:
        message = "No database is named: give --to, or set OLIST_POSTGRES_URL in .env."
        raise SettingsError(message)
    return settings.postgres_url.get_secret_value()


def _access(settings: Settings) -> access.Access:
    return access.read_access(settings.postgres_role_prefix, settings.postgres_policy_file)


def _say(label: str, text: str) -> None:
    Terminal(soft_wrap=True, highlight=False, markup=False).print(f"{label:<10} {text}")
