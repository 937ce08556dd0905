"""What each call does: CPython's calls, with its errors in its words.

An error is observed, and the program goes on: as if each call stood in its own try statement.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from kernel.lifecycle.process_tree import REAPER, Handle, Member, ProcessTree, Status
from kernel.lifecycle.sync import Barrier, Lock, MessageQueue
from kernel.process.calls import Call, LifecycleRules
from kernel.process.memory_steps import EXITCODES

GO, WAIT = "go", "wait"
"""What becomes of the caller: it goes on, or it waits and makes the call again when it is woken.
A whole number is its exit code: it has ended."""
Outcome = str | int


NOT_GUARDED = (
    "RuntimeError: An attempt has been made to start a new process before the current process has "
    "finished its bootstrapping phase"
)


class Raised(Exception):  # noqa: N818 - it is CPython's error, as a text
    """The call raises: `AssertionError: can only join a child process`."""


END_DAEMONS = Call("end_daemons")
"""Not a step: what a process does at its exit before it waits for its other children."""

TERM, KILL = int(signal.SIGTERM), int(signal.SIGKILL)


class Host(Protocol):
    """What the calls need of the operating system."""

    def begin(self, child: int) -> None:
        """That process has been born: it arrives now."""

    def signal(self, victim: int, number: int) -> None:
        """A signal that ends `victim`, which is alive."""

    def wake(self, sleeper: int) -> None:
        """What it waits for may have happened."""

    def await_timeout(self, who: int, delay: int) -> None:
        """Wake it in `delay` ns, at the latest."""

    def uses_memory(self, who: int) -> str:
        """`who` has come to a memory step. The event that it is."""

    def says(self, who: int, name: str, value: Any) -> None:
        """An observation."""

    def called(self, who: int, call: Call) -> None:
        """`who` makes this call now, and it does not wait."""


class Semantics:
    """The calls, over the family and what its members share."""

    def __init__(
        self, process_tree: ProcessTree, rules: LifecycleRules, host: Host, names: Mapping[str, int]
    ):
        self.process_tree = process_tree
        self.locks: dict[str, Lock] = {}
        self.queues: dict[str, MessageQueue] = {}
        self.barriers = {name: Barrier(parties) for name, parties in rules.barriers.items()}
        self._rules = rules
        self._host = host
        self.numbers = names  # of processes, as the scenario has them
        self._declared: dict[int, Mapping[str, int]] = {}
        self.waits: dict[int, Call] = {}  # who waits in which call
        self._let: set[int] = set()  # who has been given what it waits for
        self._late: set[int] = set()  # whose timeout is over
        self._calls: dict[str, Callable[[Member, Call], Outcome]] = {
            kind.removeprefix("_do_"): getattr(self, kind)
            for kind in dir(self)
            if kind.startswith("_do_")
        }

    def declare(self, index: int, handles: Mapping[str, int]) -> None:
        """The Process objects that the program of `index` makes."""
        self._declared[index] = handles

    def call(self, index: int, call: Call) -> Outcome:
        """Process `index`, which runs, comes to `call`, perhaps for the second time."""
        self.waits.pop(index, None)
        member = self.process_tree.members[index]
        try:
            outcome = self._calls[call.kind](member, call)
        except Raised as error:
            self._say(member, call.words, str(error))
            outcome = GO
        if outcome == WAIT:
            self.waits[index] = call
        else:
            if call.kind != "barrier":  # whose parties make the call together
                self._host.called(index, call)
            self._let.discard(index)
            self._late.discard(index)
        return outcome

    def time_is_over(self, index: int, call: Call) -> bool:
        """The timeout of that call: is it still waiting in it?"""
        if self.waits.get(index) is not call:
            return False
        self._late.add(index)
        return True

    def is_late(self, index: int) -> bool:
        """Does its call end because its timeout is over?"""
        return index in self._late

    def ended(self, index: int) -> None:
        """That process is dead: who may go on because of it?"""
        self._forget(index)
        for queue in self.queues.values():  # one who was to have a value may be dead
            for _ in range(min(len(queue.values), len(queue.line))):
                self._host.wake(queue.line.popleft())
        for who, call in list(self.waits.items()):
            if self._is_over(who, call):
                self._host.wake(who)

    def _is_over(self, who: int, call: Call) -> bool:
        """Has the death that it waits for come?"""
        if call.kind == "join":
            return self._join_is_over(self.process_tree.members[who], call)
        if call.kind == "threads":
            return not self._threads_live(call)
        return call.kind in ("end", "exit", "raise") and not self._living(who)

    def _forget(self, index: int) -> None:
        """It stands in no line any more. What it holds it holds for ever."""
        self.waits.pop(index, None)
        lines = [lock.line for lock in self.locks.values()]
        lines += [queue.line for queue in self.queues.values()]
        for line in lines:
            if index in line:
                line.remove(index)
        for barrier in self.barriers.values():
            if index in barrier.waiting:
                barrier.waiting.remove(index)

    def _say(self, member: Member, name: str, value: Any) -> None:
        self._host.says(member.index, name, value)

    # -- Process objects --------------------------------------------------------------------------

    def _handle(self, member: Member, name: str) -> Handle:
        """The Process object of that name in its memory. Raises NameError if there is none."""
        if name not in member.handles:
            child = self._declared.get(member.index, {}).get(name)
            if child is None:
                raise Raised(f"NameError: name {name!r} is not defined")
            member.handles[name] = Handle(name, child, member.index)
        return member.handles[name]

    def _number(self, name: str) -> int:
        """The process of that name, wherever it was started."""
        if name not in self.numbers:
            raise Raised(f"NameError: name {name!r} is not defined")
        return self.numbers[name]

    def _open(self, member: Member, name: str) -> Handle:
        handle = self._handle(member, name)
        if handle.closed:
            raise Raised("ValueError: process object is closed")
        return handle

    def _do_start(self, member: Member, call: Call) -> Outcome:
        options = call.options
        if "group" in options and options["group"] is not None:
            raise Raised("AssertionError: group argument must be None for now")
        args = options.get("args", ())
        if not isinstance(args, (list, tuple, str)):
            raise Raised(f"TypeError: {type(args).__name__!r} object is not iterable")
        daemon = bool(options.get("daemon", member.daemon))
        old = member.handles.get(call.name)
        mine = old is not None and old.owner == member.index  # else it is a fork's copy
        if old is None or not mine or old.started or old.closed:
            member.handles[call.name] = Handle(call.name, call.child, member.index, daemon)
        handle = member.handles[call.name]
        handle.child, handle.daemon = call.child, daemon
        return self._start(member, handle, call)

    def _do_restart(self, member: Member, call: Call) -> Outcome:
        handle = member.handles.get(call.name)
        made = handle is not None and (handle.started or handle.closed)
        if handle is None or (handle.owner == member.index and not made):
            raise Raised(f"NameError: name {call.name!r} is not defined")
        return self._start(member, handle, call)

    def _start(self, member: Member, handle: Handle, call: Call) -> Outcome:
        if handle.closed:
            raise Raised("ValueError: process object is closed")
        if handle.started:
            raise Raised("AssertionError: cannot start a process twice")
        if handle.owner != member.index:
            raise Raised(
                "AssertionError: can only start a process object created by current process"
            )
        if member.daemon:
            raise Raised("AssertionError: daemonic processes are not allowed to have children")
        self.process_tree.clean_up(member.index)
        copies = self._rules.start_method == "fork"
        variables = dict(member.variables if copies else self._rules.variables)
        variables |= {
            "args": list(call.options.get("args", ())),
            "kwargs": dict(call.options.get("kwargs", {})),
        }
        self.process_tree.bear(member.index, handle, copies=copies, variables=variables)
        self._host.begin(handle.child)
        return GO

    def _do_call(self, member: Member, call: Call) -> Outcome:
        member.handles[call.name] = Handle(call.name, -1, member.index)
        return GO

    def _do_daemon(self, member: Member, call: Call) -> Outcome:
        handle = self._handle(member, call.name)
        if handle.started and not handle.closed:  # close() has forgotten the process
            raise Raised("AssertionError: process has already started")
        handle.daemon = bool(call.value)
        return GO

    def _do_join(self, member: Member, call: Call) -> Outcome:
        handle = self._open(member, call.name)
        if handle.owner != member.index:
            raise Raised("AssertionError: can only join a child process")
        if not handle.started:
            raise Raised("AssertionError: can only join a started process")
        if not self._join_is_over(member, call):
            if member.index not in self._late:
                if call.value is not None:
                    self._host.await_timeout(member.index, call.value)
                return WAIT
        elif self.process_tree.poll(member.index, handle) is not None:
            self.process_tree.forget(member.index, handle)
        self._say(member, call.words, None)
        return GO

    def _join_is_over(self, member: Member, call: Call) -> bool:
        """With a timeout CPython waits for a pipe that all have closed, else for the child."""
        handle = member.handles[call.name]
        if handle.returncode is not None:
            return True
        if call.value is not None:
            return self.process_tree.sentinel_is_closed(handle.child)
        return self.process_tree.members[handle.child].status is not Status.ALIVE

    def _do_close(self, member: Member, call: Call) -> Outcome:
        handle = self._handle(member, call.name)
        if handle.started and not handle.closed:
            if self.process_tree.poll(member.index, handle) is None:
                raise Raised(
                    "ValueError: Cannot close a process while it is still running. "
                    "You should first call join() or terminate()."
                )
            self.process_tree.forget(member.index, handle)
        handle.closed = True
        return GO

    def _do_active_children(self, member: Member, call: Call) -> Outcome:
        self.process_tree.clean_up(member.index)
        self._say(member, call.kind, sorted(handle.name for handle in member.children))
        return GO

    # -- signals ----------------------------------------------------------------------------------

    def _do_terminate(self, member: Member, call: Call) -> Outcome:
        return self._send(member, call, TERM)

    def _do_kill(self, member: Member, call: Call) -> Outcome:
        return self._send(member, call, KILL)

    def _send(self, member: Member, call: Call, number: int) -> Outcome:
        """By the Process object where there is one, else by the number of the process."""
        if call.name in member.handles or call.name in self._declared.get(member.index, {}):
            handle = self._open(member, call.name)
            if not handle.started:
                raise Raised(f"AttributeError: 'NoneType' object has no attribute {call.kind!r}")
            if handle.returncode is not None:
                return GO
            victim = handle.child
        else:
            victim = self._number(call.name)
            if self.process_tree.members[victim].status in (Status.UNBORN, Status.GONE):
                raise Raised("ProcessLookupError: [Errno 3] No such process")
        if victim == member.index:
            return -number
        if self.process_tree.members[victim].status is Status.ALIVE:
            self._host.signal(victim, number)
        return GO

    # -- ends -------------------------------------------------------------------------------------

    def _do_end(self, member: Member, call: Call) -> Outcome:
        return self._exit(member, 0)

    def _do_exit(self, member: Member, call: Call) -> Outcome:
        return self._exit(member, call.value)

    def _do_raise(self, member: Member, call: Call) -> Outcome:
        outcome = self._exit(member, 1)
        if outcome != WAIT:
            self._say(member, "raise", call.value)
        return outcome

    def _do_unguarded(self, member: Member, call: Call) -> Outcome:
        """A spawned child imports a program that starts processes while it is imported."""
        self._say(member, call.words, NOT_GUARDED)
        return 1

    def _do_os_exit(self, member: Member, call: Call) -> Outcome:
        return int(call.value)

    def _exit(self, member: Member, code: int) -> Outcome:
        """Multiprocessing's `_exit_function`: daemonic children are terminated, all are joined."""
        self.process_tree.clean_up(member.index)
        members = self.process_tree.members
        daemons = [handle.child for handle in member.children if handle.daemon]
        daemons = [child for child in daemons if members[child].status is Status.ALIVE]
        for child in daemons:
            self._host.signal(child, TERM)
        if daemons:
            self._host.called(member.index, END_DAEMONS)
        if self._living(member.index):
            return WAIT
        self.process_tree.clean_up(member.index)
        return code & 0xFF

    def _do_threads(self, member: Member, call: Call) -> Outcome:
        """Start them all, and wait for them."""
        for index in call.value:
            if self.process_tree.members[index].status is Status.UNBORN:
                self.process_tree.begin_thread(member.index, index)
                self._host.begin(index)
        return WAIT if self._threads_live(call) else GO

    def _threads_live(self, call: Call) -> bool:
        members = self.process_tree.members
        return any(members[index].status is Status.ALIVE for index in call.value)

    def _living(self, index: int) -> bool:
        """Has it children, as multiprocessing knows them, that are alive?"""
        members = self.process_tree.members
        return any(
            members[handle.child].status is Status.ALIVE for handle in members[index].children
        )

    # -- memory -----------------------------------------------------------------------------------

    def _do_alloc(self, member: Member, call: Call) -> Outcome:
        self._host.uses_memory(member.index)  # if it is refused, the next call is an exception
        return GO

    _do_free = _do_alloc

    def _do_touch(self, member: Member, call: Call) -> Outcome:
        return EXITCODES["fault"] if self._host.uses_memory(member.index) == "fault" else GO

    # -- looking ----------------------------------------------------------------------------------

    def _do_observe(self, member: Member, call: Call) -> Outcome:
        """What the system says comes first: to ask a Process object reaps a zombie."""
        handle = member.handles.get(call.name)
        if handle is None and call.name in self._declared.get(member.index, {}):
            handle = self._handle(member, call.name)
        index = handle.child if handle is not None else self._number(call.name)
        seen = self._table(index)
        if handle is None or call.options.get("only") == "system":
            self._say(member, call.words, seen)
            return GO
        if handle.closed:
            raise Raised("ValueError: process object is closed")
        seen |= {
            "name": handle.name,
            "daemon": handle.daemon,
            "pid": handle.started or index == member.index,
        }
        seen["authkey"] = True
        mine = handle.owner == member.index
        code = self.process_tree.poll(member.index, handle)
        if code is not None:
            self.process_tree.forget(member.index, handle)
        alive: bool | str = handle.started and code is None
        if not mine:
            alive = "AssertionError: can only test a child process"
        if index == member.index:
            alive = True
        self._say(member, call.words, seen | {"is_alive": alive, "exitcode": code})
        return GO

    def _table(self, index: int) -> dict[str, Any]:
        """A process as the system's table has it."""
        if index == REAPER:
            return {"state": "not started", "parent": None}
        member = self.process_tree.members[index]
        if member.status in (Status.UNBORN, Status.GONE):
            state = "not started" if member.status is Status.UNBORN else "gone"
            return {"state": state, "parent": None}
        parent = self.process_tree.name(member.parent)
        if member.status is Status.ALIVE:
            return {"state": "alive", "parent": parent}
        return {"state": "zombie", "parent": parent, "keeps": f"exit code {member.exitcode}"}

    def _do_set(self, member: Member, call: Call) -> Outcome:
        member.variables |= call.value
        return GO

    def _do_show(self, member: Member, call: Call) -> Outcome:
        if call.name not in member.variables:
            raise Raised(f"NameError: name {call.name!r} is not defined")
        self._say(member, "prints", f"{call.name} = {member.variables[call.name]!r}")
        return GO

    def _do_print(self, member: Member, call: Call) -> Outcome:
        self._say(member, "prints", call.value)
        return GO

    def _do_yield(self, member: Member, call: Call) -> Outcome:
        return GO

    # -- waiting for each other -------------------------------------------------------------------

    def _do_lock(self, member: Member, call: Call) -> Outcome:
        lock = self.locks.setdefault(call.name, Lock())
        if member.index in self._let or lock.acquire(member.index):
            return GO
        lock.line.append(member.index)
        return WAIT

    def _do_unlock(self, member: Member, call: Call) -> Outcome:
        lock = self.locks.setdefault(call.name, Lock())
        if lock.holder is None:
            raise Raised("ValueError: semaphore or lock released too many times")
        following = lock.release()
        if following is not None:
            self._let_go(following)
        return GO

    def _do_send(self, member: Member, call: Call) -> Outcome:
        queue = self.queues.setdefault(call.name, MessageQueue())
        queue.values.append(call.value)
        if queue.line:
            self._host.wake(queue.line.popleft())
        return GO

    def _do_receive(self, member: Member, call: Call) -> Outcome:
        queue = self.queues.setdefault(call.name, MessageQueue())
        if not queue.values:
            queue.line.append(member.index)
            return WAIT
        value = queue.values.popleft()
        if call.value is not None:
            member.variables[call.value] = value
        self._say(member, call.words, value)
        return GO

    def _do_barrier(self, member: Member, call: Call) -> Outcome:
        if member.index in self._let:
            return GO
        barrier = self.barriers[call.name]
        barrier.waiting.append(member.index)
        if len(barrier.waiting) < barrier.parties:
            return WAIT
        for who in barrier.waiting:
            self._host.called(who, call)
            if who != member.index:
                self._let_go(who)
        barrier.waiting.clear()
        return GO

    def _let_go(self, who: int) -> None:
        self._let.add(who)
        self._host.wake(who)
