"""How a layer of the server answers for the application: over HTTP, or to a web socket."""

from __future__ import annotations

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketClose

_REFUSED = 1008  # the web socket's code for a breach of policy


async def refuse(scope: Scope, receive: Receive, send: Send, answer: Response) -> None:
    """Give the answer; a web socket is closed before it opens, which is a 403."""
    if scope["type"] == "websocket":
        await WebSocketClose(_REFUSED)(scope, receive, send)
    else:
        await answer(scope, receive, send)
