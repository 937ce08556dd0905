"""Compare the engine with the smallest programs: bare SimPy timeouts, and a loop written by hand.

    python -m benchmarks.peers.cells

The policies rr, srtf, mlfq and fair are measured with few and with 20,000 processes alive. The
engine keeps its full record. The first ratio is our slices and waits a second over bare timeouts a
second. The second ratio is the time that the same policy written by hand (loops.py) takes over the
time that ours takes. All times are CPU time. The three programs take turns, and the results are
medians over the rounds. The completions must be the same to the nanosecond.
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
    """The results for one policy and one number of processes alive. Medians."""

    policy: str
    alive: str
    over_timeouts: float
    over_loop: float
    same: bool  # whether the completions are the same
    micros: tuple[float, float, float]  # µs for an event of ours, one of the loop, a timeout

    def show(self) -> None:
        """Print the line of the table."""
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
    """Measure one policy with one number of processes alive."""
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
    """Simulate. Return the seconds, the number of slices and waits, and the completions (ns)."""
    seconds, record = executed(workload)
    states = record.intervals.state.tobytes()
    events = states.count(int(State.RUNNING)) + states.count(int(State.BLOCKED))
    return (
        seconds,
        events,
        [record.facts[spec.index].completion or 0 for spec in workload.processes],
    )


def cells() -> Iterator[Cell]:
    """Yield the results of all policies and numbers of processes."""
    for policy in loops.POLICIES:
        for alive in WORKLOADS:
            yield cell(policy, alive)


def main() -> int:
    """Print the table. Return exit status 1 if completions differ."""
    print(HEADING)
    same = True
    for found in cells():
        found.show()
        same = same and found.same
    return int(not same)


if __name__ == "__main__":
    sys.exit(main())
