"""Where programs lay in memory: from the events of the record."""

from __future__ import annotations

from report.base.memory_spans import memory_spans
from timeline.record.run import MemoryEvent


def test_a_program_leaves_its_place_when_its_partition_is_freed() -> None:
    events = [
        MemoryEvent(0, "waits", "B", -1, -1),
        MemoryEvent(1, "placed", "A", 0, 8),
        MemoryEvent(5, "freed", "A", 0, 8),
        MemoryEvent(5, "placed", "B", 0, 8),
    ]

    assert [(span.process, span.since, span.until) for span in memory_spans(events)] == [
        ("A", 1, 5),
        ("B", 5, None),
    ]


def test_a_program_that_is_moved_leaves_one_place_and_has_another() -> None:
    events = [
        MemoryEvent(0, "placed", "A", 8, 4),
        MemoryEvent(3, "moved", "A", 6, 4),
        MemoryEvent(7, "moved", "A", 0, 4),
        MemoryEvent(9, "freed", "A", 0, 4),
    ]

    assert [(span.base, span.since, span.until) for span in memory_spans(events)] == [
        (8, 0, 3),
        (6, 3, 7),
        (0, 7, 9),
    ]
