"""What Linux refuses of class DEADLINE: parameters out of bounds, and too much in total.

After kernel/sched/deadline.c and core.c, 6.18: `__checkparam_dl`, `dl_overflow`, `to_ratio`.
Measured with two processors: 90 % + 90 % is admitted, 91 % + 91 % is EBUSY, and 100 % alone is
admitted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kernel.units import format_duration

LEAST_RUNTIME = 1024  # ns: the kernel drops the last ten bits
LEAST_PERIOD, MOST_PERIOD = 100_000, 4_194_304_000  # ns: sched_dl_period_min_us, _max_us
_WHOLE = 1 << 20  # of a processor: shares are counted in these parts, rounded down
FOR_REAL_TIME = 95 * _WHOLE // 100  # of each processor: sched_rt_runtime_us of sched_rt_period_us
_SECOND = 1_000_000_000


class Reservation(NamedTuple):
    """What a process asks for; times in ns."""

    runtime: int
    deadline: int
    period: int

    @property
    def share(self) -> int:
        """Return the share of one processor, in parts of 1 << 20."""
        return self.runtime * _WHOLE // self.period


class Refusal(NamedTuple):
    """The key whose value Linux refuses, and why, with its error."""

    key: str
    why: str


def refusals(asked: Reservation) -> Iterator[Refusal]:
    """Yield what Linux refuses (EINVAL) of one process, whatever other processes ask for."""
    runtime, deadline, period = asked
    words = [format_duration(ns) for ns in asked]
    if not LEAST_PERIOD <= period <= MOST_PERIOD:
        bounds = f"from {format_duration(LEAST_PERIOD)} to {format_duration(MOST_PERIOD)}"
        yield Refusal("period", f"Linux takes a period {bounds} (EINVAL; got {words[2]})")
    if deadline > period:
        what = f"later than its period of {words[2]}"
        yield Refusal("deadline", f"Linux refuses a deadline of {words[1]}, {what} (EINVAL)")
    if runtime > deadline:
        what = f"in a deadline of {words[1]}"
        yield Refusal("runtime", f"Linux refuses a runtime of {words[0]} {what} (EINVAL)")
    elif runtime < LEAST_RUNTIME:
        least = format_duration(LEAST_RUNTIME)
        yield Refusal("runtime", f"Linux takes a runtime of at least {least} (EINVAL)")


def first_too_much(
    asked: Iterable[tuple[Reservation, int]], cores: int, fair_server: int
) -> tuple[int, str] | None:
    """Return the place of the first reservation that Linux refuses with EBUSY, and why, if any.

    `asked` has each reservation, and how many processes ask for it. `fair_server`: ns of each
    second that each processor keeps for the fair class.
    """
    kept = fair_server * _WHOLE // _SECOND
    room, total = cores * (FOR_REAL_TIME - kept), 0
    for place, (reservation, many) in enumerate(asked):
        total += reservation.share * many
        if total > room:
            have = f"{cores} core has" if cores == 1 else f"{cores} cores have"
            less = f" each, less {_percent(kept)} for the fair server" if kept else " each"
            return place, (
                f"Linux refuses it (EBUSY): with it class deadline asks for {_percent(total)} of a "
                f"processor, and {have} {_percent(room)} for it: 95 %{less}"
            )
    return None


def _percent(share: int) -> str:
    return f"{100 * share / _WHOLE:.3g} %"
