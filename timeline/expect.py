"""Compare what a scenario says must come out (`expect`) with what came out.

    expect:
      completion: {A: 30ms, B: 50ms}     # also turnaround, waiting, response, first_run
      mean: {waiting: 17ms}              # also turnaround, response
      makespan: 50ms
      order: [A, B]                      # the order of completion
      gantt: {0: [A 0-20, B 20-50]}      # what runs on each core
      dispatched: [A, B, A]              # the processes that get a core, from the start
      preemptions: {A: 1, B: 0}          # how often each loses its core to another
      missed: {A: 0}                     # how many jobs are not completed by their deadline
      exitcode: {A: -11}                 # the exit code of each process
      placed: {A: {hole: 8, base: 0}}    # size of the chosen hole (or partition), address; bytes
      waits: [B]                         # the programs that wait for memory, and no others
      prints: [hello, a = 1]             # all printed lines, in order
      observed:                          # the k-th of a process and name: its k-th observation
        - {process: A, name: observe c1, value: {state: zombie, exitcode: 3}}
      deadlock: [A, B]                   # the processes that wait for ever, and no others
      swaps: {A: 1}                      # how often each is swapped out
      throughput: 13.04/s                # completed programs over the makespan
      wakeup: {A: {p99: 2ms}}            # at most; also dispatch and burst; of slack: at least
      utilization: {cpu: 89.4%}          # of cores and devices: a share of the makespan, or a time
      idle: {core 0: 5ms, disk: 10.6%}   # the same
      tolerance: 0.02                    # real runs only

On the simulator everything is compared exactly, except a mean. Textbooks print means with two
decimals, some rounded and some cut off (17/3 as 5.67 or 5.66). So a mean holds if the error is less
than a hundredth of the scenario's time unit.

On the real machine a time may be off by at most `tolerance` times the makespan, plus the machine's
measured price (of dispatches and calls). Programs that complete within this limit of each other may
complete in either order. A job that completes within this limit of its deadline may count as missed
or not. A line that is further off is undecided if the measured noise is large enough to explain it.
If the run had much noise, every line that does not hold is undecided.

A share or a throughput holds if it equals the written one, rounded or cut off to the written
decimals. A latency holds if it is at most, and a slack if it is at least, what is written; the
tolerance does not apply to them.

`dispatched: [C, C]` is the same as `[C]`, as a slice that goes on is one slice. So the solution of
a textbook that writes down which process has each quantum may be copied unchanged.
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
    """Return a line for each expected value, in the order written. Times and `time_unit` are ns.

    Raises UsageError for a name that is neither a metric nor a process of the run. If the run was
    stopped, a process that it does not have is no error: it may not have been started yet.
    """
    tolerated = _allowed(expect, run)
    exact = Judging(run, tolerated, time_unit, tolerated)
    lines = list(_lines(expect, exact))
    if run.backend == SIMULATED or all(line.holds for line in lines):
        return lines
    from timeline.comparison.causes.noise import (
        Allowance,  # imported late: loading it takes time, and few runs need it
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
    """Return the error (ns) that a time of this run may have by the scenario's tolerance."""
    if run.backend == SIMULATED:
        return 0
    return int(float(expect.get("tolerance", TOLERANCE)) * run.makespan_ns)
