"""Sweeps on a Dask cluster: the rows of one process, and what is wrong with a cluster."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from cli import main
from experiments.results.rows import Rows
from experiments.running import remote
from experiments.running.bench import Bench, Span
from experiments.running.child import Child
from experiments.running.died import Died
from experiments.running.setup import Setup
from experiments.running.sweep import Sweep
from experiments.running.workplace import SweepWorkplace
from kernel.errors import PolicyError
from language.source.options import Options
from tests.experiments.scenarios import OVERLAP, planned, set_up

MINE = b"""
from kernel.scheduling import Policy
from beside import first


class Mine(Policy):
    def setup(self):
        self.queue = []

    def ready(self, process, why):
        self.queue.append(process)

    def pick(self, core):
        return (first(self.queue), None) if self.queue else None


class Loops(Mine):
    def pick(self, core):
        import itertools

        sum(itertools.repeat(1))


class Dies(Mine):
    def pick(self, core):
        import ctypes

        ctypes.string_at(0)
"""
FILES = {
    "/home/u/lab/mine.py": MINE,
    "/home/u/lab/beside.py": b"def first(q):\n    return q.pop(0)\n",
}


def own(name: str) -> Setup:
    """A setup with a policy whose files are not on this machine."""
    plan = planned({"scheduler.policy": ["mine.py:Mine"]}, measure=["turnaround"])
    options = Options(limits={"policy": 300_000_000})
    return Setup(
        *("f.yaml", OVERLAP, options, *plan.points, plan.measures, plan.windows),
        own=(f"/home/u/lab/mine.py:{name}",),
        files=FILES,
    )


def test_a_worker_executes_a_policy_that_came_as_text() -> None:
    plan = planned({"scheduler.policy": ["fcfs"]}, measure=["turnaround"])
    usual = Bench(set_up(OVERLAP, plan)).make([Span(0, 1, 3)], 60)
    remote.keep("a", SweepWorkplace, own("Mine"))
    try:
        assert remote.make("a", [Span(0, 1, 3)], 60).values == usual.values
    finally:
        remote.forget("a")


def test_a_policy_that_loops_in_c_is_told_with_the_file_of_its_user() -> None:
    child = Child(own("Loops"))
    try:
        with pytest.raises(PolicyError, match=r"^/home/u/lab/mine\.py:2\d: has not answered"):
            child.make([Span(0, 1, 1)], 60)
    finally:
        child.close()


def test_a_policy_that_kills_its_process_kills_the_child_alone() -> None:
    child = Child(own("Dies"))
    try:
        with pytest.raises(Died):
            child.make([Span(0, 1, 1)], 60)
    finally:
        child.close()


@pytest.mark.parametrize(
    ("address", "wrong"),
    [
        ("host", "must be local, or an address like tcp://host:8786"),
        ("tcp://127.0.0.1:x", "must be local, or an address"),
        ("tcp://127.0.0.1:{port}", "no scheduler answers there (connection refused)"),
    ],
)
def test_an_address_where_nobody_answers_is_told_at_once(
    address: str, wrong: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("distributed")
    (tmp_path / "f.yaml").write_text(OVERLAP)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    began = time.monotonic()
    asked = address.format(port=port)
    assert main(["sweep", str(tmp_path / "f.yaml"), "seed=1,2", "--dask", asked]) == 2
    assert wrong in capsys.readouterr().err
    assert time.monotonic() - began < 10


def test_without_the_library_the_extra_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    (tmp_path / "f.yaml").write_text(OVERLAP)
    asked = ["sweep", str(tmp_path / "f.yaml"), "seed=1,2"]
    assert main([*asked, "--dask", "local"]) == 2
    assert "pip install 'multiprog[cluster]'" in capsys.readouterr().err
    assert main([*asked, "--out", str(tmp_path / "r.parquet")]) == 2
    assert "pip install 'multiprog[parquet]'" in capsys.readouterr().err


@pytest.mark.filterwarnings("ignore")
def test_a_local_cluster_gives_the_rows_of_one_process() -> None:
    pytest.importorskip("distributed")
    from experiments.running.dask_cluster import Workers

    plan = planned({"scheduler.policy": ["rr", "srtf"]}, repeat=20, measure=["turnaround"])
    setup = set_up(OVERLAP, plan)
    here = Bench(setup)
    cluster = Workers(SweepWorkplace, setup, "local", 2)
    rows = Rows(2, 1)
    try:
        Sweep(plan, rows, lambda *_: None, lambda *_: None).run(cluster)
    finally:
        cluster.close()
    assert [list(row.values) for row in rows] == [
        here.replication(point, number) for point in (0, 1) for number in range(1, 21)
    ]
