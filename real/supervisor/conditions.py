"""The conditions of a real run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from real.host.cpus import Cpus
from real.host.privilege import REAL_TIME


@dataclass(frozen=True, slots=True)
class Conditions:
    """The processors of a run, its privileges, and how it ended."""

    cpus: Cpus
    privilege: Sequence[str]  # what the system granted, in words
    stopped: str | None  # why it ended before its programs did; None: it did not

    @property
    def supervisor_core(self) -> int | None:
        """Return the core that the supervisor shares with workers.

        None: it has a processor of its own, or runs wherever the operating system puts it.
        """
        alone = self.cpus.spare or REAL_TIME not in self.privilege
        return None if alone else len(self.cpus.cores) - 1
