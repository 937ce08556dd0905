"""Ask an ASGI application directly, as a server would, without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, NamedTuple

from playground.server.gate import Application, Message

Headers = Iterable[tuple[str, str]]


class Answered(NamedTuple):
    """What an application has sent."""

    status: int  # of a websocket: 101 if it was accepted, 403 if not
    headers: dict[str, str]
    content: bytes


def asked(
    application: Application,
    path: str,
    *,
    method: str = "GET",
    headers: Headers = (),
    content: bytes = b"",
    kind: str = "http",
) -> Answered:
    """Return what the application sends for one request, or for a websocket that is opened."""
    path, _, query = path.partition("?")
    scope: dict[str, Any] = {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "http" if kind == "http" else "ws",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 1),
        **({"method": method} if kind == "http" else {"subprotocols": []}),
    }
    begin: Message = {"type": "http.request", "body": content, "more_body": False}
    end: Message = {"type": "http.disconnect"}
    if kind == "websocket":
        begin, end = {"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000}
    received, sent = [begin], list[Message]()

    async def receive() -> Message:
        return received.pop() if received else end

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(asyncio.wait_for(application(scope, receive, send), 10))
    return _answered(sent)


def _answered(sent: list[Message]) -> Answered:
    start, *rest = sent or [{"type": "nothing"}]
    if start["type"] == "http.response.start":
        headers = {key.decode(): value.decode() for key, value in start["headers"]}
        return Answered(start["status"], headers, b"".join(each["body"] for each in rest))
    return Answered(101 if start["type"] == "websocket.accept" else 403, {}, b"")
