"""Compare what a scenario says must come out (`expect`) with what came out.

    expect:
      completion: {A: 30ms, B: 50ms}     # also turnaround, waiting, response, first_run
      mean: {waiting: 17ms}              # also turnaround, response
      makespan: 50ms
      order: [A, B]                      # of completion
      dispatched: [A, B, A]              # the processes that get a core, from the start
      preemptions: {A: 1, B: 0}          # how often each loses its core to another
      missed: {A: 0}                     # jobs not completed by their deadline
      exitcode: {A: -11}                 # with which it ends
      placed: {A: {hole: 8, base: 0}}    # bytes; the hole (or partition) chosen, its address
      waits: [B]                         # for memory: these and no others
      prints: [hello, a = 1]             # all lines, in order
      observed:                          # the first, second, ... of that process and name
        - {process: A, name: observe c1, value: {state: zombie, exitcode: 3}}
      deadlock: [A, B]                   # these wait for ever, and no others
      swaps: {A: 1}                      # how often each is swapped out
      utilization: {cpu: 89.4%}          # of cores and devices: a share of the makespan, or a time
      idle: {core 0: 5ms, disk: 10.6%}
      tolerance: 0.02                    # real runs only

On the simulator everything is exact, but a mean: textbooks print two decimals, some rounded and
some cut off (17/3 as 5.67 or 5.66). So a mean holds when it is less than a hundredth of the
scenario's time unit off.

On the real machine a time may be off by `tolerance` times the makespan and what was measured as the
machine's own price. Programs that complete within that of each other may do so in either order; so
may a job and its deadline. What is off by more, and by no more than the noise that was measured
besides, is left undecided; so is anything else that did not come out of a run with much noise.

A share holds when it is the one written, rounded or cut off to the decimals that are written.

A slice that goes on is one slice, so `dispatched: [C, C]` is the same as `[C]`: the solution of a
textbook that writes down which process has each quantum may be copied as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from timeline.expected_lines import LINES, Judging, known
from timeline.record.run import SIMULATED, Expectation, Run

TOLERANCE = 0.02
"""Share of the makespan that a real time may be off, where the scenario does not say."""


def check(expect: Mapping[str, Any], run: Run, *, time_unit: int = 1_000_000) -> list[Expectation]:
    """Return a line for each thing expected, in the order written. Times and `time_unit` are ns.

    Raises UsageError for a name that is neither a metric nor a process of the run. A run that was
    stopped may have ended before a process was born.
    """
    exact = Judging(run, _allowed(expect, run), time_unit)
    lines = list(_lines(expect, exact))
    if run.backend == SIMULATED or all(line.holds for line in lines):
        return lines
    from timeline.comparison.causes.noise import (
        Allowance,  # it takes a while to load, and few need it
    )

    allowance = Allowance(run)
    priced = exact.with_more(allowance.price_ns)
    hidden = priced.with_more(allowance.noise_ns)
    return [
        line
        if line.holds
        else replace(line, holds=None if late.holds or allowance.noisy else False)
        for line, late in zip(_lines(expect, priced), _lines(expect, hidden), strict=True)
    ]


def _lines(expect: Mapping[str, Any], judging: Judging) -> Iterator[Expectation]:
    for key, wanted in expect.items():
        if key != "tolerance":
            yield from known(LINES, key, "expect")(wanted, judging)


def _allowed(expect: Mapping[str, Any], run: Run) -> int:
    """Return how far (ns) a time of this run may be off."""
    if run.backend == SIMULATED:
        return 0
    return int(float(expect.get("tolerance", TOLERANCE)) * run.makespan_ns)
