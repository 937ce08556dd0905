"""Main memory: in which region a program is placed, and which programs wait for a place."""

from __future__ import annotations

from kernel.hardware import Region
from kernel.memory.admission import Admission
from kernel.memory.allocator import Allocator
from kernel.memory.buddy import BuddySystem, is_power_of_two
from kernel.memory.compaction import CompactingAdmission
from kernel.memory.fits import FITS
from kernel.memory.fixed import FixedPartitions
from kernel.memory.queues import PartitionQueues
from kernel.memory.schemes import make_admission, make_allocator
from kernel.memory.swapping import RULES, Transfer, preference
from kernel.memory.variable import VariablePartitions, layout

__all__ = [
    "FITS",
    "RULES",
    "Admission",
    "Allocator",
    "BuddySystem",
    "CompactingAdmission",
    "FixedPartitions",
    "PartitionQueues",
    "Region",
    "Transfer",
    "VariablePartitions",
    "is_power_of_two",
    "layout",
    "make_admission",
    "make_allocator",
    "preference",
]
