"""The lessons: each can be loaded, says what to look at, and knows what must come out."""

from __future__ import annotations

from pathlib import Path

import pytest

from kernel.units import ms
from language import load
from tests.paths import LESSONS

FILES = sorted(LESSONS.glob("*.yaml"))


def test_the_lessons_are_there() -> None:
    assert len(FILES) >= 12


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
class TestLesson:
    def test_it_says_what_to_look_at_and_asks_to_predict(self, path: Path) -> None:
        source = load(path).workload.source
        assert source["title"] != path.name
        assert 4 <= len(source["about"].splitlines()) <= 8
        assert "Before you look" in source["about"]

    def test_it_knows_when_each_program_ends(self, path: Path) -> None:
        workload = load(path).workload
        assert workload.expect is not None
        assert set(workload.expect["completion"]) == {p.name for p in workload.processes}
        assert max(workload.expect["completion"].values()) <= ms(1500)

    def test_its_expectations_agree_with_each_other(self, path: Path) -> None:
        workload = load(path).workload
        assert workload.expect is not None
        ends = workload.expect["completion"]
        assert workload.expect["order"] == sorted(ends, key=ends.__getitem__)
        assert workload.expect.get("makespan", max(ends.values())) == max(ends.values())
        if workload.memory is None:
            for process in workload.processes:
                least = process.arrival + sum(process.program.durations)
                assert ends[process.name] >= least + workload.expect["waiting"][process.name]

    def test_its_bursts_are_long_enough_for_real_processes(self, path: Path) -> None:
        workload = load(path).workload
        if workload.scheduler.dispatch == "none":
            return  # no dispatcher of ours has to keep up with them
        for process in workload.processes:
            assert all(ms(20) <= duration <= ms(200) for duration in process.program.durations)
