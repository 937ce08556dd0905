"""Does several pieces of work at once, each in one of a few processes, and in the order given."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from typing import TypeVar

AHEAD = 4  # pieces of work that are handed out before the first of them is done, for each process

Given = TypeVar("Given")
Came = TypeVar("Came")


def in_order(
    work: Callable[[Given], Came], items: Iterable[Given], jobs: int
) -> Generator[Came, None, None]:
    """Yield what `work` returns for each item, in their order; `jobs` of them go on at once.

    `work` is called in forked processes, which may start processes, too. Ctrl-C does not reach
    them: close the generator, and it waits for the work that has begun.
    """
    context = multiprocessing.get_context("fork")
    pool = ProcessPoolExecutor(jobs, context, os.setpgrp)
    given: deque[Future[Came]] = deque()
    try:
        for item in items:
            given.append(pool.submit(work, item))
            if len(given) == AHEAD * jobs:
                yield given.popleft().result()
        while given:
            yield given.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
