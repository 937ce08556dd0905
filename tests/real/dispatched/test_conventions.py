"""The conventions on real processes: the same object decides, so the order is the model's."""

from __future__ import annotations

from pathlib import Path

import pytest

from language import Options, load
from sim import simulate
from tests.real.workloads import run_undisturbed, sequence
from timeline.laws.check import check

pytestmark = pytest.mark.real

ALL = """
machine:
  memory: 320KiB
  devices:
    disk: {queue: sstf, head: 50}
    net: {queue: priority, changes: [{at: 150ms, units: 2}]}
memory: {on_full: refuse, fit: next, next_from: hole}
scheduler:
  policy: srtf
  newcomer: preempts
  requeue: keeps-place
  draws: name
  completed_io: after-arrivals
processes:
  - {name: B, program: [{cpu: 60ms}, {io: {disk: 30ms}, track: 90}, {cpu: 20ms}]}
  - {name: A, arrival: 20ms, program: [{cpu: 40ms}, {io: {disk: 30ms}, track: 10}, {cpu: 20ms}]}
  - name: C
    arrival: 20ms
    program: [{cpu: 20ms}, {io: {disk: 30ms}, track: 55}, {io: {net: 80ms}}, {cpu: 20ms}]
  - {name: D, arrival: 60ms, priority: -3, program: [{io: {net: 60ms}}, {cpu: 20ms}]}
  - {name: E, arrival: 60ms, priority: -5, program: [{io: {net: 60ms}}, {cpu: 20ms}]}
  - {name: F, cpu: 10ms, deadline: 50ms, releases: [0, 70ms, 200ms]}
  - {name: large, memory: 300KiB, cpu: 10ms}
  - {name: refused, arrival: 1ms, memory: 300KiB, cpu: 10ms}
"""


def test_real_processes_follow_every_convention(tmp_path: Path) -> None:
    file = tmp_path / "all.yaml"
    file.write_text(ALL)
    workload = load(file, Options()).workload
    model, real = simulate(workload), run_undisturbed(workload)
    assert check(real) == []
    assert sequence(real) == sequence(model)
    (refused,) = (row for row in real.processes if row.name == "refused")
    assert (refused.completion_ns, refused.exitcode, refused.slices) == (None, None, 0)
