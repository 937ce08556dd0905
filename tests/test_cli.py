"""The commands, typed as a newcomer types them.

The simulated output of each lesson is compared with a golden file. After a change that is meant
to change it, `MULTIPROG_GOLDENS=write python -m pytest tests/test_cli.py -k golden` writes them
anew; read every line of `git diff tests/goldens` before you commit it.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cli import cli, main
from kernel.policies import POLICIES
from tests.effort import cases, portion
from tests.paths import ROOT
from tests.real.workloads import disturbed
from timeline.comparison.compare import compare
from timeline.files.document import load, read_run
from timeline.laws.check import check

GOLDENS = Path(__file__).parent / "goldens"
LESSONS = sorted((ROOT / "scenarios" / "lessons").glob("*.yaml"))
LESSON = "scenarios/lessons/overlap.yaml"
COMMANDS = sorted(cli.commands)
RUN_REAL = pytest.param("run-real", marks=pytest.mark.real)
COMPARE = pytest.param("compare", marks=pytest.mark.real)
TRIES = 5

SMALL = """
scheduler: {policy: rr, quantum: 5ms}
processes: [{name: A, cpu: 12ms}, {name: B, cpu: 6ms}]
"""
ENV = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR")}

VERDICTS = ("agree", "agree, times inconclusive", "inconclusive", "disagree")


def run(*arguments: str, **how: Any) -> subprocess.CompletedProcess[str]:
    """`python cli.py …` in the repository's folder, its output in pipes."""
    return subprocess.run(
        [sys.executable, "cli.py", *arguments],
        cwd=ROOT,
        env=ENV,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        **how,
    )


