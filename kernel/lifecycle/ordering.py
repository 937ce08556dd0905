"""One order of the events of a run without a clock: which process makes its next call when.

`kernel.lifecycle.outcomes` tries many orders. Steps that no other process can notice are executed
at once: computing, I/O, variables, prints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from kernel.lifecycle.calls.ends import INT, KILL
from kernel.lifecycle.memory_steps import KINDS
from kernel.lifecycle.process_tree import ProcessTree, Status
from kernel.lifecycle.semantics import GO, INTERRUPTED, WAIT, Semantics
from kernel.lifecycle.sync.feeder_queue import Feeder
from kernel.lifecycle.sync.pool import Handler
from kernel.lifecycle.sync.waiting import Wait
from kernel.lifecycle.task_flow import before_result, before_task
from kernel.process.calls import CALL, Call
from kernel.workload import Workload

LOCAL = frozenset({"set", "yield", "atexit", "finally", "call", "daemon"})
"""Kinds of calls whose effects no other process can notice."""

SAYING = frozenset({"show", "print"})
"""Those that only say something. It matters when, if a signal can end the process before."""

SIGNALLING = frozenset({"terminate", "kill", "interrupt", "daemon"})
"""Kinds of calls by which processes may get signals."""


class Line(Protocol):
    """One thing that a process of the witness said."""

    def is_of(self, name: str, value: Any) -> bool:
        """Return whether a process says this when it makes the observation `name` of `value`."""


class Script:
    """What a witness saw, and the workload that it executed."""

    def __init__(
        self,
        workload: Workload,
        said: Mapping[str, Sequence[Line]],
        ends: bool,
        shown: Callable[[str, Any], bool],
    ) -> None:
        """See `kernel.lifecycle.outcomes.allows`."""
        self.workload, self.said, self.ends, self.shown = workload, said, ends, shown
        calls = [call for spec in workload.processes for call in spec.program.calls]
        signals = any(
            call.kind in SIGNALLING or call.options.get("daemon", False) for call in calls
        )
        self.local = LOCAL if signals else LOCAL | SAYING
        self.names = [spec.name for spec in workload.processes]
        for call in calls:
            if call.kind == "start":
                self.names[call.child] = call.name


@dataclass(slots=True)
class _Player:
    """A process of the order. `clock` is when it makes its next call, if nothing delays it, ns."""

    index: int
    step: int = 0
    clock: int = 0
    asleep: bool = False  # it waits in a call, and was not woken
    interrupted: bool = False  # KeyboardInterrupt is its next call
    timeout: tuple[int, Wait] | None = None  # when the timeout of its wait is over, if it has one


Event = tuple[int, int, int, Callable[[], None]]
"""Something that can happen next: its virtual time (ns), rank and number among those, and itself.

