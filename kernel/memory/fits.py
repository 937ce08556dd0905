"""Fits: the choice of the hole in which a program is placed.

Each fit keeps the holes in the order in which it searches them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right

from kernel.memory.sorted_keys import SortedKeys
from kernel.units import LARGEST

_ADDRESS_BITS = LARGEST.bit_length()
_ADDRESSES = (1 << _ADDRESS_BITS) - 1


class Fit(ABC):
    """The holes (address and size in bytes), and the choice among them."""

    last_end = 0  # where the next search of next fit begins; set by the scheme

    @property
    @abstractmethod
    def largest(self) -> int:
        """Return the size of the largest hole, 0 if there is none."""

    @abstractmethod
    def add(self, base: int, size: int) -> None:
        """Add a hole."""

    @abstractmethod
    def remove(self, base: int, size: int) -> None:
        """Remove a hole that was added."""

    @abstractmethod
    def find(self, size: int) -> int | None:
        """Return the address of the hole for `size` bytes; None if none is large enough."""


class FirstFit(Fit):
    """The hole with the lowest address that is large enough.

    The holes are in short lists in the order of their addresses, and the largest hole of each list
    is known. So a search goes through one list (next fit: through two).
    """

    LIMIT = 128  # a list that grows longer is halved

    def __init__(self) -> None:
        self._bases: list[list[int]] = [[]]  # only the first may be empty
        self._sizes: list[list[int]] = [[]]  # of the holes at the same places in `_bases`
        self._firsts = [0]  # the lowest address of each list; 0 for the first one
        self._largest = [0]  # the largest hole of each list

    @property
    def largest(self) -> int:
        return max(self._largest)

    def add(self, base: int, size: int) -> None:
        which = bisect_right(self._firsts, base) - 1
        bases, sizes = self._bases[which], self._sizes[which]
        at = bisect_right(bases, base)
        bases.insert(at, base)
        sizes.insert(at, size)
        self._largest[which] = max(self._largest[which], size)
        if len(bases) > self.LIMIT:
            self._halve(which)

    def remove(self, base: int, size: int) -> None:
        which = bisect_right(self._firsts, base) - 1
        bases, sizes = self._bases[which], self._sizes[which]
        at = bisect_right(bases, base) - 1
        del bases[at], sizes[at]
        if not bases and which:
            del self._bases[which], self._sizes[which], self._firsts[which], self._largest[which]
            return
        if which:
            self._firsts[which] = bases[0]
        if size == self._largest[which]:
            self._largest[which] = max(sizes, default=0)

    def find(self, size: int) -> int | None:
        for which, largest in enumerate(self._largest):
            if largest >= size:
                return self._first_in(which, size, 0)
        return None

    def _first_in(self, which: int, size: int, at: int) -> int | None:
        """Return the lowest hole that is large enough in one list, from index `at` on."""
        sizes = self._sizes[which]
        for place in range(at, len(sizes)):
            if sizes[place] >= size:
                return self._bases[which][place]
        return None

    def _halve(self, which: int) -> None:
        bases, sizes = self._bases[which], self._sizes[which]
        half = len(bases) // 2
        self._bases[which : which + 1] = bases[:half], bases[half:]
        self._sizes[which : which + 1] = sizes[:half], sizes[half:]
        self._firsts.insert(which + 1, bases[half])
        self._largest[which : which + 1] = max(sizes[:half]), max(sizes[half:])


class NextFit(FirstFit):
    """As first fit, but the search begins behind the place that was given last, and wraps around.

    Let p be the first address behind that place (0 before the first). The search begins with the
    hole that contains p, as a whole, if there is one. The holes above it follow, then all holes
    from the lowest.
    """

    def find(self, size: int) -> int | None:
        found = self._find_behind(self.last_end, size)
        return super().find(size) if found is None else found

    def _find_behind(self, address: int, size: int) -> int | None:
        """Return the lowest hole that is large enough and ends above `address`."""
        which = bisect_right(self._firsts, address) - 1
        bases, sizes = self._bases[which], self._sizes[which]
        at = bisect_right(bases, address)
        if at and bases[at - 1] + sizes[at - 1] > address:
            at -= 1
        found = self._first_in(which, size, at)
        while found is None and (which := which + 1) < len(self._largest):
            if self._largest[which] >= size:
                found = self._first_in(which, size, 0)
        return found


class _BySize(Fit):
    """Keeps the holes in the order of their sizes.

    A hole is one integer made of size and address, so that a comparison is quick.
    """

    def __init__(self) -> None:
        self._keys = SortedKeys()

    @property
    def largest(self) -> int:
        return self._keys.last() >> _ADDRESS_BITS if self._keys else 0


class BestFit(_BySize):
    """The smallest hole that is large enough, the lowest address among equals."""

    def add(self, base: int, size: int) -> None:
        self._keys.add(size << _ADDRESS_BITS | base)

    def remove(self, base: int, size: int) -> None:
        self._keys.remove(size << _ADDRESS_BITS | base)

    def find(self, size: int) -> int | None:
        key = self._keys.at_least(size << _ADDRESS_BITS)
        return None if key is None else key & _ADDRESSES


class WorstFit(_BySize):
    """The largest hole, the lowest address among equals."""

    def add(self, base: int, size: int) -> None:
        self._keys.add(size << _ADDRESS_BITS | _ADDRESSES - base)

    def remove(self, base: int, size: int) -> None:
        self._keys.remove(size << _ADDRESS_BITS | _ADDRESSES - base)

    def find(self, size: int) -> int | None:
        if self.largest < size:
            return None
        return _ADDRESSES - (self._keys.last() & _ADDRESSES)


FITS: dict[str, type[Fit]] = {
    "first": FirstFit,
    "next": NextFit,
    "best": BestFit,
    "worst": WorstFit,
}


def make_fit(name: str) -> Fit:
    """Return a new fit of that name. Raises ValueError for a name that is not one of FITS."""
    if name not in FITS:
        raise ValueError(f"fit must be one of {', '.join(FITS)} (got {name!r})")
    return FITS[name]()
