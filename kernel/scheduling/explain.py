"""Why: every decision of a policy written down, with who was ready and by what keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from kernel.process import Process
from kernel.scheduling.policy import Policy


class Decision(NamedTuple):
    """One decision, as the record has it. `at_ns` is book time."""

    at_ns: int
    core: int
    event: str  # "picked" | "preempted": this process must leave the core
    process: str
    rule: str  # who is picked, in a few words
    ready: tuple[tuple[str, Mapping[str, Any]], ...]  # who else could be: name and keys, in order


class Explained(Policy):
    """A policy that also adds its `decisions`. Each costs as much as there are ready."""

    def __init__(self, policy: Policy, decisions: list[Decision]) -> None:
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
