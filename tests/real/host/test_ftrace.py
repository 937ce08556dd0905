"""The kernel's trace: what is read of it, and what is left when it is over."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

import pytest

from commands.recording import RecordAsked, _tracer, record_program
from kernel.errors import UsageError
from real import run_real
from real.host import ftrace
from real.host.ftrace import KernelTrace, remove_stale
from real.host.trace_events import Event, Switch, Waking, parse, threads_on_cpus
from tests.real.native.test_run import native
from tests.real.workloads import cpu, process
from timeline.comparison.kernel_trace import compare_with_trace
from timeline.record.sorted_run import SortedRun

LINE = (
    "          <idle>-0       [001] d..2. 33618.465754: sched_switch: prev_comm=swapper/1 "
    "prev_pid=0 prev_prio=120 prev_state=R ==> next_comm=a b] ==> c next_pid=2764 next_prio=120"
)
WAKING = (
    "  python-27 [000] d..3. 33618.4657: sched_waking: comm=python pid=28 prio=120 target_cpu=001"
)


def instances() -> list[str]:
    with contextlib.suppress(OSError):
        found = (entry.name for entry in ftrace.instances().iterdir())
        return [name for name in found if name == f"{ftrace.PREFIX}{os.getpid()}"]
    return []


def test_a_switch_is_read_with_its_time() -> None:
    switch, waking = parse([LINE, WAKING, "# tracer: nop"])
    assert isinstance(switch, Switch)
    assert waking == Waking(33_618_465_700_000, 1, 28)
    assert (switch.at, switch.cpu) == (33_618_465_754_000, 1)
    assert (switch.previous, switch.following) == (0, 2764)


def test_a_thread_that_came_from_idle_without_a_switch_had_its_core_since_it_was_woken() -> None:
    events: list[Event] = [
        Switch(10, 1, 7, 0, "seven", "idle"),  # since when it had the core is unknown
        Waking(30, 1, 8),
        Switch(50, 1, 8, 9, "eight", "nine"),  # from idle to 8 was not told
        Switch(60, 1, 9, 0, "nine", "idle"),
        Waking(65, 0, 7),
        Switch(70, 1, 7, 0, "seven", "idle"),  # woken elsewhere
    ]
    found = [(turn.name, turn.start, turn.end) for turn in threads_on_cpus(events)]
    assert found == [("eight", 30, 50), ("nine", 50, 60)]


@pytest.mark.skipif(os.geteuid() != 0, reason="tracefs is root's")
def test_an_instance_may_be_removed_twice_and_before_it_is_there() -> None:
    tracing = KernelTrace([0])
    tracing.remove()
    with tracing:
        if tracing.refused is not None:
            pytest.skip(tracing.refused)
        assert instances()
        tracing.remove()
        assert not instances()
    assert not instances()


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / f"{ftrace.PREFIX}999999999").mkdir()
    (tmp_path / f"{ftrace.PREFIX}{os.getpid()}").mkdir()
    (tmp_path / "of-another-program").mkdir()
    remove_stale(tmp_path)
    left = sorted(entry.name for entry in tmp_path.iterdir())
    assert left == [f"{ftrace.PREFIX}{os.getpid()}", "of-another-program"]


def test_without_tracefs_it_says_so_and_the_run_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ftrace, "ROOTS", (Path("/nonexistent"),))
    said: list[str] = []
    run = run_real(native(process("A", cpu(5))), trace=True, remark=said.append)
    assert "kernel_trace" not in run.machine
    assert len(said) == 1
    assert "needs root and tracefs" in said[0]


@pytest.mark.real
def test_the_workers_log_is_near_the_kernels_trace() -> None:
    said: list[str] = []
    run = run_real(
        native(process("A", cpu(60)), process("B", cpu(60))), trace=True, remark=said.append
    )
    if said:
        pytest.skip(said[0])
    found = compare_with_trace(SortedRun(run))
    assert found is not None
    assert found.intervals > 2
    assert found.missed == 0
    assert found.lost == 0
    assert instances() == []


@pytest.fixture
def hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tracefs that this user may not search, as the kernel mounts it for root alone."""
    stat = Path.stat

    def refused(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if tmp_path in path.parents:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return stat(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", refused)
    monkeypatch.setattr(ftrace, "ROOTS", (tmp_path, Path("/nonexistent")))
    return tmp_path


@pytest.mark.usefixtures("hidden")
def test_an_ordinary_user_is_told_that_the_trace_needs_root() -> None:
    with KernelTrace([0]) as tracing:
        pass
    assert tracing.refused is not None
    assert "needs root and tracefs (Permission denied)" in tracing.refused


@pytest.mark.usefixtures("hidden")
def test_an_ordinary_user_is_told_that_a_recording_by_the_trace_needs_root() -> None:
    with pytest.raises(UsageError) as caught:
        record_program(["true"], RecordAsked(trace="kernel"))
    assert "--trace kernel needs root and tracefs" in str(caught.value)
    assert "Permission denied" in str(caught.value)


@pytest.mark.usefixtures("hidden")
def test_an_ordinary_user_can_record_without_the_trace(capsys: pytest.CaptureFixture[str]) -> None:
    assert _tracer(RecordAsked()) is None
    assert "watching by /proc, as the kernel's trace needs root" in capsys.readouterr().err


@pytest.mark.skipif(os.geteuid() != 0, reason="tracefs is root's")
def test_nothing_is_left_if_the_run_fails() -> None:
    with pytest.raises(ValueError, match="wrong"), KernelTrace([0]):
        raise ValueError("wrong")
    assert instances() == []
