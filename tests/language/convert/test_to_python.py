"""Exported programs need nothing but Python, and print what the model says."""

from __future__ import annotations

import ast
import os
import re
import signal
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from benchmarks.exports import proved, ran
from benchmarks.proof import agrees, foreign
from language import Options, ScenarioError, export_python
from language import load as load_file
from language.convert.to_python.code import code, docstring, literal
from language.convert.to_python.helpers import RESERVED
from language.convert.to_python.identifiers import Identifiers
from language.loading import export
from sim import simulate
from tests.language.conftest import Load
from tests.paths import LESSONS, NO_ONE_PYTHON
from timeline.comparison.observations import PRINTS
from timeline.record.run import Run

IN_MEMORY = {"protection-fault", "swapped-while-waiting"}
"""Lessons on memory, of which a plain program has none to protect."""
WITHOUT_GUARD = {"spawn-without-guard"}
"""Lessons whose own processes a plain program could not start either."""
FILES = [
    path
    for path in sorted((LESSONS / "life").glob("*.yaml"))
    if path.stem not in IN_MEMORY | NO_ONE_PYTHON | WITHOUT_GUARD
]
TRIES = 5
"""No dispatcher of ours runs these processes: on a busy machine one may not run in time."""
HANGS = 3.0  # seconds after which a program that is to deadlock has done so
Lines = dict[str, list[str]]


def run_program(text: str, folder: Path, seconds: float) -> str:
    """What it prints, until it ends or so long has passed."""
    (folder / "program.py").write_text(text, encoding="utf-8")
    program = subprocess.Popen(
        [sys.executable, "-I", str(folder / "program.py")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, "TMPDIR": str(folder)},
        text=True,
    )
    try:
        return program.communicate(timeout=seconds)[0]
    except subprocess.TimeoutExpired:
        os.killpg(program.pid, signal.SIGKILL)
        return program.communicate()[0]


RAISED = re.compile(r"(\w*Error|Full|Empty|BrokenProcessPool)(: |$)")
"""What an observation says of a call that raised: the class, and a text if there is one."""


LOCAL = re.compile(r"'\w+\.<locals>\.(local_)?")
"""The function around a local one, and the beginning of the identifier of that."""


def printed(output: str) -> tuple[Lines, Lines]:
    """Lines, and what calls raised, of each process."""
    lines: Lines = defaultdict(list)
    errors: Lines = defaultdict(list)
    for line in output.splitlines():
        process, _, text = line.partition(": ")
        if text.startswith("! "):
            errors[process].append(LOCAL.sub("'", text[2:].removesuffix(".")))
        elif not text.startswith("? "):
            lines[process].append(text)
    return lines, errors


def predicted(run: Run) -> tuple[Lines, Lines]:
    """The same of the model."""
    lines: Lines = defaultdict(list)
    errors: Lines = defaultdict(list)
    for row in run.observations:
        if row.name == PRINTS:
            lines[row.process].append(row.value)
        elif (
            isinstance(row.value, str)
            and RAISED.match(row.value)
            and row.name not in ("import", "raise")
        ):
            said = f"{row.name}: {row.value}".removesuffix(".")
            errors[row.process].append(LOCAL.sub("'", said))
    return lines, errors


@pytest.mark.real
@pytest.mark.apart
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_exported_lesson_prints_what_the_model_says(path: Path, tmp_path: Path) -> None:
    run = simulate(load_file(path).workload)
    seconds = HANGS if run.stuck else 60
    for _ in range(TRIES):
        found = printed(run_program(export_python(path), tmp_path, seconds))
        if found == predicted(run):
            return
    assert found == predicted(run)


@pytest.mark.real
def test_an_exported_program_with_fork_servers_leaves_nothing(tmp_path: Path) -> None:
    run_program(export_python(LESSONS / "life" / "forkserver.yaml"), tmp_path, 60)
    assert [file.name for file in tmp_path.iterdir()] == ["program.py"]


