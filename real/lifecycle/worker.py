"""The worker of a lifecycle scenario. It makes the real calls of `multiprocessing`.

It does one thing at a time, each at the supervisor's order: a stretch of computing, or one call. So
a call that may wait is made when the shared rules say that it will not, and nobody wakes behind the
dispatcher's back. What a call returned is reported as it was, whatever the rules expected.
"""

from __future__ import annotations

import builtins
import contextlib
import functools
import gc
import json
import multiprocessing
import os
import signal
import sys
import types
from collections.abc import Callable, Mapping
from multiprocessing import forkserver
from time import monotonic_ns
from typing import Any

import psutil

from kernel.lifecycle.memory_steps import fate
from kernel.process.calls import Call
from kernel.process.memory_steps import Effect
from kernel.process.program import CPU
from real.cells import BELL, GAP, PARKED, ROW
from real.host import syscalls
from real.host.process_table import exit_code_of
from real.lifecycle.shared_objects import LONGEST, LifecycleSharedObjects
from real.memory.accesses import let_it_be_killed_by_a_fault
from real.memory.partition import Partition
from real.worker.call_errors import error_words
from real.worker.process import _burn, _forget_the_parents_signals, _linger, _log, _warm_up

FORK = multiprocessing.get_context("fork")
SPAWN = multiprocessing.get_context("spawn")
FORKSERVER = multiprocessing.get_context("forkserver")
CONTEXTS: dict[str, Any] = {"fork": FORK, "spawn": SPAWN, "forkserver": FORKSERVER}


class ForkedProcess(FORK.Process):  # type: ignore[name-defined,misc]  # mypy knows no such class
    """A subclass of Process with its own run(): the other style of starting one."""

    def __init__(self, play: Callable[..., None], **given: Any) -> None:
        super().__init__(**given)
        self._play = play

    def run(self) -> None:
        self._play(*self._args, **self._kwargs)


class SpawnedProcess(SPAWN.Process):  # type: ignore[name-defined,misc]
    """The same, for the other start method."""

    def __init__(self, play: Callable[..., None], **given: Any) -> None:
        super().__init__(**given)
        self._play = play

    def run(self) -> None:
        self._play(*self._args, **self._kwargs)


class ForkServerProcess(FORKSERVER.Process):  # type: ignore[name-defined,misc]
    """And for the third."""

    def __init__(self, play: Callable[..., None], **given: Any) -> None:
        super().__init__(**given)
        self._play = play

    def run(self) -> None:
        self._play(*self._args, **self._kwargs)


PROCESS_SUBCLASSES: dict[str, Any] = {
    "fork": ForkedProcess,
    "spawn": SpawnedProcess,
    "forkserver": ForkServerProcess,
}


def run_lifecycle_worker(
    objects: LifecycleSharedObjects, index: int, started: bool, *args: Any, **kwargs: Any
) -> None:
    """The life of process `index`, in its own process. `started`: by another of the scenario."""
    LifecycleWorker(objects, index).live(started, list(args), kwargs)


