"""The gate: every request must show that the user's own page sends it. All others are refused.

The server can start processes and write files, so a page of another site, another user of the
machine or a name that resolves to 127.0.0.1 (DNS rebinding) must not reach it. A request passes if

- its path is below `place`, which is random;
- it names exactly one host, and that is the server's own name and port;
- it has the session's cookie, or asks for the first page with a token;
- its `Origin`, if it has one, is the server's own; a request that changes something, and a
  websocket, must have one;
- it has the header `Multiprog-Request` if it changes something: a form cannot send that.

Cookies belong to a host, not to a port: with the path `/` the cookie would also go to any other
server on 127.0.0.1, which may be another user's. Below a random path it does not.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from html import escape
from typing import Any, NamedTuple
from urllib.parse import parse_qs, quote

from translation import tr

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

COOKIE = "multiprog"
REQUEST = b"multiprog-request"
"""The header of a request that changes something. Its value does not matter."""
READING = ("GET", "HEAD")
KINDS = ("file", "open")  # a file of the current folder; a scenario that is shipped
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # the editor and the charts make their own styles
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
]
ENTERING = (
    '<!DOCTYPE html><meta charset="utf-8"><title>Multiprog</title><link rel="icon" href="data:,">'
    '<meta http-equiv="refresh" content="0; url={url}">'
)
"""The page that follows the first link. It, and not the page with the link, asks for the next one:
else the browser would keep back a cookie that is `SameSite=Strict`."""


class Opened(NamedTuple):
    """What the first page begins with."""

    kind: str  # of KINDS
    name: str


class Gate:
    """An ASGI application before the application: it lets through what may pass."""

    def __init__(self, application: Application, port: int) -> None:
        self.place = secrets.token_urlsafe(12)
        self.token = secrets.token_urlsafe(24)
        self._application = application
        self._session = secrets.token_urlsafe(24)
        self._once: set[str] = set()
        self._hosts = frozenset(f"{name}:{port}".encode() for name in ("127.0.0.1", "localhost"))
        self._link = f"http://127.0.0.1:{port}/{self.place}/"

    def link(self, opened: Opened | None = None, *, once: bool = False) -> str:
        """Return the first link. The page behind it begins with what is `opened`.

        A link that works `once` is for the command line of a browser, which other users can see.
        """
        token = self.token
        if once:
            token = secrets.token_urlsafe(24)
            self._once.add(token)
        begins = "" if opened is None else f"&{opened.kind}={quote(opened.name, safe='')}"
        return f"{self._link}?token={token}{begins}"

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request: by the application if it may pass, else by a refusal."""
        if scope["type"] == "lifespan":
            await self._application(scope, receive, send)
        elif scope["type"] not in ("http", "websocket"):
            return
        elif (wrong := self._refusal(scope)) is not None:
            await _refuse(scope, wrong, send)
        elif self._enters(scope):
            await self._enter(scope, send)
        elif not self._has_session(scope):
            await _refuse(scope, tr("open the link that the command has printed"), send)
        else:
            inner = {**scope, "root_path": f"/{self.place}"}
            await self._application(inner, receive, _with_headers(send))

    def _refusal(self, scope: Message) -> str | None:
        """Return what is wrong with a request, whoever sends it; None: nothing."""
        if not scope["path"].startswith(f"/{self.place}/"):
            return tr("open the link that the command has printed")
        host = _only(scope, b"host")
        if host not in self._hosts:
            return tr("this host name is not the server's")
        changes = scope["type"] == "websocket" or scope["method"] not in READING
        origins = _all(scope, b"origin")
        if (origins or changes) and origins != [b"http://" + host]:
            return tr("this request comes from another site")
        if changes and scope["type"] == "http" and not _all(scope, REQUEST):
            return tr("this request lacks the header Multiprog-Request")
        return None

    def _has_session(self, scope: Message) -> bool:
        cookies = (each for header in _all(scope, b"cookie") for each in header.split(b";"))
        wanted = f"{COOKIE}={self._session}"
        return any(_equal(cookie.strip().decode("latin-1"), wanted) for cookie in cookies)

    def _enters(self, scope: Message) -> bool:
        """Return whether this asks for the first page with a token. One that works once is used."""
        if scope["type"] != "http" or scope["method"] != "GET":
            return False
        if scope["path"] != f"/{self.place}/":
            return False
        [given] = _query(scope).get("token", [""])[:1]
        if _equal(given, self.token):
            return True
        used = next((token for token in self._once if _equal(given, token)), None)
        self._once.discard(used or "")
        return used is not None

    async def _enter(self, scope: Message, send: Send) -> None:
        """Give the session's cookie, and go on to the first page, without the token."""
        given = _query(scope)
        begins = [f"{kind}={quote(given[kind][0], safe='')}" for kind in KINDS if kind in given]
        url = f"/{self.place}/" + "".join(f"#{each}" for each in begins[:1])
        cookie = f"{COOKIE}={self._session}; Path=/{self.place}/; HttpOnly; SameSite=Strict"
        page = ENTERING.format(url=escape(url, quote=True))
        headers = [(b"set-cookie", cookie.encode()), (b"content-type", b"text/html; charset=utf-8")]
        await _respond(200, headers, page, send)


def _equal(given: str, right: str) -> bool:
    return secrets.compare_digest(given.encode("utf-8", "backslashreplace"), right.encode())


def _all(scope: Message, name: bytes) -> list[bytes]:
    headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
    return [value for key, value in headers if key.lower() == name]


def _only(scope: Message, name: bytes) -> bytes:
    """Return the value of a header that is there once; empty if it is not, or twice."""
    values = _all(scope, name)
    return values[0] if len(values) == 1 else b""


def _query(scope: Message) -> dict[str, list[str]]:
    return parse_qs(scope["query_string"].decode("latin-1"))


async def _refuse(scope: Message, why: str, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": why})
    else:
        text = tr("refused: {reason}", reason=why) + "\n"
        await _respond(403, [(b"content-type", b"text/plain; charset=utf-8")], text, send)


async def _respond(status: int, headers: list[tuple[bytes, bytes]], text: str, send: Send) -> None:
    content = text.encode()
    headers = [*headers, *HEADERS, (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


def _with_headers(send: Send) -> Send:
    """Return `send` with the headers that every response has."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), *HEADERS]}
        await send(message)

    return sending