def test_the_method_is_chosen_before_what_is_shared_is_made() -> None:
    # by another one a lock has a name in the system, which is left if its maker is killed
    text = export_python(LESSONS / "life" / "lock-left-held.yaml")
    assert text.count("set_start_method('fork'") == 1
    assert text.index("set_start_method('fork'") < text.index("multiprocessing.Lock()")


def test_the_default_method_is_left_to_the_python_that_runs(load: Load) -> None:
    load(
        "start_method: default\nprograms: {c: {cpu: 1ms}}\n"
        "processes: [{name: P, program: [{start: {program: c}}]}]\n"
    )
    assert "set_start_method" not in export_python("f.yaml")


@pytest.mark.parametrize("kind", ["gil", "free-threaded"])
def test_a_program_for_free_threads_says_which_python_it_needs(kind: str, load: Load) -> None:
    load(
        f"interpreter: {kind}\nscheduler: {{policy: fair, dispatch: none}}\n"
        "processes: [{name: P, threads: [[{cpu: 1ms}, {print: x}]]}]\n"
    )
    Path("program.py").write_text(export_python("f.yaml"), encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "program.py"], check=False, capture_output=True, text=True
    )
    here = "gil" if getattr(sys, "_is_gil_enabled", lambda: True)() else "free-threaded"
    if kind == "free-threaded" != here:
        assert (ended.stdout, ended.returncode) == ("", 1)
        assert ended.stderr.startswith("this Python has an interpreter lock: take a free-threaded")
    else:
        assert (ended.stdout, ended.returncode) == ("P/1: x\n", 0)


def test_a_lock_with_a_protocol_is_a_plain_lock() -> None:
    assert " = multiprocessing.Lock()\n" in export_python(
        LESSONS / "life" / "priority-inheritance.yaml"
    )


@pytest.mark.parametrize("name", ["overlap", "disk-queue", "two-cores"])
def test_a_lesson_without_life_is_exported_too(name: str, tmp_path: Path) -> None:
    text = export_python(LESSONS / f"{name}.yaml")
    compile(text, "program.py", "exec")
    assert run_program(text, tmp_path, 60) == ""


