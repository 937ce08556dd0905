"""What is made of the logs of native workers."""

from __future__ import annotations

from array import array
from types import SimpleNamespace
from typing import Any

from kernel.process.program import WAIT
from kernel.units import ms, us
from real.cells import CELLS, GAP
from real.host.cpus import Cpus
from real.native.cells import ENDED
from real.native.log import wait_entry
from real.native.record import NativeRecord, record
from tests.real.workloads import cpu, io, process, workload
from timeline.record.run import Overhead


def logged(*entries: int, ended: bool = True) -> Any:
    """A worker with that log: running intervals (start, end), or waits and when they are over."""
    cells = [0] * CELLS
    cells[ENDED] = int(ended)
    return SimpleNamespace(
        cells=cells,
        row=0,
        running_intervals=array("q", entries),
        pid=1,
        exitcode=0,
        reaped=None,
        cpu_time=lambda: 0,
    )


def found(*workers: Any, cores: int = 1) -> NativeRecord:
    """The record of as many processes; each but the first begins with a wait."""
    programs = [(cpu(10),), *([(io(5), cpu(5))] * (len(workers) - 1))]
    wanted = workload(*(process(f"P{at}", *steps) for at, steps in enumerate(programs)))
    return record(wanted, Cpus(tuple(range(cores)), frozenset()), workers, epoch=0, ended_at=0)


BEFORE = logged(0, ms(10))


def test_a_process_that_wakes_while_an_outsider_has_the_core_was_kept_from_it_by_that() -> None:
    late = logged(wait_entry(WAIT), ms(20), ms(24), ms(29))
    of = found(BEFORE, late)
    assert of.overheads == [Overhead(0, ms(20), ms(24), "interrupted")]
    assert of.dispatch["slack_ns"] == GAP


def test_the_time_that_it_takes_to_wake_a_core_is_dead_time() -> None:
    of = found(BEFORE, logged(wait_entry(WAIT), ms(20), ms(20) + us(300), ms(25)))
    assert of.overheads == []
    assert of.dispatch["slack_ns"] == us(300) + GAP


def test_the_process_that_waits_longest_was_kept_from_the_core_from_the_beginning() -> None:
    """It woke first, the other got the core first, and before that neither of them had it."""
    first = logged(wait_entry(WAIT), ms(20), ms(30), ms(35))
    other = logged(wait_entry(WAIT), ms(23), ms(24), ms(30))
    of = found(BEFORE, first, other)
    assert of.overheads == [Overhead(0, ms(20), ms(24), "interrupted")]
