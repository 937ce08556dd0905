"""Nothing passes the gate but what the user's own page sends, whatever routes there are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from playground.server.application import Playground
from playground.server.folder import Folder
from playground.server.gate import COOKIE, Gate, Message, Opened, Receive, Send
from tests.playground.server.asgi import Answered, asked

PORT = 4321
HOST = f"127.0.0.1:{PORT}"
OTHER_METHODS = ("OPTIONS", "TRACE", "CONNECT", "PATCH", "POST", "PUT", "DELETE")


class ReachedError(Exception):
    """A request has passed the gate."""


async def _open_house(_scope: Message, _receive: Receive, _send: Send) -> None:
    raise ReachedError


class Way(dict[str, Any]):
    """How a route is asked: path, method and kind."""


def _ways(routes: list[BaseRoute], before: str = "") -> Iterator[Way]:
    """Yield how each route can be asked. An unknown kind of route fails: nothing is left out."""
    for route in routes:
        if isinstance(route, Mount):
            yield from _ways(list(route.routes), before + route.path)
        elif isinstance(route, WebSocketRoute):
            yield Way(kind="websocket", path=before + _filled(route.path))
        else:
            assert isinstance(route, Route), route
            for method in sorted(route.methods or ()):
                yield Way(kind="http", method=method, path=before + _filled(route.path))


def _filled(path: str) -> str:
    """Return a path that the route's pattern takes."""
    return path.replace("{number:int}", "1").replace("{name:path}", "a.yaml")


ROUTES = list(_ways(Playground(Folder(Path())).routes()))
IDS = [f"{way.get('method', 'websocket')} {way['path']}" for way in ROUTES]
every_route = pytest.mark.parametrize("way", ROUTES, ids=IDS)


@pytest.fixture
def gate() -> Gate:
    return Gate(_open_house, PORT)


def _session(gate: Gate) -> str:
    """Return the session's cookie, as a browser would send it."""
    answered = asked(gate, _path(gate.link()), headers=[("host", HOST)])
    return answered.headers["set-cookie"].partition(";")[0]


def _path(link: str) -> str:
    return link.removeprefix(f"http://{HOST}")


def _right(gate: Gate, **others: str | None) -> list[tuple[str, str]]:
    """Return the headers of a request of the user's own page; `others` replace them, or None."""
    headers = {
        "host": HOST,
        "origin": f"http://{HOST}",
        "cookie": _session(gate),
        "multiprog_request": "yes",
        **others,
    }
    return [(name.replace("_", "-"), value) for name, value in headers.items() if value is not None]


def _asked(gate: Gate, way: Way, headers: list[tuple[str, str]]) -> Answered:
    how = {**way, "path": f"/{gate.place}{way['path']}"}
    return asked(gate, headers=headers, **how)


def test_there_are_routes_of_both_kinds_that_read_and_that_change() -> None:
    assert {way["kind"] for way in ROUTES} == {"http", "websocket"}
    assert {way.get("method") for way in ROUTES} >= {"GET", "POST", "PUT", "DELETE"}


@every_route
def test_the_users_own_page_reaches_every_route(gate: Gate, way: Way) -> None:
    with pytest.raises(ReachedError):
        _asked(gate, way, _right(gate))


