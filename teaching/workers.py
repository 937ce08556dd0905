"""Marks that workers make: those of a Dask cluster, or of anything with the same face."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from experiments.running.died import Died
from experiments.running.remote import CODE
from kernel.errors import MultiprogError, UsageError
from kernel.workload import SchedulerSpec
from teaching.marks import Marks
from translation import choose, chosen, in_english, tr
from translation.languages import ENGLISH

GRADING_CODE = ("teaching", "translation", *CODE)
"""The folders whose code decides the marks."""
AHEAD = 2
"""Things that are given to each worker: one that it does, and the next one."""
Item = TypeVar("Item")


@contextmanager
def in_the_language(name: str) -> Iterator[None]:
    """Speak this language in the block, wherever the marks are made: a worker was told of none."""
    if name == ENGLISH:
        with in_english():
            yield
        return
    if chosen() != name:
        choose(name)
    yield


class Workers(Protocol):
    """Makes marks, several at a time."""

    @property
    def slots(self) -> int:
        """How many it makes at a time."""

    def submit(self, *what: Any) -> Future[Any]:
        """Let a worker make the marks of a thing. The future raises Died, or MultiprogError."""

    def close(self) -> None:
        """Leave the workers, whatever they do."""


def marks_by(
    workers: Workers, items: Iterable[Item], lost: Callable[[Item], Marks]
) -> Iterator[Marks]:
    """Yield the marks of each item, in their order.

    `lost` returns the marks of an item by which several workers have died. Raises MultiprogError.
    """
    left = iter(items)
    under_way: deque[tuple[Item, Future[Any]]] = deque()
    while True:
        while len(under_way) < AHEAD * workers.slots:
            try:
                item = next(left)
            except StopIteration:
                break
            under_way.append((item, workers.submit(item)))
        if not under_way:
            return
        item, future = under_way.popleft()
        try:
            marks: Marks = future.result()
        except Died as error:
            if not error.for_good:
                raise MultiprogError(tr("the cluster is gone: nothing more is graded")) from None
            marks = lost(item)
        yield marks


def require_portable(file: str, scheduler: SchedulerSpec) -> None:
    """Raise UsageError if a scenario's policy is in a file that workers do not have."""
    if scheduler.own:
        raise UsageError(
            tr(
                "--dask: the policy of {file} is in a file of its own ({policy}), which the "
                "workers do not have; leave out --dask",
                file=file,
                policy=scheduler.name,
            )
        )
