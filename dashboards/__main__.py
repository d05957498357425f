"""``python -m dashboards``: serve the dashboards and open them in a browser.

``python -m dashboards hash-password`` makes the line for .env that protects them.
"""

from __future__ import annotations

import argparse
import contextlib
import getpass
import sys
import threading
import webbrowser
from collections.abc import Sequence
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

_LARGEST_PORT = 65535
# dbt takes a core for some seconds: the page that was opened first comes first. Seconds.
_WARM_AFTER = 20.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "hash-password":
            return _hash_password()
        return _serve(options, load_settings())
    except (SettingsError, ServerError, PasswordError) as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_WRONG_USE


def _serve(options: argparse.Namespace, settings: Settings) -> int:
    """Run the server until it is interrupted."""
    host = settings.dashboards_host if options.host is None else options.host
    port = settings.dashboards_port if options.port is None else options.port
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
        if not options.no_browser and sys.stdout.isatty():
            webbrowser.open(url)
        try:
            serve(app, listener, lambda: _warm_metrics(settings, serving))
        except KeyboardInterrupt:
            sys.stdout.write("\n")
    return EXIT_DONE


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


def _hash_password() -> int:
    """Ask twice for a password, and print the line for .env."""
    first, again = _ask("Password: "), _ask("The same again: ")
    if first != again:
        message = "The two passwords differ. Run the command again."
        raise PasswordError(message)
    sys.stdout.write(f"OLIST_DASHBOARDS_PASSWORD_HASH={hash_password(first)}\n")
    return EXIT_DONE


def _ask(question: str) -> str:
    """A line that is not shown while it is typed; a line of a pipe as it is."""
    if sys.stdin.isatty():
        return getpass.getpass(question)
    return sys.stdin.readline().rstrip("\r\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m dashboards",
        description="Serve the dashboards from the published warehouse.",
    )
    parser.add_argument(
        "command",
        nargs="?",
        choices=("serve", "hash-password"),
        default="serve",
        help="serve the dashboards (default), or make the line for .env that sets a password",
    )
    parser.add_argument(
        "--port",
        type=_port,
        help="port to listen on, 0 for any free one (default: OLIST_DASHBOARDS_PORT, 8050)",
    )
    parser.add_argument(
        "--host",
        help="address to listen on; others than this machine's own need a password "
        "(default: OLIST_DASHBOARDS_HOST, 127.0.0.1)",
    )
    parser.add_argument(
        "--no-browser",
        action="store_true",
        help="do not open a browser, only print the address",
    )
    return parser


def _port(text: str) -> int:
    if text.isdecimal() and int(text) <= _LARGEST_PORT:
        return int(text)
    message = f"{text!r} is no port: give a whole number from 0 to {_LARGEST_PORT}"
    raise argparse.ArgumentTypeError(message)


if __name__ == "__main__":
    sys.exit(main())