@pytest.mark.parametrize("name", sorted(IN_MEMORY))
def test_memory_steps_are_refused(name: str) -> None:
    with pytest.raises(ScenarioError, match=r"the step (alloc|touch) is not exported"):
        export_python(LESSONS / "life" / f"{name}.yaml")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "processes:\n- {name: A, cpu: 1ms, period: 5ms, jobs: 2}\n",
            "2:31: processes.0.period: a period is not exported: a plain program begins once",
        ),
        (
            "start_method: spawn\nmain_guard: false\nprograms: {c: {cpu: 1ms}}\n"
            "processes: [{name: A, program: [{start: {program: c}}]}]\n",
            "2:13: main_guard: a program without a main guard is not exported with start_method: "
            "spawn: it starts the processes of the scenario itself, and they would die of the "
            "error of their children; use --set main_guard=true",
        ),
        (
            "processes:\n- {name: A, memory: 4, program: [{cpu: 1ms},\n"
            "  {repeat: {times: 2, do: [{cpu: 1ms}, {touch: 3}]}}]}\n",
            "3:48: processes.0.program.1.repeat.do.1.touch: the step touch is not exported: "
            "a plain program has no partition",
        ),
        (
            "processes: [{name: A, program: [{start: {program: p, name: c}}, {join: c}]}]\n"
            "programs: {p: {memory: 4, program: [{touch: 1}]}}\n",
            "2:45: programs.p.program.0.touch: the step touch is not exported: "
            "a plain program has no partition",
        ),
        (
            "scheduler: {policy: fair, dispatch: none}\nprocesses:\n"
            "- {name: A, interpreter: per-interpreter, threads: [[{cpu: 1ms}]]}\n",
            "3:26: processes.0.interpreter: interpreter: per-interpreter is not exported",
        ),
        (
            "start_method: spawn\nprocesses: [{name: A, program: [{lock: l}, {unlock: l}]}]\n",
            "1:15: start_method: start_method: spawn with locks",
        ),
        (
            "programs: {p: {program: [{show: args}]}}\n"
            "processes: [{name: A, program: [{call: p}]}]\n",
            "2:40: processes.0.program.0.call: the call of 'p' is not exported, as args or kwargs",
        ),
        (
            "programs: {p: {cpu: 1ms}, q: {program: [{repeat: {times: 2, do: [{start: {program: p,"
            " name: c}}]}}]}}\n"
            "processes: [{name: A, program: [{start: {program: q}}, {kill: c}]}]\n",
            "2:63: processes.0.program.1.kill: kill c is not exported: several processes are",
        ),
        (
            "programs: {p: {cpu: 1ms}}\nprocesses: [{name: A, program: [{observe: c},\n"
            "  {start: c}, {start: {program: p, name: c}}]}]\n",
            "3:11: processes.0.program.1.start: start c is not exported where the Process object",
        ),
        (
            "programs: {p: {cpu: 1ms}}\nprocesses: [{name: A, program: [{start: {program: p}},\n"
            "  {join: {process: p, timeout: 60000min}}]}]\n",
            "3:10: processes.0.program.1.join: a timeout of more than 24 days is not exported",
        ),
    ],
)
def test_what_a_plain_program_does_not_have_is_refused_by_its_place(
    text: str, says: str, tmp_path: Path
) -> None:
    memory = "" if "memory" not in text else "memory: {partitions: [64KiB]}\n"
    path = tmp_path / "lab.yaml"
    path.write_text(text + memory)
    with pytest.raises(ScenarioError) as error:
        export_python(path)
    assert str(error.value).removeprefix(f"{path}:").startswith(says)


# -- nothing of a scenario is code --------------------------------------------------------------

BREAKING_OUT = "'); __import__('os').system('touch PWNED'); ('"
TENS = 20
RUNS = (1, 2, 3, 4, 7, 8, 9, 10, 11, 12, 13, 14)
"""Those between them call a program that shows its arguments, which is refused."""


def exported(text: str, folder: Path) -> str:
    """The program of a scenario, with nothing foreign in it."""
    path = folder / "lab.yaml"
    path.write_text(text, encoding="utf-8")
    program = export(path, Options())
    assert foreign(program.text, program.names) == []
    return program.text


def output(text: str, folder: Path) -> list[str]:
    """The lines of the scenario's program, sorted."""
    return sorted(run_program(exported(text, folder), folder, 60).splitlines())


@pytest.mark.parametrize("ten", range(TENS))
def test_hostile_scenarios_are_programs_without_code_of_theirs(ten: int, tmp_path: Path) -> None:
    for number in range(10 * ten, 10 * ten + 10):
        _end, wrong = proved(f"tests {number}", tmp_path, sure=False)
        assert wrong == [], number


@pytest.mark.real
@pytest.mark.apart
@pytest.mark.parametrize("number", RUNS)
def test_a_hostile_scenario_prints_what_the_model_says(number: int, tmp_path: Path) -> None:
    assert ran(f"tests {number}", tmp_path) == []


