"""Linux's classes one at a time: what the simulated machine makes of small cases worked by hand."""

from __future__ import annotations

import pytest

from kernel.process.control_block import Process
from kernel.process.linux_attributes import Attributes
from kernel.process.program import CPU, WAIT, Program
from kernel.process.spec import ProcessSpec
from kernel.scheduling import Policy, ms
from kernel.scheduling.per_core import PerCore
from tests.kernel.hand import policy, process, tell


def linux(**parameters: object) -> Policy:
    return policy("linux", hz=250, base_slice=ms(3), **parameters)


def made(index: int, **attributes: object) -> Process:
    spec = ProcessSpec(
        index,
        f"P{index + 1}",
        0,
        Program.of([(CPU, ms(50)), (WAIT, 1), (CPU, 1)]),
        nice=int(attributes.pop("nice", 0)),  # type: ignore[call-overload]
        linux=Attributes(**attributes),  # type: ignore[arg-type]
    )
    found = Process(spec)
    found.left = found.burst = ms(50)
    return found


def at(policy: Policy, now: int, running: Process | None = None, had: int = 0) -> None:
    """It is `now`, and `running` has had so much CPU time."""
    policy.now = now
    if running is not None:
        running.cpu_used, running.charged_at = had, now


def test_a_process_that_is_removed_is_not_picked() -> None:
    one = policy("linux")
    for index in range(2):
        tell(one, process(index))
    gone = process(2)
    tell(one, gone)
    one.removed(gone)
    first = one.pick(0)
    assert first is not None
    one.now = 10
    first[0].cpu_used = 10
    one.ran(first[0], 10, "ended")
    second = one.pick(0)
    assert second is not None
    assert {first[0].name, second[0].name} == {"P1", "P2"}


def test_a_hog_among_hogs_is_looked_at_at_the_tick_after_its_slice() -> None:
    one = linux()
    for index in range(2):
        tell(one, made(index))
    one.pick(0)
    assert one.next_review() == ms(4)


def test_with_high_resolution_it_is_looked_at_when_its_slice_is_over() -> None:
    one = linux(high_resolution=True)
    for index in range(2):
        tell(one, made(index))
    one.pick(0)
    assert one.next_review() == ms(3)


def test_the_phase_moves_the_tick() -> None:
    one = linux(phase=ms(1))
    for index in range(2):
        tell(one, made(index))
    one.pick(0)
    assert one.next_review() == ms(5)


def test_one_alone_is_left_alone() -> None:
    one = linux()
    tell(one, made(0))
    one.pick(0)
    assert one.next_review() is None


@pytest.mark.parametrize(
    ("waking", "takes"),
    [
        ({}, False),  # an equal deadline is not earlier
        ({"slice": ms(1)}, True),  # who asks for less
        ({"kind": "batch", "slice": ms(1)}, False),
        ({"kind": "idle"}, False),
        ({"kind": "fifo", "rt_priority": 1}, True),
        ({"kind": "deadline", "runtime": ms(1)}, True),
    ],
)
def test_who_wakes_takes_the_core_or_not(waking: dict[str, object], takes: bool) -> None:
    one = linux()
    hog = made(0)
    tell(one, hog)
    one.pick(0)
    at(one, ms(1), hog, ms(1))
    tell(one, made(1, **waking), "woke")
    assert (one.loses([hog]) is hog) is takes


def test_anybody_takes_the_core_from_idle() -> None:
    one = linux()
    idle = made(0, kind="idle")
    tell(one, idle)
    one.pick(0)
    at(one, ms(1), idle, ms(1))
    tell(one, made(1, nice=19), "woke")
    assert one.loses([idle]) is idle


def test_equal_real_time_does_not_preempt() -> None:
    one = linux()
    first, second = (made(index, kind="fifo", rt_priority=5) for index in range(2))
    tell(one, first)
    one.pick(0)
    at(one, ms(1), first, ms(1))
    tell(one, second, "woke")
    assert one.loses([first]) is None


def test_rr_takes_turns_after_its_slice_in_ticks() -> None:
    one = linux(rr_slice=ms(10))
    for index in range(2):
        tell(one, made(index, kind="rr", rt_priority=5))
    one.pick(0)
    assert one.next_review() == ms(8)  # two whole ticks


def test_the_fair_server_comes_at_the_end_of_the_second() -> None:
    one = linux()
    tell(one, made(0))
    tell(one, made(1, kind="fifo", rt_priority=1))
    pick = one.pick(0)
    assert pick is not None
    assert pick[0].name == "P2"
    assert one.next_review() == ms(950)


def test_without_the_fair_server_real_time_keeps_the_core() -> None:
    one = linux(fair_server=0)
    tell(one, made(0))
    tell(one, made(1, kind="fifo", rt_priority=1))
    one.pick(0)
    assert one.next_review() is None


@pytest.mark.parametrize(("had", "home"), [(ms(2), 0), (0, 1)])
def test_who_wakes_seeks_an_idle_core_unless_it_has_had_more_than_its_share(
    had: int, home: int
) -> None:
    cores = PerCore([linux(), linux()], "steal")
    waker, hog = made(0), made(1)
    hog.cores = (0,)
    for each in (waker, hog):
        tell(cores, each)
    assert cores.pick(0) == (waker, None)
    at(cores, ms(2), waker, had)
    cores.ran(waker, had, "blocked")
    assert cores.pick(0) == (hog, None)
    at(cores, ms(3), hog, ms(1))
    tell(cores, waker, "woke")
    assert waker.home == home
