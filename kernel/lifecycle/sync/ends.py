"""The ends of processes, for which others wait."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kernel.lifecycle.sync.waiting import Line, Reason


class Ends:
    """The ends of all of some processes or threads, known by their indices."""

    def __init__(self, alive: Iterable[int], words: Callable[[list[int]], str]) -> None:
        """`alive`: those that have not ended. `words` says of them what an actor waits for."""
        self.line = Line()
        self._left = set(alive)
        self._words = words

    def reason(self) -> Reason:
        """See Awaited."""
        left = sorted(self._left)
        return Reason(self._words(left), left, "")

    def possible(self) -> bool:
        """See Awaited."""
        return not self._left

    def changed(self) -> None:
        """See Awaited."""
        if not self._left:
            self.line.wake(None)

    def ended(self, index: int) -> None:
        """Note that one of them has ended."""
        self._left.discard(index)
        self.changed()
