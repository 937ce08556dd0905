"""A sorted set of whole numbers with quick insertion and removal."""

from __future__ import annotations

from bisect import bisect_left, insort


class SortedKeys:
    """Different integers in a list of short sorted lists, so that an insertion moves few of them.

    An operation takes O(log n), and time for moving at most LIMIT entries in memory, which is
    quick.
    """

    LIMIT = 1000  # a list that grows longer is halved

    def __init__(self) -> None:
        self._lists: list[list[int]] = []  # never an empty one
        self._lasts: list[int] = []  # the highest key of each

    def __bool__(self) -> bool:
        return bool(self._lists)

    def add(self, key: int) -> None:
        """Add a key that is not there."""
        if not self._lists:
            self._lists.append([key])
            self._lasts.append(key)
            return
        at = min(bisect_left(self._lasts, key), len(self._lists) - 1)
        keys = self._lists[at]
        insort(keys, key)
        self._lasts[at] = keys[-1]
        if len(keys) > self.LIMIT:
            half = len(keys) // 2
            self._lists[at : at + 1] = keys[:half], keys[half:]
            self._lasts[at : at + 1] = keys[half - 1], keys[-1]

    def remove(self, key: int) -> None:
        """Remove a key that is there."""
        at = bisect_left(self._lasts, key)
        keys = self._lists[at]
        del keys[bisect_left(keys, key)]
        if keys:
            self._lasts[at] = keys[-1]
        else:
            del self._lists[at], self._lasts[at]

    def first(self) -> int:
        """Return the lowest key. There must be one."""
        return self._lists[0][0]

    def last(self) -> int:
        """Return the highest key. There must be one."""
        return self._lasts[-1]

    def at_least(self, key: int) -> int | None:
        """Return the lowest key that is not below `key`, if any."""
        at = bisect_left(self._lasts, key)
        if at == len(self._lists):
            return None
        keys = self._lists[at]
        return keys[bisect_left(keys, key)]
