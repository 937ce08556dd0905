"""The rules, driven one call at a time, like the real objects in `cpython`."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

from kernel.lifecycle.process_tree import ProcessTree
from kernel.lifecycle.semantics import WAIT, Semantics
from kernel.lifecycle.sync.waiting import Wait
from kernel.process.calls import (
    Call,
    ConditionRules,
    LifecycleRules,
    LockRules,
    PipeRules,
    QueueRules,
    SemaphoreRules,
    ValueRules,
)
from tests.kernel.lifecycle.sync.cpython import KILL, Answer, Command

RULES = LifecycleRules(
    locks={"L": LockRules(), "R": LockRules("rlock")},
    semaphores={"S": SemaphoreRules(2), "B": SemaphoreRules(1, bounded=True)},
    conditions={"C": ConditionRules(), "M": ConditionRules("L")},
    barriers={"W": 2, "V": 3},
    queues={"Q": QueueRules("queue", 2), "J": QueueRules("joinable")},
    pipes={"P": PipeRules(duplex=False), "D": PipeRules()},
    values={"N": ValueRules()},
)
RESULTS = {"wait": "True", "lock": "True", "try": "True", "acquire": "True"}
"""What a call returns in Python that observes nothing in a scenario."""


def call_of(what: str, name: str) -> Call:
    """Return the call of a command."""
    acquire, release = ("acquire", "release") if name in "SB" else ("lock", "unlock")
    end = {"end": int(name[1:])} if name[1:] else {}
    value = "x" * 3000
    return {
        "lock": Call(acquire, name),
        "try": Call(acquire, name, options={"blocking": False}),
        "unlock": Call(release, name),
        "wait": Call("wait", name),
        "wait_event": Call("wait_event", name),
        "look": Call("wait_event", name, 0),
        "notify": Call("notify", name),
        "notify_all": Call("notify_all", name),
        "set": Call("set_event", name),
        "clear": Call("clear_event", name),
        "meet": Call("barrier", name),
        "abort": Call("abort", name),
        "reset": Call("reset", name),
        "put": Call("send", name, value),
        "put_now": Call("send", name, value, options={"blocking": False}),
        "get": Call("receive", name),
        "get_now": Call("receive", name, options={"blocking": False}),
        "task_done": Call("task_done", name),
        "join_queue": Call("join_queue", name),
        "send": Call("pipe_send", name[0], value, options=end),
        "receive": Call("pipe_receive", name[0], options=end),
        "poll": Call("pipe_poll", name[0], 0, options=end),
        "close": Call("pipe_close", name[0], options=end),
        "add": Call("add", name, 1),
        "read": Call("read", name),
    }[what]


class Host:
    """A system without a clock and without cores: an actor that is woken goes on at once."""

    def __init__(self, count: int) -> None:
        tree = ProcessTree([f"P{actor}" for actor in range(count)], lambda *_: None)
        self.semantics = Semantics(tree, RULES, self, {})
        for actor in range(count):
            tree.arrive(actor, {})
            self.semantics.hand_down(actor)
        self.tree = tree
        self.busy: dict[int, tuple[str, Call]] = {}
        self.dead: set[int] = set()
        self._awake: deque[int] = deque()
        self._said: dict[int, Any] = {}

    def execute(self, command: Command) -> list[Answer]:
        """Execute a command, and return all answers."""
        actor, what, name = command
        found: list[Answer] = []
        if what == KILL:
            found = [(actor, "killed")]
            self.busy.pop(actor, None)
            self.dead.add(actor)
            self.tree.end(actor, -9)
            self.semantics.ended(actor)
        else:
            self.busy[actor] = what, call_of(what, name)
            self._awake.append(actor)
        answers = []
        while self._awake:
            answers += self._go_on(self._awake.popleft())
        return found + sorted(answers)

    def begin_task(self, index: int, number: int) -> None:
        raise AssertionError("no actor has a pool")

    def leave_task(self, index: int) -> None:
        raise AssertionError("no actor has a pool")

    def _go_on(self, actor: int) -> list[Answer]:
        if actor in self.dead:
            return []
        what, call = self.busy[actor]
        if self.semantics.call(actor, call) == WAIT:
            return []
        del self.busy[actor]
        said = self._said.pop(actor, None)
        if said is None:
            said = RESULTS.get(what, "None")
        elif isinstance(said, int):
            said = repr(said)
        elif what in ("get", "get_now", "receive") and set(said) == {"x"}:
            said = str(len(said))
        return [(actor, said)]

    # -- see CallEnvironment

    def now(self) -> int:
        return 0

    def wake(self, sleeper: int) -> None:
        self._awake.append(sleeper)

    def says(self, index: int, _name: str, value: Any) -> None:
        self._said[index] = value

    def begin(self, child: int) -> None:
        raise NotImplementedError

    def signal(self, victim: int, number: int) -> None:
        raise NotImplementedError

    def await_timeout(self, index: int, wait: Wait, delay: int) -> None:
        raise NotImplementedError

    def uses_memory(self, index: int) -> str:
        raise NotImplementedError

    def called(self, index: int, call: Call) -> None:
        pass

    def fed(self, index: int, queue: str) -> None:
        pass


def answers_of(commands: Sequence[Command], count: int) -> list[list[Answer]]:
    """Return what the rules answer, like `cpython.answers_of`."""
    host, answers = Host(count), []
    for command in commands:
        skipped = command[0] in host.dead or (command[0] in host.busy and command[1] != KILL)
        answers.append([] if skipped else host.execute(command))
    return answers
