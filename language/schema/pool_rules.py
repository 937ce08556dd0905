"""Rules of pools: which process has a pool, and what may be a task.

A pool belongs to the process that opens it, which hands in all tasks. Each task is one of
`programs`, and is called in a worker of the pool.
"""

from __future__ import annotations

from collections.abc import Iterator

from language.schema.shared_objects import MOST_WORKERS
from language.schema.written_programs import items, programs_of, steps_in
from language.source.errors import Problem
from language.source.tree import Node
from language.source.wording import KeyPath, shown
from translation import mark, tr

OF_A_POOL = ("close_pool", "join_pool", "terminate_pool")
OF_AN_EXECUTOR = ("shutdown",)
POOL_STEPS = ("open_pool", "submit", "map", *OF_A_POOL, *OF_AN_EXECUTOR)
NOT_IN_A_TASK = {
    **dict.fromkeys(
        ("alloc", "free", "touch"), mark("is a step of a task; a worker of a pool has no memory")
    ),
    "finally": mark(
        "is a step of a task, and it changes the rest of a process; but a worker "
        "goes on with other tasks"
    ),
}
"""The steps that a task cannot have, each with the reason."""
OF_THE_WORKER = ("memory", "priority", "nice", "tickets", "cores")


def pool_problems(file: str, root: Node) -> Iterator[Problem]:
    """Yield the problems with pools and tasks."""
    places: dict[str, KeyPath] = {}  # by pool: the program that opens it
    workers = set(workers_of(root))
    for path, program in programs_of(root):
        for place, key, step in steps_in(path, program):
            if key in POOL_STEPS:
                yield from _kind(file, root, place, key, step)
                yield from _place(file, root, path, place, key, step, places)
            if key == "active_children" and root.child("pools") is not None:
                message = tr(
                    "is given together with pools, and Python numbers the workers of a pool "
                    "itself; leave one of them out"
                )
                yield step.key_problem(file, (*place, key), message)
            if key == "interrupt" and _name(step, key) in workers:
                message = tr("cannot be sent to a worker of a pool; write kill or terminate")
                yield step.key_problem(file, (*place, key), message)
    yield from _start_method(file, root)
    yield from _tasks(file, root)


def _kind(file: str, root: Node, place: KeyPath, key: str, step: Node) -> Iterator[Problem]:
    """Yield a problem if a step is one of the other kind of pools."""
    executor = _name(step, key, "pool") in _executors(root)
    if executor and key in OF_A_POOL:
        message = tr("is a step of a Pool; an executor has shutdown")
        yield step.key_problem(file, (*place, key), message)
    if not executor and key in OF_AN_EXECUTOR:
        message = tr(
            "is a step of an executor; a Pool has close_pool, join_pool and terminate_pool"
        )
        yield step.key_problem(file, (*place, key), message)


def _executors(root: Node) -> set[str]:
    pools = root.child("pools")
    found = pools.value if pools is not None and isinstance(pools.value, dict) else {}
    return {name for name, node in found.items() if _text(node.child("kind")) == "executor"}


def workers_of(root: Node) -> Iterator[str]:
    """Yield the names of the workers with which the pools begin."""
    pools = root.child("pools")
    if pools is None or not isinstance(pools.value, dict):
        return
    for name, written in pools.value.items():
        workers = written.child("workers") if isinstance(written.value, dict) else written
        many = workers.value if workers is not None else None
        if isinstance(many, int) and many <= MOST_WORKERS:
            yield from (f"{name}/{number}" for number in range(1, many + 1))


def _place(
    file: str,
    root: Node,
    path: KeyPath,
    place: KeyPath,
    key: str,
    step: Node,
    places: dict[str, KeyPath],
) -> Iterator[Problem]:
    """Yield a problem if a step of a pool does not stand where the pool is opened, and after it."""
    name = _name(step, key, "pool")
    if path[0] != "processes" or path[-1] != "program" or _is_many(root, path):
        message = (
            tr(
                "a pool belongs to one process; write its steps into an entry of processes that "
                "runs once"
            )
            if path[0] == "processes"
            else tr("a pool belongs to one process; write its steps into an entry of processes")
        )
        yield step.key_problem(file, (*place, key), message)
    elif key == "open_pool" and name in places:
        yield step.key_problem(
            file, (*place, key), tr("opens {pool}, which was opened before", pool=shown(name))
        )
    elif key == "open_pool" and "repeat" in place[len(path) :]:
        yield step.key_problem(
            file, (*place, key), tr("is inside a repeat; a pool can be opened only once")
        )
    elif key == "open_pool":
        places[name] = path
    elif name and places.get(name) != path:
        message = tr(
            "{pool} is not open here; write open_pool: {name} before it",
            pool=shown(name),
            name=name,
        )
        yield step.key_problem(file, (*place, key), message)


