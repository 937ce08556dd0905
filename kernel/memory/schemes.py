"""Making the allocator and the admission queue that a scenario describes."""

from __future__ import annotations

from kernel.hardware import MemorySpec
from kernel.memory.admission import Admission
from kernel.memory.allocator import Allocator
from kernel.memory.buddy import BuddySystem
from kernel.memory.compaction import CompactingAdmission, Moved
from kernel.memory.fixed import FixedPartitions
from kernel.memory.queues import PartitionQueues
from kernel.memory.variable import VariablePartitions


def make_allocator(spec: MemorySpec) -> Allocator:
    """Return an allocator of the scheme, with all memory free. Raises ValueError as it does."""
    if spec.scheme == "fixed":
        return FixedPartitions(spec.partitions, spec.fit)
    if spec.scheme == "buddy":
        return BuddySystem(spec.size, spec.min_block)
    return VariablePartitions(spec.holes or [spec.size], spec.fit, spec.next_from)


def make_admission(
    spec: MemorySpec, moved: Moved, *, lasts: bool = False
) -> Admission | PartitionQueues:
    """Return an admission queue with a new allocator. Raises ValueError as the scheme does.

    `moved` is called for each move of a compaction; with `lasts` moves take time.
    """
    if spec.queues == "per-partition":
        return PartitionQueues(FixedPartitions(spec.partitions, spec.fit))
    allocator = make_allocator(spec)
    if spec.compaction == "when-needed" and isinstance(allocator, VariablePartitions):
        return CompactingAdmission(allocator, spec.admission, moved, lasts=lasts)
    return Admission(allocator, spec.admission)
