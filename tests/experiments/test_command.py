"""The command `sweep`, typed as a newcomer types it."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cli import main
from tests.experiments.scenarios import OVERLAP
from tests.paths import ROOT

MINE = """
from kernel.scheduling import Policy
from beside import first


class Mine(Policy):
    \"\"\"First come, first served.\"\"\"

    def setup(self):
        self.queue = []

    def ready(self, process, why):
        self.queue.append(process)

    def pick(self, core):
        return (first(self.queue), None) if self.queue else None


class Loops(Mine):
    def pick(self, core):
        while True:
            pass


class LoopsInC(Mine):
    def pick(self, core):
        import itertools

        sum(itertools.repeat(1))
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a scenario and policies in it."""
    monkeypatch.chdir(tmp_path)
    Path("f.yaml").write_text(OVERLAP)
    Path("mine.py").write_text(MINE)
    Path("beside.py").write_text("def first(queue):\n    return queue.pop(0)\n")
    return tmp_path


def sweep(*arguments: str) -> tuple[int, str, str]:
    """Status, stdout and stderr of `sweep f.yaml` in this process."""
    with (
        contextlib.redirect_stdout(io.StringIO()) as out,
        contextlib.redirect_stderr(io.StringIO()) as err,
    ):
        status = main(["sweep", "f.yaml", *arguments])
    return status, out.getvalue(), err.getvalue()


def apart(*arguments: str) -> subprocess.Popen[str]:
    """`sweep f.yaml` as a command of its own."""
    return subprocess.Popen(
        [sys.executable, str(ROOT / "cli.py"), "sweep", "f.yaml", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def rows(file: str) -> list[str]:
    """The lines of a file of rows, sorted."""
    return sorted(Path(file).read_text().splitlines())


def test_the_table_has_means_with_intervals_and_differences_are_told() -> None:
    status, out, err = sweep(
        *("scheduler.policy=rr,srtf", "--repeat", "40", "--jobs", "1", "--measure", "turnaround")
    )
    assert (status, err) == (0, "")
    assert "2 points · 40 replications each · 95 % intervals · seed 7" in out
    assert "turnaround: srtf is " in out
    assert " ms shorter than rr" in out


def test_the_same_points_in_any_number_of_workers() -> None:
    usual = ("scheduler.policy=rr,mine.py:Mine", "--repeat", "5")
    assert sweep(*usual, "--jobs", "1", "--out", "one.csv")[0] == 0
    assert sweep(*usual, "--jobs", "2", "--out", "two.csv")[0] == 0
    assert rows("one.csv") == rows("two.csv")
    assert len(rows("one.csv")) == 11


def test_a_sweep_goes_on_and_extends_what_is_there() -> None:
    assert sweep("scheduler.policy=rr", "--repeat", "3", "--out", "r.csv")[0] == 0
    before = Path("r.csv").read_text()
    status, _, err = sweep("scheduler.policy=rr,srtf", "--repeat", "5", "--out", "r.csv")
    assert (status, err) == (0, "r.csv: already has 3 replications; the sweep goes on after them\n")
    assert Path("r.csv").read_text().startswith(before)
    assert len(rows("r.csv")) == 11
    assert sweep("scheduler.policy=rr,srtf", "--seed", "5", "--out", "r.csv")[0] == 2


def test_ctrl_c_leaves_whole_rows_and_says_how_to_go_on() -> None:
    asked = ("scheduler.policy=rr,srtf", "--repeat", "20000", "--out", "r.csv", "--jobs", "1")
    with apart(*asked) as command:
        until = time.monotonic() + 60
        while time.monotonic() < until and not (
            Path("r.csv").exists() and Path("r.csv").stat().st_size > 5000
        ):
            time.sleep(0.05)
        command.send_signal(signal.SIGINT)
        out, err = command.communicate(timeout=60)
    assert command.returncode == 130
    assert "interrupted; run the same command again to go on with r.csv" in err
    assert "Traceback" not in err
    assert "policy" in out  # the answer so far
    with Path("r.csv").open(newline="") as file:
        widths = {len(row) for row in csv.reader(file)}
    assert widths == {4 + 7}


def test_a_policy_that_never_answers_is_told_with_its_line() -> None:
    asked = ("scheduler.policy=mine.py:Loops", "--jobs", "1", "--limit", "policy=500ms")
    status, _, err = sweep(*asked)
    assert status == 2
    assert "mine.py:21: pick() has not answered for 500ms" in err.replace(".py:22:", ".py:21:")


def test_a_policy_that_never_answers_in_c_ends_its_worker_and_is_told() -> None:
    asked = ("scheduler.policy=mine.py:LoopsInC", "--jobs", "2", "--limit", "policy=500ms")
    with apart(*asked) as command:
        _, err = command.communicate(timeout=100)
    assert command.returncode == 2
    assert "mine.py:29: has not answered for 500ms" in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        (["scheduler.quantun=5ms"], "unknown key 'quantun' (did you mean 'quantum'?)"),
        (["scheduler.quantum=5ms,0ms"], "point 2 of 2 (scheduler.quantum=0ms): "),
        (["scheduler.quantum"], "must be KEY=VALUES, like scheduler.quantum=5ms,10ms,20ms"),
        ([], "nothing is varied"),
        (["seed=1", "seed=2"], "a key is given twice"),
        (["seed=1,2", "--where", "cores < 3"], "cores is a word, and no key that is varied"),
        (["seed=1,2", "--precision", "5"], "--precision: must be a share above 0%"),
        (["seed=1,2", "--warmup", "soon"], "--warmup: must be a duration"),
        (["seed=1,2", "--repeat", "0"], "--repeat: must be a whole number from 1 to 1000000"),
        (["seed=1,2", "--measure", "waiting of D"], "there is no D (known: A, B, C)"),
        (["seed=1,2", "--measure", "utilization of disk"], "there is no disk"),
        (["seed=1,2", "--out", "none/r.csv"], "cannot be written: there is no folder"),
        (["seed=1,2", "--out", "f.yaml"], "is a file that this command reads"),
        (["seed=1,2", "--out", "/dev/null"], "must be a file"),
        (["seed=range(100000)"], "100,000 values, more than 10,000 (the limit points)"),
        (["--points", "p.csv"], "p.csv: cannot be read: No such file"),
        (["scheduler.policy=none.py:Mine"], "no such file: none.py"),
        (["seed=1,2", "--policy", "rr,srtf"], "takes one policy"),
    ],
)
def test_a_mistake_is_one_line_and_nothing_runs(arguments: list[str], wrong: str) -> None:
    status, out, err = sweep(*arguments)
    assert (status, out) == (2, "")
    assert wrong in err
    assert len(err.splitlines()) == 1
    assert not Path("r.csv").exists()


def test_an_experiment_in_the_file_is_what_the_options_are() -> None:
    block = "\nexperiment: {vary: {scheduler.quantum: [5ms, 10ms]}, repeat: 3, measure: [switches]}"
    Path("f.yaml").write_text(OVERLAP + block)
    written = sweep()
    assert written[0] == 0
    Path("f.yaml").write_text(OVERLAP)
    typed = sweep("scheduler.quantum=5ms,10ms", "--repeat", "3", "--measure", "switches")
    assert written == typed
    Path("f.yaml").write_text(OVERLAP + block)
    assert "20ms" in sweep("scheduler.quantum=20ms,30ms")[1]


@pytest.mark.parametrize(
    ("key", "value", "wrong"),
    [
        ("vary", "{scheduler.quantum: 'range(5,1)'}", "has no values; the stop is left out"),
        ("vary", "{scheduler.quantum: []}", "must be a list of at least one value"),
        ("repeat", "none", "must be a whole number from 1 to 1000000"),
        ("precision", "5", "must be a share above 0%"),
        ("warmup", "-1s", "must be a duration of 0 or more, or auto"),
        ("mesure", "[turnaround]", "unknown key 'mesure' (did you mean 'measure'?)"),
        ("batches", "1", "must be a whole number from 2 to 10000"),
    ],
)
def test_a_mistake_in_the_experiment_has_its_line(key: str, value: str, wrong: str) -> None:
    Path("f.yaml").write_text(f"{OVERLAP}experiment:\n  {key}: {value}\n")
    status, _, err = sweep("seed=1,2")
    assert status == 2
    assert err.startswith("f.yaml:10:")
    assert wrong in err


def test_other_commands_ignore_an_experiment() -> None:
    Path("f.yaml").write_text(f"{OVERLAP}experiment: {{vary: {{seed: [1, 2]}}}}\n")
    with contextlib.redirect_stdout(io.StringIO()) as out:
        assert main(["simulate", "f.yaml"]) == 0
    assert "experiment" not in out.getvalue()


def test_nothing_random_is_said() -> None:
    Path("f.yaml").write_text("processes: [{name: A, cpu: 5ms}, {name: B, cpu: 9ms}]")
    _, out, _ = sweep("scheduler.policy=fcfs,sjf", "--repeat", "3")
    assert "the scenario draws nothing at random" in out


def test_percentiles_over_replications() -> None:
    _, out, _ = sweep(
        *("scheduler.policy=rr", "--repeat", "30", "--measure", "makespan"),
        *("--percentiles", "50%,95%"),
    )
    assert "makespan over replications, ms: percentiles, with intervals by order statistics" in out
    assert "(too few)" in out


def test_batches_of_one_long_run() -> None:
    text = "processes: [{name: P, count: 400, arrival: {every: {exponential: 20ms}}, cpu: 9ms}]"
    Path("f.yaml").write_text(text)
    status, out, _ = sweep(
        *("scheduler.policy=fcfs,sjf", "--warmup", "auto", "--batches", "8", "--out", "r.csv")
    )
    assert status == 0
    assert "one run each, in 8 batches" in out.replace("\n", " ")
    assert len(rows("r.csv")) == 17


def test_a_long_table_is_short_unless_all_is_asked() -> None:
    asked = ("seed=range(70)", "--measure", "switches", "--jobs", "1")
    assert "\n35 " not in sweep(*asked)[1]
    assert "\n35 " in sweep(*asked, "--full")[1]


@pytest.mark.real
def test_real_runs_are_a_column_beside_the_model_and_are_continued() -> None:
    text = "processes: [{name: A, program: [{cpu: 5ms}, {io: 5ms}]}, {name: B, cpu: 5ms}]"
    Path("f.yaml").write_text(text)
    asked = ("scheduler.policy=fcfs,sjf", "--measure", "turnaround", "--jobs", "1")
    with apart(*asked, "--real", "1", "--out", "r.csv") as command:
        out, err = command.communicate(timeout=100)
    assert command.returncode == 0, err
    assert "real" in out
    assert len(rows("r-real.csv")) == 3
    with apart(*asked, "--real", "1", "--out", "r.csv") as command:
        _, again = command.communicate(timeout=100)
    assert "r-real.csv: already has 2 replications; the sweep goes on after them" in again
    assert "real run 1 of" not in again


def test_a_sweep_takes_the_slice_of_a_profile(capsys: pytest.CaptureFixture[str]) -> None:
    costs = {"dispatch": 1, "switch": 1, "migration": 0}
    told = {"hz": 250, "base_slice_ns": 12_000_000}
    Path("lab.json").write_text(json.dumps(
        {"format": "multiprog-profile/1", "costs": costs, "free_costs": costs, "scheduler": told}
    ))  # fmt: skip
    Path("left.yaml").write_text(
        "scheduler: {policy: linux}\nprocesses: [{name: A, count: 2, cpu: 24ms}]\n"
    )
    words = ["sweep", "left.yaml", "processes.0.cpu=24ms", "--measure", "switches"]
    assert main([*words, "--out", "usual.csv"]) == 0
    assert "the model assumes a tick of 4ms" in capsys.readouterr().err
    assert main([*words, "--as-on", "lab.json", "--out", "lab.csv"]) == 0
    assert "as on the machine of lab.json" in capsys.readouterr().err
    usual, lab = (Path(file).read_text().split(",")[-1] for file in ("usual.csv", "lab.csv"))
    assert int(float(lab)) < int(float(usual))


@pytest.mark.parametrize(
    "words", [["sweep", "f.yaml", "--real", "2"], ["compare", "f.yaml"], ["run-real", "f.yaml"]]
)
def test_real_runs_are_not_as_on_another_machine(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--as-on", "lab.json"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("--as-on: ")
    assert said.count("\n") == 1
