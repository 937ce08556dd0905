"""What a dispatch costs on a real machine, by its circumstances.

How long a core stands still when it is given to a process depends on what the process and the core
did before: a first dispatch touches cold code and may move the process to its processor, a process
that was away for long finds cold caches, after a long slice the supervisor has slept, a core that
was idle has to wake. So a price is a small table: for each kind of circumstances the times that
were measured. `real.calibration.dispatch_price` measures them, and
`timeline.comparison.causes.price_fitting` makes the price of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields, replace
from typing import Any

from kernel.units import ms, us

MIB = 2**20
MOST_KINDS = 100
PROFILE_FORMAT = "multiprog-profile/1"
"""The format of the file in which `calibrate` keeps a machine's prices and costs."""
SPARE, SHARED = "spare", "shared"
"""A profile's prices: where the supervisor has a core of its own, and where it has none."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The circumstances in which a core is given to a process."""

    first: bool  # the process has never had a core
    away_ns: int  # since it last had one; 0 if it never had
    idle_ns: int  # how long the core had been idle
    slice_ns: int  # of the process before on this core; 0: there was none in this run
    loads: int = 0  # bytes that it has to load first, as it was admitted at this moment
    resumed: bool = False  # it goes on in the middle of a burst
    home: bool = False  # the supervisor stays on this core, too


@dataclass(frozen=True, slots=True)
class DispatchKind:
    """What dispatches of one kind took, ns, without loading.

    A dispatch belongs to a kind if its times are at least `from_*`. If several kinds fit, it
    belongs to the last of them in the table.
    """

    first: bool
    from_away_ns: int
    from_idle_ns: int
    from_slice_ns: int
    home: bool = False
    count: int = 0
    mean_ns: int = 0  # of the middle half
    p10_ns: int = 0
    p50_ns: int = 0
    p90_ns: int = 0
    p99_ns: int = 0

    def covers(self, c: Circumstances) -> bool:
        """Return whether such a dispatch belongs to this kind."""
        return (
            self.first == c.first
            and (c.home or not self.home)
            and c.away_ns >= self.from_away_ns
            and c.idle_ns >= self.from_idle_ns
            and c.slice_ns >= self.from_slice_ns
        )

    def times(self, factor: float) -> DispatchKind:
        """As on a machine that needs so many times as long. What it needs at most only grows."""
        grown = {name: round(getattr(self, name) * factor) for name in ("mean_ns", *_LIMITS)}
        return replace(self, **grown, p99_ns=round(self.p99_ns * max(1.0, factor)))


_LIMITS = ("p10_ns", "p50_ns", "p90_ns")
_FLAGS = ("first", "home", "shared")


@dataclass(frozen=True, slots=True)
class Price:
    """The price of a dispatch on one machine, and of what else it does for its schedule."""

    kinds: tuple[DispatchKind, ...]
    loading_ns: int = 0  # to load a program of no size
    loading_per_mib_ns: int = 0  # and of each MiB
    hidden_ns: int = 0  # CPU time of a resumed process that it used before it saw itself run
    overshoot_ppm: int = 0  # by which slices take longer than the CPU time that they give, others'
    # short interruptions included
    beside_ns: int = 0  # what a decision takes from a core on which a slice goes on
    shared: bool = False  # the supervisor has no core of its own, and stays on the last one

    def middle(self, c: Circumstances) -> int:
        """Return the median time of such a dispatch, ns."""
        return self._of(c).p50_ns + self._loading(c)

    def most(self, c: Circumstances) -> int:
        """Return the time that 99 of 100 such dispatches do not exceed, ns."""
        return self._of(c).p99_ns + 2 * self._loading(c)

    def charge(self, c: Circumstances) -> int:
        """Return the ns by which it delays what follows.

        That is its mean, as many costs add up, less the CPU time that its process had meanwhile.
        """
        hidden = self.hidden_ns * c.resumed
        return max(0, self._of(c).mean_ns + self._loading(c) - hidden)

    def overshoot(self, length: int) -> int:
        """Ns that it takes longer to give a process a slice of so many ns of CPU time."""
        return length * self.overshoot_ppm // 1_000_000

    def times(self, factor: float) -> Price:
        """As on a machine that needs so many times as long for each dispatch."""
        return replace(
            self,
            kinds=tuple(kind.times(factor) for kind in self.kinds),
            hidden_ns=round(self.hidden_ns * factor),
            beside_ns=round(self.beside_ns * factor),
        )

    def _loading(self, c: Circumstances) -> int:
        return self.loading_ns + self.loading_per_mib_ns * c.loads // MIB if c.loads else 0

    def _of(self, c: Circumstances) -> DispatchKind:
        return self.kinds[place(self.kinds, c)]

    def to_json(self) -> dict[str, Any]:
        """Plain data, which `from_json` reads."""
        return {**asdict(self), "kinds": [asdict(kind) for kind in self.kinds]}

    @classmethod
    def from_json(cls, written: object) -> Price:
        """From what `to_json` wrote. Raises ValueError for anything else."""
        if not isinstance(written, Mapping) or not isinstance(written.get("kinds"), list):
            raise ValueError("price: must have kinds, a list")
        if len(written["kinds"]) > MOST_KINDS:
            raise ValueError(f"price: must have at most {MOST_KINDS} kinds")
        kinds = tuple(DispatchKind(**_checked(DispatchKind, row)) for row in written["kinds"])
        for first in (False, True):
            if not any(kind.covers(Circumstances(first, 0, 0, 0)) for kind in kinds):
                raise ValueError("price: not every dispatch has a kind")
        return cls(**{**_checked(cls, written), "kinds": kinds})


