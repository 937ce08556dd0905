"""What is made of the logs of workers that nobody dispatched."""

from __future__ import annotations

from array import array
from types import SimpleNamespace
from typing import Any

from kernel.process.program import WAIT
from kernel.units import ms, us
from real.cells import CELLS, GAP
from real.host.cpus import Cpus
from real.native.record import Seen, record
from real.native.worker import ENDED, wait_of
from tests.real.workloads import cpu, io, process, workload
from timeline.record.run import Overhead


def logged(*entries: int, ended: bool = True) -> Any:
    """A worker with that log: pairs of a stint (start, end), or of a wait and when it is over."""
    cells = [0] * CELLS
    cells[ENDED] = int(ended)
    return SimpleNamespace(
        cells=cells,
        row=0,
        running_intervals=array("q", entries),
        pid=1,
        process=SimpleNamespace(exitcode=0),
        reaped=None,
        cpu_time=lambda: 0,
    )


def found(*workers: Any, cores: int = 1) -> Any:
    """The record of as many processes; each but the first begins with a wait."""
    programs = [(cpu(10),), *([(io(5), cpu(5))] * (len(workers) - 1))]
    wanted = workload(*(process(f"P{at}", *steps) for at, steps in enumerate(programs)))
    pool: Any = SimpleNamespace(everybody=workers)
    return record(wanted, Cpus(tuple(range(cores)), frozenset()), pool, Seen(tick=ms(4)))


BEFORE = logged(0, ms(10))


def test_who_wakes_while_somebody_elses_program_has_the_core_was_kept_from_it_by_that() -> None:
    late = logged(wait_of(WAIT), ms(20), ms(24), ms(29))
    of = found(BEFORE, late)
    assert of.overheads == [Overhead(0, ms(20), ms(24), "interrupted")]
    assert of.dispatch["slack_ns"] == GAP


def test_to_wake_a_core_takes_a_moment_that_is_nobodys() -> None:
    of = found(BEFORE, logged(wait_of(WAIT), ms(20), ms(20) + us(300), ms(25)))
    assert of.overheads == []
    assert of.dispatch["slack_ns"] == us(300) + GAP


def test_who_waits_longest_was_kept_from_the_core_at_the_beginning_of_its_wait_too() -> None:
    """It woke first, the other got the core first, and before that nobody of them had it."""
    first = logged(wait_of(WAIT), ms(20), ms(30), ms(35))
    other = logged(wait_of(WAIT), ms(23), ms(24), ms(30))
    of = found(BEFORE, first, other)
    assert of.overheads == [Overhead(0, ms(20), ms(24), "interrupted")]
