"""`threads` of a process: several programs that share its memory and Python's interpreter lock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag

from kernel.policies import POLICIES
from kernel.process.interpreters import OWN_LOCKS
from language.schema.lifecycle_steps import LIFECYCLE_STEPS
from language.schema.lifecycle_values import ProgramName
from language.schema.quantities import Read
from language.schema.steps import Program
from language.schema.written_programs import items, programs_of, steps_in
from language.source.errors import Problem
from language.source.tree import Node
from language.source.wording import KeyPath, got, shown
from translation import mark, tr

MOST_THREADS = 1000  # of one process


def _kind(value: Any) -> str:
    if isinstance(value, list):
        return "<steps>"
    return "<name>" if isinstance(value, str) else "<bad>"


def _refuse(value: Any, _facts: Any) -> Any:
    raise ValueError(got(tr("a list of steps, or the name of one of programs"), value))


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

LEFT_TO_THE_SYSTEM = mark(
    "threads run on several cores at once, which Multiprog's dispatcher does not "
    "do: leave them to the operating system, with scheduler: {policy: fair, "
    "dispatch: none}"
)
_BESIDE_THREADS = frozenset(
    {"exit", "raise", "os_exit", "set", "show", "print", "yield"}
    | {"lock", "unlock", "send", "receive", "barrier", "start", "join"}
)
"""The lifecycle steps that a scenario with threads may have, in their simple forms."""
_IN_ALL_FORMS = frozenset({"start", "join"})
_BESIDE = ("cpu", "program", "memory", "period", "deadline", "jobs", "runtime")
_WHY_NOT = {
    **dict.fromkeys(
        ("alloc", "free", "touch"),
        mark("is not for threads: memory belongs to the process, not to a thread"),
    ),
    "os_exit": mark(
        "is not for threads: it would end the whole process; write exit, which ends the thread "
        "alone"
    ),
    "yield": mark(
        "is not for threads: whether it drops the interpreter lock differs between versions of "
        "Python"
    ),
}
"""The steps that a thread cannot have, each with the reason."""


_SHARED = mark(
    "is not for interpreter: per-interpreter: interpreters of one process share no lock, queue or "
    "barrier of multiprocessing"
)
_FORKED = mark(
    "is not for interpreter: per-interpreter: only the main interpreter of a process may fork"
)
_NOT_ACROSS = {
    **dict.fromkeys(("lock", "unlock", "send", "receive", "barrier"), _SHARED),
    **dict.fromkeys(("start", "join"), _FORKED),
}
"""The steps that a thread in an interpreter of its own cannot have, each with the reason."""


def thread_problems(file: str, root: Node) -> list[Problem]:
    """Return the problems between threads and the rest of the scenario."""
    problems = [*_without_threads(file, root)]
    threaded = [
        (index, process)
        for index, process in enumerate(items(root.child("processes")))
        if process.child("threads") is not None
    ]
    if not threaded:
        return problems
    problems += [*_process_steps(file, root), *_shared_objects(file, root)]
    for index, process in threaded:
        path: KeyPath = ("processes", index)
        if not _left_to_the_system(root):
            problem = process.key_problem(file, (*path, "threads"), tr(LEFT_TO_THE_SYSTEM))
            problems.append(problem)
        problems += _beside(file, path, process)
        alone = _kind_of(root, process) == OWN_LOCKS
        for number, thread in enumerate(items(process.child("threads"))):
            problems += _one_thread(file, root, (*path, "threads", number), thread, alone=alone)
    return problems


def _without_threads(file: str, root: Node) -> Iterator[Problem]:
    """Yield a problem for each process that names interpreters and has no threads."""
    for index, process in enumerate(items(root.child("processes"))):
        if process.child("interpreter") is not None and process.child("threads") is None:
            message = tr("is only for processes with threads")
            yield process.key_problem(file, ("processes", index, "interpreter"), message)


def _kind_of(root: Node, process: Node) -> Any:
    """Return the kind of interpreters that is written for the threads of a process."""
    written = process.child("interpreter") or root.child("interpreter")
    return None if written is None else written.value


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
            if key in ("cpu", "program"):
                message = tr(
                    "is given together with threads; a process with threads has no program of "
                    "its own"
                )
            elif key == "memory":
                message = tr(
                    "is given together with threads, which the operating system schedules; it "
                    "knows no partitions"
                )
            else:
                message = tr(
                    "is given together with threads; it is only for processes with one program"
                )
            yield process.key_problem(file, (*path, key), message)


def _one_thread(
    file: str, root: Node, path: KeyPath, thread: Node, *, alone: bool
) -> Iterator[Problem]:
    """Yield a problem for each step or key that a thread cannot have.

    `alone`: it is in an interpreter of its own.
    """
    if isinstance(thread.value, str):
        template = (root.child("programs") or Node({})).child(thread.value)
        if template is None or not isinstance(template.value, dict):
            return
        for key in template.value:
            if key not in ("cpu", "program"):
                message = tr(
                    "is for processes, and {name} is a thread's program", name=shown(thread.value)
                )
                yield template.key_problem(file, ("programs", thread.value, key), message)
        path, thread = ("programs", thread.value, "program"), template.child("program") or Node([])
    for place, key, step in steps_in(path, thread):
        if key in _WHY_NOT:
            yield step.key_problem(file, (*place, key), tr(_WHY_NOT[key]))
        elif alone and key in _NOT_ACROSS:
            yield step.key_problem(file, (*place, key), tr(_NOT_ACROSS[key]))


def _process_steps(file: str, root: Node) -> Iterator[Problem]:
    """Yield a problem for each step that concerns other processes, in a scenario with threads."""
    for path, program in programs_of(root):
        for place, key, step in steps_in(path, program):
            if key in LIFECYCLE_STEPS and (key not in _BESIDE_THREADS or _has_more(step, key)):
                message = (
                    tr(
                        "has a form that is not built yet in a scenario with threads; leave one of "
                        "them out"
                    )
                    if key in _BESIDE_THREADS
                    else tr("is not built yet in a scenario with threads; leave one of them out")
                )
                yield step.key_problem(file, (*place, key), message)


def _shared_objects(file: str, root: Node) -> Iterator[Problem]:
    """Yield a problem for each kind of shared object that is not built yet beside threads."""
    for key in ("semaphores", "conditions", "pipes", "values", "arrays"):
        section = root.child(key)
        if section is not None and section.value:
            message = tr("are not built yet in a scenario with threads")
            yield root.key_problem(file, (key,), message)
    for key in ("locks", "queues"):
        section = root.child(key)
        if section is None or not isinstance(section.value, dict):
            continue
        for name, written in section.value.items():
            kind = (written.child("kind") or written).value
            if key == "locks" and kind == "thread":
                continue
            message = tr(
                "is not built yet in a scenario with threads: write only the name, in a list"
            )
            yield section.key_problem(file, (key, name), message)


def _has_more(step: Node, key: str) -> bool:
    """Return whether a step has keys that only programs without threads may have."""
    written = (step.child(key) or Node({})).value
    more = {"timeout", "blocking", "pipe"}
    return key not in _IN_ALL_FORMS and isinstance(written, dict) and not more.isdisjoint(written)
