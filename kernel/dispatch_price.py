"""The price of a dispatch on a real machine, by its circumstances.

The dead time of a dispatch depends on what the process and the core did before. A first dispatch
touches cold code, and may move the process to its processor. A process that was away for long finds
cold caches. After a long slice the supervisor has slept. A core that was idle has to wake. A price
is a small table: for each kind of circumstances the times that were measured.
`real.calibration.dispatch_price` measures them, and `timeline.comparison.causes.price_fitting`
makes the price from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields, replace
from typing import Any

from kernel.units import ms, us
from translation import tr

MIB = 2**20
MOST_KINDS = 100
PROFILE_FORMAT = "multiprog-profile/1"
"""The format of the file in which `calibrate` keeps a machine's prices and costs."""
SPARE, SHARED = "spare", "shared"
"""The keys of a profile's prices: the supervisor has a core of its own, or it has none."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The circumstances in which a core is given to a process."""

    first: bool  # the process has never had a core
    away_ns: int  # since it last had a core; 0 if it never had one
    idle_ns: int  # how long the core had been idle
    slice_ns: int  # of the process that ran before on this core; 0: none in this run
    loads: int = 0  # bytes that it loads first, as it was admitted at this instant
    resumed: bool = False  # it goes on in the middle of a burst
    home: bool = False  # the supervisor uses this core, too


@dataclass(frozen=True, slots=True)
class DispatchKind:
    """The times that dispatches of one kind took, ns, without loading.

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
        """Return the kind with all times multiplied by `factor`, but `p99_ns` never made less."""
        grown = {name: round(getattr(self, name) * factor) for name in ("mean_ns", *_LIMITS)}
        return replace(self, **grown, p99_ns=round(self.p99_ns * max(1.0, factor)))


_LIMITS = ("p10_ns", "p50_ns", "p90_ns")
_FLAGS = ("first", "home", "shared")


@dataclass(frozen=True, slots=True)
class Price:
    """The price of a dispatch on one machine, and of its other work for the schedule."""

    kinds: tuple[DispatchKind, ...]
    loading_ns: int = 0  # to load a program, beside the time for its size
    loading_per_mib_ns: int = 0  # to load each MiB of it
    hidden_ns: int = 0  # CPU time of a resumed process that it used before it saw itself run
    overshoot_ppm: int = 0  # by so much a slice takes longer than its CPU time, with the short
    # interruptions by other programs
    beside_ns: int = 0  # of a core on which a slice goes on while a decision is made
    shared: bool = False  # the supervisor has no core of its own, and uses the last one

    def middle(self, c: Circumstances) -> int:
        """Return the median time of such a dispatch, ns."""
        return self._of(c).p50_ns + self._loading(c)

    def most(self, c: Circumstances) -> int:
        """Return the time that 99 of 100 such dispatches do not exceed, ns."""
        return self._of(c).p99_ns + 2 * self._loading(c)

    def charge(self, c: Circumstances) -> int:
        """Return the ns by which such a dispatch delays what follows.

        This is the mean, as costs of many dispatches add up, less the CPU time that the process
        had meanwhile.
        """
        hidden = self.hidden_ns * c.resumed
        return max(0, self._of(c).mean_ns + self._loading(c) - hidden)

    def overshoot(self, length: int) -> int:
        """Return the ns by which a slice of `length` ns of CPU time takes longer than that."""
        return length * self.overshoot_ppm // 1_000_000

    def times(self, factor: float) -> Price:
        """Return the price of a machine that takes `factor` times as long for each dispatch."""
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
        """Return plain data, which `from_json` reads."""
        return {**asdict(self), "kinds": [asdict(kind) for kind in self.kinds]}

    @classmethod
    def from_json(cls, written: object) -> Price:
        """Return the price that `to_json` wrote. Raises ValueError for anything else."""
        if not isinstance(written, Mapping) or not isinstance(written.get("kinds"), list):
            raise ValueError(tr("price: must have kinds, a list"))
        if len(written["kinds"]) > MOST_KINDS:
            raise ValueError(tr("price: must have at most {most} kinds", most=MOST_KINDS))
        kinds = tuple(DispatchKind(**_checked(DispatchKind, row)) for row in written["kinds"])
        for first in (False, True):
            if not any(kind.covers(Circumstances(first, 0, 0, 0)) for kind in kinds):
                raise ValueError(tr("price: not every dispatch has a kind"))
        return cls(**{**_checked(cls, written), "kinds": kinds})


def _checked(cls: type[DispatchKind | Price], row: object) -> dict[str, Any]:
    """Return the fields of a kind or a price, as plain data; missing ones get their defaults.

    Raises ValueError.
    """
    known = [field.name for field in fields(cls)]
    needed = {field.name for field in fields(cls) if field.default is MISSING}
    if not isinstance(row, Mapping) or not needed <= set(row) <= set(known):
        raise ValueError(
            tr("price: these must be there, and nothing else: {fields}", fields=", ".join(known))
        )
    for name, value in row.items():
        good = type(value) is bool if name in _FLAGS else type(value) is int
        if name != "kinds" and not (good and value >= 0):
            raise ValueError(
                tr("price: {field} must be a whole number of 0 or more, or yes or no", field=name)
            )
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
"""The price of a machine that was not calibrated; the key: has the supervisor a core of its own?
Measured on a virtual machine with two cores and real-time priority (docs/fidelity.md)."""
