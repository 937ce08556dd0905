"""A workload: the scenario with every draw made, every repeat unrolled, every name resolved.

`language/` expands a scenario to a workload. Both machines execute it, and read nothing else of the
scenario.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from kernel import current_call
from kernel.hardware import NO_COSTS, Costs, DeviceSpec, MemorySpec
from kernel.process.calls import LifecycleRules
from kernel.process.spec import ProcessSpec
from kernel.scheduling.checked import CheckedPolicy
from kernel.scheduling.conventions import COMPLETED_IO, DRAWS, READY_ORDER
from kernel.scheduling.policy import Policy


@dataclass(frozen=True, slots=True)
class SchedulerSpec:
    """The policy class and its parameters, the rules for ties and draws, and the queues."""

    name: str  # as written: rr, or mine.py:Mine
    policy: type[Policy]
    parameters: Mapping[str, Any] = field(default_factory=dict)  # all of them, defaults included
    ties: str = "arrival-first"  # arrival-first | expiry-first
    queues: str = "global"  # global | per-core
    balance: str = "none"  # none | steal | push, between queues per core
    pinned: bool = False  # some processes may use only some cores, and there is one queue for all
    own: bool = False  # a user's own policy, which is checked
    patience: int = 10_000_000_000  # ns that an own policy may take for one answer
    dispatch: str = "ours"  # ours | none: real processes are left to the operating system
    draws: str = READY_ORDER  # a key of DRAWS
    completed_io: str = COMPLETED_IO[0]

    @property
    def urgency_sign(self) -> int:
        """Return 1 if the process with the smallest priority is the most important, else -1."""
        return -1 if self.parameters.get("highest") == "large" else 1

    def build(self) -> Policy:
        """Return a fresh policy object with its parameters set, not yet set up."""
        if not self.own:
            return self._made()
        current_call.set_policy(self.name, self.patience)
        with current_call.asking("__init__"):
            return CheckedPolicy(self._made())

    def _made(self) -> Policy:
        policy = self.policy()
        policy.has_pinned = self.pinned
        for name, value in self.parameters.items():
            setattr(policy, name, value)
        if self.draws != READY_ORDER:
            policy.drawn_by = DRAWS[self.draws]
        return policy


@dataclass(frozen=True, slots=True)
class Drawn:
    """Processes that are made one by one as they arrive, not all before the run."""

    many: int
    make: Callable[[], Iterator[ProcessSpec]]  # in the order of `Workload.arriving`


@dataclass(frozen=True, slots=True)
class Workload:
    """A whole scenario, concrete. `source` is the run document's `scenario` object.

    With `lifecycle`, processes start or wait for other processes; a process that is started has a
    parent. With `drawn`, the processes are made on arrival, and `processes` is empty.
    """

    source: Mapping[str, Any]  # title, about, file, text, overrides, sha256, seed
    cores: int
    devices: tuple[DeviceSpec, ...]
    memory: MemorySpec | None  # None: memory is not modelled and everything fits
    scheduler: SchedulerSpec
    processes: tuple[ProcessSpec, ...]  # in file order
    expect: Mapping[str, Any] | None = None  # see timeline.expect
    time_unit: int = 1_000_000  # ns
    start_method: str = "fork"
    costs: Costs = NO_COSTS  # of the simulated machine
    lifecycle: LifecycleRules | None = None
    drawn: Drawn | None = None

    def arriving(self) -> Iterator[ProcessSpec]:
        """Yield the processes that no other process starts, by arrival, then in file order."""
        if self.drawn is not None:
            return self.drawn.make()
        return iter(sorted(self._unstarted(), key=lambda spec: (spec.arrival, spec.index)))

    @property
    def arrivals(self) -> int:
        """Return how many processes `arriving` yields."""
        return self.drawn.many if self.drawn is not None else len(self._unstarted())

    def _unstarted(self) -> list[ProcessSpec]:
        return [spec for spec in self.processes if spec.kinship.parent < 0]

    @property
    def seed(self) -> int:
        """Return the scenario's seed, from which a policy gets its random generator."""
        return int(self.source["seed"])