def _is_many(root: Node, path: KeyPath) -> bool:
    process = items(root.child("processes"))[int(path[1])]
    return any(process.child(key) is not None for key in ("count", "period", "releases"))


def _start_method(file: str, root: Node) -> Iterator[Problem]:
    pools, method = root.child("pools"), root.child("start_method")
    if pools is not None and method is not None and method.value != "fork":
        message = tr(
            "{method} is given together with pools, whose workers are forked; write fork",
            method=shown(method.value)[1:-1],
        )
        yield method.problem(file, ("start_method",), message)


def _tasks(file: str, root: Node) -> Iterator[Problem]:
    """Yield the problems with the programs that are tasks, and with `return` in others."""
    tasks = {name for path, program in programs_of(root) for name in _handed_in(path, program)}
    others = {name for path, program in programs_of(root) for name in _begun(path, program)}
    executors = _executors(root)
    caught = {name for path, one in programs_of(root) for name in _handed_in(path, one, executors)}
    for path, program in programs_of(root):
        is_task = path[0] == "programs" and path[1] in tasks
        for place, key, step in steps_in(path, program):
            if is_task and key in NOT_IN_A_TASK:
                yield step.key_problem(file, (*place, key), tr(NOT_IN_A_TASK[key]))
            if path[0] == "programs" and path[1] in caught and _leaves(key, step):
                message = tr(
                    "is in a task of an executor, which catches the exception; write os_exit to "
                    "end the worker"
                )
                yield step.key_problem(file, (*place, key), message)
            if key == "return" and (path[0] != "programs" or path[1] in others):
                message = tr("is a step of a process; only a task of a pool returns something")
                yield step.key_problem(file, (*place, key), message)
    yield from _keys_of_tasks(file, root, tasks)


def _leaves(key: str, step: Node) -> bool:
    """Return whether a step raises what is no Exception: SystemExit or KeyboardInterrupt."""
    raised = _name(step, key) in ("SystemExit", "KeyboardInterrupt")
    return key == "exit" or (key == "raise" and raised)


def _keys_of_tasks(file: str, root: Node, tasks: set[str]) -> Iterator[Problem]:
    templates = root.child("programs")
    for name in sorted(tasks):
        template = templates.child(name) if templates is not None else None
        for key in OF_THE_WORKER:
            if template is not None and template.child(key) is not None:
                message = tr("belongs to a process; a task is called in a worker of a pool")
                yield template.key_problem(file, ("programs", name, key), message)


def _handed_in(path: KeyPath, program: Node, pools: set[str] | None = None) -> Iterator[str]:
    """Yield the tasks that a program hands in, to any pool or to these."""
    for _, key, step in steps_in(path, program):
        if pools is not None and _name(step, key, "pool") not in pools:
            continue
        written = step.child(key)
        if key == "submit" and (task := _name(step, key, "task")):
            yield task
        if key == "map" and written is not None:
            tasks = items(written.child("tasks"))
            yield from (each.value for each in tasks if isinstance(each.value, str))


def _begun(path: KeyPath, program: Node) -> Iterator[str]:
    """Yield the programs that a program starts or calls."""
    for _, key, step in steps_in(path, program):
        if key in ("start", "call") and (name := _name(step, key, "program")):
            yield name


def _name(step: Node, key: str, inside: str = "") -> str:
    """Return the text of a step, or in a mapping the text below `inside`; "": there is none."""
    written = step.child(key)
    if written is not None and isinstance(written.value, dict):
        written = written.child(inside)
    return _text(written)


def _text(written: Node | None) -> str:
    return written.value if written is not None and isinstance(written.value, str) else ""
