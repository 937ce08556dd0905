"""The decisions of a policy, each with the processes that were ready, and their keys."""

from __future__ import annotations

import marshal
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from itertools import islice
from typing import Any, NamedTuple, overload

from kernel.process.control_block import Process
from kernel.scheduling.balance import Balance
from kernel.scheduling.policy import Policy


class Decision(NamedTuple):
    """One decision, as the record has it. `at_ns` is virtual time."""

    at_ns: int
    core: int
    event: str  # "picked" | "preempted": what became of the process
    process: str
    rule: str  # which process is picked, in a few words
    ready: tuple[
        tuple[str, Mapping[str, Any]], ...
    ]  # the other ready processes: name and keys, in order


class Decisions(Sequence[Decision]):
    """The decisions of a run in the order in which they were taken.

    A decision takes about a kilobyte as Python objects. `pack` turns pieces of 1024 decisions into
    bytes, which take a tenth of that. A piece is unpacked again while it is read.
    """

    PIECE = 1024  # decisions

    def __init__(self) -> None:
        self._pieces: list[bytes | list[Decision]] = []  # each of PIECE decisions
        self._loose: list[Decision] = []
        self._seen: tuple[int, list[Decision]] = (-1, [])  # the piece that was read last

    def append(self, decision: Decision) -> None:
        """Add a decision, which must not be changed after that."""
        self._loose.append(decision)

    def pack(self) -> None:
        """Pack the decisions that are not packed yet, in whole pieces. Called now and then."""
        while len(self._loose) >= self.PIECE:
            self._pieces.append(_packed(self._loose[: self.PIECE]))
            del self._loose[: self.PIECE]

    def __len__(self) -> int:
        return len(self._pieces) * self.PIECE + len(self._loose)

    def __iter__(self) -> Iterator[Decision]:
        for number in range(len(self._pieces)):
            yield from self._piece(number)
        yield from self._loose

    @overload
    def __getitem__(self, index: int) -> Decision: ...
    @overload
    def __getitem__(self, index: slice) -> list[Decision]: ...
    def __getitem__(self, index: int | slice) -> Decision | list[Decision]:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if (start, step) == (0, 1):
                return list(islice(self, stop))
            return [self[each] for each in range(start, stop, step)]
        place = range(len(self))[index]  # counts from the end, and raises, as a list does
        number, within = divmod(place, self.PIECE)
        return (self._piece(number) if number < len(self._pieces) else self._loose)[within]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment] # it can grow

    def _piece(self, number: int) -> list[Decision]:
        piece = self._pieces[number]
        if isinstance(piece, list):
            return piece
        if self._seen[0] != number:
            self._seen = number, [Decision(*each) for each in marshal.loads(piece)]
        return self._seen[1]


def _packed(piece: list[Decision]) -> bytes | list[Decision]:
    """Return the piece as bytes; as it is, if keys are no plain values (a fraction)."""
    try:
        return marshal.dumps([tuple(decision) for decision in piece])
    except ValueError:
        return piece


class Explained(Policy):
    """A policy whose decisions are also added to `decisions`. Each costs O(ready processes)."""

    def __init__(self, policy: Policy, decisions: Decisions) -> None:
        self.policy = policy
        self.decisions = decisions
        self.rule, self.tie_rule = policy.rule, policy.tie_rule  # type: ignore[misc]
        self.may_idle = policy.may_idle
        self._ready: dict[Process, None] = {}  # in the order they became ready

    @property
    def overrides(self) -> frozenset[str]:
        return self.policy.overrides

    def setup(self) -> None:
        self.policy.random = self.random
        self.policy.setup()

    def ready(self, process: Process, why: str) -> None:
        self._told().ready(process, why)
        self._ready[process] = None

    def pick(self, core: int) -> tuple[Process, int | None] | None:
        keys = self._keys()
        pick = self._told().pick(core)
        if pick is not None:
            del self._ready[pick[0]]
            self._write(core, "picked", pick[0], keys)
        return pick

    def ran(self, process: Process, duration: int, why: str) -> None:
        self._told().ran(process, duration, why)

    def loses(self, running: Sequence[Process]) -> Process | None:
        loser = self._told().loses(running)
        if loser is not None:
            keys = self._keys()
            self._write(loser.core, "preempted", loser, (*keys, self._entry(loser)))
        return loser

    def review(self) -> Mapping[Process, int | None] | None:
        return self._told().review()

    def next_review(self) -> int | None:
        return self._told().next_review()

    def removed(self, process: Process) -> None:
        self._told().removed(process)
        del self._ready[process]

    def may_run(self, process: Process) -> bool:
        return self.policy.may_run(process)

    def between_cores(self, common: MutableMapping[Any, Any]) -> None:
        self.policy.between_cores(common)

    def periodic_balance(self, cores: int) -> Balance | None:
        return self.policy.periodic_balance(cores)

    @property
    def load(self) -> int:
        return self.policy.load

    def load_of(self, process: Process) -> int:
        return self.policy.load_of(process)

    def seeks_idle_core(self, process: Process) -> bool:
        return self.policy.seeks_idle_core(process)

    def keys(self, process: Process) -> Mapping[str, Any]:
        return self.policy.keys(process)

    def _told(self) -> Policy:
        self.policy.now = self.now
        return self.policy

    def _entry(self, process: Process) -> tuple[str, Mapping[str, Any]]:
        return process.name, dict(self.policy.keys(process))

    def _keys(self) -> tuple[tuple[str, Mapping[str, Any]], ...]:
        return tuple(self._entry(process) for process in self._ready)

    def _write(
        self, core: int, event: str, process: Process, ready: tuple[tuple[str, Any], ...]
    ) -> None:
        rule = self.policy.rule or type(self.policy).__name__
        self.decisions.append(Decision(self.now, core, event, process.name, rule, ready))