@pytest.mark.parametrize(
    "step",
    [
        f'send: {{queue: "{BREAKING_OUT}", value: 1}}',
        f'lock: "{BREAKING_OUT}"',
        f'barrier: "{BREAKING_OUT}"',
        f'io: {{"{BREAKING_OUT}": 1ms}}',
        f'start: {{program: child, name: "{BREAKING_OUT}"}}',
        f'start: {{program: "{BREAKING_OUT}", style: subclass}}',
        f'print: "{BREAKING_OUT}"',
        f'start: {{program: child, args: ["{BREAKING_OUT}"]}}',
    ],
)
def test_a_quote_in_a_name_ends_nothing(step: str, tmp_path: Path) -> None:
    text = (
        f'title: "{BREAKING_OUT}"\n'
        f'barriers: {{"{BREAKING_OUT}": 1}}\n'
        f'machine: {{devices: {{"{BREAKING_OUT}": {{units: unlimited}}}}}}\n'
        f'programs: {{child: {{cpu: 1ms}}, "{BREAKING_OUT}": {{cpu: 1ms}}}}\n'
        f'processes: [{{name: "{BREAKING_OUT}!", program: [{{{step}}}]}}]\n'
    )
    assert "system" not in _called(exported(text, tmp_path))


def _called(program: str) -> set[str]:
    calls = [node.func for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Call)]
    return {call.attr for call in calls if isinstance(call, ast.Attribute)}


@pytest.mark.real
@pytest.mark.apart
def test_a_process_and_a_program_of_one_name_are_two_functions(tmp_path: Path) -> None:
    text = (
        "programs: {P: {program: [{print: child}]}}\n"
        "processes: [{name: P, program: [{start: {program: P, name: c}}, {join: c}]}]\n"
    )
    assert output(text, tmp_path) == ["c: child"]


@pytest.mark.real
@pytest.mark.apart
def test_names_that_differ_only_in_what_python_does_not_see_are_apart(tmp_path: Path) -> None:
    text = (
        "variables: {\ufb01: 1, fi: 2}\n"
        "programs: {a-b: {program: [{exit: 1}]}, a_b: {program: [{exit: 2}]}}\n"
        "processes: [{name: P, program: [{start: {program: a-b}}, {start: {program: a_b}},\n"
        "  {join: a-b}, {join: a_b}, {set: {fi: 3}}, {show: \ufb01}, {show: fi},\n"
        "  {observe: a-b}, {observe: a_b}]}]\n"
    )
    lines = output(text, tmp_path)
    assert lines[:2] == ["P: ? a-b: " + _ended("a-b", 1), "P: ? a_b: " + _ended("a_b", 2)]
    assert lines[2:] == ["P: fi = 3", "P: \ufb01 = 1"]


def _ended(name: str, code: int) -> str:
    return f"state gone, name {name}, daemon False, pid True, is_alive False, exitcode {code}"


@pytest.mark.real
@pytest.mark.apart
@pytest.mark.parametrize("name", ["time", "do_child", "print", "Process", "class", "one", "say"])
def test_a_handle_and_a_variable_may_be_called_like_anything(name: str, tmp_path: Path) -> None:
    text = (
        f"variables: {{{name}: 1}}\n"
        "programs: {child: {program: [{cpu: 1ms}, {exit: 3}]}}\n"
        f"processes: [{{name: P, program: [{{start: {{program: child, name: {name}}}}},\n"
        f"  {{join: {name}}}, {{set: {{{name}: 2}}}}, {{show: {name}}}, {{observe: {name}}}]}}]\n"
    )
    assert output(text, tmp_path) == [f"P: ? {name}: {_ended(name, 3)}", f"P: {name} = 2"]


@pytest.mark.real
@pytest.mark.apart
def test_arguments_that_are_variables_too_begin_as_a_process_is_given_them(tmp_path: Path) -> None:
    text = (
        "variables: {args: 1}\n"
        "programs: {c: {program: [{show: args}, {set: {args: 5}}, {show: args}]}}\n"
        "processes: [{name: P, program: [{start: {program: c, args: [7]}}, {join: c},\n"
        "  {show: args}, {show: kwargs}]}]\n"
    )
    assert output(text, tmp_path) == [
        "P: ! show kwargs: NameError: name 'kwargs' is not defined",
        "P: args = 1",
        "c: args = 5",
        "c: args = [7]",
    ]


