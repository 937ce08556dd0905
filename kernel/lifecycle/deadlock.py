"""Who waits for whom, in words, when nothing can move any more."""

from __future__ import annotations

from collections.abc import Iterator

from kernel.lifecycle.process_tree import Status
from kernel.lifecycle.semantics import Semantics


def deadlock_words(calls: Semantics, waiting_for_memory: list[str]) -> str:
    """One sentence: every process that waits, for what, and who has it."""
    parts = [*_waits(calls), *(f"{name} waits for memory" for name in waiting_for_memory)]
    return f"deadlock: {'; '.join(parts)}"


def stuck_names(calls: Semantics, waiting_for_memory: list[str]) -> list[str]:
    """Those who wait for ever."""
    return [calls.process_tree.name(index) for index in sorted(calls.waits)] + waiting_for_memory


def _waits(calls: Semantics) -> Iterator[str]:
    process_tree = calls.process_tree
    for index, call in sorted(calls.waits.items()):
        name = process_tree.name(index)
        if call.kind == "lock":
            holder = calls.locks[call.name].holder
            assert holder is not None
            yield f"{name} waits for lock {call.name}, held by {_who(calls, holder, index)}"
        elif call.kind == "receive":
            yield f"{name} waits for queue {call.name}, to which nobody sends"
        elif call.kind == "barrier":
            barrier = calls.barriers[call.name]
            there = f"{len(barrier.waiting)} of {barrier.parties}"
            yield f"{name} waits at barrier {call.name} with {there}"
        elif call.kind == "join":
            yield f"{name} waits for the end of {call.name}"
        elif call.kind == "threads":
            living = (
                each for each in call.value if process_tree.members[each].status is Status.ALIVE
            )
            yield f"{name} waits for its threads {', '.join(map(process_tree.name, living))}"
        else:
            children = (h.name for h in process_tree.members[index].children)
            yield f"{name} waits at its exit for its children {', '.join(children)}"


def _who(calls: Semantics, holder: int, waiter: int) -> str:
    member = calls.process_tree.members[holder]
    if holder == waiter:
        return "itself"
    if member.status is Status.ALIVE:
        return member.name
    code = member.exitcode or 0
    how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
    return f"{member.name}, which {how}"
