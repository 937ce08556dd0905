"""What a recording tells of processors."""

from __future__ import annotations

import pytest

from commands.recorded_times import outside, processors_of, ready_of_samples, sentences, used_by
from language.convert.imports.traces.threads import BURST, Threads, TracedThread, Turn
from real.recorder.poller import Sample
from real.recorder.watching import Watched


def _threads(*begun_by: int) -> Threads:
    found = Threads(lambda _number, _name: True)
    for serial, parent in enumerate(begun_by):
        thread = TracedThread(100 + serial, serial, f"t{serial}", 0, begun_by=parent)
        thread.step(BURST, 5_000_000)
        found.all.append(thread)
    return found


def _turn(thread: TracedThread, state: str, start: int, end: int, cpu: int = -1) -> Turn:
    return Turn(thread, state, start, end, cpu, over=False)


def test_one_processor_for_all_is_a_machine_of_one_core() -> None:
    threads = _threads(-1, 0)
    found = processors_of(threads, threads.all, Watched(root=100, affinity={100: frozenset({3})}))
    assert found.numbers == [3]
    assert [found.cores(serial) for serial in (0, 1)] == [None, None]


def test_a_thread_with_fewer_processors_has_cores_of_its_own() -> None:
    threads = _threads(-1, 0, 1)
    seen = Watched(root=100, affinity={100: frozenset({1, 4}), 101: frozenset({4})})
    found = processors_of(threads, threads.all, seen)
    assert found.numbers == [1, 4]
    assert [found.cores(serial) for serial in (0, 1, 2)] == [None, [1], [1]]  # 2: as its parent


def test_a_processor_on_which_a_thread_ran_is_a_core_of_the_saved_run() -> None:
    threads = _threads(-1)
    turns = [_turn(threads.all[0], "running", 0, 1, cpu=1)]
    seen = Watched(root=100, affinity={100: frozenset({0})})
    found = processors_of(threads, threads.all, seen, used_by(turns))
    assert found.numbers == [0, 1]
    assert found.cores(0) == [0]


@pytest.mark.parametrize(("running", "taken"), [(0, 20), (1, 10), (2, 0)])
def test_a_ready_thread_waits_for_others_only_while_a_processor_is_not_ours(
    running: int, taken: int
) -> None:
    threads = _threads(-1, 0, 0, 0)
    seen = Watched(root=100, affinity={100: frozenset({0, 1})})
    turns = [_turn(threads.all[at], "running", 0, 10, cpu=at) for at in range(running)]
    turns += [_turn(threads.all[at], "ready", 0, 10) for at in (2, 3)]
    assert outside(turns, processors_of(threads, threads.all, seen)) == taken


def test_a_thread_waits_for_its_own_processor_only() -> None:
    threads = _threads(-1, 0)
    seen = Watched(root=100, affinity={100: frozenset({0}), 101: frozenset({0})})
    first, second = threads.all
    turns = [_turn(first, "running", 0, 10, cpu=0), _turn(second, "ready", 5, 14)]
    assert outside(turns, processors_of(threads, threads.all, seen)) == 4


@pytest.mark.parametrize(("before", "ready"), [(False, 12), (True, 7)])
def test_the_ready_time_before_a_watch_does_not_count(before: bool, ready: int) -> None:
    def sample(at: int, task: int, waited: int) -> Sample:
        return Sample(at, task, 1, "t", "S", 0, waited, 120, 0)

    seen = Watched(roots=[100], samples=[sample(0, 100, 5), sample(1, 100, 9), sample(1, 101, 3)])
    assert ready_of_samples(seen, running_before=before) == ready


def test_the_end_tells_wall_time_cpu_time_and_for_whom_threads_were_ready() -> None:
    threads, seen = _threads(-1, 0), Watched(begun=0, over=40_000_000)
    first, second = sentences(threads, seen, 9_000_000, 4_000_000)
    assert first == "recorded: 2 threads, 40ms of wall time, 10ms of CPU time"
    assert "ready for 9ms" in second
    assert "for 4ms of this time programs outside" in second
    assert "/proc does not tell" in sentences(threads, seen, 9_000_000, None)[1]
