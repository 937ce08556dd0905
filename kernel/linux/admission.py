"""What Linux refuses of class DEADLINE: parameters out of bounds, and too much in total.

After kernel/sched/deadline.c and core.c, 6.18: `__checkparam_dl`, `dl_overflow`, `to_ratio`.
Measured with two processors: 90 % + 90 % is admitted, 91 % + 91 % is EBUSY, and 100 % alone is
admitted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kernel.units import format_duration
from translation import tr, tr_n

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
    times = {name: format_duration(ns) for name, ns in asked._asdict().items()}
    if not LEAST_PERIOD <= period <= MOST_PERIOD:
        why = tr(
            "Linux takes a period from {least} to {most} (EINVAL; got {period})",
            least=format_duration(LEAST_PERIOD),
            most=format_duration(MOST_PERIOD),
            period=times["period"],
        )
        yield Refusal("period", why)
    if deadline > period:
        why = tr(
            "Linux refuses a deadline of {deadline}, later than its period of {period} (EINVAL)",
            **times,
        )
        yield Refusal("deadline", why)
    if runtime > deadline:
        why = tr(
            "Linux refuses a runtime of {runtime} in a deadline of {deadline} (EINVAL)", **times
        )
        yield Refusal("runtime", why)
    elif runtime < LEAST_RUNTIME:
        least = format_duration(LEAST_RUNTIME)
        why = tr("Linux takes a runtime of at least {least} (EINVAL)", least=least)
        yield Refusal("runtime", why)


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
            return place, _too_much(total, room, cores, kept)
    return None


def _too_much(total: int, room: int, cores: int, kept: int) -> str:
    """Return the refusal. Shares are in parts of 1 << 20; `kept` is that of the fair server."""
    shares = {"total": _percent(total), "room": _percent(room), "kept": _percent(kept)}
    if kept:
        return tr_n(
            "Linux refuses it (EBUSY): with it class deadline asks for {total} of a processor, and "
            "{n} core has {room} for it: 95 % each, less {kept} for the fair server",
            "Linux refuses it (EBUSY): with it class deadline asks for {total} of a processor, and "
            "{n} cores have {room} for it: 95 % each, less {kept} for the fair server",
            cores,
            **shares,
        )
    return tr_n(
        "Linux refuses it (EBUSY): with it class deadline asks for {total} of a processor, and "
        "{n} core has {room} for it: 95 % each",
        "Linux refuses it (EBUSY): with it class deadline asks for {total} of a processor, and "
        "{n} cores have {room} for it: 95 % each",
        cores,
        **shares,
    )


def _percent(share: int) -> str:
    return f"{100 * share / _WHOLE:.3g} %"
