"""`threads` of a process: several programs that share its memory and Python's interpreter lock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag

from kernel.policies import POLICIES
from kernel.process.calls import PROCESS_CALLS
from language.schema.lifecycle_values import ProgramName
from language.schema.quantities import Read
from language.schema.steps import Program
from language.source.errors import Problem
from language.source.tree import Node
from language.source.wording import KeyPath, got, shown

MOST_THREADS = 1000  # of one process


def _kind(value: Any) -> str:
    if isinstance(value, list):
        return "<steps>"
    return "<name>" if isinstance(value, str) else "<bad>"


def _refuse(value: Any, _facts: Any) -> Any:
    raise ValueError(got("a list of steps, or the name of one of programs", value))


Threads = Annotated[
    list[
        Annotated[
            Annotated[Program, Tag("<steps>")]
            | Annotated[ProgramName, Tag("<name>")]
            | Annotated[Any, Read(_refuse), Tag("<bad>")],
            Discriminator(_kind),
        ]
    ],
    Field(min_length=1, max_length=MOST_THREADS),
]

LEFT_TO_THE_SYSTEM = (
    "threads run on several cores at once, which no dispatcher of ours shows: leave them to the "
    "operating system, with scheduler: {policy: fair, dispatch: none}"
)
_BESIDE = ("cpu", "program", "memory", "period", "deadline", "jobs", "runtime")
_WHY_NOT = {
    **dict.fromkeys(("alloc", "free", "touch"), "memory belongs to the process, not to a thread"),
    "os_exit": "it would end the whole process; write exit, which ends the thread alone",
    "yield": "whether it drops the interpreter lock differs between versions of Python",
}
"""The steps that a thread cannot have, each with the reason."""


def thread_problems(file: str, root: Node) -> list[Problem]:
    """Return the problems between threads and the rest of the scenario."""
    threaded = [
        (index, process)
        for index, process in enumerate(_items(root.child("processes")))
        if process.child("threads") is not None
    ]
    if not threaded:
        return []
    problems = list(_process_steps(file, root))
    for index, process in threaded:
        path: KeyPath = ("processes", index)
        if not _left_to_the_system(root):
            problem = process.key_problem(file, (*path, "threads"), LEFT_TO_THE_SYSTEM)
            problems.append(problem)
        problems += _beside(file, path, process)
        for number, thread in enumerate(_items(process.child("threads"))):
            problems += _one_thread(file, root, (*path, "threads", number), thread)
    return problems


def _left_to_the_system(root: Node) -> bool:
    scheduler = root.child("scheduler") or Node({})
    dispatch, policy = scheduler.child("dispatch"), scheduler.child("policy")
    if dispatch is not None:
        return dispatch.value == "none"
    known = POLICIES.get(policy.value) if policy and isinstance(policy.value, str) else None
    return known is not None and known.left_to_the_machine


def _beside(file: str, path: KeyPath, process: Node) -> Iterator[Problem]:
    """Yield a problem for each key that a process with threads cannot have."""
    for key in _BESIDE:
        if process.child(key) is not None:
            message = "it is for processes with one program"
            if key in ("cpu", "program"):
                message = "a process with threads has no program of its own"
            elif key == "memory":
                message = "they are left to the operating system, which knows no partitions"
            message = f"stands beside threads; {message}"
            yield process.key_problem(file, (*path, key), message)


def _one_thread(file: str, root: Node, path: KeyPath, thread: Node) -> Iterator[Problem]:
    """Yield a problem for each step or key that a thread cannot have."""
    if isinstance(thread.value, str):
        template = (root.child("programs") or Node({})).child(thread.value)
        if template is None or not isinstance(template.value, dict):
            return
        for key in template.value:
            if key not in ("cpu", "program"):
                message = f"is for processes, and {shown(thread.value)} is a thread's program"
                yield template.key_problem(file, ("programs", thread.value, key), message)
        path, thread = ("programs", thread.value, "program"), template.child("program") or Node([])
    for place, key, step in _steps(path, thread):
        if key in _WHY_NOT:
            yield step.key_problem(file, (*place, key), f"is not for threads: {_WHY_NOT[key]}")


def _process_steps(file: str, root: Node) -> Iterator[Problem]:
    """Yield a problem for each step that concerns other processes, in a scenario with threads."""
    programs: list[tuple[KeyPath, Node | None]] = []
    templates = (root.child("programs") or Node({})).value
    for name, template in (templates if isinstance(templates, dict) else {}).items():
        programs.append((("programs", name, "program"), template.child("program")))
    for index, process in enumerate(_items(root.child("processes"))):
        path: KeyPath = ("processes", index)
        programs.append(((*path, "program"), process.child("program")))
        threads = process.child("threads")
        for number, thread in enumerate(_items(threads)):
            programs.append(((*path, "threads", number), thread))
    for path, program in programs:
        for place, key, step in _steps(path, program):
            if key in PROCESS_CALLS:
                message = (
                    "is not built yet in a scenario with threads; write it without one of them"
                )
                yield step.key_problem(file, (*place, key), message)


def _steps(path: KeyPath, program: Node | None) -> Iterator[tuple[KeyPath, str, Node]]:
    """Yield (path, key, step) of every step of the program, including steps of repetitions."""
    for number, step in enumerate(_items(program)):
        if isinstance(step.value, dict) and len(step.value) == 1:
            [key] = step.value
            place = (*path, number)
            yield place, key, step
            repeat = step.child("repeat")
            if repeat is not None:
                yield from _steps((*place, "repeat", "do"), repeat.child("do"))


def _items(node: Node | None) -> list[Node]:
    return node.value if node is not None and isinstance(node.value, list) else []
