"""Requests as no library would send them: bytes on a socket of this machine."""

from __future__ import annotations

import contextlib
import socket


def exchange(port: int, request: bytes, seconds: float = 10.0) -> bytes:
    """Send bytes to a port of this machine; returns all that comes back until the end.

    Args:
        port: The port.
        request: What is sent, as it is.
        seconds: How long to wait for more.
    """
    answer = b""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection,
        contextlib.suppress(OSError),  # closed on us, or nothing more comes
    ):
        connection.sendall(request)
        while piece := connection.recv(65536):
            answer += piece
    return answer


def status(answer: bytes) -> int | None:
    """The status of an answer; None where the connection was closed without one."""
    words = answer.split(b" ", 2)
    return int(words[1]) if len(words) > 1 and words[0].startswith(b"HTTP/") else None
