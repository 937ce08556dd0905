"""The calls of a worker that concern other processes. They are real calls of `multiprocessing`."""

from __future__ import annotations

import functools
import multiprocessing
import os
import signal
from collections.abc import Callable, Mapping
from typing import Any

from kernel.process.calls import Call
from kernel.process.spec import ProcessSpec
from real.host.process_table import exit_code_of, parent_of, state_of
from real.lifecycle.report import CallReport
from real.lifecycle.shared_objects import LifecycleSharedObjects
from real.lifecycle.start_methods import CONTEXTS, FORK, PROCESS_SUBCLASSES, in_function
from real.worker.program_calls import seconds

Order = Mapping[str, Any]
"""What the supervisor sends with a call: for example the pid of the process that the call names."""


class ProcessCalls:
    """The calls of one program. `table` has the function of each kind of call."""

    def __init__(
        self,
        objects: LifecycleSharedObjects,
        spec: ProcessSpec,
        report: CallReport,
        work: Callable[..., None],
        obey: Callable[[], None],
    ) -> None:
        """`work` is the function that a started process executes.

        `obey` carries out the next orders in this process, if its `run` is called, not started.
        """
        self._objects = objects
        self._globals = objects.globals
        self._spec = spec
        self._report = report
        self._work = work
        self._obey = obey
        self.table: dict[str, Callable[[Call, Order], None]] = {
            "start": self._start,
            "restart": self._restart,
            "unguarded": self._start_unguarded,
            "call": self._call,
            "daemon": self._set_daemon,
            "join": self._join,
            "close": self._close,
            "active_children": self._active_children,
            "terminate": self._terminate,
            "kill": self._kill,
            "interrupt": self._interrupt,
            "observe": self._observe,
        }

    # -- the Process objects

    def handle(self, name: str) -> Any:
        """Return the Process object of that name. It is made when the program first names it.

        Raises NameError if the program does not know the name.
        """
        if name not in self._globals.handles:
            index = self._spec.kinship.declared.get(name)
            if index is None:
                raise NameError(f"name {name!r} is not defined")
            self._make(name, index, {})
        return self._globals.handles[name]

    def _make(self, name: str, index: int, options: Mapping[str, Any]) -> Any:
        """Return a new Process object with the arguments that the scenario gives to it."""
        given: dict[str, Any] = {"name": name, "group": options.get("group")}
        given |= {key: options[key] for key in ("args", "kwargs", "daemon") if key in options}
        work: Callable[..., None] = functools.partial(self._work, self._objects, index, True)
        if "target" in options:
            work = in_function(self._spec.name, work, *options["target"])
        process: Any
        method = self._objects.method
        if options.get("style") == "subclass":
            process = PROCESS_SUBCLASSES[method](work, **given)
        else:
            process = CONTEXTS[method].Process(target=work, **given)
        self._globals.handles[name] = process
        self._globals.numbers[name] = index
        return process

    def _is_known(self, name: str) -> bool:
        return name in self._globals.handles or name in self._spec.kinship.declared

    # -- starting

    def _start(self, call: Call, order: Order) -> None:
        old = self._globals.handles.get(call.name)
        if old is not None and old._popen is None and not old._closed:
            # named before its start, so made without the arguments of the start
            del self._globals.handles[call.name]
        made = self._make(call.name, call.child, dict(call.options))
        self._globals.made.add(call.name)
        self._begin(made, call.child)

    def _restart(self, call: Call, order: Order) -> None:
        process = self._globals.handles.get(call.name)
        made = process is not None and (call.name in self._globals.made or process._closed)
        if process is None or (process._parent_pid == os.getpid() and not made):
            raise NameError(f"name {call.name!r} is not defined")  # a later line defines it
        self._begin(process, self._globals.numbers[call.name])

    def _begin(self, process: Any, index: int) -> None:
        process.start()
        self._report.born = index, process.pid

    def _start_unguarded(self, call: Call, order: Order) -> None:
        """Start a process while the main module is being imported, so that CPython raises."""
        current: Any = multiprocessing.current_process()
        current._inheriting = True  # as it is while a spawned process imports the main module
        CONTEXTS[self._objects.method].Process(target=int).start()

    def _call(self, call: Call, order: Order) -> None:
        """Make the Process object whose `run` the worker then calls in this process."""
        self._globals.handles[call.name] = FORK.Process(target=self._obey, name=call.name)
        self._globals.numbers[call.name] = -1

    # -- other processes

    def _set_daemon(self, call: Call, order: Order) -> None:
        self.handle(call.name).daemon = call.value

    def _join(self, call: Call, order: Order) -> None:
        self._report.say(call.words, self.handle(call.name).join(seconds(call.value)))

    def _close(self, call: Call, order: Order) -> None:
        self.handle(call.name).close()

    def _active_children(self, call: Call, order: Order) -> None:
        names = sorted(child.name for child in multiprocessing.active_children())
        self._report.say(call.kind, names)

    def _terminate(self, call: Call, order: Order) -> None:
        if self._is_known(call.name):
            self.handle(call.name).terminate()
        else:
            os.kill(_pid(call.name, order), signal.SIGTERM)

    def _kill(self, call: Call, order: Order) -> None:
        if self._is_known(call.name):
            self.handle(call.name).kill()
        else:
            os.kill(_pid(call.name, order), signal.SIGKILL)

    def _interrupt(self, call: Call, order: Order) -> None:
        if not self._is_known(call.name):
            os.kill(_pid(call.name, order), signal.SIGINT)
            return
        process = self.handle(call.name)
        if hasattr(process, "interrupt"):  # since Python 3.14
            process.interrupt()
            return
        process._check_closed()
        if process._popen.poll() is None:
            os.kill(process.pid, signal.SIGINT)

    def _observe(self, call: Call, order: Order) -> None:
        """Report what the operating system and the Process object say of a process.

        The operating system is asked first: if a Process object is asked, it reaps a zombie.
        """
        process = None
        if self._is_known(call.name):
            process = self.handle(call.name)
        elif not order["known"]:
            raise NameError(f"name {call.name!r} is not defined")
        seen = _in_table(order["pid"], order["state"])
        if raw := seen.pop("raw"):
            self._report.say(f"psutil {call.name}", raw)
        if process is not None and call.options.get("only") != "system":
            seen |= self._by_object(process, self._globals.numbers[call.name] == self._spec.index)
        self._report.say(call.words, seen)

    def _by_object(self, process: Any, is_this_one: bool) -> dict[str, Any]:
        """Return what the Process object says. Raises ValueError if it is closed."""
        process._check_closed()
        found = {
            "name": process.name,
            "daemon": process.daemon,
            "pid": process.pid is not None,
            "authkey": process.authkey == multiprocessing.current_process().authkey,
        }
        alive: bool | str
        try:
            alive = process.is_alive()
        except AssertionError as error:
            alive = f"AssertionError: {error}"
        return found | {"is_alive": alive, "exitcode": None if is_this_one else process.exitcode}


