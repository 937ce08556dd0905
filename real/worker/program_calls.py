"""The calls of a program that name no other process: variables, prints, locks, queues, values.

They are the real calls of `multiprocessing`. A call that waits really waits.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable
from typing import Any

from kernel.process.calls import Call
from real.worker.shared_objects import SharedObjects


def seconds(ns: int | None) -> float | None:
    """Return a timeout in seconds, as Python's calls take it; None: there is none."""
    return None if ns is None else ns / 1e9


class ProgramCalls:
    """The calls of one program. `table` has the function of each kind of call."""

    def __init__(
        self,
        objects: SharedObjects,
        variables: dict[str, Any],
        say: Callable[[str, Any], None],
    ) -> None:
        """`variables` are the globals of the program. `say(name, value)` notes an observation."""
        self._objects = objects
        self._variables = variables
        self._say = say
        self._finals: list[str] = []  # the texts of its `finally` clauses, the innermost last
        waiting = WaitingCalls(objects, say)
        messages = MessageCalls(objects, variables, say)
        values = SharedValueCalls(objects, variables, say)
        self.table: dict[str, Callable[[Call], None]] = {
            "set": self._set,
            "show": self._show,
            "print": self._print,
            "atexit": self._at_exit,
            "finally": self._finally,
            **waiting.table,
            **messages.table,
            **values.table,
        }

    def end(self) -> None:
        """Execute the `finally` clauses that the program has entered, the innermost first."""
        while self._finals:
            self._say("prints", self._finals.pop())

    def _set(self, call: Call) -> None:
        self._variables.update(call.value)

    def _show(self, call: Call) -> None:
        _require(self._variables, call.name)
        self._say("prints", f"{call.name} = {self._variables[call.name]!r}")

    def _print(self, call: Call) -> None:
        self._say("prints", call.value)

    def _at_exit(self, call: Call) -> None:
        atexit.register(self._say, "prints", call.value)

    def _finally(self, call: Call) -> None:
        self._finals.append(call.value)


class WaitingCalls:
    """The calls of locks, semaphores, events, conditions and barriers."""

    def __init__(self, objects: SharedObjects, say: Callable[[str, Any], None]) -> None:
        self._objects = objects
        self._say = say
        self.table: dict[str, Callable[[Call], None]] = {
            "lock": lambda call: self._acquire(objects.lock(call.name), call),
            "unlock": lambda call: objects.lock(call.name).release(),
            "acquire": lambda call: self._acquire(objects.semaphores[call.name], call),
            "release": lambda call: objects.semaphores[call.name].release(),
            "set_event": lambda call: objects.events[call.name].set(),
            "clear_event": lambda call: objects.events[call.name].clear(),
            "wait_event": self._wait_for_event,
            "wait": self._wait_for_condition,
            "notify": lambda call: objects.conditions[call.name].notify(
                1 if call.value is None else call.value
            ),
            "notify_all": lambda call: objects.conditions[call.name].notify_all(),
            "barrier": self._wait_at_barrier,
            "abort": lambda call: objects.barriers[call.name].abort(),
            "reset": lambda call: objects.barriers[call.name].reset(),
        }

    def _acquire(self, lock: Any, call: Call) -> None:
        """Acquire a lock or semaphore. Observe whether it was got, if the call may fail."""
        if "blocking" in call.options:
            self._say(call.words, lock.acquire(call.options["blocking"]))
        elif call.value is not None:
            self._say(call.words, lock.acquire(True, seconds(call.value)))
        else:
            lock.acquire()

    def _wait_for_event(self, call: Call) -> None:
        self._say(call.words, self._objects.events[call.name].wait(seconds(call.value)))

    def _wait_for_condition(self, call: Call) -> None:
        notified = self._objects.conditions[call.name].wait(seconds(call.value))
        if call.value is not None:
            self._say(call.words, notified)

    def _wait_at_barrier(self, call: Call) -> None:
        self._objects.barriers[call.name].wait(seconds(call.value))


class MessageCalls:
    """The calls of queues and pipes."""

    def __init__(
        self,
        objects: SharedObjects,
        variables: dict[str, Any],
        say: Callable[[str, Any], None],
    ) -> None:
        self._objects = objects
        self._variables = variables
        self._say = say
        self.table: dict[str, Callable[[Call], None]] = {
            "send": self._put,
            "receive": self._get,
            "task_done": lambda call: objects.queues[call.name].task_done(),
            "join_queue": lambda call: objects.queues[call.name].join(),
            "pipe_send": lambda call: self._end(call).send(call.value),
            "pipe_receive": lambda call: self._received(call, self._end(call).recv()),
            "pipe_poll": self._poll,
            "pipe_close": lambda call: self._end(call).close(),
        }

    def _put(self, call: Call) -> None:
        """Put a value into the queue. Only a Queue or JoinableQueue takes options."""
        self._objects.queues[call.name].put(call.value, *_how(call))

    def _get(self, call: Call) -> None:
        self._received(call, self._objects.queues[call.name].get(*_how(call)))

    def _received(self, call: Call, value: Any) -> None:
        if call.value is not None:
            self._variables[call.value] = value
        self._say(call.words, value)

    def _end(self, call: Call) -> Any:
        return self._objects.pipes[call.name][call.options["end"]]

    def _poll(self, call: Call) -> None:
        self._say(call.words, self._end(call).poll(seconds(call.value)))


def _how(call: Call) -> tuple[Any, ...]:
    """Return the arguments `block` and `timeout` of a put or get, if the call has them."""
    if "blocking" in call.options:
        return (call.options["blocking"],)
    if call.options.get("timeout") is not None:
        return True, seconds(call.options["timeout"])
    return ()


class SharedValueCalls:
    """The calls of a Value or an Array."""

    def __init__(
        self,
        objects: SharedObjects,
        variables: dict[str, Any],
        say: Callable[[str, Any], None],
    ) -> None:
        self._objects = objects
        self._variables = variables
        self._say = say
        self.table: dict[str, Callable[[Call], None]] = {
            "read": self._read,
            "write": self._write,
            "add": self._add,
        }

    def _read(self, call: Call) -> None:
        shared, index = self._objects.values[call.name], call.options.get("index")
        value = shared.value if index is None else shared[index]
        if call.value is not None:
            self._variables[call.value] = value
        self._say(call.words, value)

    def _write(self, call: Call) -> None:
        value = call.value
        if "from" in call.options:
            _require(self._variables, call.options["from"])
            value = self._variables[call.options["from"]]
            if "plus" in call.options:
                value = value + call.options["plus"]
        self._assign(call, value)

    def _add(self, call: Call) -> None:
        """Read, add and write, as `+=` does: another process may write in between."""
        shared, index = self._objects.values[call.name], call.options.get("index")
        self._assign(call, (shared.value if index is None else shared[index]) + call.value)

    def _assign(self, call: Call, value: Any) -> None:
        shared, index = self._objects.values[call.name], call.options.get("index")
        if index is None:
            shared.value = value
        else:
            shared[index] = value


def _require(variables: dict[str, Any], name: str) -> None:
    """Raise NameError, with CPython's words, if the program has no variable of that name."""
    if name not in variables:
        raise NameError(f"name {name!r} is not defined")
