"""Balancing between the queues of cores from time to time, as a policy may ask for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from kernel.process.control_block import Process


class Balance(Protocol):
    """When the cores balance their queues, and what each takes from a busier one."""

    def next_look(self, now: int) -> int:
        """Return when a core looks at the others next, ns, later than `now`."""

    def due(self, now: int) -> Iterator[int]:
        """Yield the cores that look now."""

    def taken(
        self,
        core: int,
        loads: Sequence[int],
        busiest: int,
        waiting: Iterable[tuple[Process, int]],
        now: int,
    ) -> Iterator[Process]:
        """Yield what a core takes from the busiest.

        `waiting` has each process that may move, and its load; the first has waited longest.
        """

    def looked(self, core: int, now: int, *, moved: bool) -> None:
        """Note that a core has looked, and whether it took a process."""
