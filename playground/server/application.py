"""The routes of the playground's server. Every one of them lies behind the gate.

A question of the front end, and its answer, are those of `playground.answers`. What is refused is
answered by `problems`, in the same form.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from kernel.errors import UsageError
from playground.server.folder import Folder
from playground.server.front_end import OF_CATALOGUE, catalogue_files, front_end
from playground.server.model import Model, NoAnswerError
from playground.server.real_run import KINDS
from playground.server.runs import RENEWAL, Runs
from translation import tr

LARGEST = 8_000_000  # bytes of a request
Handler = Callable[[Request], Awaitable[Response]]


class Playground:
    """What the routes lead to: the front end, the model, the real runs, the files of the folder."""

    def __init__(self, folder: Folder) -> None:
        self.model = Model()
        self.runs = Runs()
        self._folder = folder
        self._files = front_end()

    def routes(self) -> list[BaseRoute]:
        """Return all routes."""
        return [
            Route("/api/ask", _answered(self._ask), methods=["POST"]),
            Route("/api/files", _answered(self._list), methods=["GET"]),
            Route("/api/files/{name:path}", _answered(self._open), methods=["GET"]),
            Route("/api/files/{name:path}", _answered(self._save), methods=["PUT"]),
            Route("/api/runs", _answered(self._run), methods=["POST"]),
            Route("/api/runs/{number:int}", _answered(self._result), methods=["GET"]),
            Route("/api/runs/{number:int}", _answered(self._stop), methods=["DELETE"]),
            WebSocketRoute("/api/events", self._events),
            Route("/{name:path}", self._file, methods=["GET"]),
        ]

    def application(self) -> Starlette:
        """Return the application without the gate."""
        return Starlette(routes=self.routes(), lifespan=self._living)

    @asynccontextmanager
    async def _living(self, _application: Starlette) -> AsyncIterator[None]:
        """Make real runs while the server lives, and end all children with it."""
        self.runs.begin()
        try:
            yield
        finally:
            await self.end()

    async def end(self) -> None:
        """End all children, and wait until nothing is left of them."""
        await asyncio.gather(self.model.end(), self.runs.end())

    # -- the front end -----------------------------------------------------------------------------

    async def _file(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name in OF_CATALOGUE and name not in self._files:
            self._files.update(await asyncio.to_thread(catalogue_files))
        file = self._files.get(name)
        if file is None:
            return Response(tr("there is no such file") + "\n", 404, media_type="text/plain")
        return Response(file.content, headers={"content-type": file.type})

    # -- the model and real runs -------------------------------------------------------------------

    async def _ask(self, request: Request) -> Any:
        question = await self._question(request)
        return json.loads(await self.model.ask(json.dumps(question)))

    async def _run(self, request: Request) -> Any:
        question = await self._question(request)
        if question["do"] not in KINDS:
            raise UsageError(tr("do: must be one of {names}", names=", ".join(KINDS)))
        return {"number": self.runs.add(question)}

    async def _result(self, request: Request) -> Any:
        found = self.runs.result(request.path_params["number"])
        if found is None:
            raise UsageError(tr("this run has no result: it is gone, or has not ended"))
        return found

    async def _stop(self, request: Request) -> Any:
        self.runs.stop(request.path_params["number"])
        return {}

    async def _events(self, socket: WebSocket) -> None:
        """Send the queue after each change, until the page is closed."""
        await socket.accept()
        closed = asyncio.ensure_future(socket.receive())  # the page sends nothing else
        try:
            while not closed.done():
                change = self.runs.change()
                await socket.send_json({"runs": self.runs.told()})
                changed = asyncio.ensure_future(change.wait())
                await asyncio.wait({closed, changed}, return_when=asyncio.FIRST_COMPLETED)
                changed.cancel()
                await asyncio.sleep(RENEWAL)
        except WebSocketDisconnect:  # while it was sent to
            pass
        finally:
            closed.cancel()
            with suppress(RuntimeError):  # it is closed already
                await socket.close()

    async def _question(self, request: Request) -> Mapping[str, Any]:
        """Return the question that a page sends, with the policies beside its scenario."""
        question = await _sent(request)
        files = question.setdefault("files", {})
        texts = isinstance(files, dict) and all(isinstance(text, str) for text in files.values())
        if not texts or not isinstance(question.get("do"), str):
            raise UsageError(tr("a question has do, and files: texts by their names"))
        policies = question.get("policies", [])
        if not isinstance(policies, list) or not all(isinstance(each, str) for each in policies):
            raise UsageError(tr("policies: must be a list of names"))
        if isinstance(question.get("file"), str):
            beside = await asyncio.to_thread(self._folder.beside, question["file"])
            question["files"] = {**beside, **files}
        return question

    # -- files of the current folder ---------------------------------------------------------------

    async def _list(self, _request: Request) -> Any:
        names = await asyncio.to_thread(self._folder.names)
        return {"folder": self._folder.root.name, "files": names}

    async def _open(self, request: Request) -> Any:
        name = request.path_params["name"]
        text, version = await asyncio.to_thread(self._folder.read, name)
        return {"text": text, "version": version}

    async def _save(self, request: Request) -> Any:
        sent = await _sent(request)
        text, before = sent.get("text"), sent.get("version")
        if not isinstance(text, str) or not isinstance(before, str | None):
            raise UsageError(tr("a file that is saved has a text, and the version that was opened"))
        version = await asyncio.to_thread(
            self._folder.write, request.path_params["name"], text, before
        )
        return {"version": version}


def _answered(handler: Callable[[Request], Awaitable[Any]]) -> Handler:
    """Return a handler that answers in JSON, also if what is asked for cannot be."""

    async def answering(request: Request) -> Response:
        try:
            return JSONResponse(await handler(request))
        except (UsageError, NoAnswerError) as error:
            problem = {"file": "", "line": None, "column": None, "message": str(error)}
            return JSONResponse({"problems": [problem]}, 400)

    return answering


async def _sent(request: Request) -> dict[str, Any]:
    """Return the JSON object that a request carries. Raises UsageError."""
    content = b""
    async for piece in request.stream():
        content += piece
        if len(content) > LARGEST:
            raise UsageError(tr("this is larger than {limit:,} bytes", limit=LARGEST))
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise UsageError(tr("must be a JSON object"))
    return found
