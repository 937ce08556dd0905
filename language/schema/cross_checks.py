"""Rules between keys. They are checked on the tree, and reported together with all mistakes."""

from __future__ import annotations

from collections.abc import Iterator

from language.schema.affinity import queue_problems
from language.schema.context import Names
from language.schema.firm_deadlines import unfounded_problem
from language.schema.lifecycle_rules import lifecycle_problems
from language.schema.linux_classes import class_problems
from language.schema.memory_rules import memory_problems
from language.schema.pool_rules import pool_problems, workers_of
from language.schema.process import ProcessEntry
from language.schema.threads import thread_problems
from language.schema.written_programs import items
from language.source.errors import Problem
from language.source.tree import Node
from language.source.wording import KeyPath, nearest, shown
from translation import tr

KNOWN = frozenset(ProcessEntry.model_fields)


def between_keys(file: str, root: Node) -> tuple[Names, list[Problem]]:
    """Return the names of processes that can be read, and the problems between keys."""
    names = Names()
    problems: list[Problem] = []
    problems += memory_problems(file, root)
    problems += queue_problems(file, root)
    problems += thread_problems(file, root)
    problems += lifecycle_problems(file, root)
    problems += pool_problems(file, root)
    names.started.update(workers_of(root))
    programs = root.child("programs")
    if programs is not None and isinstance(programs.value, dict):
        for name, template in programs.value.items():
            if isinstance(template.value, dict):
                _one_program(file, ("programs", name), template, problems)
                names.started.update(_started(template))
    processes = root.child("processes")
    for process in items(processes):
        names.started.update(_started(process))
    for index, process in enumerate(items(processes)):
        path: KeyPath = ("processes", index)
        if isinstance(process.value, dict):
            threads = process.child("threads")
            if threads is None:
                _one_program(file, path, process, problems)
            else:
                names.started.update(_threads_of(process, threads))
            _jobs_of_a_period(file, path, process, problems)
            problems += unfounded_problem(file, path, process)
            problems += class_problems(file, path, process)
            _own_name(file, path, process, names, problems)
    return names, problems


def _started(node: Node) -> Iterator[str]:
    """Yield the names that the start and call steps of a process or program give to processes."""
    pending = list(items(node.child("program")))
    for thread in items(node.child("threads")):
        pending += items(thread)
    while pending:
        step = pending.pop()
        for key in ("start", "call"):
            made = step.child(key)
            if made is not None:
                yield from _name_of(made, plain=key == "call")
        repeat = step.child("repeat")
        pending += items(repeat.child("do") if repeat is not None else None)


def _threads_of(process: Node, threads: Node) -> Iterator[str]:
    """Yield the names of a process's threads; the process's name is without a number of `count`."""
    name = process.child("name")
    if name is not None and isinstance(name.value, str):
        yield from (f"{name.value}/{number}" for number in range(1, len(items(threads)) + 1))


def _name_of(made: Node, plain: bool) -> Iterator[str]:
    """Yield the name of a Process object that a step makes.

    With `plain` the step may be only the name of a program; then the object has the same name.
    """
    written = (
        (made.child("name") or made.child("program")) if isinstance(made.value, dict) else None
    )
    if written is None and plain:
        written = made
    if written is not None and isinstance(written.value, str):
        yield written.value


def _one_program(file: str, path: KeyPath, process: Node, problems: list[Problem]) -> None:
    has = [key for key in ("cpu", "program") if process.child(key) is not None]
    meant = {nearest(key, ProcessEntry.model_fields) for key in process.keys if key not in KNOWN}
    if not has and not meant & {"cpu", "program"}:
        message = tr("must have cpu, like cpu: 20ms, or a program (got neither)")
        problems.append(process.problem(file, path, message))
    elif len(has) == 2:
        message = tr("is given together with program; a process has only one of cpu and program")
        problems.append(process.key_problem(file, (*path, "cpu"), message))


def _jobs_of_a_period(file: str, path: KeyPath, process: Node, problems: list[Problem]) -> None:
    if process.child("releases") is not None:
        for key in ("period", "jobs"):
            if process.child(key) is not None:
                message = tr(
                    "is given together with releases, which already say when each job is "
                    "released; leave one of them out"
                )
                problems.append(process.key_problem(file, (*path, key), message))
    elif process.child("jobs") is not None and process.child("period") is None:
        message = tr("needs a period, like period: 50ms; without one there is one job")
        problems.append(process.key_problem(file, (*path, "jobs"), message))


def _own_name(
    file: str, path: KeyPath, process: Node, names: Names, problems: list[Problem]
) -> None:
    """Note the name of a process. It must be unique, also among the names that a `count` makes."""
    node, count = process.child("name"), process.child("count")
    if node is None or not isinstance(node.value, str):
        return
    name = node.value
    many = count.value if count is not None and isinstance(count.value, int) else None
    taken = _taken(name, many, names)
    if taken:
        problems.append(node.problem(file, (*path, "name"), taken))
    elif many is None:
        names.plain.add(name)
    else:
        names.counted[name] = many


def _taken(name: str, count: int | None, names: Names) -> str | None:
    """Return why the name is not free; None if it is. A `count` makes names that end in -k."""
    if count is None and (template := names.template(name)) is not None:
        return tr(
            "{name} is one of the {many} processes that count makes of {entry!r}",
            name=shown(name),
            many=names.counted[template],
            entry=template,
        )
    if (name in names.plain) if count is None else (name in names.counted):
        return tr("{name} is the name of another process; each needs its own", name=shown(name))
    if count is not None:
        made = Names(counted={name: count})
        for other in names.plain:
            if other in made:
                return tr(
                    "{name} with count {count} would make a process {other!r}, but this name is "
                    "already used",
                    name=shown(name),
                    count=count,
                    other=other,
                )
    return None
