"""Exported programs need nothing but Python, and print what the model says."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from scenarios import ScenarioError, export_python
from scenarios import load as load_file
from sim import simulate
from timeline.observations import PRINTS
from timeline.run import Run

FOLDER = Path(__file__).parents[2] / "scenarios" / "lessons"
IN_MEMORY = {"protection-fault", "swapped-while-waiting"}
"""Lessons on memory, of which a plain program has none to protect."""
LESSONS = [path for path in sorted((FOLDER / "life").glob("*.yaml")) if path.stem not in IN_MEMORY]
TRIES = 5
"""Nobody dispatches these processes: on a busy machine one may not run in time."""
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


def printed(output: str) -> tuple[Lines, Lines]:
    """Lines, and what calls raised, of each process."""
    lines: Lines = defaultdict(list)
    errors: Lines = defaultdict(list)
    for line in output.splitlines():
        process, _, text = line.partition(": ")
        if text.startswith("! "):
            errors[process].append(text[2:])
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
        elif isinstance(row.value, str) and "Error: " in row.value and row.name != "import":
            errors[row.process].append(f"{row.name}: {row.value}")
    return lines, errors


@pytest.mark.real
@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
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
    run_program(export_python(FOLDER / "life" / "forkserver.yaml"), tmp_path, 60)
    assert [file.name for file in tmp_path.iterdir()] == ["program.py"]


def test_the_method_is_chosen_before_what_is_shared_is_made() -> None:
    # by another one a lock has a name in the system, which is left if its maker is killed
    text = export_python(FOLDER / "life" / "lock-left-held.yaml")
    assert text.count("set_start_method('fork'") == 1
    assert text.index("set_start_method('fork'") < text.index("multiprocessing.Lock()")


@pytest.mark.parametrize("name", ["overlap", "disk-queue", "two-cores"])
def test_a_lesson_without_life_is_exported_too(name: str, tmp_path: Path) -> None:
    text = export_python(FOLDER / f"{name}.yaml")
    compile(text, "program.py", "exec")
    assert run_program(text, tmp_path, 60) == ""


@pytest.mark.parametrize("name", sorted(IN_MEMORY))
def test_memory_steps_are_refused(name: str) -> None:
    with pytest.raises(ScenarioError, match=r"the step (alloc|touch) is not exported"):
        export_python(FOLDER / "life" / f"{name}.yaml")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "processes:\n- {name: A, cpu: 1ms, period: 5ms, jobs: 2}\n",
            "2:31: processes.0.period: a period is not exported: a plain program begins once",
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
            "start_method: spawn\nprocesses: [{name: A, program: [{lock: l}, {unlock: l}]}]\n",
            "1:15: start_method: start_method: spawn with locks",
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
