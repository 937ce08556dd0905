"""What a policy may do when it looks again: preempt a process, and plan running slices anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kernel.units import ms
from tests.kernel.scheduling.test_checked import run, told
from timeline.laws.check import check

ALONE = "processes: [{name: A, cpu: 30ms}]\n"
LOOKS = """\
    quantum: Duration = ms(20)
    def setup(self):
        super().setup()
        self.running, self.asked = None, []
    def pick(self, core):
        if self.queue:
            self.running = self.queue.popleft()
            return self.running, self.quantum
    def next_review(self):
        return (self.now // ms(5) + 1) * ms(5)
"""
LATER = "processes: [{name: A, cpu: 30ms}, {name: B, arrival: 6ms, cpu: 2ms}]\n"


def reviews(answer: str) -> str:
    return f"    def review(self):\n        return {answer}\n"


def starts(folder: Path, body: str, lab: str = LATER, **how: Any) -> list[int]:
    """When (ms) the slices begin."""
    record = run(folder, LOOKS + body, lab=lab, **how)
    assert check(record) == []
    return sorted(row.start // ms(1) for row in record.intervals if row.core == 0)


def test_a_slice_that_is_planned_anew_ends_earlier(tmp_path: Path) -> None:
    body = reviews("{self.running: ms(3)} if self.now == ms(5) else None")
    assert starts(tmp_path, body) == [0, 8, 10]


def test_or_later(tmp_path: Path) -> None:
    body = reviews("{self.running: ms(22)} if self.now == ms(5) else None")
    assert starts(tmp_path, body) == [0, 27, 29]


def test_or_when_its_burst_ends(tmp_path: Path) -> None:
    body = reviews("{self.running: None} if self.now == ms(5) else None")
    assert starts(tmp_path, body) == [0, 30]


def test_a_slice_that_is_over_at_that_moment_is_over(tmp_path: Path) -> None:
    body = reviews("{self.running: ms(15)} if self.now == ms(20) else {}")
    assert starts(tmp_path, body) == [0, 20, 22]


@pytest.mark.parametrize("queues", ["global", "per-core"])
def test_loses_is_asked_after_a_review_though_nobody_is_ready(tmp_path: Path, queues: str) -> None:
    """So a policy may take the core back, and give it again with another slice."""
    body = """\
    def review(self):
        self.looks = True
    def loses(self, running):
        self.looks, looks = False, getattr(self, "looks", False)
        return running[0] if looks and self.now == ms(5) else None
    """
    record = run(tmp_path, LOOKS + body, lab=f"scheduler: {{queues: {queues}}}\n{ALONE}")
    (row,) = record.processes
    assert (row.slices, row.preemptions) == (1, 0)  # the slice went on
    later = f"scheduler: {{queues: {queues}}}\n{LATER}"
    assert starts(tmp_path, body, later) == [0, 25, 27]  # its 20 ms began again at 5


@pytest.mark.parametrize(
    ("returned", "says"),
    [
        ("7", "review() must return nothing, or a dict"),
        ("{self.running: 0}", "review() gave A 0 ns; a slice is a whole number of ns"),
        ("{self.running: 2.5}", "review() gave A 2.5 ns; a slice is a whole number of ns"),
        ("{'A': 5}", "review() planned a slice of 'A', which is not running"),
    ],
)
def test_a_plan_that_is_none(tmp_path: Path, returned: str, says: str) -> None:
    body = LOOKS + reviews(returned)
    assert says in told(tmp_path, body, lab=ALONE)


def test_costs_and_two_cores_do_not_disturb_it(tmp_path: Path) -> None:
    """At 5 B's core is still being switched to it: its 3 ms begin when that is over."""
    body = """\
    def setup(self):
        super().setup()
        self.all = {}
    def pick(self, core):
        if self.queue:
            self.all[self.queue[0]] = None
            return self.queue.popleft(), ms(20)
    def ran(self, process, duration, why):
        del self.all[process]
    def review(self):
        return dict.fromkeys(self.all, ms(3)) if self.now == ms(5) else None
    """
    lab = """
machine: {cores: 2, costs: {dispatch: 1ms}}
processes:
  - {name: A, cpu: 9ms}
  - {name: B, arrival: 4500us, cpu: 9ms}
  - {name: C, arrival: 6ms, cpu: 1ms}
"""
    record = run(tmp_path, LOOKS + body, lab=lab)
    ends = [row.end // 1000 for row in record.intervals if row.why == "expired"]
    assert check(record) == [] and ends[:2] == [8000, 8500]
