"""What students take for the rule of start, join, exit and memory of processes."""

from __future__ import annotations

from dataclasses import replace

from kernel.process.calls import Call
from kernel.workload import Workload
from teaching.misconceptions import changes
from teaching.misconceptions.misconception import Misconception
from translation import mark


def _spawn_for_fork(workload: Workload) -> Workload | None:
    rules = workload.lifecycle
    if rules is None or rules.start_method not in ("fork", "spawn"):
        return None
    other = "spawn" if rules.start_method == "fork" else "fork"
    changed = replace(rules, start_method=other, by_default=False)
    return replace(workload, start_method=other, lifecycle=changed)


_leaves_as_usual = changes.calls(
    lambda call: replace(call, kind="exit") if call.kind == "os_exit" else call
)


def _children_end_too(workload: Workload) -> Workload | None:
    """Return the workload in which the end of a process ends its children, as if all were daemons.

    None if none ends by os._exit: at any other end the parent waits for its children.
    """
    changed = _leaves_as_usual(workload)
    if changed is None:
        return None
    return changes.processes(
        lambda spec: (
            spec
            if spec.kinship.parent < 0
            else replace(spec, kinship=replace(spec.kinship, daemon=True))
        )
    )(changed)


PROCESS_LIFE: tuple[Misconception, ...] = (
    Misconception(
        "join-terminates",
        mark("a join that ends the child"),
        mark("join waits for the end of the child; it does not end it"),
        changes.calls(
            lambda call: (
                replace(call, kind="terminate", value=None) if call.kind == "join" else call
            )
        ),
    ),
    Misconception(
        "join-forgotten",
        mark("a join that does not wait"),
        mark("join waits for the end of the child"),
        changes.calls(
            lambda call: (
                Call("set", value={}) if call.kind == "join" and call.value is None else call
            )
        ),
    ),
    Misconception(
        "os-exit-waits",
        mark("an os._exit that waits for the children, as the end of a program does"),
        mark("os._exit ends the process at once, and waits for no child"),
        _leaves_as_usual,
    ),
    Misconception(
        "children-end-with-parent",
        mark("children that end with their parent"),
        mark("a process goes on when its parent has ended: init adopts it"),
        _children_end_too,
    ),
    Misconception(
        "memory-is-shared",
        mark("processes that share their variables: a child sees its parent's later changes"),
        mark("a process has its own memory: what another one changes later, it does not see"),
        changes.lifecycle(shared_variables=True),
    ),
    Misconception(
        "fork-for-spawn",
        mark(
            "a child that begins with its parent's memory, or with a fresh one, the other way round"
        ),
        mark("with fork a child begins with a copy of its parent's variables, with spawn afresh"),
        _spawn_for_fork,
    ),
    Misconception(
        "zombie-holds-memory",
        mark("a zombie that still holds its memory"),
        mark(
            "a process gives back its memory when it ends; a zombie is an entry in the process "
            "table"
        ),
        changes.lifecycle(zombies_hold_memory=True),
    ),
)
