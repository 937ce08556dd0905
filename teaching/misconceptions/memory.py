"""What students take for the rule by which programs get memory."""

from __future__ import annotations

from dataclasses import replace

from kernel.workload import Workload
from teaching.misconceptions import changes
from teaching.misconceptions.misconception import Misconception
from translation import mark


def _exact_blocks(workload: Workload) -> Workload | None:
    """Return the workload with a hole of all memory in place of the buddy system's blocks."""
    memory = workload.memory
    if memory is None or memory.scheme != "buddy":
        return None
    return replace(workload, memory=replace(memory, scheme="variable", min_block=0, fit="first"))


def _memory_without_swap(workload: Workload) -> Workload | None:
    memory = workload.memory
    if memory is None or memory.swap is None:
        return None
    return replace(workload, memory=replace(memory, swap=None))


MEMORY: tuple[Misconception, ...] = (
    Misconception(
        "largest-for-smallest",
        mark("the largest hole in place of the smallest that fits"),
        mark("best fit takes the smallest hole that is large enough"),
        changes.memory("fit", lambda old: "worst" if old == "best" else None),
    ),
    Misconception(
        "smallest-for-largest",
        mark("the smallest hole in place of the largest"),
        mark("worst fit takes the largest hole"),
        changes.memory("fit", lambda old: "best" if old == "worst" else None),
    ),
    Misconception(
        "next-from-the-start",
        mark("a search that begins at the lowest address each time: first fit"),
        mark("next fit goes on searching where the last program was placed"),
        changes.memory("fit", lambda old: "first" if old == "next" else None),
    ),
    Misconception(
        "goes-on-searching",
        mark("a search that goes on where the last program was placed: next fit"),
        mark("first fit begins at the lowest address each time"),
        changes.memory("fit", lambda old: "next" if old == "first" else None),
    ),
    Misconception(
        "fit-of-another-kind",
        mark("best fit"),
        mark("the first hole that is large enough is taken, not the smallest"),
        changes.memory("fit", lambda old: "best" if old in ("first", "next") else None),
    ),
    Misconception(
        "overtakes-the-queue",
        mark("an admission queue in which a program that fits overtakes the others"),
        mark("a program that does not fit blocks all behind it"),
        changes.memory("admission", lambda old: "skip" if old == "fifo" else None),
    ),
    Misconception(
        "queue-keeps-order",
        mark("an admission queue in which the first blocks all behind it"),
        mark("the first program of the queue that fits is admitted"),
        changes.memory("admission", lambda old: "fifo" if old == "skip" else None),
    ),
    Misconception(
        "blocks-not-rounded",
        mark("a buddy system that gives out exactly what is asked for"),
        mark("a program gets a block whose size is a power of two"),
        _exact_blocks,
    ),
    Misconception(
        "home-ignored",
        mark("one queue for all partitions"),
        mark("each program waits for the smallest partition that holds it, free or not"),
        changes.memory("queues", lambda old: "single" if old == "per-partition" else None),
    ),
    Misconception(
        "swapping-forgotten",
        mark("a memory in which no program is swapped out"),
        mark("a blocked program is swapped out for one that waits for memory"),
        _memory_without_swap,
    ),
    Misconception(
        "compaction-forgotten",
        mark("memory that is not compacted"),
        mark("holes are joined by moving programs when one would fit then"),
        changes.memory("compaction", lambda old: "never" if old != "never" else None),
    ),
    Misconception(
        "compacts-unasked",
        mark("memory that is compacted"),
        mark("programs are not moved here: what is free must be in one piece"),
        changes.memory("compaction", lambda old: "when-needed" if old == "never" else None),
    ),
    Misconception(
        "memory-ignored",
        mark("a machine in which all programs fit into memory"),
        mark("a program waits outside memory until it finds a place"),
        lambda workload: (
            replace(
                workload,
                memory=None,
                processes=tuple(replace(spec, memory=0) for spec in workload.processes),
            )
            if workload.memory is not None and workload.lifecycle is None
            else None
        ),
    ),
    Misconception(
        "degree-ignored",
        mark("a machine without a bound on the programs in memory"),
        mark("no more programs are admitted at once than the degree of multiprogramming says"),
        changes.memory("max_resident", lambda old: 10**6 if old is not None else None),
    ),
)
