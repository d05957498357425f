"""The server as a command: what it says on a terminal, and the line that sets its password."""

from __future__ import annotations

import contextlib
import getpass
import sys
import threading
import webbrowser
from datetime import timedelta

from dashboards.lib.key_figures import KeyFigures
from dashboards.lib.password import PasswordError, hash_password
from dashboards.lib.queries.questions import load_questions
from dashboards.lib.queries.warehouse import DashboardDataError, version_now
from dashboards.lib.query import asker
from dashboards.lib.server import (
    ServerError,
    Serving,
    address,
    build_app,
    check_host,
    is_loopback,
    listen,
    public_origins,
    serve,
    trusted_proxies,
)
from orchestration.dbt.semantic import SemanticError
from orchestration.errors import EXIT_DONE, EXIT_WRONG_USE, SettingsError
from orchestration.settings import Settings, load_settings
from orchestration.terminal.entry import print_error

# dbt takes a core for some seconds: the page that was opened first comes first. Seconds.
_WARM_AFTER = 20.0


def run(*, host: str | None = None, port: int | None = None, opens_browser: bool = True) -> int:
    """Serve the dashboards until interrupted; returns the exit code.

    Args:
        host: Address to listen on, by default that of the settings.
        port: By default that of the settings; 0 for any free one.
        opens_browser: Open one, where somebody looks at a terminal.
    """
    try:
        _serve(load_settings(), host=host, port=port, opens_browser=opens_browser)
    except (SettingsError, ServerError) as error:
        print_error(str(error))
        return EXIT_WRONG_USE
    return EXIT_DONE


def print_password_hash() -> int:
    """Ask twice for a password, and print the line for .env; returns the exit code."""
    try:
        first, again = _ask("Password: "), _ask("The same again: ")
        if first != again:
            message = "The two passwords differ. Run the command again."
            raise PasswordError(message)
        sys.stdout.write(f"OLIST_DASHBOARDS_PASSWORD_HASH={hash_password(first)}\n")
    except PasswordError as error:
        print_error(str(error))
        return EXIT_WRONG_USE
    return EXIT_DONE


def _serve(
    settings: Settings, *, host: str | None, port: int | None, opens_browser: bool
) -> None:
    host = settings.dashboards_host if host is None else host
    port = settings.dashboards_port if port is None else port
    secret = settings.dashboards_password_hash
    check_host(host, has_password=secret is not None)
    serving = Serving(
        published_path=settings.published_path,
        runs_dir=settings.runs_dir,
        backups_dir=settings.backups_dir,
        fresh_for=timedelta(hours=settings.dashboards_fresh_hours),
        user=settings.dashboards_user,
        password_hash=None if secret is None else secret.get_secret_value(),
        is_open=not is_loopback(host),
        public_origins=public_origins(settings.dashboards_public_url),
        proxies=trusted_proxies(settings.dashboards_trusted_proxies),
        most_sessions=settings.dashboards_max_sessions,
        catalog_path=settings.catalog_path,
        key_figures=KeyFigures(lambda: asker(settings)),
    )
    warm = threading.Timer(_WARM_AFTER, _warm_questions, (settings,))
    warm.daemon = True
    warm.start()
    with listen(host, port) as listener:
        app = build_app(serving)
        url = address(listener)
        sys.stdout.write(f"Dashboards: {url}  (Ctrl-C ends them)\n")
        if secret is not None:
            sys.stdout.write(f"They ask for the password of {settings.dashboards_user}.\n")
        if serving.public_origins:
            sys.stdout.write(f"Through a proxy: {', '.join(serving.public_origins)}\n")
        elif serving.is_open:
            sys.stdout.write(
                "Others can reach them, and the password travels as plain text: put a proxy "
                "with TLS before them where the network is not your own.\n"
            )
        sys.stdout.flush()
        # The socket listens already, so the browser's first request waits instead of failing.
        if opens_browser and sys.stdout.isatty():
            webbrowser.open(url)
        try:
            serve(app, listener, lambda: _warm_metrics(settings, serving))
        except KeyboardInterrupt:
            sys.stdout.write("\n")


def _warm_metrics(settings: Settings, serving: Serving) -> None:
    """Load MetricFlow and ask what front door and /explore begin with."""
    from dashboards.lib.explore import data as explore  # noqa: PLC0415 - the server starts first

    with contextlib.suppress(DashboardDataError, SemanticError, OSError):  # pages say it
        outline = explore.load_outline(settings, version_now(settings.published_path))
        if serving.key_figures is not None:
            serving.key_figures.of(outline.info.run_id, patience=60)
        explore.load_view(outline, explore.read_choice(outline, {}))


def _warm_questions(settings: Settings) -> None:
    """Have the questions compiled, so that no reader of /ask waits for dbt."""
    if settings.published_path.exists():
        with contextlib.suppress(DashboardDataError, OSError):  # /ask says what is wrong
            load_questions(settings)


def _ask(question: str) -> str:
    """A line that is not shown while it is typed; a line of a pipe as it is."""
    if sys.stdin.isatty():
        return getpass.getpass(question)
    return sys.stdin.readline().rstrip("\r\n")