class LifecycleWorker:
    """One process: its place among the shared objects, and what it does there."""

    def __init__(self, objects: LifecycleSharedObjects, index: int) -> None:
        self.objects = objects
        self.spec = objects.specs[index]
        self._cells, self._row = objects.shared.cells, index * ROW
        self._orders = objects.orders[index][1]
        self._partition: Partition | None = None
        self._program = self.spec.program
        self._effects: Mapping[int, Effect] = {}  # of its memory steps, by number of the call
        self._calls: dict[str, Callable[[Call, dict[str, Any]], Any]] = {
            name.removeprefix("_do_"): getattr(self, name)
            for name in dir(self)
            if name.startswith("_do_")
        }

    def live(self, started: bool, args: list[Any], kwargs: dict[str, Any]) -> None:
        """Take its place, and do as it is told until its program ends."""
        if not started and self.objects.guardian is not None:
            self.objects.guardian.join()
        # the program's main module is the scenario's, which has no file to be imported again
        sys.modules["__main__"] = types.ModuleType("__main__")
        os.sched_setaffinity(0, self.objects.aside)
        syscalls.show_in_proc()  # the supervisor reads exit codes there, if it is not the parent
        _forget_the_parents_signals()
        gc.disable()
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123 - until it ends
        if started:
            self.objects.memory.variables |= {"args": args, "kwargs": kwargs}
        if self.objects.physical is not None and self.spec.memory:
            workers = len(self.objects.specs)
            self._partition = Partition.prepare(
                self.objects.physical, self.objects.shared, self.spec.index, workers
            )
        _warm_up()
        self._cells[self._row + PARKED] = 1
        self._obey()

    def _obey(self) -> None:
        """Orders, one after the other. Only the end of the program ends it."""
        while True:
            order = json.loads(self._orders.recv(LONGEST))
            match order["do"]:
                case "burn":
                    self._burn(order["step"], order.get("calling"))
                case "keep_core":
                    self._compute(1)
                case "call":
                    self._call(self._program.calls[order["call"]], order)
                case "end_daemons":
                    self._end_daemons()
                case "load":
                    self._load()
                case "exit":
                    self._leave()
                    raise SystemExit(order["code"])

    def _burn(self, step: int, calling: tuple[int, int] | None) -> None:
        """It has been on its core before, `calling` others, from when to when, absolute ns."""
        assert self._program.places[step] == CPU
        since = None
        if calling is not None:
            since, until = calling
            if monotonic_ns() - until > GAP:  # stopped before it could begin
                _log(self._cells, self._row, since, until)
                since = None
        self._compute(self._program.durations[step], since)

    def _compute(self, demand: int, since: int | None = None) -> None:
        """Use so much CPU time (ns). `since`: when (absolute ns) it came to its core, if before."""
        _burn(self._cells, self._row, demand, (), since)
        os.write(self.objects.bell, BELL)
        _linger(self._cells, self._row, self.objects.linger)

    def _load(self) -> None:
        """It is admitted: its partition is known."""
        assert self._partition is not None and self.objects.physical is not None
        self._partition.load()
        limit = self._partition.size // self.objects.physical.scale
        self._program, self._effects = fate(self._program, self.spec.memory, limit)

    def _leave(self) -> None:
        """The program ends of itself: a last look at its partition."""
        if self._partition is not None:
            self._partition.check()

    # -- calls ----------------------------------------------------------------------------------

    def _call(self, call: Call, order: dict[str, Any]) -> None:
        """Make the call, and report what it returned or raised."""
        self._said: list[tuple[str, Any]] = []
        self._born: tuple[int, int] | None = None
        if call.kind == "raise":
            self._leave()
            if "waits" not in order:  # it will wait at its exit, and never say so
                self._say("raise", call.value)
                self._report()
            raise getattr(builtins, call.value)
        try:
            self._calls[call.kind](call, order)
        except Exception as error:
            self._say(call.words, error_words(error))
        self._report()
        if call.kind == "unguarded":
            raise SystemExit(1)
        if call.kind == "call":  # all that follows happens inside of it, in this process
            self._handle(call.name).run()

    def _report(self) -> None:
        report = {"who": self.spec.index, "at": monotonic_ns(), "says": self._said}
        report["server"] = _fork_server() if self.objects.method == "forkserver" else None
        self.objects.reports[1].send(json.dumps(report | {"born": self._born}).encode())

    def _say(self, name: str, value: Any) -> None:
        self._said.append((name, value))

    def _handle(self, name: str) -> Any:
        """The Process object of that name. It is made when it is first spoken of."""
        memory = self.objects.memory
        if name not in memory.handles:
            index = self.spec.kinship.declared.get(name)
            if index is None:
                raise NameError(f"name {name!r} is not defined")
            self._make(name, index, {})
        return memory.handles[name]

    def _make(self, name: str, index: int, options: dict[str, Any]) -> Any:
        """`Process(...)`, with what the scenario hands to it."""
        given: dict[str, Any] = {"name": name, "group": options.get("group")}
        given |= {key: options[key] for key in ("args", "kwargs", "daemon") if key in options}
        play = functools.partial(run_lifecycle_worker, self.objects, index, True)
        process: Any
        method = self.objects.method
        if options.get("style") == "subclass":
            process = PROCESS_SUBCLASSES[method](play, **given)
        else:
            process = CONTEXTS[method].Process(target=play, **given)
        self.objects.memory.handles[name] = process
        self.objects.memory.numbers[name] = index
        return process

    def _do_start(self, call: Call, order: dict[str, Any]) -> None:
        old = self.objects.memory.handles.get(call.name)
        if old is not None and old._popen is None and not old._closed:
            # the same object, spoken of before: it was made without what it is started with
            del self.objects.memory.handles[call.name]
        self._start(self._make(call.name, call.child, dict(call.options)), call.child)

    def _do_restart(self, call: Call, order: dict[str, Any]) -> None:
        process = self.objects.memory.handles.get(call.name)
        made = process is not None and (process._popen is not None or process._closed)
        if process is None or (process._parent_pid == os.getpid() and not made):
            raise NameError(f"name {call.name!r} is not defined")  # it is made further down
        self._start(process, self.objects.memory.numbers[call.name])

    def _start(self, process: Any, index: int) -> None:
        process.start()
        self._born = index, process.pid

    def _do_call(self, call: Call, order: dict[str, Any]) -> None:
        process = FORK.Process(target=self._obey, name=call.name)
        self.objects.memory.handles[call.name] = process
        self.objects.memory.numbers[call.name] = -1

    def _do_daemon(self, call: Call, order: dict[str, Any]) -> None:
        self._handle(call.name).daemon = call.value

    def _do_join(self, call: Call, order: dict[str, Any]) -> None:
        timeout = call.value if call.value is None else call.value / 1e9
        self._say(call.words, self._handle(call.name).join(0 if order["late"] else timeout))

    def _do_close(self, call: Call, order: dict[str, Any]) -> None:
        self._handle(call.name).close()

    def _do_active_children(self, call: Call, order: dict[str, Any]) -> None:
        self._say(call.kind, sorted(child.name for child in multiprocessing.active_children()))

    def _do_terminate(self, call: Call, order: dict[str, Any]) -> None:
        self._send(call, order, signal.SIGTERM)

    def _do_kill(self, call: Call, order: dict[str, Any]) -> None:
        self._send(call, order, signal.SIGKILL)

    def _send(self, call: Call, order: dict[str, Any], number: signal.Signals) -> None:
        """By the Process object where there is one, else by the number of the process."""
        if call.name in self.objects.memory.handles or call.name in self.spec.kinship.declared:
            getattr(self._handle(call.name), call.kind)()
        else:
            os.kill(self._number(call.name, order), number)

    def _number(self, name: str, order: dict[str, Any]) -> int:
        if not order["known"]:
            raise NameError(f"name {name!r} is not defined")
        if order["pid"] is None:
            raise ProcessLookupError(3, "No such process")
        return int(order["pid"])

    def _end_daemons(self) -> None:
        for child in multiprocessing.active_children():
            if child.daemon:
                child.terminate()
        self._said, self._born = [], None
        self._report()

    # -- ends -----------------------------------------------------------------------------------

    def _do_end(self, call: Call, order: dict[str, Any]) -> None:
        self._go(0)

    def _do_exit(self, call: Call, order: dict[str, Any]) -> None:
        self._go(call.value)

    def _go(self, code: int) -> None:
        self._leave()
        sys.exit(code)

    def _do_unguarded(self, call: Call, order: dict[str, Any]) -> None:
        """Start a process while the program is being imported: CPython's own error, and the end."""
        me: Any = multiprocessing.current_process()
        me._inheriting = True  # as it is while a spawned process imports the main module
        CONTEXTS[self.objects.method].Process(target=int).start()

    def _do_os_exit(self, call: Call, order: dict[str, Any]) -> None:
        os._exit(call.value)

    # -- memory ---------------------------------------------------------------------------------

    def _do_alloc(self, call: Call, order: dict[str, Any]) -> None:
        """Write to the last byte of what it gets. (If it gets nothing, an exception follows.)"""
        effect = self._effects[order["call"]]
        if effect.event == "alloc":
            self._write(effect.address + effect.size - 1)

    def _do_free(self, call: Call, order: dict[str, Any]) -> None:
        pass  # what is not in use is not touched

    def _do_touch(self, call: Call, order: dict[str, Any]) -> None:
        """Write there, wherever that is: beyond the partition it is the end."""
        if self._effects[order["call"]].event == "fault":
            let_it_be_killed_by_a_fault()
        self._write(call.value)

    def _write(self, address: int) -> None:
        assert self._partition is not None and self.objects.physical is not None
        self._partition.write(address * self.objects.physical.scale)

    # -- looking --------------------------------------------------------------------------------

    def _do_observe(self, call: Call, order: dict[str, Any]) -> None:
        """What the system says comes first: to ask a Process object reaps a zombie."""
        memory = self.objects.memory
        process = None
        if call.name in memory.handles or call.name in self.spec.kinship.declared:
            process = self._handle(call.name)
            index = memory.numbers[call.name]
        elif not order["known"]:
            raise NameError(f"name {call.name!r} is not defined")
        seen = _table(order["pid"], order["state"])
        if raw := seen.pop("raw"):
            self._say(f"psutil {call.name}", raw)
        if process is None or call.options.get("only") == "system":
            self._say(call.words, seen)
            return
        mine = index == self.spec.index
        process._check_closed()
        seen |= {
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
        seen |= {"is_alive": alive, "exitcode": None if mine else process.exitcode}
        self._say(call.words, seen)

    def _do_set(self, call: Call, order: dict[str, Any]) -> None:
        self.objects.memory.variables |= call.value

    def _do_show(self, call: Call, order: dict[str, Any]) -> None:
        variables = self.objects.memory.variables
        if call.name not in variables:
            raise NameError(f"name {call.name!r} is not defined")
        self._say("prints", f"{call.name} = {variables[call.name]!r}")

    def _do_print(self, call: Call, order: dict[str, Any]) -> None:
        self._say("prints", call.value)

    def _do_yield(self, call: Call, order: dict[str, Any]) -> None:
        pass  # the supervisor gives the core to another

    # -- waiting for each other -----------------------------------------------------------------

    def _do_lock(self, call: Call, order: dict[str, Any]) -> None:
        self.objects.locks[call.name].acquire()

    def _do_unlock(self, call: Call, order: dict[str, Any]) -> None:
        self.objects.locks[call.name].release()

    def _do_send(self, call: Call, order: dict[str, Any]) -> None:
        self.objects.queues[call.name].put(call.value)

    def _do_receive(self, call: Call, order: dict[str, Any]) -> None:
        value = self.objects.queues[call.name].get()
        if call.value is not None:
            self.objects.memory.variables[call.value] = value
        self._say(call.words, value)

    def _do_barrier(self, call: Call, order: dict[str, Any]) -> None:
        self.objects.barriers[call.name].wait()


def _fork_server() -> int | None:
    """The number of this process's own fork server, if it has started one."""
    server: Any = forkserver._forkserver  # Python has no other way to ask
    pid: int | None = server._forkserver_pid
    return pid


def _table(pid: int | None, state: str) -> dict[str, Any]:
    """A process as the system's table has it; `state`, if it has no pid."""
    if pid is None:
        return {"state": state, "parent": None, "raw": None}
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        with process.oneshot():
            raw = process.status()
            seen = {"state": "alive", "parent": process.ppid(), "raw": raw}
            if raw == psutil.STATUS_ZOMBIE:
                seen |= {"state": "zombie", "keeps": f"exit code {exit_code_of(pid)}"}
            return seen
    return {"state": "gone", "parent": None, "raw": None}