@pytest.mark.real
@pytest.mark.apart
def test_a_name_means_in_a_forked_child_what_its_parent_had(tmp_path: Path) -> None:
    text = (
        "programs: {a: {program: [{io: 1s}]}, b: {program: [{observe: x}]}}\n"
        "processes: [{name: P, program: [{start: {program: a, name: x}}, {start: {program: b}},\n"
        "  {join: b}, {kill: x}, {join: x}]}]\n"
    )
    mine = "is_alive AssertionError: can only test a child process, exitcode None"
    seen = f"b: ? x: state alive, name x, daemon False, pid True, {mine}"
    assert output(text, tmp_path) == [seen]


VALUES = [
    *(0, -1, 10**39, -0.0, 1e308, 5e-324, float("inf"), float("-inf"), True, None),
    *("", "b'x'", "\u202e", "\n", "\ud800", "{0}", "\\", "\\u", BREAKING_OUT),
    *([], [1, [2.5, "x"]], (1,), (), {"a": [1]}),
]


@pytest.mark.parametrize("value", VALUES)
def test_a_literal_is_read_back_as_the_value(value: object) -> None:
    text = literal(value)
    assert text.isprintable()
    assert repr(eval(text)) == repr(value)


def test_a_number_that_is_none_is_read_back_as_such() -> None:
    assert repr(eval(literal(float("nan")))) == "nan"


TEXTS = ["", '"', '""""', "\\", '\\"', "\\u", "a\nb", "\r\x00\u202e\u2028", "{}", "'''", "\ud800"]


@pytest.mark.parametrize("text", TEXTS)
def test_a_docstring_is_read_back_as_the_text(text: str) -> None:
    assert eval(docstring(text)) == text


def test_only_our_own_text_stands_as_it_is() -> None:
    assert code("f({}, {})", "x{}", code("y")) == "f('x{}', y)"


TAKEN = ["print", "time", "class", "match", "say", "args", "_", "__name__", "__debug__"]


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_taken_gets_another_name(name: str) -> None:
    made = Identifiers(RESERVED).of("variable", name)
    assert made != name
    assert made.isidentifier()


def test_each_name_is_made_once() -> None:
    names = Identifiers(())
    assert names.of("lock", "a-b") == names.of("lock", "a-b") == "lock_a_b"
    assert names.of("lock", "a_b") == "lock_a_b_2"


def test_loops_that_python_does_not_compile_are_refused(tmp_path: Path) -> None:
    steps = "{print: x}"
    for _ in range(19):
        steps = f"{{repeat: {{times: 1, do: [{steps}]}}}}"
    path = tmp_path / "lab.yaml"
    path.write_text(f"processes: [{{name: A, program: [{steps}]}}]\n")
    with pytest.raises(ScenarioError, match="more than 18 loops in each other are not exported"):
        export_python(path)


# -- the proof itself ---------------------------------------------------------------------------

FOREIGN = ["__import__('os')", "os.system('x')", "import subprocess", "eval('1')", "x = 1"]


@pytest.mark.parametrize("added", FOREIGN)
def test_the_proof_finds_what_is_not_ours(added: str, tmp_path: Path) -> None:
    program = exported("processes: [{name: A, cpu: 1ms}]\n", tmp_path)
    assert foreign(f"{program}\n{added}\n", {("process", "A"): "do_A"}) != []


def test_two_things_of_one_name_are_found() -> None:
    assert foreign("", {("lock", "a-b"): "lock_a", ("lock", "a_b"): "lock_a"}) != []


def test_lines_agree_in_each_process_s_order_however_mixed() -> None:
    lines = [["A: 1\n", "A: 2\n"], ["B: 1\nB: 2\n"]]
    assert agrees("A: 1\nB: 1\nB: 2\nA: 2\n", lines)
    assert not agrees("A: 2\nB: 1\nB: 2\nA: 1\n", lines)
    assert not agrees("A: 1\nB: 1\nB: 2\n", lines)