def _checked(cls: type[DispatchKind | Price], row: object) -> dict[str, Any]:
    """Return the fields of a kind or a price, as plain data; missing ones get their defaults.

    Raises ValueError.
    """
    known = [field.name for field in fields(cls)]
    needed = {field.name for field in fields(cls) if field.default is MISSING}
    if not isinstance(row, Mapping) or not needed <= set(row) <= set(known):
        raise ValueError(f"price: these must be there, and nothing else: {', '.join(known)}")
    for name, value in row.items():
        good = type(value) is bool if name in _FLAGS else type(value) is int
        if name != "kinds" and not (good and value >= 0):
            raise ValueError(f"price: {name} must be a whole number of 0 or more, or yes or no")
    return dict(row)


def place(kinds: tuple[DispatchKind, ...], c: Circumstances) -> int:
    """Return the index of the last kind that covers such a dispatch."""
    return next(at for at in reversed(range(len(kinds))) if kinds[at].covers(c))


def _kind(
    first: bool, away: int, idle: int, length: int, typical: int, *, home: bool = False
) -> DispatchKind:
    """Return a kind that was not measured here, with a wide spread around its median."""
    spread = {"p10_ns": typical // 2, "p90_ns": 2 * typical, "p99_ns": max(ms(1), 4 * typical)}
    return DispatchKind(first, away, idle, length, home, 0, typical, p50_ns=typical, **spread)


USUAL = {
    True: Price(
        (
            _kind(True, 0, 0, 0, us(130)),
            _kind(True, 0, 0, 1, us(60)),
            _kind(True, 0, 0, ms(25), us(115)),
            _kind(True, 0, ms(1), 0, us(110)),
            _kind(False, 0, 0, 0, us(40)),
            _kind(False, 0, 0, ms(25), us(75)),
            _kind(False, ms(50), 0, ms(25), us(120)),
            _kind(False, 0, ms(1), 0, us(100)),
        ),
        loading_ns=us(1400),
        loading_per_mib_ns=us(50),
        hidden_ns=us(25),
        overshoot_ppm=200,
    ),
    False: Price(
        (
            _kind(True, 0, 0, 0, us(250)),
            _kind(True, 0, 0, ms(25), us(400)),
            _kind(False, 0, 0, 0, us(40)),
            _kind(False, 0, 0, ms(25), us(280)),
            _kind(True, 0, 0, 0, us(320), home=True),
            _kind(False, 0, 0, 0, us(280), home=True),
            _kind(False, 0, ms(1), 0, us(350), home=True),
        ),
        loading_ns=us(1400),
        loading_per_mib_ns=us(50),
        hidden_ns=us(20),
        overshoot_ppm=300,
        beside_ns=us(300),
        shared=True,
    ),
}
"""Of a machine that was not calibrated, by whether the supervisor has a core to spare: as on a
virtual machine with two cores and real-time priority (docs/fidelity.md)."""
