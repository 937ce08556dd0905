"""What the front end asks of the model, answered by processes that can be ended.

A policy of the user may loop for ever, so the server does not execute it. Two processes answer, so
that a page whose policy loops does not keep another page waiting.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from playground.server.watched import Watched
from translation import tr

PROCESSES = 2
LIMIT = 15.0  # seconds for one answer; the model's own limits, which tell the line, come before
STARTING = 60.0  # seconds for the first answer of a process, in which it loads the model


class NoAnswerError(Exception):
    """The model has not answered. The text says why."""


class Model:
    """A few processes, each started when it is needed, and again after it has ended."""

    def __init__(self) -> None:
        self._free: asyncio.Queue[_Answering | None] = asyncio.Queue()
        for _ in range(PROCESSES):
            self._free.put_nowait(None)
        self._all: set[_Answering] = set()
        self._ended = False

    async def ask(self, question: str) -> str:
        """Return the answer to a question. Both are JSON. Raises NoAnswerError."""
        answering = await self._free.get()
        try:
            if self._ended:
                raise NoAnswerError(tr("the server is about to end"))
            if answering is None:
                answering = await self._start()
            return await answering.ask(question)
        except BaseException:  # also if nobody waits for the answer any more
            if answering is not None:
                answering.let_go()
                self._clear(answering)
                answering = None
            raise
        finally:
            self._free.put_nowait(answering)

    async def _start(self) -> _Answering:
        answering = _Answering(await Watched.start("playground.server.answering"))
        self._all.add(answering)
        if self._ended:
            answering.let_go()
        return answering

    def _clear(self, answering: _Answering) -> None:
        """Wait in the background for the end of a process that was let go."""
        task = asyncio.ensure_future(answering.end())
        task.add_done_callback(lambda _: self._all.discard(answering))

    async def end(self) -> None:
        """End all processes, whatever they do."""
        self._ended = True
        for answering in self._all:
            answering.let_go()
        for _ in range(PROCESSES):  # until none is asked or being started any more
            await self._free.get()
        await asyncio.gather(*(answering.end() for answering in list(self._all)))
        for _ in range(PROCESSES):
            self._free.put_nowait(None)


class _Answering:
    """One process that answers one question at a time."""

    def __init__(self, child: Watched) -> None:
        self._child = child
        self._said = b""
        self._listens = asyncio.ensure_future(self._listen())
        self._limit = STARTING

    async def _listen(self) -> None:
        """Keep the end of what the process says on stderr."""
        while piece := await self._child.stderr.read(1 << 12):
            self._said = (self._said + piece)[-(1 << 12) :]

    async def ask(self, question: str) -> str:
        self._said = b""
        line = json.dumps(json.loads(question))  # one line, whatever was sent
        try:
            self._child.stdin.write(line.encode() + b"\n")
            answer = await asyncio.wait_for(self._child.stdout.readline(), self._limit)
        except TimeoutError:
            raise NoAnswerError(
                tr(
                    "this took longer than {limit:.0f} s and was ended: make the scenario "
                    "smaller, or look for an endless loop in the policy",
                    limit=self._limit,
                )
            ) from None
        except (ConnectionError, ValueError) as error:
            raise NoAnswerError(tr("the model's process has ended: {error}", error=error)) from None
        if not answer:
            await self._child.end()
            await self._listens
            raise NoAnswerError(last_line(self._said) or tr("the model's process has ended"))
        self._limit = LIMIT
        found: dict[str, Any] = json.loads(answer)
        if "error" in found:
            raise NoAnswerError(str(found["error"]))
        return str(found["answer"])

    def let_go(self) -> None:
        self._child.let_go()

    async def end(self) -> None:
        await self._child.end()
        await self._listens


def last_line(said: bytes) -> str:
    """Return the last line of what a process has said."""
    return (said.decode("utf-8", "replace").strip().splitlines() or [""])[-1]
