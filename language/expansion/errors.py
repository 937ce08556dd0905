"""The mistakes in a scenario that only its expansion finds."""

from __future__ import annotations

from language.source.wording import KeyPath
from translation import tr


class TooLongError(ValueError):
    """A process whose times do not fit the record. `index` is its place in the file."""

    def __init__(self, index: int) -> None:
        super().__init__(tr("takes longer than 146 years, the longest time that is recorded"))
        self.index = index


class NotDrawnError(ValueError):
    """A scenario whose processes cannot be made one by one when they arrive."""


class TooManyError(ValueError):
    """More processes are started than the limit allows. `path` is the place of the program."""

    def __init__(self, path: KeyPath, limit: int) -> None:
        super().__init__(
            tr(
                "starts or calls programs more than {most:,} times in all (the limit "
                "children): does a program start itself without end?",
                most=limit,
            )
        )
        self.path = path


class LargePoolError(ValueError):
    """The workers of a pool have more steps than the limit allows. `path` is the pool's place."""

    def __init__(self, path: KeyPath, limit: int) -> None:
        super().__init__(
            tr(
                "each worker has the steps of all tasks, which are more than {most:,} in "
                "all; write fewer workers, or fewer tasks",
                most=limit,
            )
        )
        self.path = path


class CalledWithoutMemoryError(ValueError):
    """A process without memory calls a program with memory steps. `path`: its own program."""

    def __init__(self, path: KeyPath) -> None:
        super().__init__(
            tr(
                "calls a program with steps in memory, which runs in this process: it needs "
                "memory of its own, like memory: 4MiB"
            )
        )
        self.path = path


class NoMemoryError(Exception):
    """A memory step of a process that has no memory."""


class EndlessError(Exception):
    """More processes are started than the limit allows."""
