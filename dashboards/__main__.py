"""``python -m dashboards``: serve the dashboards on this machine and open them in a browser."""

from __future__ import annotations

import argparse
import sys
import webbrowser
from collections.abc import Sequence

from dashboards.lib.server import (
    ServerError,
    address,
    build_app,
    check_loopback,
    listen,
    serve,
)
from orchestration.errors import EXIT_DONE, EXIT_WRONG_USE, SettingsError
from orchestration.settings import load_settings

_LARGEST_PORT = 65535


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the server until it is interrupted; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        settings = load_settings()
        check_loopback(options.host)
        port = settings.dashboards_port if options.port is None else options.port
        listener = listen(options.host, port)
    except (SettingsError, ServerError) as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_WRONG_USE
    with listener:
        app = build_app(settings.published_path)
        url = address(listener)
        sys.stdout.write(f"Dashboards: {url}  (Ctrl-C ends them)\n")
        sys.stdout.flush()
        # The socket listens already, so the browser's first request waits instead of failing.
        if not options.no_browser and sys.stdout.isatty():
            webbrowser.open(url)
        try:
            serve(app, listener)
        except KeyboardInterrupt:
            sys.stdout.write("\n")
    return EXIT_DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m dashboards",
        description="Serve the dashboards on this machine, from the published warehouse.",
    )
    parser.add_argument(
        "--port",
        type=_port,
        help="port to listen on, 0 for any free one (default: OLIST_DASHBOARDS_PORT, 8050)",
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on; this machine's own only"
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
