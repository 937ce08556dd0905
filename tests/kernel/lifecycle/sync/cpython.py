"""The real objects of multiprocessing, driven one call at a time: an oracle for the rules.

Each actor is a process. It gets one call after the other, and is watched until it answers or sleeps
in the call. So whatever the order in which processes are scheduled, it is known who waits.
"""

from __future__ import annotations

import multiprocessing
import queue
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FORK = multiprocessing.get_context("fork")
QUIET = 6  # looks, 2 ms apart, at which no actor answers and all sleep as before
KILL = "kill"

Command = tuple[int, str, str]
"""An actor, what it does, and with which object: (0, "lock", "L"). KILL kills the actor."""

Answer = tuple[int, str]
"""An actor, and what its call returned or raised; "killed"."""


def make_objects() -> dict[str, Any]:
    """Return the shared objects by name; the rules of `model.RULES` are the same."""
    lock = FORK.Lock()
    return {
        "L": lock,
        "R": FORK.RLock(),
        "S": FORK.Semaphore(2),
        "B": FORK.BoundedSemaphore(1),
        "C": FORK.Condition(),
        "M": FORK.Condition(lock),
        "E": FORK.Event(),
        "W": FORK.Barrier(2),
        "V": FORK.Barrier(3),
        "q": FORK.SimpleQueue(),
        "Q": FORK.Queue(2),
        "J": FORK.JoinableQueue(),
        "P": FORK.Pipe(duplex=False),
        "D": FORK.Pipe(),
        "N": FORK.Value("q", 0),
    }


def deeds(objects: dict[str, Any]) -> dict[str, Callable[[str], Any]]:
    """Return the functions that make the calls."""

    def ends(name: str) -> tuple[Any, int]:
        return objects[name[0]], int(name[1])

    def send(name: str) -> None:
        pair, end = ends(name)
        pair[end].send("x" * 3000)

    def receive(name: str) -> Any:
        pair, end = ends(name)
        return len(pair[end].recv())

    def poll(name: str) -> Any:
        pair, end = ends(name)
        return pair[end].poll()

    def close(name: str) -> None:
        pair, end = ends(name)
        pair[end].close()

    def add(name: str) -> None:
        objects[name].value += 1

    return {
        "lock": lambda name: objects[name].acquire(),
        "try": lambda name: objects[name].acquire(False),
        "unlock": lambda name: objects[name].release(),
        "wait": lambda name: objects[name].wait(),
        "wait_event": lambda name: objects[name].wait(),
        "look": lambda name: objects[name].wait(0),
        "notify": lambda name: objects[name].notify(),
        "notify_all": lambda name: objects[name].notify_all(),
        "set": lambda name: objects[name].set(),
        "clear": lambda name: objects[name].clear(),
        "meet": lambda name: objects[name].wait() * 0 or None,
        "abort": lambda name: objects[name].abort(),
        "reset": lambda name: objects[name].reset(),
        "put": lambda name: objects[name].put("x" * 3000),
        "put_now": lambda name: objects[name].put("x" * 3000, False),
        "get": lambda name: len(objects[name].get()),
        "get_now": lambda name: len(objects[name].get(False)),
        "task_done": lambda name: objects[name].task_done(),
        "join_queue": lambda name: objects[name].join(),
        "send": send,
        "receive": receive,
        "poll": poll,
        "close": close,
        "add": add,
        "read": lambda name: objects[name].value,
    }


def words_of(call: Callable[[], Any]) -> str:
    """Return in words what a call returns or raises."""
    try:
        return repr(call())
    except (queue.Empty, queue.Full, EOFError, RuntimeError) as error:
        text = str(error)
        return f"{type(error).__name__}: {text}" if text else type(error).__name__
    except Exception as error:
        text = str(error)
        return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _obey(actor: int, objects: dict[str, Any], pipes: list[Any]) -> None:
    signal.alarm(60)
    mine = pipes[actor][1]
    calls = deeds(objects)
    while True:
        what, name = mine.recv()
        mine.send(words_of(lambda: calls[what](name)))  # noqa: B023 - called at once


class Actors:
    """The actors of one case."""

    def __init__(self, count: int) -> None:
        objects = make_objects()
        self._pipes = [FORK.Pipe() for _ in range(count)]
        self._processes = [
            FORK.Process(target=_obey, args=(actor, objects, self._pipes), daemon=True)
            for actor in range(count)
        ]
        for process in self._processes:
            process.start()
        for pair in (objects["P"], objects["D"]):
            for end in pair:
                end.close()
        self.busy: set[int] = set()
        self.dead: set[int] = set()

    def execute(self, command: Command) -> list[Answer]:
        """Execute a command, and return all answers until every actor has one or sleeps."""
        actor, what, name = command
        if what == KILL:
            self._kill(actor)
            return [(actor, "killed"), *self._answers()]
        self.busy.add(actor)
        self._pipes[actor][0].send((what, name))
        return self._answers()

    def _kill(self, actor: int) -> None:
        self._processes[actor].kill()
        self._processes[actor].join()
        self.busy.discard(actor)
        self.dead.add(actor)

    def _answers(self) -> list[Answer]:
        found: list[Answer] = []
        quiet, switches = 0, self._switches()
        while quiet < QUIET:
            quiet += 1
            time.sleep(0.002)
            for actor in sorted(self.busy):
                if self._pipes[actor][0].poll():
                    found.append((actor, self._pipes[actor][0].recv()))
                    self.busy.discard(actor)
                    quiet = 0
            now = self._switches()
            if now != switches or not self._all_asleep():
                switches, quiet = now, 0
        return sorted(found)

    def _living(self) -> Iterator[int]:
        for actor, process in enumerate(self._processes):
            if actor not in self.dead:
                yield process.pid or 0

    def _switches(self) -> list[str]:
        return [
            (task / "status").read_text().partition("voluntary_ctxt_switches:")[2]
            for pid in self._living()
            for task in Path(f"/proc/{pid}/task").iterdir()
        ]

    def _all_asleep(self) -> bool:
        return all(
            (task / "stat").read_text().rpartition(")")[2].split()[0] == "S"
            for pid in self._living()
            for task in Path(f"/proc/{pid}/task").iterdir()
        )

    def close(self) -> None:
        """Kill all actors."""
        for process in self._processes:
            process.kill()
            process.join()


@contextmanager
def actors(count: int) -> Iterator[Actors]:
    """Return the actors of one case, and kill them afterwards."""
    found = Actors(count)
    try:
        yield found
    finally:
        found.close()


def answers_of(commands: Sequence[Command], count: int) -> list[list[Answer]]:
    """Return for each command what all actors answered after it; a busy or dead one gets none."""
    answers = []
    with actors(count) as real:
        for command in commands:
            skipped = command[0] in real.dead or (command[0] in real.busy and command[1] != KILL)
            answers.append([] if skipped else real.execute(command))
    return answers
