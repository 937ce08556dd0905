"""The engine beside the least that one could do: a bare loop of timeouts, and a loop by hand.

    python -m benchmarks.peers.cells

For rr, srtf, mlfq and fair, each with few and with 20,000 processes alive, with the full record
kept: our slices and waits a second over bare timeouts a second, and how long the same policy takes
that is written by hand (loops.py) over how long ours takes. Processor time; the three take turns,
and of the rounds the median counts. Completions have to be the same to the nanosecond.
"""

from __future__ import annotations

import gc
import statistics
import sys
from collections.abc import Iterator
from typing import NamedTuple

from benchmarks.bench import FEW, MANY, bare_simpy, few_alive, many_alive, under
from benchmarks.peers import loops
from benchmarks.peers.measure import executed, theirs
from kernel.process.states import State
from kernel.workload import Workload

BAR = 0.5
ROUNDS = 3
WORKLOADS = {"few": (few_alive, FEW), f"{MANY:,}": (many_alive, MANY)}


class Cell(NamedTuple):
    """One policy, with so many alive. Medians."""

    policy: str
    alive: str
    over_timeouts: float
    over_loop: float
    same: bool  # do the completions agree?
    micros: tuple[float, float, float]  # an event of ours, of the loop, and a timeout

    def show(self) -> None:
        """One line of the table."""
        marks = [
            f"{r:>9.3f} {' ' if r >= BAR else '<'}" for r in (self.over_timeouts, self.over_loop)
        ]
        micros = "".join(f"{each:>8.2f}" for each in self.micros)
        agrees = "" if self.same else "   DIFFERS"
        print(f"{self.policy:6}{self.alive:>8}{''.join(marks)}   {micros}{agrees}", flush=True)


HEADING = f"""\
                    ours over            µs an event
           alive timeouts     a loop      ours    loop timeout   (<: below {BAR})"""


def cell(policy: str, alive: str) -> Cell:
    """Measured."""
    make, sleepers = WORKLOADS[alive]
    workload = under(make(), policy)
    rounds, same = [], True
    for _ in range(ROUNDS):
        gc.collect()
        timeout = 1 / bare_simpy(sleepers).per_second
        ours, events, done = _ours(workload)
        loop, others = theirs(loops.run, workload)
        same = same and done == others
        rounds.append((timeout * events / ours, loop / ours, ours / events, loop / events, timeout))
    over_timeouts, over_loop, *seconds = (
        statistics.median(column) for column in zip(*rounds, strict=True)
    )
    ours, loop, timeout = (1e6 * each for each in seconds)
    return Cell(policy, alive, over_timeouts, over_loop, same, (ours, loop, timeout))


def _ours(workload: Workload) -> tuple[float, int, list[int]]:
    """Seconds, slices and waits in the record, and completions (ns)."""
    seconds, record = executed(workload)
    states = record.intervals.state.tobytes()
    events = states.count(int(State.RUNNING)) + states.count(int(State.BLOCKED))
    return (
        seconds,
        events,
        [record.facts[spec.index].completion or 0 for spec in workload.processes],
    )


def cells() -> Iterator[Cell]:
    """All of them."""
    for policy in loops.POLICIES:
        for alive in WORKLOADS:
            yield cell(policy, alive)


def main() -> int:
    """Exit status 1 if completions differ."""
    print(HEADING)
    same = True
    for found in cells():
        found.show()
        same = same and found.same
    return int(not same)


if __name__ == "__main__":
    sys.exit(main())