At one time the calls of processes come first (rank 0), then signals, feeders and timeouts.
"""


class Ordering:
    """One execution of all processes, in the order that `choices` say.

    Each choice is an index into the events that can happen at a point where there are several; the
    first is the one with the least virtual time. Behind the last choice it is always taken.
    """

    def __init__(self, script: Script, choices: Sequence[int]) -> None:
        self.options: list[int] = []
        """How many events could have happened, at each point where there were several."""
        self._script, self._choices = script, choices
        workload = script.workload
        assert workload.lifecycle is not None
        self._specs = workload.processes
        numbers = {spec.name: spec.index for spec in workload.processes}
        serves = workload.lifecycle.start_method == "forkserver"
        self._tree = ProcessTree(list(numbers), lambda *_event: None, serves=serves)
        self._semantics = Semantics(self._tree, workload.lifecycle, self, numbers)
        self._semantics.objects.feeds_itself = False
        self._players: dict[int, _Player] = {}
        self._signals: list[tuple[int, int, int, int]] = []  # time, number, victim, signal
        self._heard: dict[str, int] = {}  # how many of its lines each name has said
        self._now = self._count = 0
        self._differs = False
        for spec in workload.processes:
            self._semantics.declare(spec.index, spec.kinship.declared)
            if spec.kinship.parent < 0:
                self._semantics.hand_down(spec.index)
                self._tree.arrive(spec.index, dict(workload.lifecycle.variables))
                self._players[spec.index] = _Player(spec.index, clock=spec.arrival)

    @staticmethod
    def can_judge(workload: Workload) -> bool:
        """Return whether the events of the workload can be ordered: it has calls, none of memory.

        When a partition is free for a process is a matter of time, as when it gets a core.
        """
        calls = (call for spec in workload.processes for call in spec.program.calls)
        return workload.lifecycle is not None and not any(
            call.kind in KINDS.values() for call in calls
        )

    def execute(self) -> bool:
        """Execute all. Return whether the processes say what the witness saw, and end as it did."""
        for player in list(self._players.values()):
            self._run_alone(player)
        while not self._differs:
            events = sorted(self._events(), key=lambda event: event[:3])
            if not events:
                break
            self._now, _, _, happen = events[self._choose(len(events))]
            happen()
        return not self._differs and self._is_complete()

    @property
    def lines(self) -> int:
        """How many lines the processes have said as the witness saw them."""
        return sum(self._heard.values()) - self._differs

    def _choose(self, options: int) -> int:
        if options == 1:
            return 0
        place = len(self.options)
        self.options.append(options)
        return self._choices[place] if place < len(self._choices) else 0

    def _is_complete(self) -> bool:
        lives = any(self._tree.members[index].status is Status.ALIVE for index in self._players)
        said = self._script.said
        return lives != self._script.ends and all(
            self._heard.get(name, 0) == len(lines) for name, lines in said.items()
        )

    # -- the events that can happen ---------------------------------------------------------------

    def _events(self) -> Iterator[Event]:
        for player in self._players.values():
            if self._tree.members[player.index].status is not Status.ALIVE:
                continue
            if not player.asleep:
                yield player.clock, 0, player.index, partial(self._step, player)
            if player.timeout is not None:
                yield player.timeout[0], 3, player.index, partial(self._time_out, player)
        first: dict[int, Event] = {}  # the signals of one victim act in order
        interrupts: set[int] = set()  # victims whose first signal is SIGINT: SIGKILL overtakes it
        for at, number, victim, signal in self._signals:
            if victim not in first:
                first[victim] = at, 1, number, partial(self._act, number)
                if signal == INT:
                    interrupts.add(victim)
            elif signal == KILL and victim in interrupts:
                yield at, 1, -1, partial(self._act, number)
        yield from first.values()
        for victim, (at, _, number, _) in first.items():
            if self._semantics.may_lose_wake_up(victim):
                yield at, 4, number, partial(self._act, number, hands_on=False)
        for number, feeder in enumerate(self._semantics.objects.awake_feeders):
            yield self._now, 2, number, partial(self._feed, feeder)

    def _step(self, player: _Player) -> None:
        """Let a process make its next call, and execute what no other can notice."""
        self._make_call(player)
        self._run_alone(player)

    def _run_alone(self, player: _Player) -> None:
        spec = self._specs[player.index]
        places, durations = spec.program.places, spec.program.durations
        alive = self._tree.members[player.index].status is Status.ALIVE
        while alive and not self._differs and not player.asleep and player.step < len(places):
            if places[player.step] != CALL:
                player.clock += durations[player.step]
                player.step += 1
            elif spec.program.calls[durations[player.step]].kind in self._script.local:
                self._make_call(player)
            else:
                return

    def _make_call(self, player: _Player) -> None:
        program = self._specs[player.index].program
        if player.step == len(program.places):
            self._end(player.index, 0)  # a program without calls
            return
        call = INTERRUPTED if player.interrupted else program.calls[program.durations[player.step]]
        outcome = self._semantics.call(player.index, call)
        if player.timeout is not None and not self._semantics.is_in(
            player.index, player.timeout[1]
        ):
            player.timeout = None
        if outcome == WAIT:
            player.asleep = True
        elif outcome == GO:
            player.step += 1
        else:
            self._end(player.index, int(outcome))

    def _end(self, index: int, code: int, *, hands_on: bool = True) -> None:
        self._players[index].timeout = None
        self._tree.end(index, code)
        self._semantics.ended(index, hands_on=hands_on)

    def _time_out(self, player: _Player) -> None:
        assert player.timeout is not None
        at, wait = player.timeout
        player.timeout = None
        if self._semantics.time_is_over(player.index, wait):
            player.asleep, player.clock = False, max(player.clock, at)

    def _act(self, number: int, *, hands_on: bool = True) -> None:
        """Let the signal with that number act. `hands_on`: see `Semantics.ended`."""
        [sent] = [each for each in self._signals if each[1] == number]
        self._signals.remove(sent)
        _, _, victim, signal = sent
        if self._tree.members[victim].status is not Status.ALIVE:
            return
        if signal != INT:
            self._end(victim, -signal, hands_on=hands_on)
            return
        player, calls = self._players[victim], self._semantics.is_calling(victim)
        if self._semantics.interrupt(victim):
            player.asleep, player.timeout = False, None
        player.interrupted |= not calls

    def _feed(self, feeder: Feeder | Handler) -> None:
        self._semantics.objects.feed_one(feeder)

    # -- what the calls ask for, see CallEnvironment ----------------------------------------------

    def now(self) -> int:
        """Return the virtual time of the event that happens, ns."""
        return self._now

    def begin(self, child: int) -> None:
        """Let a process that was started take part."""
        player = self._players[child] = _Player(child, clock=self._now)
        self._run_alone(player)

    def signal(self, victim: int, number: int) -> None:
        """Note a signal, which acts later."""
        self._count += 1
        self._signals.append((self._now, self._count, victim, number))

    def wake(self, sleeper: int) -> None:
        """Let a process look again."""
        player = self._players[sleeper]
        player.asleep, player.clock = False, max(player.clock, self._now)
        self._semantics.waits.pop(sleeper, None)

    def await_timeout(self, index: int, wait: Wait, delay: int) -> None:
        """Note a timeout, which may be over at any time from now on."""
        self._players[index].timeout = self._now + delay, wait

    def uses_memory(self, _: int) -> str:
        """Return that a memory step succeeds."""
        return "alloc"

    def says(self, index: int, name: str, value: Any) -> None:
        """Hold what a process says against the next line of the witness."""
        if not self._script.shown(name, value):
            return
        process = self._script.names[index]
        place, lines = self._heard.get(process, 0), self._script.said.get(process, ())
        self._differs |= place == len(lines) or not lines[place].is_of(name, value)
        self._heard[process] = place + 1

    def called(self, index: int, call: Call) -> None:
        """Do nothing."""

    def fed(self, index: int, thread: str) -> None:
        """Do nothing."""

    def begin_task(self, index: int, number: int) -> None:
        """Let a worker go on with this task of its pool."""
        self._players[index].step = before_task(self._specs[index].program, number)

    def leave_task(self, index: int) -> None:
        """Let a worker go on behind its task."""
        player = self._players[index]
        player.step = before_result(self._specs[index].program, player.step)