@every_route
@pytest.mark.parametrize(
    "wrong",
    [
        {"cookie": None},
        {"cookie": ""},
        {"cookie": f"{COOKIE}="},
        {"cookie": f"{COOKIE}=guessed"},
        {"host": None},
        {"host": "127.0.0.1"},
        {"host": f"127.0.0.1:{PORT + 1}"},
        {"host": f"evil.example:{PORT}"},
        {"host": f"127.0.0.1.evil.example:{PORT}"},
        {"host": f"localhost.:{PORT}"},
        {"host": f"[::1]:{PORT}"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": f"https://{HOST}"},
        {"origin": f"http://127.0.0.1:{PORT + 1}"},
        {"origin": f"http://localhost:{PORT}"},
    ],
    ids=str,
)
def test_a_request_with_one_thing_wrong_is_refused(
    gate: Gate, way: Way, wrong: dict[str, str | None]
) -> None:
    assert _asked(gate, way, _right(gate, **wrong)).status == 403


@every_route
def test_the_token_opens_no_route_but_the_first_page(gate: Gate, way: Way) -> None:
    path = f"{way['path']}?token={gate.token}"
    first = way["path"] == "/" and way.get("method") == "GET"
    answered = _asked(gate, Way(way, path=path), _right(gate, cookie=None))
    assert answered.status == (200 if first else 403)


@every_route
def test_a_route_is_not_reached_without_its_place(gate: Gate, way: Way) -> None:
    for path in (way["path"], f"//{gate.place}{way['path']}", f"/{gate.place[:-1]}{way['path']}"):
        assert asked(gate, headers=_right(gate), **{**way, "path": path}).status == 403


@pytest.mark.parametrize("way", [way for way in ROUTES if way.get("method") not in ("GET", "HEAD")])
def test_what_changes_something_needs_an_origin(gate: Gate, way: Way) -> None:
    assert _asked(gate, way, _right(gate, origin=None)).status == 403


@every_route
@pytest.mark.parametrize("method", OTHER_METHODS)
def test_what_may_change_something_needs_a_header_of_its_own(
    gate: Gate, way: Way, method: str
) -> None:
    if way["kind"] == "http":
        headers = _right(gate, multiprog_request=None)
        assert _asked(gate, Way(way, method=method), headers).status == 403


@every_route
def test_a_websocket_to_any_path_needs_the_session(gate: Gate, way: Way) -> None:
    socket = Way(kind="websocket", path=way["path"])
    assert _asked(gate, socket, _right(gate, cookie=None)).status == 403
    assert _asked(gate, socket, _right(gate, origin="http://evil.example")).status == 403
    assert _asked(gate, socket, _right(gate, origin=None)).status == 403


def test_a_host_or_an_origin_that_is_there_twice_is_refused(gate: Gate) -> None:
    way = Way(kind="http", method="GET", path="/")
    for twice in (("host", HOST), ("origin", f"http://{HOST}")):
        assert _asked(gate, way, [*_right(gate), twice]).status == 403


def test_another_kind_of_connection_is_dropped(gate: Gate) -> None:
    way = Way(kind="something", path="/")
    assert _asked(gate, way, _right(gate)).status == 403


def test_the_cookie_is_for_this_site_and_its_scripts_cannot_read_it(gate: Gate) -> None:
    cookie = asked(gate, _path(gate.link()), headers=[("host", HOST)]).headers["set-cookie"]
    assert f"; Path=/{gate.place}/; HttpOnly; SameSite=Strict" in cookie
    assert gate.token not in cookie


def test_other_cookies_beside_it_do_no_harm(gate: Gate) -> None:
    way = Way(kind="http", method="GET", path="/")
    for cookie in (f'a="; b; {_session(gate)}', f"{_session(gate)}; {COOKIE}=old; \x7f=é"):
        with pytest.raises(ReachedError):
            _asked(gate, way, _right(gate, cookie=cookie))


def test_a_link_for_a_browsers_command_line_works_once(gate: Gate) -> None:
    path = _path(gate.link(once=True))
    assert asked(gate, path, headers=[("host", HOST)]).status == 200
    assert asked(gate, path, headers=[("host", HOST)]).status == 403


def test_the_link_as_printed_works_again_and_from_another_program(gate: Gate) -> None:
    for _ in range(2):
        assert asked(gate, _path(gate.link()), headers=[("host", HOST)]).status == 200


def test_a_link_that_another_site_has_leads_nowhere_from_it(gate: Gate) -> None:
    headers = [("host", HOST), ("origin", "http://evil.example")]
    assert asked(gate, _path(gate.link()), headers=headers).status == 403


def test_the_first_page_has_neither_script_nor_token_and_names_the_file(gate: Gate) -> None:
    evil = 'a"><script>alert(1)</script>&file=b.yaml'
    answered = asked(gate, _path(gate.link(Opened("file", evil))), headers=[("host", HOST)])
    text = answered.content.decode()
    assert "<script" not in text
    assert gate.token not in text
    assert "#file=a%22%3E%3Cscript%3Ealert%281%29%3C%2Fscript%3E%26file%3Db.yaml" in text


def test_two_servers_have_other_places_tokens_and_sessions() -> None:
    first, second = Gate(_open_house, PORT), Gate(_open_house, PORT)
    way = Way(kind="http", method="GET", path="/")
    assert first.place != second.place
    assert _asked(first, way, _right(second)).status == 403
    assert (
        asked(first, f"/{first.place}/?token={second.token}", headers=_right(second)).status == 403
    )
