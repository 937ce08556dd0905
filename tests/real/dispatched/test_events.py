"""The events that are expected: how it is seen that they have happened."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from kernel.units import ms, us
from real.dispatched.events import ArrivalEvent, IoCompletion, PolicyReview, SliceEnd

PATIENCE = us(200)
EPOCH = 5_000_000_000


def worker(received: int, finished_at: int | None = None) -> Any:
    """A worker that has had so much CPU time, and perhaps finished its burst; ns of the run."""
    return SimpleNamespace(
        received=lambda: received,
        has_finished_burst=lambda: finished_at is not None,
        finished_at=lambda: EPOCH + cast(int, finished_at),
    )


def slice_end(of: Any, *, target: int, ends: bool = False, begun: int = 0) -> SliceEnd:
    return SliceEnd(
        ms(20),
        0,
        of,
        target,
        ends=ends,
        early=us(1),
        patience=PATIENCE,
        begun=begun,
        epoch=EPOCH,
    )


def test_io_is_over_when_its_time_is() -> None:
    due = IoCompletion(ms(10), ms(12), cast(Any, None))
    assert due.to_go(ms(11)) == ms(1)
    assert due.to_go(ms(15)) == -ms(3)


def test_arrivals_are_as_scheduled() -> None:
    due = ArrivalEvent(ms(10), [])
    assert due.to_go(ms(9)) == ms(1) and due.to_go(ms(10)) == 0


def test_each_tells_the_system_in_its_own_list() -> None:
    instant = SimpleNamespace(completed=[], arrived=[], ended=[], expired=[], timers=[])
    system = cast(Any, SimpleNamespace(instant=instant))
    IoCompletion(0, 0, cast(Any, "io")).tell(system)
    ArrivalEvent(0, cast(Any, ["new"])).tell(system)
    PolicyReview(0, 0).tell(system)
    slice_end(worker(0), target=ms(1)).tell(system)
    slice_end(worker(0), target=ms(1), ends=True).tell(system)
    assert vars(instant) == {
        "completed": ["io"],
        "arrived": ["new"],
        "timers": [None],
        "expired": [0],
        "ended": [0],
    }


def test_a_quantum_is_used_up_when_the_worker_has_received_it_whatever_the_clock_says() -> None:
    due = slice_end(worker(ms(7)), target=ms(10))
    assert due.to_go(0) == due.to_go(ms(500)) == ms(3) - us(1)
    assert slice_end(worker(ms(11)), target=ms(10)).to_go(0) <= -ms(1)


def test_a_burst_ends_when_its_worker_says_so_and_not_before() -> None:
    late = slice_end(worker(ms(11)), target=ms(10), ends=True)
    assert late.to_go(ms(30)) > 0
    done = slice_end(worker(ms(11), finished_at=ms(28)), target=ms(10), ends=True)
    assert done.to_go(ms(30)) == -ms(2)
    assert done.to_go(ms(27)) == 0


def test_a_worker_that_wakes_the_supervisor_is_not_looked_at_before_patience_is_over() -> None:
    assert slice_end(worker(ms(11)), target=ms(10), ends=True).nap(ms(30)) == PATIENCE
    assert slice_end(worker(ms(7)), target=ms(10), ends=True).nap(ms(30)) == ms(3)
    done = slice_end(worker(ms(11), finished_at=ms(28)), target=ms(10), ends=True)
    assert done.nap(ms(30)) == -ms(2)


def test_a_burst_that_ended_before_its_slice_ends_with_the_slice_s_first_moment() -> None:
    done = slice_end(worker(ms(10), finished_at=ms(28)), target=ms(10), ends=True, begun=ms(40))
    assert done.to_go(ms(41)) == -ms(1)
    assert done.happened(ms(41)) == ms(40)
