"""A guarded child process that executes own policies for a worker of a cluster.

Both sides send pickled messages through pipes, with their length before them. The child ends when
its standard input is closed.
"""

from __future__ import annotations

import os
import pickle
import struct
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, BinaryIO

from experiments.running.bench import Bench, Done, Span
from experiments.running.died import Died
from experiments.running.guard import guard, last_words
from experiments.running.setup import Setup, written_out
from kernel.errors import PolicyError
from translation import choose

_ROOT = Path(__file__).parents[2]
_LENGTH = struct.Struct("!Q")


class Child:
    """A child process, seen from the worker."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._folder = tempfile.TemporaryDirectory(prefix="multiprog-")
        self._trace = Path(self._folder.name) / "trace"
        path = os.pathsep.join([str(_ROOT), os.environ.get("PYTHONPATH", "")])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "experiments.running.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
            cwd=self._folder.name,
        )
        self._send((setup, self._folder.name, str(self._trace)))

    def make(self, spans: list[Span], budget: float) -> Done:
        """Let the child make the replications. Raises what it raises; Died if it is dead."""
        self._send((spans, budget))
        try:
            answer = _receive(self._pipe(self._process.stdout))
        except EOFError:
            raise self._last_words() or Died() from None
        if isinstance(answer, BaseException):
            raise answer
        assert isinstance(answer, Done)
        return answer

    def close(self) -> None:
        """Kill the child, and remove its files."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            try:
                self._pipe(pipe).close()
            except OSError:  # what was not written yet
                continue
        self._folder.cleanup()

    def _send(self, message: Any) -> None:
        try:
            _send(self._pipe(self._process.stdin), message)
        except OSError:
            raise self._last_words() or Died() from None

    def _last_words(self) -> PolicyError | None:
        self._process.wait()
        if not self._trace.exists():
            return None
        text = self._trace.read_text("ascii", "replace")
        places = written_places(self._setup, Path(self._folder.name))
        words = last_words(text, places, self._setup.options.limit("policy"))
        if words is None:
            return None
        for place, file in places.items():
            words = words.replace(place, file)
        return PolicyError(words)

    @staticmethod
    def _pipe(pipe: Any) -> BinaryIO:
        assert pipe is not None
        found: BinaryIO = pipe
        return found


def written_places(setup: Setup, folder: Path) -> dict[str, str]:
    """Return the name that the user knows of each policy's file, by its place below `folder`."""
    return {str(place): file for file, place in written_out(setup.files, folder).items()}


def _send(pipe: BinaryIO, message: Any) -> None:
    data = pickle.dumps(message)
    pipe.write(_LENGTH.pack(len(data)) + data)
    pipe.flush()


def _receive(pipe: BinaryIO) -> Any:
    """Return the next message. Raises EOFError if the pipe is closed."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    data = pipe.read(length)
    if len(data) < length:
        raise EOFError
    return pickle.loads(data)


def _serve() -> None:
    """Execute chunks until the pipe is closed. What policies print goes to stderr."""
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    setup, folder, trace = _receive(requests)
    choose(setup.language)
    guard(setup.options.limit("policy"), trace)
    bench = Bench(setup, Path(folder))
    while True:
        spans, budget = _receive(requests)
        try:
            answer: Any = bench.make(spans, budget)
        except Exception as error:
            answer = error
        _send(answers, answer)


if __name__ == "__main__":
    try:
        _serve()
    except (EOFError, BrokenPipeError):
        os._exit(0)
