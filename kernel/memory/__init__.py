"""Main memory: where a program fits, and who waits until one does."""

from __future__ import annotations

from kernel.memory.admission import Admission
from kernel.memory.fixed import FixedPartitions, Region

__all__ = ["Admission", "FixedPartitions", "Region"]