def _pid(name: str, order: Order) -> int:
    """Return the pid of a process for which the program has no Process object.

    Raises NameError if no process has that name, ProcessLookupError if the process has no pid.
    """
    if not order["known"]:
        raise NameError(f"name {name!r} is not defined")
    if order["pid"] is None:
        raise ProcessLookupError(3, "No such process")
    return int(order["pid"])


_RAW = {
    "R": "running",
    "S": "sleeping",
    "D": "disk-sleep",
    "T": "stopped",
    "t": "tracing-stop",
    "Z": "zombie",
}
"""What psutil says of a process, by the letter of its state."""


def _in_table(pid: int | None, state: str) -> dict[str, Any]:
    """Return what the process table says of a process; `state` is its state if it has no pid.

    It takes some ten microseconds: a process that was killed just before has not died yet.
    """
    if pid is None:
        return {"state": state, "parent": None, "raw": None}
    letter, parent = state_of(pid), parent_of(pid)
    if letter is None or parent is None:
        return {"state": "gone", "parent": None, "raw": None}
    raw = _RAW.get(letter, letter)
    if letter == "Z":
        code = f"exit code {exit_code_of(pid)}"
        return {"state": "zombie", "parent": parent, "raw": raw, "keeps": code}
    return {"state": "alive", "parent": parent, "raw": raw}
