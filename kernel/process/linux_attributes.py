"""The scheduling attributes of a process under Linux beside `nice`: class, parameters, group."""

from __future__ import annotations

from dataclasses import dataclass

CLASSES = ("other", "batch", "idle", "fifo", "rr", "deadline")
FAIR = frozenset(("other", "batch", "idle"))
LEAST_SLICE, MOST_SLICE = 100_000, 100_000_000  # ns, of a custom fair slice (sched_setattr)


USUAL_GROUP_WEIGHT = 100
USUAL_PERIOD = 100_000_000  # ns, of cpu.max


@dataclass(frozen=True, slots=True)
class Group:
    """A control group (cgroup) and what its `cpu` controller says. Times in ns."""

    name: str
    weight: int = USUAL_GROUP_WEIGHT  # cpu.weight: 1 to 10,000
    quota: int | None = None  # cpu.max: CPU time that it may have in each period; None: no limit
    period: int = USUAL_PERIOD
    parent: Group | None = None  # None: it lies in the root


@dataclass(frozen=True, slots=True)
class Attributes:
    """The attributes of sched_setattr(2). Times in ns; None: the kernel's default."""

    kind: str = "other"  # one of CLASSES
    rt_priority: int = 0  # of fifo and rr: 1 to 99, the larger the more important
    slice: int | None = None  # of the fair classes
    runtime: int | None = None  # of deadline: ns in each period
    group: Group | None = None  # None: it is in the root group

    @property
    def limited(self) -> bool:
        """Return whether it may have to wait although a core is idle: it has had its CPU time."""
        group = self.group
        while group is not None and group.quota is None:
            group = group.parent
        return self.runtime is not None or group is not None


ORDINARY = Attributes()
"""The attributes of a process that sets none."""
