"""A private server for the shop: the same starter as that of published versions."""

from __future__ import annotations

from pathlib import Path

from orchestration.errors import EXIT_DONE
from orchestration.postgres import local
from orchestration.postgres.server import shown
from orchestration.terminal.rich_console import Terminal


def start(directory: str) -> int:
    """Start the shop's server in a directory; returns the exit code.

    Raises:
        PostgresError: There are no binaries, or the server does not start.
    """
    place = Path(directory).expanduser().absolute()
    server = local.start(place, setting="OLIST_STORE_URL")
    terminal = Terminal(soft_wrap=True, highlight=False, markup=False)
    terminal.print(f"server     {shown(server.url)}, process {server.process_id()}")
    terminal.print(f"address    with its password in {server.url_file}: copy the line to .env")
    terminal.print(f"play       env $(cat {server.url_file}) olist store play --source PATH")
    terminal.print(f"load       env $(cat {server.url_file}) olist run --source store")
    terminal.print(f"stop       olist postgres stop --dir {directory}")
    return EXIT_DONE