def here(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The same without another Python, which takes a second to start: for what is only computed."""
    with (
        contextlib.chdir(ROOT),
        contextlib.redirect_stdout(io.StringIO()) as out,
        contextlib.redirect_stderr(io.StringIO()) as err,
    ):
        status = main(list(arguments))
    return subprocess.CompletedProcess(arguments, status, out.getvalue(), err.getvalue())


@pytest.fixture
def small(tmp_path: Path) -> str:
    """A scenario of a few milliseconds."""
    file = tmp_path / "small.yaml"
    file.write_text(SMALL)
    return str(file)


# -- help and usage -----------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    shown = capsys.readouterr()
    assert f" {command} [OPTIONS]" in shown.out
    assert cli.commands[command].help
    assert shown.err == ""


def test_help_names_every_command() -> None:
    done = run("--help")
    assert done.returncode == 0 and done.stderr == ""
    assert [name for name in COMMANDS if f"\n  {name} " not in done.stdout] == []


def test_no_command_at_all_shows_the_help_line_by_line() -> None:
    done = run()
    assert done.stdout + done.stderr == run("--help").stdout


def test_measured_costs_do_not_fail_a_lesson_for_what_it_expects_without(tmp_path: Path) -> None:
    costs = {"dispatch": 5000, "switch": 5000, "migration": 0}
    profile = {"format": "multiprog-profile/1", "costs": costs, "free_costs": costs}
    (tmp_path / "lab.json").write_text(json.dumps(profile))
    done = run("simulate", LESSON, "--costs", str(tmp_path / "lab.json"))
    assert done.returncode == 0
    assert "expect is not checked" in done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_is_shown_by_example(command: str) -> None:
    page = (ROOT / "docs" / "start" / "commands.md").read_text(encoding="utf-8")
    assert f"cli.py {command}" in page


@pytest.mark.parametrize("command", ["run-real", "compare"])
@pytest.mark.parametrize("wrong", [["--timeout", "soon"], ["--limit", "workers=1"]])
def test_a_wrong_real_run_is_refused_before_it_waits_for_another(
    command: str, wrong: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def wait(no_wait: bool) -> None:
        raise AssertionError(f"it waits ({no_wait=})")

    monkeypatch.setattr("commands.machines.alone", wait)
    assert main([command, LESSON, *wrong]) == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["simulat", "x.yaml"], "No such command 'simulat'"),
        (["simulate"], "Missing argument 'FILE'"),
        (["simulate", "--polcy", "rr", LESSON], "--polcy"),
        (["simulate", "nowhere.yaml"], "nowhere.yaml"),
        (["run-real", "nowhere.yaml"], "nowhere.yaml"),
        (["compare", "nowhere.yaml"], "nowhere.yaml"),
        (["check", "nowhere.yaml"], "nowhere.yaml"),
        (["simulate", "scenarios"], "scenarios"),
        (["simulate", "--cores", "two", LESSON], "'two' is not a valid integer"),
        (["simulate", "--quantum", "-3ms", LESSON], "quantum"),
        (["simulate", "--policy", "lottery-of-babylon", LESSON], "lottery-of-babylon"),
        (["simulate", "--set", "processes.0.cpu", LESSON], "processes.0.cpu"),
        (["simulate", "--limit", "patience=3", LESSON], "--limit patience=3"),
        (["run-real", "--timeout", "soon", LESSON], "--timeout"),
        (["run-real", "--timeout", "0", LESSON], "--timeout"),
        (["run-real", "--cores", "1000", LESSON], "1000 real cores"),
        (["compare", "--cores", "1000", LESSON], "1000 real cores"),
        (["compare", LESSON, LESSON], "compare takes one scenario file"),
        (["compare", LESSON, "--policy", "rr,srtf"], "takes one policy"),
        (["check", LESSON, "--policy", "rr,srtf"], "takes one policy"),
        (["simulate", LESSON, "--policy", "rr,"], "before and after each comma"),
        (["simulate", LESSON, "--policy", "rr,srft"], "did you mean 'srtf'?"),
        (["simulate", LESSON, "--policy", "rr,srft", "--quantum", "1ms"], "did you mean 'srtf'?"),
        (["policies", "mlqf"], "did you mean 'mlfq'?"),
        (["policies", "nowhere.py:Mine"], "no such file: nowhere.py"),
        (["simulate", LESSON, "--out", "/nowhere/run.json"], "/nowhere/run.json"),
    ],
)
def test_a_mistake_is_one_line_on_stderr(arguments: list[str], says: str) -> None:
    done = here(*arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    remarks = (" is ignored", "expect is not checked")
    lines = done.stderr.splitlines()
    assert len([line for line in lines if not any(words in line for words in remarks)]) == 1


def test_check_tells_the_mistakes_of_every_file(small: str, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("processes:\n  - {name: A, cpu: -3}\n  - {name: A, cpu: 5ms}\n")
    done = here("check", str(bad), small)
    assert done.returncode == 2
    assert f"{bad}:2:" in done.stderr
    assert done.stdout == f"{small}: correct: 2 processes, 2 steps\n"


def test_check_says_how_memory_is_shared_out(tmp_path: Path) -> None:
    file = tmp_path / "memory.yaml"
    file.write_text(
        "machine: {memory: 1MiB}\nmemory: {scheme: buddy, min_block: 64KiB}\n"
        "processes: [{name: A, memory: 100KiB, cpu: 5ms}]\n"
    )
    done = here("check", str(file))
    told = "memory: 1MiB, buddy system, blocks from 64KiB, fifo admission"
    assert done.stdout.splitlines()[1] == told


def test_memory_over_time_is_in_the_document(tmp_path: Path) -> None:
    file = tmp_path / "memory.yaml"
    file.write_text(
        "machine: {memory: 1MiB}\nprocesses: [{name: A, memory: 512KiB, cpu: 5ms}, "
        "{name: B, memory: 768KiB, cpu: 5ms}]\n"
    )
    memory = json.loads(here("simulate", str(file), "--json").stdout)["memory"]
    assert memory["means"]["utilization"] == 0.625
    assert memory["series"]["at_ns"] == [0, 5_000_000, 10_000_000]
    assert memory["series"]["waiting"] == [1, 0, 0]


# -- results --------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["simulate", RUN_REAL])
def test_json_is_all_that_is_on_stdout(command: str, small: str) -> None:
    done = run(command, small, "--json")
    assert done.returncode == 0, done.stderr
    result = read_run(json.loads(done.stdout))
    assert result.process_names == ["A", "B"]
    assert check(result) == []


@pytest.mark.real
def test_json_of_a_comparison(small: str) -> None:
    done = run("compare", small, "--json")
    assert done.returncode in (0, 1), done.stderr
    document = json.loads(done.stdout)
    assert document["format"] == "multiprog-runs/1"
    assert [each["backend"] for each in document["runs"]] == ["simulated", "real"]
    assert document["comparison"]["verdict"] in VERDICTS


def test_out_saves_what_json_prints(small: str, tmp_path: Path) -> None:
    saved = tmp_path / "run.json"
    shown = here("simulate", small, "--json", "--out", str(saved))
    assert saved.read_text() == shown.stdout
    assert sorted(file.name for file in tmp_path.iterdir()) == ["run.json", "small.yaml"]


def test_the_same_scenario_gives_the_same_bytes(small: str) -> None:
    assert here("simulate", small, "--json").stdout == here("simulate", small, "--json").stdout


def test_saved_runs_are_compared(small: str, tmp_path: Path) -> None:
    one, other = str(tmp_path / "one.json"), str(tmp_path / "other.json")
    assert here("simulate", small, "--out", one).returncode == 0
    assert here("simulate", small, "--policy", "fcfs", "--out", other).returncode == 0
    assert here("compare", one, one).returncode == 0
    different = here("compare", one, other)
    assert different.returncode == 2 and "runs of the same scenario" in different.stderr
    for more in (("--policy", "rr"), ("--program",)):
        again = here("compare", one, other, *more)
        assert again.returncode == 2 and "saved runs are compared as they are" in again.stderr


def test_the_gist_of_a_run_is_short_and_all_of_it_is_there_with_full(small: str) -> None:
    lesson = "scenarios/lessons/partitions.yaml"
    gist, full = (here("simulate", lesson, *more).stdout for more in ((), ("--full",)))
    assert "Memory over time" in full and "Memory over time" not in gist
    assert "Ties:" in full and "Ties:" in gist
    assert len(here("simulate", small).stdout.splitlines()) <= 26


def test_a_comparison_that_agrees_ends_with_0_whatever_its_real_half_was_expected_to_be(
    small: str, tmp_path: Path
) -> None:
    saved = tmp_path / "one.json"
    here("simulate", small, "--out", str(saved))
    document = json.loads(saved.read_text())
    document["backend"] = "real"
    wrong = {"what": "makespan", "wanted": 19_000_000, "got": 18_000_000, "holds": False}
    document["expectations"] = [wrong]
    other = tmp_path / "other.json"
    other.write_text(json.dumps(document))
    done = here("compare", str(saved), str(other))
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "Verdict: agree")


def test_an_expectation_that_fails_is_status_1(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(SMALL + "expect: {makespan: 19ms}\n")
    done = here("simulate", str(file))
    assert done.returncode == 1 and "✗" in done.stdout
    file.write_text(SMALL + "expect: {makespan: 18ms}\n")
    assert here("simulate", str(file)).returncode == 0


@pytest.mark.real
def test_a_run_that_is_stopped_is_status_1_and_keeps_its_record(tmp_path: Path) -> None:
    file = tmp_path / "long.yaml"
    file.write_text("processes: [{name: A, cpu: 60s}]\n")
    done = run("run-real", str(file), "--timeout", "200ms", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["stopped"]
    assert "the run was stopped" in done.stderr


@pytest.mark.parametrize(
    ("option", "key", "value"),
    [
        (["--policy", "fcfs"], ("scheduler", "policy"), "fcfs"),
        (["--quantum", "3ms"], ("scheduler", "quantum"), 3_000_000),
        (["--cores", "2"], ("machine", "cores"), 2),
        (["--seed", "9"], ("scenario", "seed"), 9),
        (["--set", "processes.0.cpu=1ms"], ("processes", 0, "demand_ns"), 1_000_000),
    ],
)
def test_options_change_the_scenario(
    option: list[str], key: tuple[Any, ...], value: Any, small: str
) -> None:
    at = json.loads(here("simulate", small, "--json", *option).stdout)
    for step in key:
        at = at[step]
    assert at == value


def test_a_time_unit_stretches_bare_numbers(tmp_path: Path) -> None:
    file = tmp_path / "bare.yaml"
    file.write_text("processes: [{name: A, cpu: 3}]\n")
    document = json.loads(here("simulate", str(file), "--time-unit", "20ms", "--json").stdout)
    assert document["makespan_ns"] == 60_000_000


# -- why, and which -------------------------------------------------------------------------------

EXPLAIN = ["--policy", "srtf", "--explain"]


@pytest.mark.parametrize("command", ["simulate", RUN_REAL, COMPARE])
def test_explain_prints_every_decision(command: str, small: str) -> None:
    done = run(command, small, *EXPLAIN)
    assert "Decisions, by the rule: " in done.stdout, done.stderr
    assert "B runs    A remaining 12ms; B remaining 6ms" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_explain_is_in_the_json(small: str) -> None:
    document = json.loads(here("simulate", small, *EXPLAIN, "--json").stdout)
    assert document["decisions"]["process"] == ["B", "A"]
    assert document["decisions"]["ready"][1] == [{"process": "A", "remaining_ns": 12_000_000}]
    assert "decisions" not in json.loads(here("simulate", small, "--json").stdout)


@pytest.mark.parametrize("command", ["simulate", RUN_REAL])
def test_several_policies_are_a_row_each(command: str, small: str) -> None:
    done = run(command, small, "--policy", "rr,fcfs")
    assert done.returncode == 0, done.stderr
    rows = [
        line.split()[0] for line in done.stdout.splitlines() if line.startswith(("rr ", "fcfs "))
    ]
    assert rows.count("rr") >= 2 and rows.count("fcfs") >= 2
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "\x1b" not in done.stdout


def test_several_policies_are_several_runs_of_one_scenario(small: str, tmp_path: Path) -> None:
    saved = tmp_path / "runs.json"
    done = here("simulate", small, "--policy", "rr,fcfs,rr", "--json", "--out", str(saved))
    document = json.loads(done.stdout)
    assert saved.read_text() == done.stdout
    assert (document["format"], document["comparison"]) == ("multiprog-runs/1", None)
    assert [each["scheduler"]["policy"] for each in document["runs"]] == ["rr", "fcfs"]
    assert [each["makespan_ns"] for each in document["runs"]] == [18_000_000] * 2
    assert [check(each) for each in load(saved)] == [[], []]


def test_a_quantum_is_for_the_policies_that_have_one(small: str) -> None:
    done = here("simulate", small, "--policy", "rr,fcfs", "--quantum", "2ms", "--json")
    assert done.returncode == 0
    assert "fcfs has no quantum; --quantum applies to the other policies" in done.stderr
    rr, fcfs = json.loads(done.stdout)["runs"]
    assert rr["scheduler"]["quantum"] == 2_000_000
    assert "quantum" not in fcfs["scheduler"]


MINE = '''
from kernel.scheduling import Policy, Duration, ms

class Last(Policy):
    """The last first. Good for nothing; fails the patient."""
    tie_rule = "the last is first"
    slice: Duration = ms(3)
    def setup(self): self.stack = []
    def ready(self, process, why): self.stack.append(process)
    def pick(self, core): return (self.stack.pop(), self.slice) if self.stack else None
'''


def test_a_policy_of_ones_own_is_told_and_compared(small: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(MINE)
    told = run("policies", f"{file}:Last")
    assert told.returncode == 0, told.stderr
    assert "slice  3ms (a duration)" in told.stdout
    assert f"{file}:4" in told.stdout.replace("\n", "").replace(" ", "")
    done = run("simulate", small, "--policy", f"{file}:Last")
    assert "the last is first" in " ".join(done.stdout.split())
    assert run("simulate", small, "--policy", f"fcfs,{file}:Last").returncode == 0


def test_a_policy_that_was_changed_between_two_saved_runs_is_told(
    small: str, tmp_path: Path
) -> None:
    file, one, other = tmp_path / "mine.py", str(tmp_path / "1.json"), str(tmp_path / "2.json")
    mine = f"{file}:Last"
    file.write_text(MINE)
    assert run("simulate", small, "--policy", mine, "--out", one).returncode == 0
    assert "not the same" not in run("compare", one, one).stderr
    file.write_text(MINE + "# and this\n")
    assert run("simulate", small, "--policy", mine, "--out", other).returncode == 0
    said = f"{mine} is not the same in both runs: its file was changed\n"
    assert said in run("compare", one, other).stderr


PERIODIC = """
machine: {costs: {switch: 1ms}}
scheduler: {policy: edf}
processes:
  - {name: A, cpu: 4ms, period: 10ms, jobs: 3}
  - {name: B, cpu: 6ms, period: 12ms, deadline: 9ms, jobs: 2}
"""


@pytest.fixture
def periodic(tmp_path: Path) -> str:
    """Periodic processes, some of whose jobs are late."""
    file = tmp_path / "periodic.yaml"
    file.write_text(PERIODIC)
    return str(file)


def test_check_says_whether_deadlines_can_be_met(periodic: str, small: str) -> None:
    lines = here("check", periodic, small).stdout.splitlines()
    assert "correct: 2 processes" in lines[0]
    assert "utilisation" in lines[1].lower()
    assert lines[-1].startswith(f"{small}: correct")


def test_jobs_and_costs_are_in_the_document(periodic: str) -> None:
    document = json.loads(here("simulate", periodic, "--json").stdout)
    assert check(read_run(document)) == []
    costs = {"dispatch": 0, "switch": 1_000_000, "migration": 0, "copy_per_mib": 0}
    costs |= {"fork": 0, "spawn": 0, "forkserver": 0}
    assert document["machine"]["costs"] == costs
    assert [len(row["jobs"]) for row in document["processes"]] == [3, 2]
    assert set(document["overheads"]["why"]) == {"switch"}
    assert set(document["scheduler"]) >= {"queues", "balance", "ties", "tie_rule"}


def test_misses_and_costs_are_printed(periodic: str) -> None:
    shown = " ".join(here("simulate", periodic, "--full").stdout.split())
    assert "Costs: switch 1ms" in shown
    assert "of 5 deadlines" in shown
    assert "overhead" in shown


def test_who_is_suspended_while_it_is_moved_is_shown() -> None:
    lesson = "scenarios/lessons/compaction.yaml"
    costs = "machine.costs.copy_per_mib=400ms"
    shown = here("simulate", lesson, "--full", "--set", costs).stdout
    assert "s suspended: swapped out, or being moved" in shown
    assert "Costs: copy_per_mib 400ms" in shown
    assert "sus-" in shown and "pended" in shown
    assert "overhead" not in shown  # no core copies


def test_queues_are_printed_with_the_rules(small: str) -> None:
    queues = "scheduler.queues=per-core"
    shown = here("simulate", small, "--full", "--cores", "2", "--set", queues)
    assert "queues per-core, balance none" in shown.stdout
    assert "of cores with equal loads the lowest" in " ".join(shown.stdout.split())


# -- where output goes ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ["simulate", LESSON],
        pytest.param(["run-real", LESSON], marks=pytest.mark.real),
        pytest.param(["compare", LESSON], marks=pytest.mark.real),
        ["policies"],
        ["policies", "mlfq"],
        ["lessons"],
    ],
)
def test_in_a_pipe_there_is_no_escape_code_and_no_long_line(arguments: list[str]) -> None:
    done = run(*arguments)
    assert "\x1b" not in done.stdout + done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "Traceback" not in done.stderr


ENVIRONMENTS = {"buffered": {}, "unbuffered": {"PYTHONUNBUFFERED": "1"}}
"""When a pipe without a reader shows: at the flush, or at the first write."""


def left_by_its_reader(*arguments: str, stderr: int, **variables: str) -> tuple[int, str]:
    """Exit status and stderr of a command; the reader of its output is gone before it writes."""
    bare = {name: value for name, value in ENV.items() if name in ("PATH", "HOME", "TMPDIR")}
    with subprocess.Popen(
        [sys.executable, "cli.py", *arguments],
        cwd=ROOT,
        env=bare | variables,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    ) as process:
        assert process.stdout
        process.stdout.close()
        said = process.stderr.read() if process.stderr else ""
    return process.returncode, said


WRITERS = [
    ["simulate", LESSON],
    ["simulate", LESSON, "--json"],
    ["check", LESSON],
    ["export", LESSON, "--python"],
    ["policies"],
    ["policies", "mlfq"],
    ["lessons"],
    ["schema"],
    ["--help"],
    ["--version"],
]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("arguments", WRITERS, ids=" ".join)
def test_a_reader_that_goes_away_is_met_with_silence(
    arguments: list[str], environment: str
) -> None:
    variables = ENVIRONMENTS[environment]
    assert left_by_its_reader(*arguments, stderr=subprocess.PIPE, **variables) == (1, "")


@pytest.mark.real
@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("options", [[], ["--json"]], ids=["shown", "json"])
def test_a_reader_that_goes_away_from_a_real_run_is_met_with_silence(
    options: list[str], environment: str, small: str
) -> None:
    variables = ENVIRONMENTS[environment]
    status, said = left_by_its_reader(
        "run-real", small, *options, stderr=subprocess.PIPE, **variables
    )
    assert (status, "Broken pipe" in said, "Traceback" in said) == (1, False, False)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("arguments", [["nonsense"], ["check", "nowhere.yaml"], ["schema"]])
def test_an_error_that_nobody_reads_is_status_1(arguments: list[str], environment: str) -> None:
    variables = ENVIRONMENTS[environment]
    assert left_by_its_reader(*arguments, stderr=subprocess.STDOUT, **variables)[0] == 1


def test_schema_is_json() -> None:
    assert json.loads(here("schema").stdout)["properties"]["processes"]


def test_policies_and_lessons_are_listed() -> None:
    listed = here("policies").stdout
    assert [name for name in POLICIES if f"\n{name}\n" not in f"\n{listed}"] == []
    listed = here("lessons").stdout
    assert [file.stem for file in LESSONS if f"\n  {file.stem} (" not in listed] == []


def test_damaged_input_is_taken_well() -> None:
    """A few of the hundred thousand of `make fuzz`."""
    arguments = ["-m", "benchmarks.fuzz", "--inputs", str(cases(200)), "--seed", "7"]
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


# -- the lessons ----------------------------------------------------------------------------------


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.stem)
def test_the_simulated_lesson_equals_its_golden_file(lesson: Path) -> None:
    done = here("simulate", "--full", str(lesson.relative_to(ROOT)))
    assert done.returncode == 0, done.stdout + done.stderr
    golden = GOLDENS / f"{lesson.stem}.txt"
    if os.environ.get("MULTIPROG_GOLDENS") == "write":
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(done.stdout, encoding="utf-8")
    assert done.stdout == golden.read_text(encoding="utf-8")


def test_every_golden_file_has_its_lesson() -> None:
    assert [file.stem for file in sorted(GOLDENS.iterdir())] == [file.stem for file in LESSONS]


DISPATCHED = [lesson for lesson in LESSONS if not lesson.stem.startswith("linux-")]
LEFT_ALONE = [lesson for lesson in LESSONS if lesson not in DISPATCHED]


@pytest.mark.real
@pytest.mark.parametrize("lesson", portion(LEFT_ALONE), ids=lambda lesson: lesson.stem)
def test_the_lesson_left_to_the_machine(lesson: Path, tmp_path: Path) -> None:
    for _ in range(TRIES):
        saved = tmp_path / "runs.json"
        done = run("compare", str(lesson.relative_to(ROOT)), "--out", str(saved))
        if done.returncode == 2:
            assert "root" in done.stderr or "cores" in done.stderr
            pytest.skip(done.stderr)
        assert done.returncode in (0, 1) and "Traceback" not in done.stderr, done.stderr
        simulated, real = load(saved)
        assert check(simulated) == [] and check(real) == []
        if "Verdict: agree" in done.stdout or lesson.stem == "linux-two-cores":
            return  # with several cores the model is an approximation
    # A process that only waits takes nothing, and yet makes the kernel choose at every tick.
    if disturbed(real) or "Verdict: inconclusive" in done.stdout or os.getloadavg()[0] > 1:
        pytest.skip("other programs are using this machine's cores")
    raise AssertionError(done.stdout)


@pytest.mark.real
@pytest.mark.parametrize("lesson", portion(DISPATCHED), ids=lambda lesson: lesson.stem)
def test_the_lesson_on_real_processes(lesson: Path, tmp_path: Path) -> None:
    if lesson.stem == "two-cores" and len(os.sched_getaffinity(0)) < 2:
        pytest.skip("needs a machine with two cores")
    for _ in range(TRIES):
        saved = tmp_path / "runs.json"
        done = run("compare", str(lesson.relative_to(ROOT)), "--out", str(saved))
        assert done.returncode in (0, 1) and "Traceback" not in done.stderr, done.stderr
        simulated, real = load(saved)
        assert check(simulated) == [] and check(real) == []
        order = compare(simulated, real).dispatch
        if order.same:
            return
    if disturbed(real):
        pytest.skip("other programs are using this machine's cores")
    raise AssertionError(order)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", [["--help"], ["policies"], ["simulate", LESSON, "--json"]])
def test_a_full_disk_behind_stdout_is_said_in_one_line(arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "cli.py", *arguments],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.stderr == "the output could not be written: No space left on device\n"
    assert done.returncode == 1


# -- streamed runs --------------------------------------------------------------------------------


def test_a_streamed_run_is_read_back_like_any_other(small: str, tmp_path: Path) -> None:
    out, whole = str(tmp_path / "run.jsonl.gz"), str(tmp_path / "run.json")
    shown = here("simulate", small, "--out", out)
    assert shown.returncode == 0
    assert "2 processes" in shown.stdout
    assert here("simulate", small, "--out", whole).returncode == 0
    compared = here("compare", out, whole)
    assert compared.returncode == 0
    assert "agree" in compared.stdout


def test_the_same_streamed_run_is_the_same_file(small: str, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.jsonl.gz", "b.jsonl.gz")]
    for file in files:
        assert here("simulate", small, "--out", str(file)).returncode == 0
    assert files[0].read_bytes() == files[1].read_bytes()


@pytest.mark.parametrize(
    "others", [["--json"], ["--explain"], ["--csv", "tables"], ["--costs", "measured"]]
)
def test_what_needs_the_whole_record_is_refused_beside_a_streamed_one(
    others: list[str], small: str, tmp_path: Path
) -> None:
    out = tmp_path / "run.jsonl"
    refused = here("simulate", small, "--out", str(out), *others)
    assert refused.returncode == 2
    assert ".json" in refused.stderr
    assert not out.exists()


def test_only_simulate_streams(small: str, tmp_path: Path) -> None:
    refused = run("run-real", small, "--out", str(tmp_path / "run.jsonl"))
    assert refused.returncode == 2
    assert "only simulate streams" in refused.stderr


@pytest.mark.parametrize("command", ["check", "policies"])
def test_a_policy_without_a_method_that_it_needs_is_not_called_correct(
    command: str, tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text(
        "from kernel.scheduling import Policy\nclass Mine(Policy):\n"
        "    def ready(self, process, why): ...\n"
    )
    lab = tmp_path / "lab.yaml"
    lab.write_text("scheduler: {policy: mine.py:Mine}\nprocesses: [{name: A, cpu: 1ms}]\n")
    done = run(command, str(lab) if command == "check" else f"{tmp_path}/mine.py:Mine")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "mine.py:2: Mine must have a method pick(self, core)" in done.stderr
